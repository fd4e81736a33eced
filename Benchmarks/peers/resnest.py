"""A plain PyTorch ResNeSt whose every block is chosen from four candidates.

The peer of the Swift network: same mathematics, same `state_dict` keys, eager PyTorch and nothing clever, so that
numbers and times can be compared one to one.

Sources: H. Zhang et al., "ResNeSt: Split-Attention Networks", 2020 (the split attention and the deep stem);
J. Peng et al., "Pi-NAS", ICCV 2021 (the four candidates and the two published codes).

Run as a script it prints the number of parameters, and checks keys and shapes against a list of lines
`key (shape) dtype`:

    python Benchmarks/peers/resnest.py --keys resnest50-keys.txt
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

Stem = Literal["imagenet", "small"]


@dataclass(frozen=True)
class Candidate:
    """One choice for a block: `radix` splits, `cardinality` groups, inner width `base_width` per 64 planes."""

    radix: int
    cardinality: int
    base_width: int

    def width(self, planes: int) -> int:
        """Channels of the block's 3x3 convolution for `planes` planes."""
        per_group = planes * self.base_width // 64
        if per_group < 1:
            raise ValueError(
                f"planes (={planes}) leaves {self} no channel: planes * base_width / 64 must be at least 1"
            )
        return per_group * self.cardinality


# The order is the alphabet of a code: digit i of a code picks CANDIDATES[digit] for block i.
CANDIDATES: tuple[Candidate, ...] = (
    Candidate(radix=1, cardinality=1, base_width=64),
    Candidate(radix=2, cardinality=1, base_width=64),
    Candidate(radix=1, cardinality=2, base_width=42),
    Candidate(radix=2, cardinality=2, base_width=40),
)

# The two published networks of the search space: found for classification, and for transfer to dense tasks.
CODE_CLS = (3, 0, 1, 3, 2, 3, 1, 2, 0, 3, 2, 1, 3, 0, 3, 2)
CODE_TRANS = (3, 3, 3, 3, 1, 1, 3, 3, 3, 0, 0, 1, 1, 0, 2, 1)


def parse_code(text: str) -> tuple[int, ...]:
    """Reads a code such as `3 0 1 2` or `3,0,1,2`."""
    return tuple(int(digit) for digit in text.replace(",", " ").split())


class SplitAttention(nn.Module):
    """A 3x3 convolution into `radix` splits, and their sum weighted by channel attention.

    Shapes: [N, channels, H, W] to [N, channels, H, W].
    """

    def __init__(self, channels: int, radix: int, cardinality: int, reduction: int = 4, min_squeeze: int = 32) -> None:
        super().__init__()
        squeeze = max(channels * radix // reduction, min_squeeze)
        if channels % (cardinality * radix) != 0:
            raise ValueError(
                f"channels (={channels}) must be divisible by cardinality * radix (={cardinality * radix})"
            )
        if squeeze % cardinality != 0:
            raise ValueError(f"squeezed channels (={squeeze}) must be divisible by cardinality (={cardinality})")
        self.radix = radix
        self.cardinality = cardinality
        self.conv = nn.Conv2d(channels, channels * radix, 3, padding=1, groups=cardinality * radix, bias=False)
        self.bn0 = nn.BatchNorm2d(channels * radix)
        self.relu = nn.ReLU(inplace=True)
        self.fc1 = nn.Conv2d(channels, squeeze, 1, groups=cardinality)
        self.bn1 = nn.BatchNorm2d(squeeze)
        self.fc2 = nn.Conv2d(squeeze, channels * radix, 1, groups=cardinality)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn0(self.conv(x)))  # [N, R*w, H, W], split-major
        splits = x.chunk(self.radix, dim=1)  # R of [N, w, H, W]
        total = splits[0]
        for split in splits[1:]:
            total = total + split
        pooled = total.mean(dim=(2, 3), keepdim=True)  # [N, w, 1, 1]
        logits = self.fc2(self.relu(self.bn1(self.fc1(pooled))))  # [N, R*w, 1, 1], cardinality-major
        if self.radix == 1:
            return x * torch.sigmoid(logits)
        # The grouped fc2 gives [C, R, w/C]; the splits are laid out [R, C, w/C].
        n = x.shape[0]
        weights = logits.view(n, self.cardinality, self.radix, -1).transpose(1, 2).softmax(dim=1)
        gates = weights.reshape(n, -1, 1, 1).chunk(self.radix, dim=1)
        out = gates[0] * splits[0]
        for gate, split in zip(gates[1:], splits[1:], strict=True):
            out = out + gate * split
        return out


