"""Makes readers.json: small PNG, JPEG, gzip and IDX files with what a reader should find in them.

    python Tests/Goldens/readers.py

Made with Pillow 13.0.0 (libjpeg-turbo 3.2.0) and NumPy 2.4.6. The PNG files are written here from the
specification, since Pillow writes few of its kinds, and what they should decode to is computed from the values
written; where Pillow reads a kind in the same way, it is asked to agree. What the JPEG files should decode to is
what Pillow decodes them to.
"""

import base64
import gzip
import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

rng = np.random.default_rng(1)


def text(data):
    return base64.b64encode(bytes(data)).decode()


def case(name, data, pixels, **more):
    pixels = np.asarray(pixels, np.uint8)
    pixels = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)
    height, width, channels = pixels.shape
    return dict(name=name, file=text(data), width=width, height=height, channels=channels,
                pixels=text(pixels.tobytes()), **more)


# PNG

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_rows(samples, depth):
    """Rows without a filter, from samples [height, width, channels]."""
    rows = b""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            data = flat.astype(">u2").tobytes()
        elif depth == 8:
            data = flat.astype(np.uint8).tobytes()
        else:
            bits = ((flat[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).reshape(-1)
            data = np.packbits(bits).tobytes()
        rows += b"\0" + data
    return rows


def png(samples, colour, depth, interlaced, extra=b""):
    height, width, _ = samples.shape
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    if interlaced:
        data = b"".join(packed_rows(samples[y::dy, x::dx], depth) for x, y, dx, dy in ADAM7
                        if samples[y::dy, x::dx].size)
    else:
        data = packed_rows(samples, depth)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data, 9))
            + chunk(b"IEND", b""))


def to_8_bits(samples, depth):
    return np.round(samples.astype(np.float64) * 255 / (2**depth - 1)).astype(np.int64)


def on_white(colours, alpha):
    return np.floor((colours * alpha + 255 * (255 - alpha)) / 255 + 0.5).astype(np.uint8)


def png_cases():
    height, width = 9, 11
    cases = []

    def add(name, data, pixels, pillow=None):
        if pillow:
            seen = np.asarray(Image.open(io.BytesIO(data)).convert(pillow))
            assert np.array_equal(seen.reshape(-1), np.asarray(pixels, np.uint8).reshape(-1)), name
        cases.append(case(name, data, pixels))

    for interlaced in (False, True):
        suffix = " interlaced" if interlaced else ""
        for depth in (1, 2, 4, 8, 16):
            grey = rng.integers(0, 2**depth, (height, width, 1))
            add(f"grey {depth}{suffix}", png(grey, 0, depth, interlaced), to_8_bits(grey, depth),
                "L" if depth < 16 else None)
        for depth in (1, 2, 4, 8):
            count = 2**depth
            palette = rng.integers(0, 256, (count, 3))
            index = rng.integers(0, count, (height, width, 1))
            plte = chunk(b"PLTE", palette.astype(np.uint8).tobytes())
            add(f"palette {depth}{suffix}", png(index, 3, depth, interlaced, plte), palette[index[..., 0]], "RGB")
        for depth in (8, 16):
            colours = rng.integers(0, 2**depth, (height, width, 3))
            alpha = rng.integers(0, 2**depth, (height, width, 1))
            add(f"rgb {depth}{suffix}", png(colours, 2, depth, interlaced), to_8_bits(colours, depth),
                "RGB" if depth == 8 else None)
            white = on_white(to_8_bits(colours, depth), to_8_bits(alpha, depth))
            add(f"rgb alpha {depth}{suffix}", png(np.concatenate([colours, alpha], 2), 6, depth, interlaced), white)
            white = on_white(to_8_bits(colours[..., :1], depth), to_8_bits(alpha, depth))
            add(f"grey alpha {depth}{suffix}",
                png(np.concatenate([colours[..., :1], alpha], 2), 4, depth, interlaced), white)

    # One colour that is transparent, which becomes white.
    for depth in (2, 8, 16):
        grey = rng.integers(0, 2**depth, (height, width, 1))
        clear = int(grey[4, 4, 0])
        pixels = np.where(grey == clear, 255, to_8_bits(grey, depth))
        add(f"grey {depth} with a clear shade",
            png(grey, 0, depth, False, chunk(b"tRNS", struct.pack(">H", clear))), pixels)
    for depth in (8, 16):
        colours = rng.integers(0, 2**depth, (height, width, 3))
        clear = colours[4, 4]
        pixels = np.where((colours == clear).all(2, keepdims=True), 255, to_8_bits(colours, depth))
        add(f"rgb {depth} with a clear colour",
            png(colours, 2, depth, False, chunk(b"tRNS", struct.pack(">3H", *clear))), pixels)
    palette = rng.integers(0, 256, (16, 3))
    alpha = rng.integers(0, 256, 10)
    index = rng.integers(0, 16, (height, width, 1))
    cover = np.concatenate([alpha, np.full(6, 255)])[index]
    extra = chunk(b"PLTE", palette.astype(np.uint8).tobytes()) + chunk(b"tRNS", alpha.astype(np.uint8).tobytes())
    add("palette 4 with alpha", png(index, 3, 4, False, extra), on_white(palette[index[..., 0]], cover))
    # A colour profile is passed over, however broken.
    grey = rng.integers(0, 256, (height, width, 1))
    add("grey 8 with a broken profile", png(grey, 0, 8, False, chunk(b"iCCP", b"x\0\0broken")), grey)
    return cases


