"""Makes gated-layers.safetensors: hard activations, gates, resizing and MobileNetV3's blocks, forward and backward,
against PyTorch's own functions and torchvision's own blocks.

    python Tests/Goldens/gated-layers.py

Made with torch 2.13.0 and torchvision 0.28.0. Each case has the layer as a description holds it (`layer`, JSON) and the
number of channels that come in (`channels`); parameters and buffers are under the keys of torchvision's modules, which
are those of the layer.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import torchvision_operators  # noqa: F401
from golden import Case, Tape, write
from torch import Tensor, nn
from torchvision.models.mobilenetv3 import InvertedResidual, InvertedResidualConfig
from torchvision.ops.misc import SqueezeExcitation

Layer = dict[str, object]
HARD_SWISH: Layer = {"type": "hard-swish"}
HARD_SIGMOID: Layer = {"type": "hard-sigmoid"}


def part(key: str, layer: Layer) -> Layer:
    return {"key": key, "layer": layer}


def sequence(*parts: Layer) -> Layer:
    return {"type": "sequence", "parts": list(parts)}


def convolution(outputs: int, kernel: int, stride: int = 1, groups: int = 1, bias: bool = False) -> Layer:
    return {
        "type": "convolution", "outputs": outputs, "kernel": kernel, "stride": stride, "groups": groups, "bias": bias,
    }  # fmt: skip


def squeeze_excitation(reduced: int, outputs: int) -> Layer:
    body = sequence(
        part("", {"type": "squeeze"}), part("fc1", convolution(reduced, 1, bias=True)), part("", {"type": "relu"}),
        part("fc2", convolution(outputs, 1, bias=True)), part("", HARD_SIGMOID),
    )  # fmt: skip
    return {"type": "gate", "body": body}


def case(name: str, layer: Layer, make: Callable[[], nn.Module], shape: tuple[int, ...], std: float = 1.0) -> Case:
    """A module in train mode, of one input [N, C, H, W]."""

    def run(tape: Tape) -> None:
        module = make()
        tape.adopt(module)
        x = tape.leaf("input.x", tape.normal(*shape, std=std) + tape.normal(*shape[:2], 1, 1, std=0.5))
        tape.backward(module(x))
        tape.gradients()
        tape.buffers_after(module)

    return Case(name, "layer", {"layer": json.dumps(layer, separators=(",", ":")), "channels": shape[1]}, run)


class PositionGate(nn.Module):
    """Each value times a gate of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.gate = nn.Hardsigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(self.conv(x))


def activation_cases() -> list[Case]:
    # Wide enough that all three pieces of the functions are met.
    return [
        case("hard-swish", HARD_SWISH, nn.Hardswish, (2, 3, 5, 4), std=4),
        case("hard-sigmoid", HARD_SIGMOID, nn.Hardsigmoid, (2, 3, 5, 4), std=4),
    ]


def gate_cases() -> list[Case]:
    positions = {"type": "gate", "body": sequence(part("conv", convolution(3, 3, bias=True)), part("", HARD_SIGMOID))}
    return [
        case("squeeze", {"type": "squeeze"}, lambda: nn.AdaptiveAvgPool2d(1), (2, 5, 3, 4)),
        case("gate-of-positions", positions, PositionGate, (2, 3, 5, 4)),
        case(
            "squeeze-excitation",
            squeeze_excitation(4, 6),
            lambda: SqueezeExcitation(6, 4, scale_activation=nn.Hardsigmoid),
            (3, 6, 4, 5),
        ),
    ]


def resize_cases() -> list[Case]:
    def resize(name: str, sides: tuple[int, int], others: tuple[int, int]) -> Case:
        layer: Layer = {"type": "resize", "height": others[0], "width": others[1]}
        return case(f"resize-{name}", layer, lambda: nn.Upsample(others, mode="bilinear"), (2, 3, *sides))

    return [
        resize("larger", (3, 4), (7, 9)),
        resize("smaller", (9, 7), (4, 3)),
        resize("both", (5, 4), (2, 11)),
        resize("to-one", (4, 3), (1, 1)),
        resize("from-one", (1, 1), (3, 2)),
        resize("same", (3, 4), (3, 4)),
    ]


def block_cases() -> list[Case]:
    """Blocks of MobileNetV3, whose batch norms add PyTorch's usual number to variances."""

    def block(
        name: str, inputs: int, kernel: int, inner: int, outputs: int, gated: bool, swish: bool, stride: int
    ) -> Case:
        activation = part("", HARD_SWISH if swish else {"type": "relu"})
        norm: Layer = {"type": "batch-norm"}
        parts: list[Layer] = []
        if inner != inputs:
            parts += [part("block.0.0", convolution(inner, 1)), part("block.0.1", norm), activation]
        at = len(parts) // 3
        depthwise = convolution(inner, kernel, stride, groups=inner)
        parts += [part(f"block.{at}.0", depthwise), part(f"block.{at}.1", norm), activation]
        if gated:
            at += 1
            parts += [part(f"block.{at}", squeeze_excitation(max(8, (inner // 4 + 4) // 8 * 8), inner))]
        parts += [part(f"block.{at + 1}.0", convolution(outputs, 1)), part(f"block.{at + 1}.1", norm)]
        whole = sequence(*parts)
        if stride == 1 and inputs == outputs:
            whole = {"type": "residual", "body": whole}
        settings = InvertedResidualConfig(
            inputs, kernel, inner, outputs, gated, "HS" if swish else "RE", stride, dilation=1, width_mult=1
        )
        return case(f"block-{name}", whole, lambda: InvertedResidual(settings, nn.BatchNorm2d), (4, inputs, 6, 5))

    # torchvision takes channels in eights only.
    return [
        block("hard-swish-gated-residual", 8, 5, 24, 8, gated=True, swish=True, stride=1),
        block("relu-gated-stride-2", 8, 3, 16, 16, gated=True, swish=False, stride=2),
        block("hard-swish-stride-2", 8, 3, 24, 16, gated=False, swish=True, stride=2),
        block("no-expansion", 16, 3, 16, 16, gated=True, swish=False, stride=1),
    ]


if __name__ == "__main__":
    write("gated-layers.py", activation_cases() + gate_cases() + resize_cases() + block_cases(), max_bytes=200_000)
