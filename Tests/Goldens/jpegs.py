"""Makes jpegs.json: images as they occur in ImageNet, with what torchvision's ImageFolder makes of them.

    python Tests/Goldens/jpegs.py

Made with Pillow 13.0.0 (libjpeg-turbo 3.2.0) and NumPy 2.4.6. Each file's pixels are those of Pillow's
Image.open(file).convert("RGB"), which is torchvision's default loader, or of draft() before it where a reduced size is
asked for. Files and pixels are in base64, pixels gzipped. PNGs with transparency or 16 bits are left out: Pillow drops
the one, so that what is beneath shows, and cuts off grey of the other at 255; here they are laid on white and rounded.
"""

import base64
import gzip
import io
import json
import pathlib
import struct

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 48, 40


def scene():
    """Smooth, with edges and a little noise, in whole numbers: every coefficient has work to do."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    picture = np.stack([x * 5, y * 6, 255 - x * 2 - y * 3], 2)
    picture[(x - 20) ** 2 + (y - 18) ** 2 < 120] = [230, 40, 30]
    picture[28:36, 30:44] = [20, 200, 90]
    picture += np.random.default_rng(2).integers(-6, 7, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


def saved(image, kind="JPEG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(image, **options):
    return saved(image, **{"quality": 88, **options})


def without_adobe(data):
    """The file without its APP14 segment."""
    start = data.index(b"\xff\xee")
    return data[:start] + data[start + 2 + struct.unpack(">H", data[start + 2:start + 4])[0]:]


def with_transform(data, transform):
    """The file with another colour transform in its APP14 segment."""
    place = data.index(b"Adobe") + 11
    return data[:place] + bytes([transform]) + data[place + 1:]


def files():
    colours = scene()
    picture = Image.fromarray(colours)
    black = colours.max(2, keepdims=True)
    # Reflectances whose product with that of the black ink is the picture.
    bright = np.round(colours * 255.0 / np.maximum(black, 1)).clip(0, 255).astype(np.uint8)
    reflectance = np.concatenate([bright, black], 2)
    # Pillow inverts on saving, as Adobe's programs do.
    inks = Image.fromarray(255 - reflectance, "CMYK")
    # YCCK transforms what is stored, turned round.
    chroma = np.asarray(Image.fromarray(255 - bright).convert("YCbCr"))
    ycck = Image.fromarray(255 - np.concatenate([chroma, black], 2), "CMYK")
    turned = Image.Exif()
    turned[0x0112] = 6
    grey = picture.convert("L")
    palette = picture.quantize(16)
    return {
        "colour": jpeg(picture),
        "colour 4:4:4": jpeg(picture, subsampling=0),
        "colour, progressive": jpeg(picture, progressive=True),
        "colour, low quality": jpeg(picture, quality=20),
        "rgb": jpeg(picture, keep_rgb=True),
        "grey": jpeg(grey),
        "cmyk": jpeg(inks),
        "cmyk, progressive": jpeg(inks, progressive=True),
        "cmyk without Adobe's segment": without_adobe(jpeg(inks)),
        "ycck": with_transform(jpeg(ycck), 2),
        "ycck, subsampled": with_transform(jpeg(ycck, subsampling=2), 2),
        "orientation 6": jpeg(picture, exif=turned),
        "png": saved(picture, "PNG"),
        "png, grey": saved(grey, "PNG"),
        "png, palette": saved(palette, "PNG"),
        "png, 1 bit": saved(grey.convert("1"), "PNG"),
        "png, orientation 6": saved(picture, "PNG", exif=turned),
    }


def case(name, data, short=None):
    image = Image.open(io.BytesIO(data))
    if short:
        image.draft(image.mode, (short, short))
    pixels = np.asarray(image.convert("RGB"))
    text = {"file": data, "pixels": gzip.compress(pixels.tobytes(), mtime=0)}
    return dict(name=name, width=pixels.shape[1], height=pixels.shape[0], short=short,
                mean=[round(float(v), 4) for v in pixels.mean((0, 1))],
                **{key: base64.b64encode(value).decode() for key, value in text.items()})


cases = []
for name, data in files().items():
    cases.append(case(name, data))
    # Both sides can be divided by 8, so that rounding is no matter.
    if name in ("colour", "grey", "cmyk", "cmyk, progressive", "ycck", "ycck, subsampled"):
        cases += [case(f"{name}, reduced to {short}", data, short) for short in (20, 10, 5)]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(cases, indent=0) + "\n")
