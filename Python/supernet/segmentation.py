"""The class of each pixel of a whole image of any size, through windows of the size that the network learned from
(Zhang et al., "Context encoding for semantic segmentation", CVPR 2018, and the evaluation of ResNeSt, 2020)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from supernet.cards import Preparation
from supernet.preparation import in_unit_range, mean_and_std, normalised, scaled

PIXELS_AT_ONCE = 1 << 20
"""The most pixels of windows that are computed together."""


def class_of_each_pixel(
    network: Callable[[Tensor], Tensor], pixels: Tensor, preparation: Preparation, base: int, device: torch.device
) -> Tensor:
    """Labels an image by the largest of its `scores`.

    Args:
        network: gives the logits [N, K, H', W'] of windows [N, C, H, W].
        pixels: the image [H, W, C], uint8.
        preparation: what the card says; the longer side of its size is that of the windows.
        base: the longer side of the scaled image, in pixels.
        device: the device of the network.

    Returns:
        The class of each pixel, [H, W], uint8, on the CPU.
    """
    return scores(network, pixels, preparation, base, device).argmax(1)[0].to(torch.uint8).cpu()


def scores(
    network: Callable[[Tensor], Tensor], pixels: Tensor, preparation: Preparation, base: int, device: torch.device
) -> Tensor:
    """How likely the classes of each pixel are, [1, K, H, W]. The longer side of the image is brought to `base` pixels;
    windows overlap by a third, and where they do the exponentials of their logits are averaged; the averages are
    brought to the size of the image. The arguments are those of `class_of_each_pixel`.
    """
    crop = max(preparation.image_size)
    x = normalised(scaled(in_unit_range(pixels), *scaled_size(pixels.shape[0], pixels.shape[1], base)), preparation)
    height, width = x.shape[2:]
    mean, std = mean_and_std(preparation)
    black = (-mean / std).expand(1, x.shape[1], 1, 1).to(device)
    image = black.repeat(1, 1, max(height, crop), max(width, crop))
    image[:, :, :height, :width] = x.to(device)
    places = [(top, left) for top in _starts(image.shape[2], crop) for left in _starts(image.shape[3], crop)]
    sums = counts = torch.zeros(1)
    step = max(PIXELS_AT_ONCE // crop**2, 1)
    for first in range(0, len(places), step):
        some = places[first : first + step]
        windows = black.repeat(len(some), 1, crop, crop)
        for window, (top, left) in zip(windows, some, strict=True):
            part = image[0, :, top : top + crop, left : left + crop]
            window[:, : part.shape[1], : part.shape[2]] = part
        logits = _resized(network(windows).float(), crop, crop)
        # Beyond this a 32-bit number is infinite, and two classes could no longer be told apart.
        likely = logits.clamp(max=80).exp()
        if first == 0:
            sums = likely.new_zeros(1, likely.shape[1], *image.shape[2:])
            counts = likely.new_zeros(1, 1, *image.shape[2:])
        for own, (top, left) in zip(likely, some, strict=True):
            place = sums[0, :, top : top + crop, left : left + crop]
            place += own[:, : place.shape[1], : place.shape[2]]
            counts[0, :, top : top + crop, left : left + crop] += 1
    return _resized((sums / counts)[:, :, :height, :width], *pixels.shape[:2])


def scaled_size(height: int, width: int, base: int) -> tuple[int, int]:
    """The size, height first, of an image whose longer side becomes `base` pixels; the other follows, rounded to the
    nearest."""
    short = max(1, int(min(height, width) * base / max(height, width) + 0.5))
    return (base, short) if height > width else (short, base)


def _starts(side: int, crop: int) -> list[int]:
    """Where the windows on one axis begin."""
    step = max(1, 2 * crop // 3)
    return [number * step for number in range(-(-(side - crop) // step) + 1)]


def _resized(x: Tensor, height: int, width: int) -> Tensor:
    """[N, K, H, W] in another size, with the centres of the corners in place."""
    return F.interpolate(x, (height, width), mode="bilinear", align_corners=True)
