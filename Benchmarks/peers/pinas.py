"""Times a step of Pi-NAS's cross-path learning in eager PyTorch on random views; one JSON line a run.

A supernet of ResNeSt blocks with four candidates each, its mean teacher, and a queue of negatives. A step is: four
embeddings, two by the student and two by the teacher, along two paths that differ at every block; the teacher's two
moving averages; cross-entropy against the other path's key and the queue; backward; SGD with momentum 0.9 and weight
decay 1e-4; the queue's update. Drawing and augmenting the views is no part of it.

    python Benchmarks/peers/pinas.py --network resnest50 --batch 8 --size 224 --threads 2
    python Benchmarks/peers/pinas.py --network resnest50 --batch 64 --size 64 --channels-last --precision bfloat16

Source: J. Peng et al., "Pi-NAS", ICCV 2021. The released code also skips parameters whose
gradient is exactly zero; here, as everywhere in PyTorch, those that have no gradient, and so the other candidates.
With one process there is no batch to be shuffled across workers.
"""

from __future__ import annotations

import argparse
import copy
import random
import time
from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from harness import emit, environment, summary
from resnest import multiply_adds, parameter_count, parse_code
from supernet import Code, Sizes, Supernet, disjoint_paths
from torch import Tensor, nn
from train_step import PRESETS, integers


class Encoder(nn.Module):
    """The supernet and a neck of two linear layers on its averaged features.

    Shapes: [N, channels, H, W] to [N, dimension], not normalised.
    """

    def __init__(self, sizes: Sizes, dimension: int = 128) -> None:
        super().__init__()
        self.backbone = Supernet(sizes)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.neck = nn.Sequential(
            nn.Linear(sizes.features, sizes.features),
            nn.ReLU(inplace=True),
            nn.Linear(sizes.features, dimension),
        )
        for layer in self.neck:
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, path: Sequence[int]) -> Tensor:
        embedding: Tensor = self.neck(self.avgpool(self.backbone(x, path)).flatten(1))
        return embedding

    def path_parameters(self, path: Sequence[int]) -> Iterator[nn.Parameter]:
        yield from self.backbone.path_parameters(path)
        yield from self.neck.parameters()


class CrossPathLearner(nn.Module):
    """Student, teacher and queue.

    Args:
        student: its copy becomes the teacher, batch-norm statistics and all; from then on these are the teacher's own.
        queue_length: the number of negatives; a multiple of the batch.
        momentum: what the teacher keeps of itself at each moving average.
        temperature: divides the cosines.
    """

    queue: Tensor
    head: int

    def __init__(
        self, student: Encoder, dimension: int, queue_length: int, momentum: float = 0.999, temperature: float = 0.2
    ) -> None:
        super().__init__()
        self.student = student
        self.teacher = copy.deepcopy(student).requires_grad_(False)
        self.register_buffer("queue", F.normalize(torch.randn(dimension, queue_length), dim=0))
        self.head = 0
        self.momentum = momentum
        self.temperature = temperature

    @torch.no_grad()
    def update_teacher(self, path: Sequence[int]) -> None:
        """Moves the teacher's parameters on `path` towards the student's. Stem, neck and shortcuts move on every path,
        so twice a step."""
        pairs = zip(self.teacher.path_parameters(path), self.student.path_parameters(path), strict=True)
        for mean, parameter in pairs:
            mean.lerp_(parameter, 1 - self.momentum)

    def embed(self, encoder: Encoder, view: Tensor, path: Sequence[int]) -> Tensor:
        """Unit rows in the queue's precision."""
        return F.normalize(encoder(view, path).to(self.queue.dtype), dim=1)

    def contrast(self, query: Tensor, key: Tensor) -> Tensor:
        """InfoNCE: the key against the queue."""
        positive = (query * key).sum(dim=1, keepdim=True)
        logits = torch.cat([positive, query @ self.queue], dim=1) / self.temperature
        return F.cross_entropy(logits, torch.zeros(len(query), dtype=torch.long))

    def embeddings(self, views: Sequence[Tensor], a: Sequence[int], b: Sequence[int]) -> tuple[Tensor, ...]:
        """Queries and keys q0, k0 (path a), q1, k1 (path b) of four views of the same images; each [N, dimension]."""
        q0 = self.embed(self.student, views[0], a)
        self.update_teacher(a)
        with torch.no_grad():
            k0 = self.embed(self.teacher, views[1], a)
        q1 = self.embed(self.student, views[2], b)
        self.update_teacher(b)
        with torch.no_grad():
            k1 = self.embed(self.teacher, views[3], b)
        return q0, k0, q1, k1

    def forward(
        self, views: Sequence[Tensor], a: Sequence[int], b: Sequence[int], autocast: bool = False
    ) -> tuple[Tensor, Tensor]:
        """The loss, and the keys to be queued: [N, dimension]."""
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            q0, k0, q1, k1 = self.embeddings(views, a, b)
        # Each query is to find the key of the other path. Cosines and loss in full precision.
        return self.contrast(q0, k1) + self.contrast(q1, k0), (k0 + k1) / 2

    @torch.no_grad()
    def enqueue(self, keys: Tensor) -> None:
        """Puts keys in the place of the oldest ones."""
        length = self.queue.shape[1]
        if length % len(keys) != 0:
            raise ValueError(f"the batch (={len(keys)}) must divide the queue's length (={length})")
        self.queue[:, self.head : self.head + len(keys)] = keys.T
        self.head = (self.head + len(keys)) % length