# JPEG

def scene(height, width):
    """A smooth picture with edges, so that every coefficient has work to do."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    red = 255 * x
    green = 255 * y
    blue = 127 + 120 * np.sin(9 * x + 7 * y)
    picture = np.stack([red, green, blue], 2)
    picture[(x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.06] = [230, 40, 30]
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def jpeg_cases():
    cases = []
    picture = scene(37, 51)

    def saved(image, **options):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", **{"quality": 90, **options})
        return buffer.getvalue()

    def opened(data, mode=None, short=None):
        image = Image.open(io.BytesIO(data))
        if mode == "L" or short:
            size = (short, short) if short else image.size
            image.draft(mode or image.mode, size)
        return np.asarray(image.convert(mode) if mode else image)

    files = {
        "grey": saved(picture.convert("L")),
        "4:4:4": saved(picture, subsampling=0),
        "4:2:2": saved(picture, subsampling=1),
        "4:2:0": saved(picture, subsampling=2),
        "low quality": saved(picture, quality=15),
        "progressive": saved(picture, progressive=True),
        "optimised with restarts": saved(picture, optimize=True, restart_marker_rows=1),
        "rgb components": saved(picture, keep_rgb=True),
    }
    for name, data in files.items():
        cases.append(case(name, data, opened(data), wanted="as-stored"))
    cases.append(case("grey as rgb", files["grey"], opened(files["grey"], "RGB"), wanted="rgb"))
    cases.append(case("4:2:0 as grey", files["4:2:0"], opened(files["4:2:0"], "L"), wanted="grey"))
    # Inks, stored inverted as Adobe's programs do.
    inks = np.concatenate([255 - np.asarray(picture), np.asarray(scene(37, 51).convert("L"))[..., None] // 3], 2)
    cmyk = saved(Image.fromarray(inks, "CMYK"))
    cases.append(case("cmyk", cmyk, opened(cmyk, "RGB"), wanted="as-stored"))
    # The same numbers declared as YCCK by the transform in the Adobe segment: another picture, and as valid.
    place = cmyk.index(b"Adobe") + 11
    assert cmyk[place] == 0
    ycck = cmyk[:place] + b"\2" + cmyk[place + 1:]
    cases.append(case("ycck", ycck, opened(ycck, "RGB"), wanted="as-stored"))
    # Draft mode: both sides are multiples of 8, so that rounding is no matter.
    large = saved(scene(96, 128), subsampling=2)
    for short in (96, 48, 24, 12):
        cases.append(case(f"reduced to {short}", large, opened(large, short=short), wanted="as-stored", short=short))
    return cases


# gzip and IDX

def gzip_cases():
    def packed(data):
        return gzip.compress(data, mtime=0)

    content = bytes(rng.integers(0, 20, 3000).astype(np.uint8))
    return {
        "content": text(content),
        "single": text(packed(content)),
        "members": text(packed(content[:1000]) + packed(b"") + packed(content[1000:])),
        "padded": text(packed(content) + bytes(512)),
        "trailed": text(packed(content) + b"trailing"),
        "zeros": text(packed(bytes(1 << 20))),
    }


def idx_case():
    images = rng.integers(0, 256, (6, 4, 3)).astype(np.uint8)
    labels = np.array([2, 0, 1, 2, 0, 1], np.uint8)
    image_file = struct.pack(">4i", 0x803, 6, 4, 3) + images.tobytes()
    label_file = struct.pack(">2i", 0x801, 6) + labels.tobytes()
    return {
        "images": text(image_file), "labels": text(label_file),
        "images.gz": text(gzip.compress(image_file, mtime=0)), "labels.gz": text(gzip.compress(label_file, mtime=0)),
        "pixels": text(images.tobytes()),
    }


goldens = {"png": png_cases(), "jpeg": jpeg_cases(), "gzip": gzip_cases(), "idx": idx_case()}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(goldens, indent=0) + "\n")
