"""Makes dense-mobilenet-v2.safetensors: torchvision's MobileNetV2 with dilation in place of strides.

    python Tests/Goldens/dense-mobilenet-v2.py

Made with torch 2.13.0 and torchvision 0.28.0. The maps C2 to C5 at output strides of 8 and 16, in eval mode with random
running statistics; parameters and buffers are under torchvision's keys.
"""

from __future__ import annotations

import torchvision_operators  # noqa: F401
from dense import fill
from golden import Case, Tape, write
from torch import nn
from torchvision.models import mobilenet_v2


def dilated_mobilenet(width: float, output_stride: int) -> nn.Module:
    """torchvision's layers, whose strides beyond the output stride become dilation of what follows."""
    features = mobilenet_v2(width_mult=width).features
    stride, dilation = 1, 1
    for conv in (module for module in features.modules() if isinstance(module, nn.Conv2d)):
        own = conv.stride[0]
        if stride * own > output_stride:
            conv.stride, following = (1, 1), dilation * own
        else:
            stride, following = stride * own, dilation
        if conv.kernel_size == (3, 3):
            conv.dilation = conv.padding = (dilation, dilation)
        dilation = following
    holder = nn.Module()
    holder.features = features
    return holder


def mobilenet() -> Case:
    def run(tape: Tape) -> None:
        models = {stride: dilated_mobilenet(0.1, stride) for stride in (8, 16)}
        fill(tape, models[8])
        models[16].load_state_dict(models[8].state_dict())
        image = tape.constant("input.x", tape.normal(1, 3, 52, 64))
        ends = {3: "C2", 6: "C3", 13: "C4", 18: "C5"}
        for stride, model in models.items():
            x = image
            for number, layer in enumerate(model.to(tape.dtype).eval().features):
                x = layer(x)
                if number in ends:
                    # Of the last map every tenth channel.
                    tape.record(f"output.{stride}.{ends[number]}", x[:, ::10] if number == 18 else x)

    return Case("mobilenet-v2", "mobilenet-v2", {"width": 0.1}, run)


if __name__ == "__main__":
    write("dense-mobilenet-v2.py", [mobilenet()], max_bytes=700_000)
