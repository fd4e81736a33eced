"""Makes dense.safetensors: a ResNeSt with dilation in place of strides, and the heads of DeepLabV3, against PyTorch.

    python Tests/Goldens/dense.py

Made with torch 2.13.0 and torchvision 0.28.0. Parameters and buffers are under the keys of the layers. `resnest`: the maps
C2 to C5 of a small ResNeSt at an output stride of 8, written down here module by module. `heads`:
torchvision's modules of deeplabv3_resnet50 as small ones, with its loss on resized logits. The network is in eval mode
with running statistics of its own, the heads in train mode without dropout.
"""

from __future__ import annotations

import torch
import torchvision_operators  # noqa: F401
from golden import Case, Tape, write
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models.segmentation.deeplabv3 import ASPP
from torchvision.models.segmentation.fcn import FCNHead

BLOCKS = ((1, 1, 64), (2, 1, 64), (1, 2, 42), (2, 2, 40))


class SplitAttention(nn.Module):
    def __init__(self, width: int, radix: int, groups: int, dilation: int) -> None:
        super().__init__()
        self.radix, self.groups = radix, groups
        reduced = max(width * radix // 4, 32)
        self.conv = nn.Conv2d(
            width, width * radix, 3, padding=dilation, dilation=dilation, groups=radix * groups, bias=False
        )
        self.bn0 = nn.BatchNorm2d(width * radix)
        self.fc1 = nn.Conv2d(width, reduced, 1, groups=groups)
        self.bn1 = nn.BatchNorm2d(reduced)
        self.fc2 = nn.Conv2d(reduced, width * radix, 1, groups=groups)
        self.relu0, self.relu1 = nn.ReLU(), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        n, c = x.shape[:2]
        splits = self.relu0(self.bn0(self.conv(x))).reshape(n, self.radix, c, *x.shape[2:])
        logits = self.fc2(self.relu1(self.bn1(self.fc1(splits.sum(1).mean((2, 3), keepdim=True)))))
        if self.radix == 1:
            return splits[:, 0] * logits.sigmoid()
        weights = logits.reshape(n, self.groups, self.radix, c // self.groups).transpose(1, 2).softmax(1)
        return (splits * weights.reshape(n, self.radix, c, 1, 1)).sum(1)


class Bottleneck(nn.Module):
    """`pools` is the stride of the 3x3 average pool: None for no pool, 1 for one that keeps the size."""

    def __init__(
        self, inputs: int, planes: int, outputs: int, kind: int, dilation: int, pools: int | None, stride: int, first: bool
    ) -> None:
        super().__init__()
        radix, groups, base = BLOCKS[kind]
        width = planes * base // 64 * groups
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = SplitAttention(width, radix, groups, dilation)
        self.pool = nn.Identity() if pools is None else nn.AvgPool2d(3, pools, padding=1)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu1, self.relu3 = nn.ReLU(), nn.ReLU()
        self.downsample = nn.Sequential()
        if first:
            self.downsample = nn.Sequential(
                nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity(),
                nn.Conv2d(inputs, outputs, 1, bias=False),
                nn.BatchNorm2d(outputs),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(self.relu1(self.bn1(self.conv1(x))))
        return self.relu3(self.bn3(self.conv3(self.pool(y))) + self.downsample(x))


class ResNeSt(nn.Module):
    """Output stride 8: strides 1 2 1 1, dilation of first blocks 1 1 1 2, of others 1 1 2 4."""

    def __init__(self, stem: int, planes: list[int], depths: list[int], expansion: int, code: list[int]) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(3, stem, 3, 2, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU(),
            nn.Conv2d(stem, stem, 3, 1, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU(),
            nn.Conv2d(stem, 2 * stem, 3, 1, 1, bias=False),
        )  # fmt: skip
        self.bn1, self.relu, self.maxpool = nn.BatchNorm2d(2 * stem), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        inputs, number = 2 * stem, 0
        for stage, (width, depth) in enumerate(zip(planes, depths)):
            blocks = []
            for index in range(depth):
                first = index == 0
                stride = 2 if first and stage == 1 else 1
                dilation = ((1, 1, 1, 2) if first else (1, 1, 2, 4))[stage]
                pools = stride if first and stage > 0 else None
                blocks.append(Bottleneck(inputs, width, width * expansion, code[number], dilation, pools, stride, first))
                inputs, number = width * expansion, number + 1
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        maps = []
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
            maps.append(x)
        return maps


def fill(tape: Tape, module: nn.Module) -> None:
    """Random values, and running statistics for eval mode."""
    module.eval()
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.running_mean = tape.normal(norm.num_features, std=0.3)
            norm.running_var = tape.uniform(norm.num_features, low=0.5, high=1.5)
    tape.adopt(module)


def resnest() -> Case:
    planes, depths, code = [4, 4, 16, 16], [1, 2, 2, 2], [1, 2, 3, 0, 3, 1, 2]
    config = {
        "stem": 4, "expansion": 2, "planes": ",".join(map(str, planes)), "depths": ",".join(map(str, depths)),
        "code": ",".join(map(str, code)),
    }  # fmt: skip

    def run(tape: Tape) -> None:
        model = ResNeSt(4, planes, depths, 2, code)
        fill(tape, model)
        x = tape.leaf("input.x", tape.normal(2, 3, 57, 72))
        maps = model(x)
        for number, features in enumerate(maps):
            # Each backward pass adds to the gradients of the one before.
            upstream = tape.constant(f"upstream.C{number + 2}", tape.normal(*features.shape))
            tape.record(f"output.C{number + 2}", features)
            features.backward(upstream, retain_graph=number < 3)
        tape.gradients()

    return Case("resnest", "resnest", config, run)


class Heads(nn.Module):
    """The modules of torchvision's deeplabv3_resnet50 with fewer channels."""

    def __init__(self, last: int, before: int, width: int, classes: int) -> None:
        super().__init__()
        self.classifier = nn.Sequential(
            ASPP(last, [12, 24, 36], width), nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width),
            nn.ReLU(), nn.Conv2d(width, classes, 1),
        )  # fmt: skip
        self.aux_classifier = FCNHead(before, classes)


def heads() -> Case:
    def run(tape: Tape) -> None:
        model = Heads(24, 16, 8, 5)
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        tape.adopt(model)
        last, before = tape.leaf("input.c5", tape.normal(4, 24, 9, 13)), tape.leaf("input.c4", tape.normal(4, 16, 9, 13))
        target = tape.integers(4, 65, 97, high=6).to(torch.uint8)
        target = tape.constant("input.target", target.masked_fill(target == 5, 255)).long()
        logits = [model.classifier(last), model.aux_classifier(before)]
        tape.record("output.out", logits[0])
        tape.record("output.aux", logits[1])
        losses = [
            F.cross_entropy(
                F.interpolate(each, size=(65, 97), mode="bilinear", align_corners=False), target, ignore_index=255
            )
            for each in logits
        ]
        loss = losses[0] + 0.5 * losses[1]
        tape.record("value.loss", loss)
        loss.backward()
        tape.gradients()
        tape.buffers_after(model)

    return Case("heads", "heads", {"classes": 5, "width": 8, "before": 16, "last": 24}, run)


if __name__ == "__main__":
    write("dense.py", [resnest(), heads()], max_bytes=900_000)
