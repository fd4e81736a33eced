"""Images: the pixels of many kinds of files, to the last bit, and of Pillow's images and arrays."""

from __future__ import annotations

import base64
import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import pytest
import torch
from PIL import Image

from supernet.errors import FileError
from supernet.images import image_files, read_image


@pytest.fixture(scope="session")
def recorded(goldens: Path) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Files by name, and what is to be read of them."""
    images = json.loads((goldens / "images.json").read_text())
    files = dict(images["files"])
    files |= {
        f"readers, {case['name']}": case["file"] for case in json.loads((goldens / "readers.json").read_text())["png"]
    }
    files |= {f"jpegs, {case['name']}": case["file"] for case in json.loads((goldens / "jpegs.json").read_text())}
    return {name: base64.b64decode(file) for name, file in files.items()}, images["cases"]


def test_pixels_are_those_recorded(recorded: tuple[dict[str, bytes], list[dict[str, Any]]], tmp_path: Path) -> None:
    files, cases = recorded
    assert len(cases) > 200
    for case in cases:
        if case["name"] == "bmp runs 4" and int(PIL.__version__.split(".")[0]) < 13:
            continue  # older Pillows read these wrongly
        path = tmp_path / "image"
        path.write_bytes(files[case["name"]])
        pixels = read_image(path, case["channels"], upright=case["upright"], smallest=case["short"] or 0)
        expected = np.frombuffer(gzip.decompress(base64.b64decode(case["pixels"])), np.uint8)
        assert pixels.dtype == torch.uint8
        assert pixels.shape == (case["height"], case["width"], case["channels"]), case["name"]
        assert np.array_equal(pixels.numpy().reshape(-1), expected), case["name"]


def test_arrays_and_images_give_what_their_file_gives(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    for shape in ((5, 7), (5, 7, 3), (5, 7, 4)):
        array = draw.integers(0, 256, shape).astype(np.uint8)
        image = Image.fromarray(array)
        image.save(tmp_path / "image.png")
        for channels in (1, 3):
            expected = read_image(tmp_path / "image.png", channels)
            assert torch.equal(read_image(array, channels), expected)
            assert torch.equal(read_image(image, channels), expected)
            assert torch.equal(read_image(str(tmp_path / "image.png"), channels), expected)
    assert torch.equal(read_image(array[::-1, ::-1], 3), read_image(array, 3).flip(0, 1))


def test_transparency_is_laid_on_white() -> None:
    array = np.zeros((1, 3, 4), np.uint8)
    array[0, :, 3] = [0, 128, 255]
    assert read_image(array, 1).flatten().tolist() == [255, 127, 0]


def test_images_of_sixteen_bits_are_rounded(tmp_path: Path) -> None:
    values = np.array([[0, 127, 128, 129, 256, 65_535]], np.uint16)
    image = Image.fromarray(values)
    image.save(tmp_path / "image.png")
    rounded = [round(int(value) * 255 / 65_535) for value in values[0]]
    assert read_image(image, 1).flatten().tolist() == rounded
    assert read_image(tmp_path / "image.png", 1).flatten().tolist() == rounded


def test_images_are_turned_as_exif_says(tmp_path: Path) -> None:
    image = Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "image.png", exif=exif)
    upright = [[3, 0], [4, 1], [5, 2]]
    assert read_image(tmp_path / "image.png", 1, upright=True)[..., 0].tolist() == upright
    with Image.open(tmp_path / "image.png") as opened:
        assert read_image(opened, 1, upright=True)[..., 0].tolist() == upright
        assert read_image(opened, 1).shape == (2, 3, 1)


@pytest.mark.parametrize(
    ("source", "error", "reason"),
    [
        (np.zeros((2, 2), np.float32), ValueError, "not float32"),
        (np.zeros((2, 2, 2), np.uint8), ValueError, r"not \[2, 2, 2\]"),
        (np.zeros((0, 2), np.uint8), ValueError, r"not \[0, 2\]"),
        (np.zeros(4, np.uint8), ValueError, r"not \[4\]"),
        (Image.new("F", (2, 2)), ValueError, "mode F has no range"),
        (Image.new("L", (0, 2)), ValueError, "no pixels"),
        ([[1, 2]], TypeError, "not a list"),
        (None, TypeError, "not a NoneType"),
    ],
)
def test_what_is_no_image_is_refused(source: Any, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=reason):
        read_image(source, 3)


def test_only_grey_and_colours_are_read() -> None:
    with pytest.raises(ValueError, match="the network takes 2"):
        read_image(np.zeros((2, 2), np.uint8), 2)


def test_files_that_are_no_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "nowhere.png", 3)
    (tmp_path / "text.png").write_text("text")
    with pytest.raises(FileError, match=r"text\.png: its pixels cannot be read: it is no image"):
        read_image(tmp_path / "text.png", 3)


@pytest.mark.parametrize("depth", [8, 16])
def test_damaged_files_are_refused_by_name(tmp_path: Path, depth: int) -> None:
    values = np.random.default_rng(0).integers(0, 256 ** (depth // 8), (20, 20)).astype(f"uint{depth}")
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    content = buffer.getvalue()
    path = tmp_path / "image.png"
    for length in range(40, len(content) - 16, 97):
        path.write_bytes(content[:length])
        with pytest.raises(FileError, match=r"image\.png: its pixels cannot be read"):
            read_image(path, 1)


def test_images_in_folders_are_found(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("in/b.PNG", "in/deep/a.jpg", "in/a.txt", "c.webp"):
        (tmp_path / name).touch()
    found = image_files([tmp_path / "c.webp", tmp_path / "in"])
    assert [str(file.relative_to(tmp_path)) for file in found] == ["c.webp", "in/b.PNG", "in/deep/a.jpg"]
