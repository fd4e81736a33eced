"""Reads images as supernet does: the same pixels, to the last bit, of JPEG, PNG, WebP and BMP.

Needs Pillow, which is imported when the first image is read. BMPs of four bits with run lengths are right from its
version 13 on.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from supernet.errors import FileError
from supernet.png import bit_depth, read_deep, rounded_to_eight

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

    ImageSource = str | os.PathLike[str] | Image.Image | npt.NDArray[np.uint8]
    """An image: the path of a file, one of Pillow's, or uint8 values [H, W], [H, W, 3] or [H, W, 4] with red first."""

SUFFIXES = {".apng", ".bmp", ".dib", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".webp"}
"""The endings of the images in a folder."""


def image_files(paths: list[Path]) -> list[Path]:
    """Image files as they are given, and those in folders and in their folders, by name."""
    files: list[Path] = []
    for path in paths:
        inside = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        files += sorted(inside) if path.is_dir() else [path]
    return files


def read_image(source: ImageSource, channels: int, *, upright: bool = False, smallest: int = 0) -> Tensor:
    """Reads an image as supernet does. What is transparent is laid on white.

    Args:
        source: a path, an image of Pillow's, or an array. Only of a file are the bytes known, so that only of files
            PNGs of 16 bits a channel and large JPEGs are read as supernet reads them; an array is taken as it is.
        channels: 1 for grey, 3 for colours.
        upright: whether the image is turned as its EXIF says.
        smallest: of a JPEG file whose shorter side has far more pixels than this, a fraction of the size is decoded,
            which is at least so large; 0 for the full size.

    Returns:
        The pixels [H, W, channels], uint8.

    Raises:
        FileError: for a file that is no image, or a damaged one.
        OSError: for a file that cannot be read.
        ImportError: without Pillow.
        TypeError: for anything else than an image; ValueError for one of another shape, type or mode.
    """
    if channels not in (1, 3):
        raise ValueError(f"images have 1 or 3 channels; the network takes {channels}")
    if isinstance(source, (str, os.PathLike)):
        pixels, way = _read_file(Path(source), channels, upright, smallest)
    elif hasattr(source, "__array_interface__") and hasattr(source, "dtype"):
        pixels, way = _array_pixels(cast("npt.NDArray[np.uint8]", source)), 1
    else:
        pixels, way = _image_pixels(source, upright)
    if pixels.shape[2] in (2, 4):
        colours, cover = pixels[..., :-1], pixels[..., -1:]
        x = colours * cover + 255 * (255 - cover) + 128
        pixels = (x + (x >> 8)) >> 8  # divided by 255, rounded
    if pixels.shape[2] == 3 and channels == 1:
        # The luma of ITU-R BT.601, in sixteen bits.
        pixels = ((pixels * torch.tensor([19595, 38470, 7471])).sum(2, keepdim=True) + 32768) >> 16
    return _turned(pixels.expand(-1, -1, channels), way).to(torch.uint8)


def _read_file(path: Path, channels: int, upright: bool, smallest: int) -> tuple[Tensor, int]:
    """The pixels of a file, as they are stored, and how EXIF says that they are to be seen."""
    from PIL import Image, UnidentifiedImageError

    content = path.read_bytes()
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.format in ("JPEG", "MPO"):
                _draft(image, channels, smallest)
            image.load()  # EXIF may stand behind the pixels
            way = _orientation(image) if upright else 1
            return (read_deep(content) if bit_depth(content) == 16 else _stored_pixels(image, bit_depth(content))), way
    except (
        OSError, SyntaxError, ValueError, LookupError, TypeError, RuntimeError, zlib.error, struct.error,
        Image.DecompressionBombError,
    ) as error:  # fmt: skip
        reason = "it is no image" if isinstance(error, UnidentifiedImageError) else str(error)
        raise FileError(f"{path}: its pixels cannot be read: {reason}") from error


def _array_pixels(array: npt.NDArray[np.uint8]) -> Tensor:
    """The values of an array as [H, W, 1, 3 or 4], int64."""
    shape = tuple(array.shape)
    if str(array.dtype) != "uint8":
        raise ValueError(f"arrays hold the uint8 values of an image, from 0 to 255, not {array.dtype}")
    if 0 in shape or not (len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4))):
        raise ValueError(f"an array of an image has the shape [H, W], [H, W, 3] or [H, W, 4], not {list(shape)}")
    pixels = torch.frombuffer(bytearray(array.tobytes()), dtype=torch.uint8).reshape(shape).long()
    return pixels[..., None] if len(shape) == 2 else pixels


def _image_pixels(source: object, upright: bool) -> tuple[Tensor, int]:
    """The pixels of one of Pillow's images, and how its EXIF says that they are to be seen."""
    from PIL import Image

    if not isinstance(source, Image.Image):
        raise TypeError(f"an image is a path, one of Pillow's or an array, not a {type(source).__name__}")
    if 0 in source.size:
        raise ValueError("the image has no pixels")
    if source.mode in ("I", "F"):
        raise ValueError(f"an image of the mode {source.mode} has no range of values; convert it first")
    source.load()
    return _stored_pixels(source, None), _orientation(source) if upright else 1


def _orientation(image: Image.Image) -> int:
    """How EXIF says that an image is to be seen, 1 to 8; 1 where it says nothing, or is damaged."""
    from PIL import Image as images

    exif = images.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        value = exif.get(0x0112, 1)
    except (SyntaxError, ValueError, LookupError, TypeError, OSError, struct.error):
        return 1
    return value if value in range(1, 9) else 1


def _turned(pixels: Tensor, orientation: int) -> Tensor:
    """[H, W, C] as they are to be seen by one of EXIF's orientations."""
    flips = [axis for axis, kinds in ((0, (3, 4, 6, 7)), (1, (2, 3, 7, 8))) if orientation in kinds]
    pixels = pixels.flip(flips)
    return pixels.transpose(0, 1) if orientation >= 5 else pixels


def _draft(image: Image.Image, channels: int, smallest: int) -> None:
    """Has a JPEG decoded as supernet does: grey without a detour, and a large one at a fraction of its size."""
    shorter = min(image.size)
    divisor = next((part for part in (8, 4, 2) if smallest and -(-shorter // part) >= smallest), 1)
    # `None` keeps the mode, which Pillow's types do not say.
    mode: str = "L" if channels == 1 else None  # type: ignore[assignment]
    image.draft(mode, (image.width // divisor, image.height // divisor))


def _stored_pixels(image: Image.Image, depth: int | None) -> Tensor:
    """[H, W, 1 to 4] of 0 to 255, int64: grey or colour, as it is stored, and how much it covers where any of it is
    transparent. `depth` is the bits of a channel of a PNG."""
    if image.mode.startswith("I;16"):
        values = torch.frombuffer(bytearray(image.convert("I").tobytes()), dtype=torch.int32).long()
        return rounded_to_eight(values.reshape(image.height, image.width, 1))
    clear = image.info.get("transparency")
    if depth and image.mode in ("1", "L") and clear is not None:
        image = image.convert("L")
        # The shade stands in the file on the scale of its one to eight bits.
        image.info["transparency"] = clear * 255 // (2**depth - 1)
    if clear is not None or image.mode in ("LA", "RGBA"):
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).long()
    return pixels.reshape(image.height, image.width, -1)
