"""A network as data: the layers that the card of a file describes, read and checked.

Layers with tensors hang under keys, which are those of PyTorch's `state_dict`: a `Part` gives its layer's tensors their
place, and what lies within adds to it. A layer is written as an object with its `type` and its own fields; fields that
are missing have the defaults given here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from supernet.fields import Fields

MAX_DEPTH = 128
"""How deeply layers may lie within each other."""


@dataclass(frozen=True)
class Convolution:
    """A square convolution over [C, H, W]."""

    outputs: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    groups: int
    bias: bool

    def is_depthwise(self, inputs: int) -> bool:
        """Whether every one of so many channels is convolved by itself."""
        return self.groups > 1 and self.groups == inputs == self.outputs


@dataclass(frozen=True)
class BatchNorm:
    """Batch normalisation."""


@dataclass(frozen=True)
class Activation:
    """A function of each value: ReLU, ReLU6 (Sandler et al., "MobileNetV2", 2018), hard swish or the hard sigmoid
    (Howard et al., "Searching for MobileNetV3", 2019)."""

    kind: Literal["relu", "relu6", "hard-swish", "hard-sigmoid"]


@dataclass(frozen=True)
class Pad:
    """Zeros around the image: `before` above and to the left, `after` below and to the right."""

    before: int
    after: int


@dataclass(frozen=True)
class Pool:
    """The mean or the maximum over square windows."""

    kind: Literal["average", "max"]
    kernel: int
    stride: int
    padding: int
    ceil: bool
    counts_padding: bool


@dataclass(frozen=True)
class GlobalPool:
    """The mean over all positions: [C, H, W] to [C]."""


@dataclass(frozen=True)
class Squeeze:
    """The mean over all positions, which keeps their dimensions: [C, H, W] to [C, 1, 1]."""


@dataclass(frozen=True)
class Gate:
    """What comes in times what the inner layer makes of it."""

    body: Layer


@dataclass(frozen=True)
class Resize:
    """Bilinear interpolation to other sides, without smoothing."""

    height: int
    width: int


@dataclass(frozen=True)
class Global:
    """What the inner layer makes of the mean over all positions, at every position (Chen et al., "Rethinking Atrous
    Convolution for Semantic Image Segmentation", 2017)."""

    body: Layer


@dataclass(frozen=True)
class Join:
    """Several layers of the same input, whose results are joined over the channels."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Dropout:
    """Values, or whole channels of an image, that are set to 0 in training."""

    probability: float
    of_channels: bool


@dataclass(frozen=True)
class Tap:
    """Nothing, but what comes in is handed out under a name."""

    name: str


@dataclass(frozen=True)
class Linear:
    """A matrix product with bias: [C] to [outputs]."""

    outputs: int


@dataclass(frozen=True)
class SplitAttention:
    """A 3x3 convolution into splits that each image weighs (Zhang et al., "ResNeSt", 2020)."""

    radix: int
    cardinality: int
    dilation: int


@dataclass(frozen=True)
class Identity:
    """Nothing: what comes in goes out."""


@dataclass(frozen=True)
class Zero:
    """Zeros of the shape of what comes in, or with each side divided by `stride` and rounded up."""

    stride: int


@dataclass(frozen=True)
class Sequence:
    """Several layers one after the other."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Residual:
    """The sum body(x) + shortcut(x), then ReLU if wanted; without a shortcut x itself is added."""

    body: Layer
    shortcut: Part | None
    relu: bool


@dataclass(frozen=True)
class Choice:
    """A place in a supernet where one of several candidates is taken.

    Candidates have tensors of their own, under their numbers, or with `sharing` take theirs from those of the largest
    one: the leading channels and the middle of a window (`slices`; Yu et al., "BigNAS", ECCV 2020), or a smaller window
    made of the middle of the next larger one by a learned matrix (`matrices`; Cai et al., "Once-for-All", ICLR 2020).
    """

    point: str
    candidates: tuple[Candidate, ...]
    sharing: Literal["slices", "matrices"] | None


@dataclass(frozen=True)
class Cell:
    """Nodes joined by edges: a node is the sum of its edges' layers, the last one is the result, node 0 is what comes
    in (Dong and Yang, "NAS-Bench-201", 2020). Edges are in the order of the nodes that they lead to."""

    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Part:
    """A layer with the key of its tensors, which may hold dots and adds nothing where it is empty."""

    key: str
    layer: Layer


@dataclass(frozen=True)
class Candidate:
    """One of the layers at a choice, with its name."""

    name: str
    layer: Layer


@dataclass(frozen=True)
class Edge:
    """A layer from one node of a cell to a later one."""

    start: int
    end: int
    part: Part


Layer = (
    Convolution
    | BatchNorm
    | Activation
    | Pad
    | Pool
    | GlobalPool
    | Squeeze
    | Gate
    | Resize
    | Global
    | Join
    | Dropout
    | Tap
    | Linear
    | SplitAttention
    | Identity
    | Zero
    | Sequence
    | Residual
    | Choice
    | Cell
)
"""Any layer."""


def join(path: str, key: str) -> str:
    """A key within a path. An empty key adds nothing: what it stands for lies under the path itself."""
    return f"{path}.{key}" if path and key else path or key


def parse(fields: Fields, depth: int = 0) -> Layer:
    """Reads a layer from its JSON.

    Raises:
        ValueError: for a type that is not known, and for numbers that no layer has; the message names the key.
    """
    if depth > MAX_DEPTH:
        raise ValueError("layers lie within each other too deeply")

    def inner(key: str) -> Layer:
        return parse(fields[key], depth + 1)

    def part(stored: Fields) -> Part:
        key = stored.text("key", "")
        if key and "" in key.split("."):
            raise ValueError(f"`{stored.name('key')}` is '{key[:80]}', whose dots stand side by side or at an end")
        return Part(key, parse(stored["layer"], depth + 1))

    def parts() -> tuple[Part, ...]:
        return tuple(part(stored) for stored in fields.objects("parts"))

    match kind := fields.text("type"):
        case "convolution":
            return _convolution(fields)
        case "batch-norm":
            return BatchNorm()
        case "relu" | "relu6" | "hard-swish" | "hard-sigmoid":
            return Activation(kind)
        case "pad":
            return Pad(fields.integer("before", least=0, most=64), fields.integer("after", least=0, most=64))
        case "pool":
            return _pool(fields)
        case "global-pool":
            return GlobalPool()
        case "squeeze":
            return Squeeze()
        case "gate":
            return Gate(inner("body"))
        case "resize":
            return Resize(fields.integer("height"), fields.integer("width"))
        case "global":
            return Global(inner("body"))
        case "join":
            return Join(parts())
        case "dropout":
            probability = fields.number("probability")
            if not 0 <= probability < 1:
                raise ValueError(
                    f"`{fields.name('probability')}` is {probability}; it must be at least 0 and less than 1"
                )
            return Dropout(probability, fields.flag("of-channels", False))
        case "tap":
            return Tap(fields.text("name"))
        case "linear":
            return Linear(fields.integer("outputs"))
        case "split-attention":
            dilation = fields.integer("dilation", 1)
            return SplitAttention(fields.integer("radix"), fields.integer("cardinality"), dilation)
        case "identity":
            return Identity()
        case "zero":
            return Zero(fields.integer("stride", 1))
        case "sequence":
            return Sequence(parts())
        case "residual":
            shortcut = fields.optional("shortcut")
            return Residual(inner("body"), part(shortcut) if shortcut else None, fields.flag("relu", False))
        case "choice":
            return _choice(fields, depth)
        case "cell":
            return _cell(
                Edge(_node(edge, "from"), _node(edge, "to"), part(edge["part"])) for edge in fields.objects("edges")
            )
        case _:
            raise ValueError(f"`{fields.name('type')}` is '{kind[:80]}', which is no layer that this version knows")


def _convolution(fields: Fields) -> Convolution:
    kernel, dilation = fields.integer("kernel"), fields.integer("dilation", 1)
    usual = kernel // 2 if dilation == 1 else dilation * (kernel - 1) // 2
    padding = fields.integer("padding", usual, least=0, most=2**32)
    if padding > dilation * (kernel - 1) + 1:
        raise ValueError(f"`{fields.name('padding')}` is {padding}, more than the window of the convolution")
    stride, groups = fields.integer("stride", 1), fields.integer("groups", 1)
    return Convolution(fields.integer("outputs"), kernel, stride, padding, dilation, groups, fields.flag("bias", False))


def _pool(fields: Fields) -> Pool:
    kind: Literal["average", "max"] = fields.word("kind", "average", "max")
    kernel = fields.integer("kernel")
    padding = fields.integer("padding", 0, least=0, most=kernel // 2)
    ceil = fields.flag("ceil", False)
    if kind == "max" and ceil:
        raise ValueError(f"`{fields.name('ceil')}`: a maximum over windows that are partly outside is not supported")
    counts_padding = fields.flag("counts-padding", True)
    return Pool(kind, kernel, fields.integer("stride"), padding, ceil, counts_padding)


def _choice(fields: Fields, depth: int) -> Choice:
    candidates = tuple(
        Candidate(stored.text("name"), parse(stored["layer"], depth + 1)) for stored in fields.objects("candidates")
    )
    if not candidates:
        raise ValueError(f"`{fields.name('candidates')}` is empty")
    if "sharing" not in fields:
        return Choice(fields.text("point"), candidates, None)
    sharing: Literal["slices", "matrices"] = fields.word("sharing", "slices", "matrices")
    return Choice(fields.text("point"), candidates, sharing)


def _node(edge: Fields, key: str) -> int:
    return edge.integer(key, least=0)


def _cell(edges: Iterator[Edge]) -> Cell:
    ordered = tuple(sorted(edges, key=lambda edge: (edge.end, edge.start)))
    reached = {0} | {edge.end for edge in ordered}
    if not ordered or any(edge.start >= edge.end or edge.start not in reached for edge in ordered):
        raise ValueError("the edges of a cell must lead on from node 0 or from a node that an edge leads to")
    if reached != set(range(len(reached))):
        raise ValueError("the nodes of a cell must be numbered without gaps")
    return Cell(ordered)


def children(layer: Layer) -> Iterator[Layer]:
    """The layers that lie directly within a layer, in the order of the computation."""
    match layer:
        case Sequence(parts) | Join(parts):
            yield from (part.layer for part in parts)
        case Gate(body) | Global(body):
            yield body
        case Residual(body, shortcut):
            yield body
            if shortcut:
                yield shortcut.layer
        case Choice(candidates=candidates):
            yield from (candidate.layer for candidate in candidates)
        case Cell(edges):
            yield from (edge.part.layer for edge in edges)


def choices(layer: Layer) -> Iterator[Choice]:
    """Every choice in a layer, in the order of the computation; a point may stand at several places."""
    if isinstance(layer, Choice):
        yield layer
    for child in children(layer):
        yield from choices(child)