class Bottleneck(nn.Module):
    """1x1, split attention, 1x1, and the shortcut.

    A stride-2 block convolves at stride 1 and then averages (3x3, stride 2, padding 1, padding counted). The first
    block of a stage projects its shortcut; a later one adds its input.

    Shapes: [N, in_channels, H, W] to [N, planes * expansion, ceil(H / stride), ceil(W / stride)].
    """

    def __init__(
        self, in_channels: int, planes: int, candidate: Candidate, stride: int, project: bool, expansion: int = 4
    ) -> None:
        super().__init__()
        out_channels = planes * expansion
        if not project and (stride != 1 or in_channels != out_channels):
            raise ValueError(
                f"a block of stride {stride} from {in_channels} to {out_channels} channels needs a projected shortcut"
            )
        width = candidate.width(planes)
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = SplitAttention(width, candidate.radix, candidate.cardinality)
        self.pool = nn.AvgPool2d(3, stride, padding=1) if stride > 1 else None
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if project:
            # Index 0 holds its place where nothing is pooled, so that the keys are downsample.1 and .2 everywhere.
            pool = (
                nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity()
            )
            self.downsample = nn.Sequential(
                pool, nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.conv2(y)
        if self.pool is not None:
            y = self.pool(y)
        return self.relu(self.bn3(self.conv3(y)) + shortcut)


class ResNeSt(nn.Module):
    """A stand-alone ResNeSt for one code.

    Args:
        code: the candidate of every block, first block first; `sum(depths)` digits.
        planes: planes of each stage; the stage's output has `planes * expansion` channels.
        depths: blocks of each stage. Every stage but the first halves the image.
        stem: `imagenet`: three 3x3 convolutions (the first of stride 2) and a max-pool, a quarter of the size;
            `small`: one 3x3 convolution of stride 1, for images of about 32 pixels.
        stem_width: channels of the stem's first convolution. The imagenet stem ends with twice as many, the small
            stem with as many.

    Shapes: [N, in_channels, H, W] to logits [N, num_classes].
    """

    def __init__(
        self,
        code: Sequence[int],
        planes: Sequence[int] = (64, 128, 256, 512),
        depths: Sequence[int] = (3, 4, 6, 3),
        num_classes: int = 1000,
        in_channels: int = 3,
        stem: Stem = "imagenet",
        stem_width: int = 32,
        expansion: int = 4,
    ) -> None:
        super().__init__()
        if len(planes) != len(depths):
            raise ValueError(f"planes (={tuple(planes)}) and depths (={tuple(depths)}) must have one entry a stage")
        if len(code) != sum(depths):
            raise ValueError(f"code has {len(code)} digits, but depths (={tuple(depths)}) make {sum(depths)} blocks")
        if any(digit not in range(len(CANDIDATES)) for digit in code):
            raise ValueError(f"code (={tuple(code)}) may hold 0 to {len(CANDIDATES) - 1} only")

        self.conv1: nn.Module
        self.maxpool: nn.Module
        if stem == "imagenet":
            channels = 2 * stem_width
            self.conv1 = nn.Sequential(
                nn.Conv2d(in_channels, stem_width, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(stem_width),
                nn.ReLU(inplace=True),
                nn.Conv2d(stem_width, stem_width, 3, padding=1, bias=False),
                nn.BatchNorm2d(stem_width),
                nn.ReLU(inplace=True),
                nn.Conv2d(stem_width, channels, 3, padding=1, bias=False),
            )
            self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        elif stem == "small":
            channels = stem_width
            self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
            self.maxpool = nn.Identity()
        else:
            raise ValueError(f"stem (={stem}) must be 'imagenet' or 'small'")
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

        self.stages: list[str] = []
        digits = iter(code)
        for stage, (stage_planes, depth) in enumerate(zip(planes, depths, strict=True)):
            blocks: list[nn.Module] = []
            for index in range(depth):
                first = index == 0
                blocks.append(
                    Bottleneck(
                        channels,
                        stage_planes,
                        CANDIDATES[next(digits)],
                        stride=2 if first and stage > 0 else 1,
                        project=first,
                        expansion=expansion,
                    )
                )
                channels = stage_planes * expansion
            name = f"layer{stage + 1}"
            self.add_module(name, nn.Sequential(*blocks))
            self.stages.append(name)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Convolution weights N(0, sqrt(2 / (k*k*out))), fan-out not divided by groups; batch norm 1 and 0.

        The biases of fc1 and fc2 and the linear head keep PyTorch's defaults.
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                height, width = module.kernel_size
                nn.init.normal_(module.weight, 0.0, math.sqrt(2.0 / (height * width * module.out_channels)))
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for name in self.stages:
            x = self.get_submodule(name)(x)
        logits: Tensor = self.fc(self.avgpool(x).flatten(1))
        return logits


def parameter_count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def multiply_adds(model: ResNeSt, image: tuple[int, int, int]) -> int:
    """Multiply-adds of convolutions and linear layers for one image (channels, height, width)."""
    total = 0

    def count(module: nn.Module, _: tuple[Tensor, ...], out: Tensor) -> None:
        nonlocal total
        weight = module.get_parameter("weight")
        total += out.numel() * weight[0].numel()

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    training = model.training
    with torch.no_grad():
        model.eval()(torch.zeros(1, *image))
    model.train(training)
    for hook in hooks:
        hook.remove()
    return total


def describe_state(model: nn.Module) -> list[str]:
    """One line `key (shape) dtype` for every entry of the `state_dict`, in order."""
    return [f"{key} {tuple(value.shape)} {value.dtype}" for key, value in model.state_dict().items()]


def differences(expected: Iterable[str], actual: Iterable[str]) -> list[str]:
    """Lines of one list that the other lacks, marked - (missing) and + (unexpected)."""
    expected_set, actual_set = set(expected), set(actual)
    return [f"- {line}" for line in sorted(expected_set - actual_set)] + [
        f"+ {line}" for line in sorted(actual_set - expected_set)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--code", type=parse_code, default=CODE_CLS, help="16 digits; default: the code cls")
    parser.add_argument("--keys", type=Path, help="a file of lines 'key (shape) dtype' to check against")
    arguments = parser.parse_args()
    model = ResNeSt(arguments.code)
    print(f"parameters: {parameter_count(model):,}")
    print(f"multiply-adds at 224x224: {multiply_adds(model, (3, 224, 224)):,}")
    if arguments.keys is not None:
        expected, actual = arguments.keys.read_text().splitlines(), describe_state(model)
        wrong = differences(expected, actual)
        for line in wrong:
            print(line)
        order = "the same" if expected == actual else "different"
        print(f"keys: {len(actual)}, differing from {arguments.keys.name}: {len(wrong)}, order: {order}")
        raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
