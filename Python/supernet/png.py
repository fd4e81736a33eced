"""Reads PNG files of 16 bits a channel; Pillow would clip grey ones, and drop the lower byte of the others.

The format is that of the PNG specification (W3C, third edition): chunks, of which `IDAT` hold rows that were filtered
and then compressed, in one pass over the image or in the seven of Adam7.
"""

from __future__ import annotations

import struct
import zlib

import torch
from torch import Tensor

CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
"""The channels of each colour type that can have 16 bits: grey, colour, and both with alpha."""
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""The passes over an interlaced image: the first column and row, and the distances to the next ones."""


def bit_depth(content: bytes) -> int | None:
    """The bits of a channel that a PNG states; none for what is no PNG."""
    return content[24] if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) > 24 else None


def read_deep(content: bytes) -> Tensor:
    """Reads a PNG of 16 bits a channel in eight, rounded.

    Args:
        content: the file, whose chunks another reader has checked already.

    Returns:
        The pixels [H, W, C], int64, from 0 to 255: grey or colours, and how much they cover where the file says so.

    Raises:
        ValueError: for a damaged file; also `zlib.error`, `struct.error` and `LookupError`.
    """
    place, packed = 8, bytearray()
    clear: Tensor | None = None
    width = height = colour = interlaced = 0
    while place + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        body = content[place + 8 : place + 8 + length]
        match kind:
            case b"IHDR":
                width, height, _, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            case b"tRNS":
                clear = torch.tensor(struct.unpack(f">{length // 2}H", body))
            case b"IDAT":
                packed += body
        place += length + 12
    channels = CHANNELS[colour]
    pixels = torch.zeros(height, width, channels, dtype=torch.long)
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    parts = [pixels[y::down, x::right] for x, y, right, down in passes]
    needed = sum(part.shape[0] * (1 + 2 * part.shape[1] * channels) for part in parts if part.numel())
    # No more than that is unpacked, whatever the file would give.
    data = zlib.decompressobj().decompress(bytes(packed), needed)
    if len(data) < needed:
        raise ValueError("its pixels end too early")
    start = 0
    for part in parts:
        if not part.numel():
            continue
        above = bytearray(part.shape[1] * channels * 2)
        for row in part:
            line = bytearray(data[start + 1 : start + 1 + len(above)])
            _unfilter(line, above, data[start], 2 * channels)
            upper, lower = torch.frombuffer(line, dtype=torch.uint8).long().reshape(-1, channels, 2).unbind(2)
            row.copy_(upper * 256 + lower)
            start, above = start + 1 + len(line), line
    eight = rounded_to_eight(pixels)
    if clear is None:
        return eight
    cover = 255 * (pixels != clear).any(2, keepdim=True)
    return torch.cat([eight, cover.long()], 2)


def rounded_to_eight(pixels: Tensor) -> Tensor:
    """Values of 0 to 65,535, int64, as the nearest of 0 to 255."""
    return (pixels * 255 + 32895) >> 16


def _unfilter(line: bytearray, above: bytearray, kind: int, step: int) -> None:
    """Puts the bytes of a row, which are differences, in place of them; `step` bytes are one pixel."""
    for i in range(len(line)) if kind else ():
        left, up = line[i - step] if i >= step else 0, above[i]
        corner = above[i - step] if i >= step else 0
        match kind:
            case 1:
                guess = left
            case 2:
                guess = up
            case 3:
                guess = (left + up) // 2
            case _:  # of the three, the one that is closest to the plane through them
                plane = left + up - corner
                guess = min((left, up, corner), key=lambda value: abs(plane - value))
        line[i] = (line[i] + guess) & 255
