"""Makes segmenting.safetensors: the loss of segmentation, and the scores of whole images by windows, scales and flips.

    python Tests/Goldens/segmenting.py

Made with torch 2.13.0. `loss`: logits of a head and an auxiliary head, brought to the size of the labels with aligned
corners, with their gradients. `windows`: a convolution of stride two looks at an image as published evaluations do,
written down pixel by pixel.
"""

from __future__ import annotations

import math

import torch
from golden import Case, Tape, write
from torch import Tensor
from torch.nn import functional as F

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def aligned(x: Tensor, height: int, width: int) -> Tensor:
    """Bilinear interpolation of [C, H, W] with the centres of the corners in place, one axis after the other."""
    for axis, size in ((1, height), (2, width)):
        old = x.shape[axis]
        lines = []
        for place in range(size):
            at = place * (old - 1) / (size - 1) if size > 1 else 0.0
            low = min(int(at), old - 1)
            high = min(low + 1, old - 1)
            share = at - low
            lines.append(x.select(axis, low) * (1 - share) + x.select(axis, high) * share)
        x = torch.stack(lines, axis)
    return x


def loss() -> Case:
    def run(tape: Tape) -> None:
        out, aux = tape.leaf("input.out", tape.normal(3, 5, 4, 6)), tape.leaf("input.aux", tape.normal(3, 5, 4, 6))
        target = tape.integers(3, 13, 17, high=6).to(torch.uint8)
        target = tape.constant("input.target", target.masked_fill(target == 5, 255))
        total = 0.0
        for logits, weight in ((out, 1.0), (aux, 0.2)):
            rows, labels = [], []
            for image in range(3):
                resized = aligned(logits[image], 13, 17)
                for y in range(13):
                    for x in range(17):
                        if target[image, y, x] != 255:
                            rows.append(resized[:, y, x])
                            labels.append(int(target[image, y, x]))
            chosen = torch.stack(rows).log_softmax(1)[torch.arange(len(labels)), torch.tensor(labels)]
            total = total - weight * chosen.mean()
        tape.record("value.loss", total)
        total.backward()
        tape.gradients()

    return Case("loss", "loss", {"weight": 0.2}, run)


def windows() -> Case:
    crop, base, scales = 24, 41, [0.5, 1.0, 1.5]

    def run(tape: Tape) -> None:
        image = tape.constant("input.image", tape.integers(26, 41, 3, high=256).to(torch.uint8))
        weight = tape.constant("param.conv.weight", tape.normal(5, 3, 3, 3, std=0.2))
        bias = tape.constant("param.conv.bias", tape.normal(5, std=0.2))
        mean, std = (torch.tensor(values, dtype=tape.dtype).reshape(3, 1, 1) for values in (MEAN, STD))

        def logits(x: Tensor) -> Tensor:
            return aligned(F.conv2d(x[None], weight, bias, stride=2, padding=1)[0], crop, crop)

        def look(x: Tensor) -> Tensor:
            return (logits(x) + logits(x.flip(2)).flip(2)).exp()

        pixels = image.permute(2, 0, 1).to(tape.dtype) / 255
        total = torch.zeros(5, 26, 41, dtype=tape.dtype)
        for scale in scales:
            width = math.ceil(base * scale)
            height = int(26 * width / 41 + 0.5)
            x = F.interpolate(pixels[None], (height, width), mode="bilinear", antialias=True)[0]
            x = (x - mean) / std
            step = crop * 2 // 3
            full = [max(height, crop), max(width, crop)]
            padded = (-mean / std).expand(3, *full).clone()
            padded[:, :height, :width] = x
            sums, counts = torch.zeros(5, *full, dtype=tape.dtype), torch.zeros(*full, dtype=tape.dtype)
            starts = [range(0, (math.ceil((side - crop) / step) + 1) * step, step) for side in full]
            for top in starts[0]:
                for left in starts[1]:
                    part = padded[:, top : top + crop, left : left + crop]
                    window = (-mean / std).expand(3, crop, crop).clone()
                    window[:, : part.shape[1], : part.shape[2]] = part
                    seen = look(window)[:, : part.shape[1], : part.shape[2]]
                    sums[:, top : top + crop, left : left + crop] += seen
                    counts[top : top + crop, left : left + crop] += 1
            total += aligned((sums / counts)[:, :height, :width], 26, 41)
        tape.record("output.sums", total)

    config = {"crop": crop, "base": base, "scales": ",".join(map(str, scales))}
    return Case("windows", "windows", config, run)


if __name__ == "__main__":
    write("segmenting.py", [loss(), windows()], max_bytes=200_000)
