"""Prepares images as a network's card says: the same values as supernet's own."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from supernet.cards import MAX_SIDE, Preparation


def scaled(x: Tensor, height: int, width: int) -> Tensor:
    """[N, C, H, W] in another size: linear, and with antialiasing where it shrinks; unlike Pillow's it does not round
    to whole values."""
    return F.interpolate(x, (height, width), mode="bilinear", align_corners=False, antialias=True)


def smallest_side(preparation: Preparation) -> int:
    """The shorter side from which on a JPEG may be decoded at a fraction of its size; 0 where only the full size will
    do."""
    first = preparation.steps[0]
    return 2 * max(first.size) if first.kind in ("resize", "stretch") else 0


def prepared(pixels: Tensor, preparation: Preparation) -> Tensor:
    """Brings an image to the size that the network takes, and normalises it.

    Args:
        pixels: the image [H, W, C], uint8.
        preparation: what the card says.

    Returns:
        The image as [1, C, H', W'], float32.
    """
    x = in_unit_range(pixels)
    for step in preparation.steps:
        height, width = x.shape[2:]
        match step.kind:
            case "resize":  # the shorter side; the aspect stays
                side = step.size[0]
                long = max(side, min(MAX_SIDE, side * max(width, height) // min(width, height)))
                x = scaled(x, *((long, side) if width < height else (side, long)))
            case "stretch":
                x = scaled(x, *step.size)
            case "center-crop":
                x = _cropped(x, *step.size)
            case "within":
                x = scaled(x, *within((height, width), *step.size))
    return normalised(x, preparation)


def in_unit_range(pixels: Tensor) -> Tensor:
    """Pixels [H, W, C], uint8, as [1, C, H, W], float32, from 0 to 1."""
    return pixels[None].permute(0, 3, 1, 2) / 255


def normalised(x: Tensor, preparation: Preparation) -> Tensor:
    """Values in 0...1, [N, C, H, W], less the means and divided by the standard deviations."""
    mean, std = mean_and_std(preparation)
    return (x - mean) / std


def mean_and_std(preparation: Preparation) -> tuple[Tensor, Tensor]:
    """The means and standard deviations of the channels, each [1, C, 1, 1], or of one number that holds for all."""
    mean, std = (torch.tensor(values).reshape(1, -1, 1, 1) for values in (preparation.mean, preparation.std))
    if preparation.channels == 1:  # several values stand for their average
        mean, std = mean.mean().reshape(1, 1, 1, 1), std.mean().reshape(1, 1, 1, 1)
    return mean, std


def within(size: tuple[int, int], shorter: int, longest: int) -> tuple[int, int]:
    """The size, height first, whose shorter side has so many pixels, or whose longer one has `longest` where it would
    exceed that; sides are rounded to the nearest whole number, as Detectron2 has them."""
    height, width = size
    scale = shorter / min(height, width)
    # The shorter side is exact, however the scale was rounded.
    high, wide = (float(shorter), scale * width) if height < width else (scale * height, float(shorter))
    if max(high, wide) > longest:
        less = longest / max(high, wide)
        high, wide = high * less, wide * less
    return max(1, int(high + 0.5)), max(1, int(wide + 0.5))


def _cropped(x: Tensor, height: int, width: int) -> Tensor:
    """The middle of [N, C, H, W]; black where the image is smaller."""
    edges: list[int] = []
    for side, part in ((x.shape[3], width), (x.shape[2], height)):
        # Halves go to the even number, as in torchvision.
        first = round((side - part) / 2) if side > part else -((part - side) // 2)
        edges += [-first, first + part - side]
    return F.pad(x, edges)
