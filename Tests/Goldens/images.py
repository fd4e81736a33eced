"""Makes images.json: WebP, BMP and files with EXIF, and what `supernet.images` of Python/ reads of them and of all other files.

    python Tests/Goldens/images.py

Made with Pillow 13.0.0 (libjpeg-turbo 3.2.0, libwebp 1.6.0), NumPy 2.4.6 and PyTorch 2.13. Run it after readers.py and
jpegs.py, whose files are read here too, and named rather than repeated. The BMP files are written here, since Pillow writes
few of their kinds; what is turned by EXIF is held against Pillow's own `exif_transpose`.
"""

import base64
import gzip
import io
import json
import pathlib
import struct
import sys
import tempfile

import numpy as np
from PIL import Image, ImageOps

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1] / "Python"))
from supernet.images import read_image  # noqa: E402

rng = np.random.default_rng(3)


def scene(height, width):
    """A smooth picture with an edge, unlike itself turned or mirrored."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    picture = np.stack([255 * x, 255 * y, 127 + 120 * np.sin(9 * x + 7 * y)], 2)
    picture[(x - 0.3) ** 2 + (y - 0.4) ** 2 < 0.05] = [230, 40, 30]
    return np.clip(picture, 0, 255).astype(np.uint8)


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation):
    block = Image.Exif()
    block[0x010F] = "a maker"
    block[0x0112] = orientation
    return block


# WebP

def animation(width, height, x, y, picture):
    """An animation of one picture that does not fill it, which Pillow does not write; x and y are even."""
    def three(*numbers):
        return b"".join(struct.pack("<I", number)[:3] for number in numbers)

    def riff(kind, body):
        return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)

    frame = three(x // 2, y // 2, picture.width - 1, picture.height - 1, 100) + b"\0" + saved(
        picture, "WEBP", lossless=True)[12:]
    header = b"\x12\0\0\0" + three(width - 1, height - 1)
    return riff(b"RIFF", b"WEBP" + riff(b"VP8X", header) + riff(b"ANIM", bytes(6)) + riff(b"ANMF", frame))


def webp_files():
    picture = Image.fromarray(scene(19, 27))
    cover = Image.fromarray(rng.integers(0, 256, (19, 27)).astype(np.uint8))
    clear = picture.copy()
    clear.putalpha(cover)
    first = Image.fromarray(scene(12, 15)).convert("RGBA")
    first.putalpha(Image.fromarray(rng.integers(0, 256, (12, 15)).astype(np.uint8)))
    other = Image.fromarray(255 - scene(12, 15))
    return {
        "webp lossy": saved(picture, "WEBP", quality=80),
        "webp lossless": saved(picture, "WEBP", lossless=True),
        "webp grey": saved(picture.convert("L"), "WEBP", quality=60),
        "webp lossy alpha": saved(clear, "WEBP", quality=70),
        "webp lossless alpha": saved(clear, "WEBP", lossless=True),
        "webp animated": saved(first, "WEBP", save_all=True, append_images=[other], duration=100, lossless=True),
        "webp animated in part": animation(21, 17, 4, 2, first),
    }


# BMP

def padded(rows):
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


def bmp(width, height, bits, data, compression=0, palette=b"", colours=0, header=40, masks=b""):
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(data), 2835, 2835, colours, 0)
        info += masks if header == 40 else masks.ljust(header - 40, b"\0")
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + info + palette + data


def packed(values, bits):
    """Rows of numbers as BMP has them, from below."""
    spread = ((values[..., None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8)
    return padded([np.packbits(row.reshape(-1)).tobytes() for row in spread[::-1]])


def little(values, width):
    return padded([row.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :width].tobytes() for row in values[::-1]])


def rle8(indices):
    """Runs where values repeat, and a stretch of as many as there are where they do not."""
    data = b""
    for row in indices[::-1]:
        half = len(row) // 2
        data += b"".join(bytes([1, value]) for value in row[:half])
        rest = row[half:].tobytes()
        data += bytes([0, len(rest)]) + rest + bytes(len(rest) % 2) + b"\0\0"
    return data[:-2] + b"\0\1"


def bmp_files():
    height, width = 7, 13
    colours = scene(height, width)
    blue, green, red = (colours[..., i].astype(np.uint32) for i in (2, 1, 0))
    five = (red >> 3) << 10 | (green >> 3) << 5 | blue >> 3
    six = (red >> 3) << 11 | (green >> 2) << 5 | blue >> 3
    alpha = rng.integers(0, 256, (height, width)).astype(np.uint32)
    full = alpha << 24 | red << 16 | green << 8 | blue
    files = {}
    for bits in (1, 4, 8):
        count = 2**bits
        palette = rng.integers(0, 256, (count, 4)).astype(np.uint8)
        indices = rng.integers(0, count, (height, width))
        files[f"bmp {bits}"] = bmp(width, height, bits, packed(indices, bits), palette=palette.tobytes())
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, 1)
    indices = rng.integers(0, 256, (height, width))
    files["bmp grey"] = bmp(width, height, 8, packed(indices, 8), palette=greys.tobytes(), colours=256)
    files["bmp black and white"] = bmp(width, height, 1, packed(indices % 2, 1), palette=b"\0\0\0\0\xff\xff\xff\0")
    files["bmp white and black"] = bmp(width, height, 1, packed(indices % 2, 1), palette=b"\xff\xff\xff\0\0\0\0\0")
    files["bmp few colours"] = bmp(width, height, 8, packed(indices % 5, 8), palette=palette[:5].tobytes(), colours=5)
    files["bmp from above"] = bmp(width, -height, 24, little(full[::-1], 3))
    files["bmp 24"] = bmp(width, height, 24, little(full, 3))
    files["bmp 32"] = bmp(width, height, 32, little(full, 4))
    files["bmp 16"] = bmp(width, height, 16, little(five, 2))
    masks = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
    files["bmp 16 masks"] = bmp(width, height, 16, little(six, 2), compression=3, masks=masks)
    masks = struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00)
    files["bmp 32 masks"] = bmp(width, height, 32, little(full << 8, 4), compression=3, masks=masks)
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    for header in (56, 108, 124):
        files[f"bmp alpha, header {header}"] = bmp(
            width, height, 32, little(full, 4), compression=3, header=header, masks=masks)
    files["bmp of OS/2"] = bmp(width, height, 24, little(full, 3), header=12)
    files["bmp 4 of OS/2"] = bmp(
        width, height, 4, packed(indices % 16, 4), header=12, palette=palette[:16, :3].tobytes())
    files["bmp runs 8"] = bmp(
        width, height, 8, rle8(indices.astype(np.uint8)), compression=1, palette=palette.tobytes())
    # A stretch, two runs, a move by three, the end of a line; a line that ends early; then full lines.
    runs = b"\0\x05\x12\x34\x50\0\x04\x67\0\x02\x03\0\x01\x90\0\0" + b"\x03\x21\0\0" + b"".join(
        bytes([width, value]) + b"\0\0" for value in (0x12, 0x34, 0x55, 0x6A, 0xF0))
    files["bmp runs 4"] = bmp(width, height, 4, runs[:-2] + b"\0\1", compression=2, palette=palette[:16].tobytes())
    return files


# EXIF

def turned_files():
    picture = Image.fromarray(scene(17, 25))
    files = {f"jpeg turned {way}": saved(picture, "JPEG", quality=85, exif=exif(way)) for way in range(1, 9)}
    large = Image.fromarray(scene(80, 120))
    for way in (6, 7):
        files[f"png turned {way}"] = saved(picture, "PNG", exif=exif(way))
        files[f"webp turned {way}"] = saved(picture, "WEBP", lossless=True, exif=exif(way))
        files[f"jpeg grey turned {way}"] = saved(picture.convert("L"), "JPEG", exif=exif(way))
        files[f"large jpeg turned {way}"] = saved(large, "JPEG", quality=85, subsampling=0, exif=exif(way))
    return files


def cases_of(name, data, **more):
    # Reduced as `read_image` is told: both sides can be divided by 8, so that rounding is no matter.
    smallest = 20 if name.startswith("large") else 0
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "image"
        path.write_bytes(data)
        for channels in (1, 3):
            for upright in (False, True) if "turned" in name else (True,):
                pixels = read_image(path, channels, upright=upright, smallest=smallest).numpy()
                if upright and "turned" in name and channels == 3 and not smallest:
                    seen = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
                    assert np.array_equal(np.asarray(seen), pixels), name
                cases.append(dict(
                    name=name, height=pixels.shape[0], width=pixels.shape[1], channels=channels, upright=upright,
                    short=smallest or None, **more,
                    pixels=base64.b64encode(gzip.compress(pixels.tobytes(), mtime=0)).decode()))
    return cases


files = {**webp_files(), **bmp_files(), **turned_files()}
cases = [case for name, data in files.items() for case in cases_of(name, data)]
readers = json.loads((FOLDER / "readers.json").read_text())
elsewhere = {f"readers, {case['name']}": case for case in readers["png"]}
elsewhere |= {f"jpegs, {case['name']}": case for case in json.loads((FOLDER / "jpegs.json").read_text())
              if case["short"] is None}
for name, case in elsewhere.items():
    if "broken profile" not in name:  # which Pillow refuses
        cases += cases_of(name, base64.b64decode(case["file"]))
made = {"files": {name: base64.b64encode(data).decode() for name, data in files.items()}, "cases": cases}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(made, indent=0) + "\n")