def stepper(
    learner: CrossPathLearner, optimizer: torch.optim.Optimizer, autocast: bool = False
) -> Callable[[Sequence[Tensor], Sequence[int], Sequence[int]], Tensor]:
    """A function of four views and two paths that takes a full step and returns its loss."""

    def step(views: Sequence[Tensor], a: Sequence[int], b: Sequence[int]) -> Tensor:
        loss, keys = learner(views, a, b, autocast)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        learner.enqueue(keys)
        return loss

    return step


def make_optimizer(student: nn.Module, implementation: str, lr: float) -> torch.optim.SGD:
    """`default`: whatever PyTorch takes; on a CPU, one parameter after another."""
    flags = {} if implementation == "default" else {implementation: True}
    optimizer = torch.optim.SGD(student.parameters(), lr=lr, momentum=0.9, weight_decay=1e-4, **flags)
    if implementation == "fused":
        # The fused one wants buffers for all parameters or for none, and not all of them are on a step's paths.
        for parameter in student.parameters():
            optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    return optimizer


def parse_paths(text: str) -> tuple[Code, Code]:
    """Reads two codes such as `0123:1230`."""
    a, b = (parse_code(" ".join(part)) for part in text.split(":"))
    return a, b


def show(code: Sequence[int]) -> str:
    return "".join(map(str, code))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=PRESETS, default="resnest50")
    parser.add_argument("--planes", type=integers, help="e.g. 32,64,128")
    parser.add_argument("--depths", type=integers, help="e.g. 2,2,2")
    parser.add_argument("--expansion", type=int)
    parser.add_argument("--stem", choices=("imagenet", "small"), help="imagenet: the deep one")
    parser.add_argument("--stem-width", type=int)
    parser.add_argument("--channels", type=int)
    parser.add_argument("--size", "--image-size", dest="image_size", type=int)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--queue", type=int, default=49_152, help="its length, a multiple of the batch")
    parser.add_argument("--dimension", type=int, default=128, help="of the embeddings")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--layout", choices=("contiguous", "channels_last"), default="contiguous")
    parser.add_argument("--channels-last", dest="layout", action="store_const", const="channels_last")
    parser.add_argument(
        "--precision", "--dtype", choices=("float32", "bfloat16"), default="float32", help="bfloat16: autocast"
    )
    parser.add_argument(
        "--optimizer", choices=("default", "fused", "foreach"), default="default", help="SGD's implementation"
    )
    parser.add_argument("--lr", type=float, default=0.03)
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="of parameters, views and paths")
    parser.add_argument(
        "--paths", type=parse_paths, nargs="+", help="two codes a step, 0123…:1230…, taken in turn; default: at random"
    )
    arguments = parser.parse_args()
    for field, value in vars(PRESETS[arguments.network]).items():
        if getattr(arguments, field, None) is None:
            setattr(arguments, field, value)
    return arguments


def main() -> None:
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    layout = torch.channels_last if arguments.layout == "channels_last" else torch.contiguous_format
    image = (arguments.channels, arguments.image_size, arguments.image_size)
    sizes = Sizes(
        arguments.planes,
        arguments.depths,
        arguments.channels,
        arguments.stem,
        arguments.stem_width,
        arguments.expansion,
    )

    student = Encoder(sizes, arguments.dimension).train().to(memory_format=layout)
    learner = CrossPathLearner(student, arguments.dimension, arguments.queue)
    optimizer = make_optimizer(student, arguments.optimizer, arguments.lr)
    views = [torch.randn(arguments.batch, *image).contiguous(memory_format=layout) for _ in range(4)]
    step = stepper(learner, optimizer, autocast=arguments.precision == "bfloat16")

    count = arguments.warmup + arguments.iterations
    generator = random.Random(arguments.seed)
    paths = [disjoint_paths(sizes.blocks, generator) for _ in range(count)]
    if arguments.paths is not None:
        paths = [arguments.paths[index % len(arguments.paths)] for index in range(count)]
    losses: list[float] = []
    seconds: list[float] = []
    for a, b in paths:
        start = time.perf_counter()
        loss = step(views, a, b)
        seconds.append(time.perf_counter() - start)
        losses.append(round(loss.item(), 4))

    timed, seconds = paths[arguments.warmup :], seconds[arguments.warmup :]
    times = summary(seconds)
    with torch.device("meta"):
        # The neck's two layers cost as much as one of features + dimension classes.
        classes = sizes.features + arguments.dimension
        macs = [[multiply_adds(sizes.network(path, classes), image) for path in pair] for pair in timed]
    emit(
        benchmark="pinas",
        **environment(),
        network=arguments.network,
        parameters=parameter_count(student),
        image=list(image),
        batch=arguments.batch,
        queue=arguments.queue,
        layout=arguments.layout,
        dtype=arguments.precision,
        optimizer=arguments.optimizer,
        iterations=arguments.iterations,
        paths=[f"{show(a)}:{show(b)}" for a, b in timed],
        multiply_adds=macs,
        **times,
        images_per_s=round(arguments.batch / times["median_ms"] * 1e3, 2),
        # The student goes forward and back, which costs two forward passes; the teacher forward only. A multiply-add
        # is two operations.
        gflops=round(8 * sum(map(sum, macs)) * arguments.batch / sum(seconds) / 1e9, 1),
        # The first step's, warm-up included, and the last's. Random embeddings would give about 2 log(1 + queue).
        losses=[losses[0], losses[-1]],
        loss=losses[-1],
    )


if __name__ == "__main__":
    main()
