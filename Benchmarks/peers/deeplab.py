"""Times DeepLabV3 on a dilated ResNeSt-50 in plain PyTorch: a training step, or whole images by windows and flips.

    python Benchmarks/peers/deeplab.py --what step --dtype bfloat16
    python Benchmarks/peers/deeplab.py --what image --dtype bfloat16

The network is that of Pi-NAS on ADE20K: code `trans`, output stride 8, 150 classes. A step is: gradients to None, forward,
cross-entropy of both heads on logits of the size of the labels, backward, SGD with momentum. An image is seen as the
released evaluation sees it: window by window, each also mirrored. One JSON line a run.
"""

from __future__ import annotations

import argparse
import math
import time

import torch
import torch.nn.functional as F
from harness import emit, environment, summary
from resnest import CODE_TRANS, ResNeSt
from torch import Tensor, nn


def block(inputs: int, outputs: int, kernel: int, dilation: int = 1) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class ASPP(nn.Module):
    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            [block(inputs, width, 1)] + [block(inputs, width, 3, dilation) for dilation in (12, 24, 36)]
        )
        self.pooled = block(inputs, width, 1)
        self.project = nn.Sequential(block(5 * width, width, 1), nn.Dropout2d(0.5))

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.pooled(x.mean((2, 3), keepdim=True)).expand(-1, -1, *x.shape[2:])
        return self.project(torch.cat([branch(x) for branch in self.branches] + [pooled], 1))


class DeepLabV3(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = ResNeSt(CODE_TRANS)
        for number, stage in ((3, self.backbone.layer3), (4, self.backbone.layer4)):
            for place, unit in enumerate(stage):
                dilation = (1 if place == 0 else 2) if number == 3 else (2 if place == 0 else 4)
                unit.conv2.conv.dilation = unit.conv2.conv.padding = (dilation, dilation)
                if place == 0:  # the stride goes, the pooling over windows stays
                    unit.pool = nn.AvgPool2d(3, 1, padding=1)
                    unit.downsample[0] = nn.Identity()
        self.head = nn.Sequential(ASPP(2048, 256), block(256, 256, 3), nn.Dropout(0.1), nn.Conv2d(256, classes, 1))
        self.auxiliary = nn.Sequential(block(1024, 256, 3), nn.Dropout(0.1), nn.Conv2d(256, classes, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        c4 = net.layer3(net.layer2(net.layer1(x)))
        return self.head(net.layer4(c4)), self.auxiliary(c4) if self.training else c4


def scores(model: nn.Module, image: Tensor, base: int, crop: int, dtype: torch.dtype) -> Tensor:
    """The exponentials of logits over one image at one scale, as the released evaluation has them."""
    height, width = image.shape[2:]
    long, short = base, int(min(height, width) * base / max(height, width) + 0.5)
    size = (long, short) if height > width else (short, long)
    scaled = F.interpolate(image, size, mode="bilinear", antialias=True)
    full = [max(side, crop) for side in size]
    padded = F.pad(scaled, (0, full[1] - size[1], 0, full[0] - size[0]))
    step = crop * 2 // 3
    starts = [[place * step for place in range(math.ceil((side - crop) / step) + 1)] for side in full]
    sums, counts = torch.zeros(1, 150, *full), torch.zeros(1, 1, *full)

    def logits(window: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            out = model(window)[0]
        return F.interpolate(out.float(), (crop, crop), mode="bilinear", align_corners=True)

    for top in starts[0]:
        for left in starts[1]:
            part = padded[:, :, top : top + crop, left : left + crop]
            window = F.pad(part, (0, crop - part.shape[3], 0, crop - part.shape[2]))
            window = window.contiguous(memory_format=torch.channels_last)
            seen = (logits(window) + logits(window.flip(3)).flip(3)).exp()
            sums[:, :, top : top + crop, left : left + crop] += seen[:, :, : part.shape[2], : part.shape[3]]
            counts[:, :, top : top + crop, left : left + crop] += 1
    found = (sums / counts)[:, :, : size[0], : size[1]]
    return F.interpolate(found, (height, width), mode="bilinear", align_corners=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--what", choices=("step", "image"), default="step")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="bfloat16", help="bfloat16: autocast")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--size", type=int, default=480)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--iterations", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    dtype = torch.bfloat16 if options.dtype == "bfloat16" else torch.float32
    model = DeepLabV3(150).to(memory_format=torch.channels_last)
    seconds: list[float] = []
    if options.what == "step":
        model.train()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, fused=True)
        images = torch.randn(options.batch, 3, options.size, options.size).contiguous(memory_format=torch.channels_last)
        labels = torch.randint(150, (options.batch, options.size, options.size))

        def run() -> None:
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
                outputs = model(images)
            losses = [
                F.cross_entropy(
                    F.interpolate(out.float(), labels.shape[1:], mode="bilinear", align_corners=True),
                    labels,
                    ignore_index=255,
                )
                for out in outputs
            ]
            (losses[0] + 0.2 * losses[1]).backward()
            optimizer.step()
    else:
        model.eval()
        image = torch.randn(1, 3, 512, 683)

        def run() -> None:
            with torch.no_grad():
                scores(model, image, 520, options.size, dtype).argmax(1)

    for count in range(options.warmup + options.iterations):
        start = time.perf_counter()
        run()
        if count >= options.warmup:
            seconds.append(time.perf_counter() - start)
    emit(
        benchmark=f"deeplab {options.what}",
        **environment(),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        batch=options.batch,
        size=options.size,
        dtype=options.dtype,
        iterations=options.iterations,
        **summary(seconds),
    )


if __name__ == "__main__":
    main()
