"""Times a full training step of a ResNeSt in PyTorch, eager or compiled, on random data; one JSON line a run.

A step is: gradients to None, forward, cross-entropy, backward, SGD with momentum 0.9 and weight decay.

    python Benchmarks/peers/train_step.py --network tiny --batch 128 --threads 2
    python Benchmarks/peers/train_step.py --network resnest50 --batch 8 --layout channels_last --dtype bfloat16

On a shared machine trust the minimum; with other busy processes set OMP_WAIT_POLICY=PASSIVE for both sides.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from harness import emit, environment, summary
from resnest import CODE_CLS, ResNeSt, Stem, multiply_adds, parameter_count, parse_code
from torch import Tensor


@dataclass(frozen=True)
class Preset:
    """A network's defaults; every one can be overridden on the command line."""

    code: tuple[int, ...]
    planes: tuple[int, ...]
    depths: tuple[int, ...]
    expansion: int
    stem: Stem
    stem_width: int
    channels: int
    image_size: int
    classes: int


PRESETS = {
    "resnest50": Preset(CODE_CLS, (64, 128, 256, 512), (3, 4, 6, 3), 4, "imagenet", 32, 3, 224, 1000),
    "tiny": Preset((1, 0, 3, 2, 1, 3), (32, 64, 128), (2, 2, 2), 4, "small", 32, 1, 28, 10),
}


def integers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=PRESETS, default="tiny")
    parser.add_argument("--code", type=parse_code, help="one digit 0-3 a block, e.g. 1,0,3,2,1,3")
    parser.add_argument("--planes", type=integers, help="e.g. 32,64,128")
    parser.add_argument("--depths", type=integers, help="e.g. 2,2,2")
    parser.add_argument("--expansion", type=int)
    parser.add_argument("--stem", choices=("imagenet", "small"))
    parser.add_argument("--stem-width", type=int)
    parser.add_argument("--channels", type=int)
    parser.add_argument("--image-size", type=int)
    parser.add_argument("--classes", type=int)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--layout", choices=("contiguous", "channels_last"), default="contiguous")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32", help="bfloat16: autocast")
    parser.add_argument(
        "--optimizer", choices=("fused", "foreach", "loop"), default="fused", help="SGD's implementation"
    )
    parser.add_argument("--compile", action="store_true", help="torch.compile, with its usual settings")
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--warmup", type=int, default=3)
    arguments = parser.parse_args()
    for field, value in vars(PRESETS[arguments.network]).items():
        if getattr(arguments, field) is None:
            setattr(arguments, field, value)
    return arguments


def main() -> None:
    arguments = parse_arguments()
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    layout = torch.channels_last if arguments.layout == "channels_last" else torch.contiguous_format
    image = (arguments.channels, arguments.image_size, arguments.image_size)

    model = ResNeSt(
        arguments.code,
        arguments.planes,
        arguments.depths,
        arguments.classes,
        arguments.channels,
        arguments.stem,
        arguments.stem_width,
        arguments.expansion,
    )
    macs = multiply_adds(model, image)
    model.train().to(memory_format=layout)
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=arguments.lr,
        momentum=0.9,
        weight_decay=arguments.weight_decay,
        fused=arguments.optimizer == "fused",
        foreach=arguments.optimizer == "foreach",
    )
    network = torch.compile(model) if arguments.compile else model
    images = torch.randn(arguments.batch, *image).contiguous(memory_format=layout)
    targets = torch.randint(arguments.classes, (arguments.batch,))

    def step() -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=arguments.dtype == "bfloat16"):
            loss = F.cross_entropy(network(images), targets)
        loss.backward()
        optimizer.step()
        return loss

    for _ in range(arguments.warmup):
        step()
    seconds: list[float] = []
    loss = torch.zeros(())
    for _ in range(arguments.iterations):
        start = time.perf_counter()
        loss = step()
        seconds.append(time.perf_counter() - start)

    times = summary(seconds)
    emit(
        benchmark="train_step",
        **environment(),
        network=arguments.network,
        code="".join(map(str, arguments.code)),
        parameters=parameter_count(model),
        multiply_adds=macs,
        image=list(image),
        batch=arguments.batch,
        layout=arguments.layout,
        dtype=arguments.dtype,
        optimizer=arguments.optimizer,
        compiled=arguments.compile,
        iterations=arguments.iterations,
        **times,
        images_per_s=round(arguments.batch / times["median_ms"] * 1e3, 2),
        # The backward pass costs two forward passes; a multiply-add is two operations.
        gflops=round(6 * macs * arguments.batch / times["min_ms"] / 1e6, 1),
        # The last step's, to show that it did train: from log(classes) down.
        loss=round(loss.item(), 4),
    )


if __name__ == "__main__":
    main()
