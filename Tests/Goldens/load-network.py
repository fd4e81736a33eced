"""Makes load-network.safetensors: networks as the package in Python/ builds them from a card, and their logits.

    python Tests/Goldens/load-network.py

Each case: a card as a network file holds it (`card`, JSON), random weights and random running statistics
(`param.*`, `buffer.*`, under the keys of the network file), images (`input.images`), and the logits in eval mode
(`output.logits`). One network of each search space, with the code of its architecture (`code`) and the sizes that the
test builds the same one of, one of the layers and the abbreviations that no space makes use of, and one of gates. Then
networks of tasks, whose `card` is that of a task's file (`task`), with what their heads give.
"""

from __future__ import annotations

import json
import sys

import torch
from golden import FOLDER, Case, Tape, write
from torch import nn

sys.path.insert(0, str(FOLDER.parents[1] / "Python"))
from supernet.cards import parse_card  # noqa: E402
from supernet.network import Network  # noqa: E402

Layer = dict[str, object]


def part(key: str, layer: Layer) -> Layer:
    return {"key": key, "layer": layer}


def sequence(*parts: Layer) -> Layer:
    return {"type": "sequence", "parts": list(parts)}


def convolution(outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> Layer:
    return {
        "type": "convolution", "outputs": outputs, "kernel": kernel, "stride": stride, "padding": kernel // 2,
        "groups": groups, "bias": False, "start": "fan-out",
    }  # fmt: skip


def norm(scale: float = 1) -> Layer:
    return {"type": "batch-norm", "scale": scale}


def pool(kind: str, kernel: int, stride: int, padding: int = 0, ceil: bool = False, counts: bool = True) -> Layer:
    size = {"kernel": kernel, "stride": stride, "padding": padding}
    return {"type": "pool", "kind": kind, **size, "ceil": ceil, "counts-padding": counts}


def residual(body: Layer, shortcut: Layer | None, relu: bool) -> Layer:
    return {"type": "residual", "body": body, "relu": relu} | ({"shortcut": shortcut} if shortcut else {})


RELU = part("", {"type": "relu"})
GLOBAL_POOL = part("", {"type": "global-pool"})


def resnest() -> Layer:
    """Every candidate, two with shortcuts of their own, one of them at stride 2."""

    def block(inner: int, radix: int, groups: int, outputs: int, first: bool, stride: int) -> Layer:
        pooled = [part("", pool("average", 3, stride, 1))] if stride > 1 else []
        body = sequence(
            part("conv1", convolution(inner, 1)), part("bn1", norm()), RELU,
            part("conv2", {"type": "split-attention", "radix": radix, "cardinality": groups}), *pooled,
            part("conv3", convolution(outputs, 1)), part("bn3", norm(0)),
        )  # fmt: skip
        down = sequence(
            part("", pool("average", stride, stride, ceil=True, counts=False)),
            part("1", convolution(outputs, 1)), part("2", norm()),
        )  # fmt: skip
        return residual(body, part("downsample", down) if first else None, relu=True)

    return sequence(
        part("conv1", convolution(8, 3)), part("bn1", norm()), RELU,
        part("layer1.0", block(8, 2, 1, 8, True, 1)), part("layer1.1", block(10, 1, 2, 8, False, 1)),
        part("layer2.0", block(20, 2, 2, 16, True, 2)), part("layer2.1", block(16, 1, 1, 16, False, 1)),
        GLOBAL_POOL,
    )  # fmt: skip


def mobile() -> Layer:
    """Kernel 5 with expansion 3, a block left out, kernel 3 with expansion 6 at stride 2, kernel 7 with expansion 3."""

    def block(inputs: int, outputs: int, kernel: int, expansion: int, stride: int) -> Layer:
        inner = inputs * expansion
        body = sequence(
            part("expand.conv", convolution(inner, 1)), part("expand.bn", norm()), RELU,
            part("depthwise.conv", convolution(inner, kernel, stride, inner)), part("depthwise.bn", norm()), RELU,
            part("project.conv", convolution(outputs, 1)), part("project.bn", norm()),
        )  # fmt: skip
        return residual(body, None, relu=False) if stride == 1 and inputs == outputs else body

    return sequence(
        part("stem.conv", convolution(8, 3)), part("stem.bn", norm()), RELU,
        part("stage1.0", block(8, 8, 5, 3, 1)), part("stage1.1", {"type": "identity"}),
        part("stage2.0", block(8, 12, 3, 6, 2)), part("stage2.1", block(12, 12, 7, 3, 1)),
        part("head.conv", convolution(24, 1)), part("head.bn", norm()), RELU, GLOBAL_POOL,
    )  # fmt: skip


def cells() -> Layer:
    """A cell with all five operations in each of three stages."""

    def operation(outputs: int, kernel: int, stride: int = 1) -> Layer:
        return sequence(RELU, part("op.1", convolution(outputs, kernel, stride)), part("op.2", norm()))

    def cell(width: int) -> Layer:
        operations = [
            (0, 1, operation(width, 3)), (0, 2, {"type": "identity"}), (1, 2, operation(width, 1)),
            (0, 3, {"type": "zero", "stride": 1}), (1, 3, pool("average", 3, 1, 1, counts=False)),
            (2, 3, operation(width, 3)),
        ]  # fmt: skip
        edges = [{"from": a, "to": b, "part": part(f"edges.{b}<-{a}", layer)} for a, b, layer in operations]
        return {"type": "cell", "edges": edges}

    def reduction(width: int) -> Layer:
        down = sequence(part("", pool("average", 2, 2, ceil=True)), part("1", convolution(width, 1)))
        body = sequence(part("conv_a", operation(width, 3, 2)), part("conv_b", operation(width, 3)))
        return residual(body, part("downsample", down), relu=False)

    return sequence(
        part("stem.0", convolution(3, 3)), part("stem.1", norm()), part("cells.0", cell(3)),
        part("cells.1", reduction(6)), part("cells.2", cell(6)), part("cells.3", reduction(12)),
        part("cells.4", cell(12)), part("lastact.0", norm()), RELU, GLOBAL_POOL,
    )  # fmt: skip


def others() -> Layer:
    """What these spaces leave out: padding of unequal sides, a bound, a maximum, a bias, zeros at a stride, a cell of unequal nodes whose edges are in no
    order, tensors beside tensors that lie within, empty keys, fields that are left to their defaults, and a linear
    layer."""
    cell: Layer = {
        "type": "cell",
        "edges": [
            {"from": 1, "to": 2, "part": part("b", convolution(6, 3))},
            {"from": 0, "to": 2, "part": part("c", convolution(6, 3, 2))},
            {"from": 0, "to": 1, "part": part("a", convolution(5, 3, 2))},
            {"from": 0, "to": 1, "part": part("z", sequence(part("", {"type": "zero", "stride": 2}), part("", {
                "type": "convolution", "outputs": 5, "kernel": 1, "bias": True})))},
        ],
    }  # fmt: skip
    body: Layer = {"type": "convolution", "outputs": 6, "kernel": 3}
    return sequence(
        part("stem", sequence(part("norm", norm()), part("", {**convolution(4, 4, 1), "bias": True}))),
        part("", pool("max", 3, 2, 1)), part("", {"type": "pool", "kind": "average", "kernel": 2, "stride": 1}),
        part("", sequence(part("inner", {"type": "batch-norm"}), RELU)), part("cell", cell),
        part("block", {"type": "residual", "body": body, "shortcut": part("near", convolution(6, 1))}),
        part("again", residual({"type": "zero"}, None, relu=True)), part("", {"type": "pad", "before": 1, "after": 2}),
        part("padded", convolution(6, 3, 2)), part("wide", norm(4)), part("", {"type": "relu6"}),
        GLOBAL_POOL, part("hidden", {"type": "linear", "outputs": 7}), RELU,
    )  # fmt: skip


def gates() -> Layer:
    """Hard activations, gates of channels and of positions, one in another, and features that are resized."""

    def excitation(reduced: int, outputs: int) -> Layer:
        def biased(channels: int) -> Layer:
            return {"type": "convolution", "outputs": channels, "kernel": 1, "bias": True}

        return {"type": "gate", "body": sequence(
            part("", {"type": "squeeze"}), part("fc1", biased(reduced)), RELU, part("fc2", biased(outputs)),
            part("", {"type": "hard-sigmoid"}),
        )}  # fmt: skip

    swish = part("", {"type": "hard-swish"})
    block = sequence(
        part("block.0.0", convolution(10, 1)), part("block.0.1", norm()), swish,
        part("block.1.0", convolution(10, 5, 1, 10)), part("block.1.1", norm()), swish,
        part("block.2", excitation(4, 10)), part("block.3.0", convolution(5, 1)), part("block.3.1", norm()),
    )  # fmt: skip
    positions: Layer = {"type": "gate", "body": sequence(
        part("conv", convolution(5, 3)), part("inner", excitation(3, 5)), part("", {"type": "hard-sigmoid"})
    )}  # fmt: skip
    return sequence(
        part("stem.0", convolution(5, 3, 2)), part("stem.1", norm()), swish,
        part("1", residual(block, None, relu=False)),
        part("2", positions), part("", {"type": "resize", "height": 11, "width": 4}),
        part("3.0", convolution(6, 3, 2)), part("3.1", norm()), part("", {"type": "resize", "height": 3, "width": 7}),
        part("", {"type": "gate", "body": {"type": "hard-sigmoid"}}), GLOBAL_POOL,
        part("hidden", {"type": "linear", "outputs": 7}), swish, part("", {"type": "gate", "body": {"type": "relu"}}),
    )  # fmt: skip


def dense() -> Layer:
    """A dense network: dilated windows and split attention, places where maps are handed out, the branches of a head joined,
    one of them of the whole image, dropout, and a map of logits in the end."""

    def dilated(outputs: int, kernel: int, dilation: int) -> Layer:
        return {**convolution(outputs, kernel), "dilation": dilation, "padding": dilation * (kernel // 2)}

    def branch(layer: Layer) -> Layer:
        return sequence(part("0", layer), part("1", norm()), RELU)

    block = sequence(
        part("conv1", convolution(8, 1)), part("bn1", norm()), RELU,
        part("conv2", {"type": "split-attention", "radix": 2, "cardinality": 1, "dilation": 2}),
        part("", pool("average", 3, 1, 1)), part("conv3", convolution(6, 1)), part("bn3", norm()),
    )  # fmt: skip
    image = sequence(part("1", convolution(4, 1)), part("2", norm()), RELU)
    branches = [
        part("aspp.b0", branch(convolution(4, 1))), part("aspp.b1", branch(dilated(4, 3, 3))),
        part("aspp.b2", branch({"type": "convolution", "outputs": 4, "kernel": 3, "dilation": 5})),
        part("aspp.b4.gap", {"type": "global", "body": image}),
    ]  # fmt: skip
    head = sequence(
        part("", {"type": "join", "parts": branches}), part("aspp.project", branch(convolution(4, 1))),
        part("", {"type": "dropout", "probability": 0.5, "of-channels": True}),
        part("block.0", convolution(4, 3)), part("block.1", norm()), RELU,
        part("", {"type": "dropout", "probability": 0.1}), part("block.4", {**convolution(4, 1), "bias": True}),
    )  # fmt: skip
    return sequence(
        part("conv1", convolution(6, 3, 2)), part("bn1", norm()), RELU, part("", {"type": "tap", "name": "C4"}),
        part("layer1.0", residual(block, None, relu=True)),
        part("layer2.0", {**dilated(6, 5, 2), "groups": 6}), part("layer2.1", norm()),
        part("", {"type": "tap", "name": "C5"}), part("head", head),
    )  # fmt: skip


def small() -> Layer:
    """Enough of a backbone for a head to stand on."""
    return sequence(
        part("stem.conv", convolution(6, 3, 2)), part("stem.bn", norm()), RELU, GLOBAL_POOL,
    )  # fmt: skip


def image_size() -> Layer:
    """A path that takes its images smaller than they are."""
    return sequence(part("", {"type": "resize", "height": 8, "width": 6}), *small()["parts"])


def network(
    name: str, code: str, backbone: Layer, image: int, channels: int = 3, task: str = "", head: Layer | None = None
) -> Case:
    card = {
        "classNames": [] if task else ["a", "b", "c", "d"], "imageSize": image, "mean": [0.5], "std": [0.25],
        "network": {"channels": channels, "classes": 6 if task else 0 if head else 4, "backbone": backbone},
    }  # fmt: skip
    if head and not task:
        card = card | {"head": head}
    whole = {"task": task, "head": head, "network": card} if task else card

    def run(tape: Tape) -> None:
        model = Network(parse_card(card | ({"task": task, "head": head} if task else {}))).eval()
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                count = module.num_features
                module.running_mean = tape.normal(count, std=0.5)
                module.running_var = tape.uniform(count, low=0.5, high=1.5)
                module.num_batches_tracked = tape.integers(high=1000)
        tape.adopt(model)
        images = tape.constant("input.images", tape.normal(3, channels, image, image))
        with torch.no_grad():
            tape.record("output.logits", model(images))

    config = {"card": json.dumps(whole, separators=(",", ":")), "code": code} | ({"task": task} if task else {})
    return Case(name, "network", config, run)


if __name__ == "__main__":
    write(
        "load-network.py",
        [
            network("resnest", "1 2 3 0", resnest(), image=11),
            network("mobile", "2 6 1 4", mobile(), image=10),
            network("nas-bench-201", "3 1 2 0 4 3", cells(), image=13),
            network("others", "", others(), image=15, channels=2),
            network("gates", "", gates(), image=12),
            network("dense", "", dense(), image=14, head={"kind": "map", "outputs": 4}),
            network("image-size", "0", image_size(), image=12),
            network("ages", "", small(), image=9, task="age", head={"kind": "linear", "outputs": 11}),
            network("embedding", "", small(), image=9, task="re-identification", head={"kind": "neck", "outputs": 6}),
        ],
        max_bytes=300_000,
    )
