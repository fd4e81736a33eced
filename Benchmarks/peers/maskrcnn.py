"""A training step of torchvision's Mask R-CNN (ResNet-50, feature pyramid), or its findings in one image.

    LD_LIBRARY_PATH=.deps/torchvision-stubs .deps/bench-venv/bin/python Benchmarks/peers/maskrcnn.py --what step

Random weights, batch norms that learn, noise with twelve rectangles an image whose masks are known. Findings are cut off at
the least score that leaves any, as random weights are sure of nothing.
"""

from __future__ import annotations

import argparse
import time

import torch
from harness import emit, environment, summary
from torchvision.models.detection import maskrcnn_resnet50_fpn


def rectangles(size: int, image: int) -> dict[str, torch.Tensor]:
    """Twelve objects of an image, the same on both sides."""
    boxes, labels = [], []
    for number in range(12):
        side = size // 10 + number * size // 40
        x, y = (37 * number + 11 * image) % (size - side), (53 * number + 29 * image) % (size - side)
        boxes.append([x, y, x + side, y + side])
        labels.append(1 + (number * 7 + image) % 90)
    masks = torch.zeros(12, size, size, dtype=torch.uint8)
    for mask, (x0, y0, x1, y1) in zip(masks, boxes):
        mask[y0:y1, x0:x1] = 1
    return {"boxes": torch.tensor(boxes, dtype=torch.float32), "labels": torch.tensor(labels), "masks": masks}


def main() -> None:
    parser = argparse.ArgumentParser(description="Times torchvision's Mask R-CNN.")
    parser.add_argument("--what", choices=("step", "image"), default="step")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32", help="bfloat16: autocast")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--iterations", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    size = options.size
    model = maskrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, num_classes=91, min_size=size, max_size=size, box_score_thresh=0.0,
        rpn_score_thresh=0.0,
    ).to(memory_format=torch.channels_last)  # fmt: skip
    halved = torch.autocast("cpu", torch.bfloat16, enabled=options.dtype == "bfloat16")
    images = [torch.rand(3, size, size) for _ in range(options.batch)]
    if options.what == "step":
        model.train()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0001, momentum=0.9, weight_decay=1e-4, fused=True)
        targets = [rectangles(size, image) for image in range(options.batch)]

        def run() -> None:
            optimizer.zero_grad(set_to_none=True)
            with halved:
                losses = model(images, targets)
            sum(losses.values()).backward()
            optimizer.step()
    else:
        model.eval()

        def run() -> None:
            with torch.no_grad(), halved:
                assert len(model(images[:1])[0]["boxes"]) == 100

    seconds: list[float] = []
    for count in range(options.warmup + options.iterations):
        start = time.perf_counter()
        run()
        if count >= options.warmup:
            seconds.append(time.perf_counter() - start)
    emit(
        benchmark=f"maskrcnn {options.what}",
        **environment(),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        batch=options.batch,
        size=size,
        dtype=options.dtype,
        iterations=options.iterations,
        **summary(seconds),
    )


if __name__ == "__main__":
    main()
