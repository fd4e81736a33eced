"""Prints the counts of stand-alone networks of Once-for-All's MobileNetV3 space, built of PyTorch's own modules from the
published description (Cai et al., "Once-for-All", ICLR 2020, and its appendix; Howard et al., "Searching for
MobileNetV3", 2019), for the tests of the space `mobilenet-v3-elastic`.

    python Tests/Goldens/peer-ofa-mobilenet-v3.py

Made with torch 2.13.0. One line a network: name, side of the images, parameters, multiply-adds of convolutions and
matrix products for one image, both with a classifier of 1,000 classes; multiply-adds are counted from the shapes that
come out of each module. As a check of the counting, MobileNetV3-Large itself has torchvision's published 5,483,032
parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

STRIDES = (2, 2, 2, 1, 2)
SWISH = (False, False, True, True, True)
GATED = (False, True, False, True, True)
WIDTHS = (16, 16, 24, 40, 80, 112, 160, 960, 1280)


def make_divisible(value: float, divisor: int = 8) -> int:
    """The rounding of the MobileNets: never less than 0.9 times the value."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


@dataclass
class Block:
    """Kernel, inner channels and output channels of an inverted bottleneck."""

    kernel: int
    inner: int
    outputs: int
    stride: int
    swish: bool
    gated: bool


class Gate(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        reduced = make_divisible(channels // 4)
        self.reduce = nn.Conv2d(channels, reduced, 1)
        self.expand = nn.Conv2d(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = nn.functional.relu(self.reduce(x.mean((2, 3), keepdim=True)))
        return x * nn.functional.hardsigmoid(self.expand(y))


class Bottleneck(nn.Module):
    def __init__(self, inputs: int, block: Block) -> None:
        super().__init__()

        def activation() -> nn.Module:
            return nn.Hardswish() if block.swish else nn.ReLU()

        layers: list[nn.Module] = []
        if block.inner != inputs:
            layers += [nn.Conv2d(inputs, block.inner, 1, bias=False), nn.BatchNorm2d(block.inner), activation()]
        layers += [
            nn.Conv2d(
                block.inner, block.inner, block.kernel, block.stride, block.kernel // 2, groups=block.inner, bias=False
            ),
            nn.BatchNorm2d(block.inner),
            activation(),
        ]
        if block.gated:
            layers.append(Gate(block.inner))
        layers += [nn.Conv2d(block.inner, block.outputs, 1, bias=False), nn.BatchNorm2d(block.outputs)]
        self.body = nn.Sequential(*layers)
        self.adds = block.stride == 1 and inputs == block.outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.adds else self.body(x)


class Network(nn.Module):
    def __init__(self, stem: int, blocks: Sequence[Block], last: int, mixed: int, mix_bias: bool, stride: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, stem, 3, stride, 1, bias=False), nn.BatchNorm2d(stem), nn.Hardswish()
        )
        inputs = [stem, *(block.outputs for block in blocks)]
        self.blocks = nn.Sequential(*(Bottleneck(*pair) for pair in zip(inputs, blocks)))
        self.expand = nn.Sequential(
            nn.Conv2d(inputs[-1], last, 1, bias=False), nn.BatchNorm2d(last), nn.Hardswish()
        )
        self.mix = nn.Conv2d(last, mixed, 1, bias=mix_bias)
        self.classifier = nn.Linear(mixed, 1000)

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(self.blocks(self.stem(x))).mean((2, 3), keepdim=True)
        return self.classifier(nn.functional.hardswish(self.mix(y)).flatten(1))


def ofa(
    depths: Sequence[int], kernels: Sequence[int], expansions: Sequence[int], multiplier: float = 1, stride: int = 2
) -> Network:
    """Depths of the five units; kernel and expansion of each block slot, of which only the first of a unit run."""
    widths = [make_divisible(width * multiplier) for width in WIDTHS]
    blocks = [Block(3, widths[0], widths[1], 1, swish=False, gated=False)]
    inputs = widths[1]
    for unit, depth in enumerate(depths):
        for index in range(depth):
            slot = 4 * unit + index
            inner = make_divisible(round(inputs * expansions[slot]))
            unit_stride = STRIDES[unit] if index == 0 else 1
            blocks.append(Block(kernels[slot], inner, widths[2 + unit], unit_stride, SWISH[unit], GATED[unit]))
            inputs = widths[2 + unit]
    return Network(widths[0], blocks, widths[-2], widths[-1], mix_bias=False, stride=stride)


def mobilenet_v3_large() -> Network:
    """The hand-made network that the space is built around (its table 1)."""
    rows = [
        (3, 16, 16, False, False, 1), (3, 64, 24, False, False, 2), (3, 72, 24, False, False, 1),
        (5, 72, 40, True, False, 2), (5, 120, 40, True, False, 1), (5, 120, 40, True, False, 1),
        (3, 240, 80, False, True, 2), (3, 200, 80, False, True, 1), (3, 184, 80, False, True, 1),
        (3, 184, 80, False, True, 1), (3, 480, 112, True, True, 1), (3, 672, 112, True, True, 1),
        (5, 672, 160, True, True, 2), (5, 960, 160, True, True, 1), (5, 960, 160, True, True, 1),
    ]  # fmt: skip
    blocks = [Block(k, inner, outputs, stride, swish, gated) for k, inner, outputs, gated, swish, stride in rows]
    return Network(16, blocks, 960, 1280, mix_bias=True, stride=2)


def counts(network: Network, side: int) -> tuple[int, int]:
    total = 0

    def hook(module: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        weight = module.weight
        # Each value that comes out is a sum over one row of the weights.
        total += output[0].numel() * weight[0].numel()

    handles = [
        module.register_forward_hook(hook)
        for module in network.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    network.eval()
    with torch.inference_mode():
        network(torch.zeros(1, 3, side, side))
    for handle in handles:
        handle.remove()
    return sum(parameter.numel() for parameter in network.parameters()), total


# Kernels and expansions of the mixed network: 3, 5, 7 and 3, 4, 6 in turns.
MIXED = ([2, 3, 4, 3, 2], [(3, 5, 7)[slot % 3] for slot in range(20)], [(6, 3, 4, 4)[slot % 4] for slot in range(20)])

if __name__ == "__main__":
    networks = {
        "largest": (ofa([4] * 5, [7] * 20, [6] * 20), 224),
        "smallest": (ofa([2] * 5, [3] * 20, [3] * 20), 224),
        "mixed": (ofa(*MIXED), 192),
        "largest, 1.2": (ofa([4] * 5, [7] * 20, [6] * 20, multiplier=1.2), 224),
        "mixed, 1.2": (ofa(*MIXED, multiplier=1.2), 160),
        "smallest, stride 1": (ofa([2] * 5, [3] * 20, [3] * 20, stride=1), 33),
        "MobileNetV3-Large": (mobilenet_v3_large(), 224),
    }
    for name, (network, side) in networks.items():
        parameters, multiply_adds = counts(network, side)
        print(f"{name}: {side} pixels, {parameters:,} parameters, {multiply_adds:,} multiply-adds")
