"""PNGs of 16 bits: what damaged ones give, beside the recorded files of `test_images`."""

from __future__ import annotations

import struct
import zlib

import pytest
import torch

from supernet.png import bit_depth, read_deep, rounded_to_eight


def png(height: int, width: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_rows_are_read() -> None:
    rows = b"\0" + struct.pack(">3H", 0, 32_768, 65_535) + b"\2" + struct.pack(">3H", 257, 0, 0)
    content = png(2, 3, rows)
    assert bit_depth(content) == 16
    assert read_deep(content)[..., 0].tolist() == [[0, 128, 255], [1, 128, 255]]


def test_pixels_that_end_too_early_are_refused() -> None:
    with pytest.raises(ValueError, match="end too early"):
        read_deep(png(2, 3, b"\0" + bytes(6)))


def test_no_more_is_unpacked_than_there_are_pixels() -> None:
    assert read_deep(png(1, 1, b"\0" + bytes(10_000_000))).shape == (1, 1, 1)


def test_every_value_is_rounded_to_the_nearest() -> None:
    values = torch.arange(65_536)
    assert torch.equal(rounded_to_eight(values), (values.double() / 257).round().long())


@pytest.mark.parametrize("content", [b"", b"\x89PNG", b"GIF89a" + bytes(30)])
def test_what_is_no_png_has_no_depth(content: bytes) -> None:
    assert bit_depth(content) is None
