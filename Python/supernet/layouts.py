"""The tensors of layers as data: their keys, their shapes and what lies along each of their dimensions.

From this follows which part of a tensor a narrower layer takes of a wider one's. Channels consist of blocks, of each of
which a narrower layer keeps the leading ones: the groups of a convolution stay whole that way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from supernet.layers import (
    Activation,
    BatchNorm,
    Cell,
    Choice,
    Convolution,
    Dropout,
    Gate,
    Global,
    GlobalPool,
    Identity,
    Join,
    Layer,
    Linear,
    Pad,
    Part,
    Pool,
    Residual,
    Resize,
    Sequence,
    SplitAttention,
    Squeeze,
    Tap,
    Zero,
    join,
)
from supernet.modules import attention_width


@dataclass(frozen=True)
class Axis:
    """One dimension of a tensor.

    Attributes:
        size: the number of values along it.
        kind: what they are: channels, of which a narrower layer takes the leading ones of each block; the positions of
            a window, of which it takes the middle; or anything else.
        blocks: the number of blocks that channels consist of.
    """

    size: int
    kind: Literal["channels", "window", "other"]
    blocks: int = 1


Shape = tuple[Axis, ...]
"""The dimensions of a tensor; none for a single number."""


def values(tensors: dict[str, Shape]) -> int:
    """The number of values of tensors."""
    return sum(math.prod(axis.size for axis in axes) for axes in tensors.values())


@dataclass(frozen=True)
class Stream:
    """The channels between two layers: their number, and the number of blocks that they consist of."""

    size: int
    blocks: int = 1

    @property
    def axis(self) -> Axis:
        """A dimension of these channels."""
        return Axis(self.size, "channels", self.blocks)


@dataclass(frozen=True)
class Layout:
    """The tensors of a layer by their keys under it, and the channels that come out.

    Of a choice whose candidates share tensors they are those of the largest one, of any other choice those of all
    candidates under their numbers.
    """

    tensors: dict[str, Shape]
    output: Stream


class Layouts:
    """Lays out layers. What was laid out is kept, as choices within choices ask for the same layers again and again."""

    def __init__(self) -> None:
        # By the identity of a layer, which is kept with its layout so that no other one takes it.
        self._known: dict[tuple[int, Stream, int], tuple[Layer, Layout]] = {}

    def of(self, layer: Layer, inputs: Stream, wanted: int = 1) -> Layout:
        """Lays out a layer.

        Args:
            layer: the layer.
            inputs: the channels that come in.
            wanted: the number of blocks that what follows needs its channels in.

        Raises:
            ValueError: for layers that do not fit together.
        """
        key = (id(layer), inputs, wanted)
        if key not in self._known:
            tensors: dict[str, Shape] = {}
            output = self._through(layer, inputs, "", wanted, tensors)
            self._known[key] = layer, Layout(tensors, output)
        return self._known[key][1]

    def largest(self, choice: Choice, inputs: int) -> int:
        """The number of the candidate whose tensors the others share; of equal ones the last."""
        sizes = [values(self.of(candidate.layer, Stream(inputs)).tensors) for candidate in choice.candidates]
        return max(range(len(sizes)), key=lambda number: (sizes[number], number))

    def _through(self, layer: Layer, inputs: Stream, path: str, wanted: int, tensors: dict[str, Shape]) -> Stream:
        """Adds the tensors of a layer; the result is the channels that come out."""
        match layer:
            case Convolution():
                return _convolution(layer, inputs, path, wanted, tensors)
            case BatchNorm():
                _add_norm(path, inputs.axis, tensors)
                return inputs
            case Linear(outputs):
                _add_weights(path, Axis(outputs, "channels"), inputs.axis, None, True, tensors)
                return Stream(outputs)
            case SplitAttention():
                return _split_attention(layer, inputs, path, tensors)
            case Activation() | Pad() | Pool() | GlobalPool() | Squeeze() | Resize() | Dropout() | Tap():
                return inputs
            case Identity() | Zero():
                return inputs
            case Global(body):
                return self._through(body, inputs, path, wanted, tensors)
            case Gate(body):
                self._through(body, inputs, path, inputs.blocks, tensors)
                return inputs
            case Join(parts):
                return Stream(sum(self._part(part, inputs, path, 1, tensors).size for part in parts))
            case Sequence(parts):
                for part, needed in zip(parts, _blocks_behind(parts, inputs.size, wanted), strict=True):
                    inputs = self._part(part, inputs, path, needed, tensors)
                return inputs
            case Residual(body, shortcut):
                self._through(body, inputs, path, wanted, tensors)
                return self._part(shortcut, inputs, path, wanted, tensors) if shortcut else inputs
            case Cell(edges):
                nodes = {0: inputs}
                for edge in edges:
                    made = self._part(edge.part, nodes[edge.start], path, wanted, tensors)
                    nodes.setdefault(edge.end, made)
                return nodes[max(nodes)]
            case Choice(candidates=candidates, sharing=sharing):
                if sharing:
                    largest = candidates[self.largest(layer, inputs.size)].layer
                    return self._through(largest, inputs, path, wanted, tensors)
                made = inputs
                for number, candidate in enumerate(candidates):
                    made = self._through(candidate.layer, inputs, join(path, str(number)), wanted, tensors)
                return made
            case _:
                raise TypeError(f"`{path}` is no layer")

    def _part(self, part: Part, inputs: Stream, path: str, wanted: int, tensors: dict[str, Shape]) -> Stream:
        return self._through(part.layer, inputs, join(path, part.key), wanted, tensors)


def _add_norm(path: str, channels: Axis, tensors: dict[str, Shape]) -> None:
    for name in ("weight", "bias", "running_mean", "running_var"):
        tensors[join(path, name)] = (channels,)
    tensors[join(path, "num_batches_tracked")] = ()


def _add_weights(
    path: str, outputs: Axis, inputs: Axis, kernel: int | None, bias: bool, tensors: dict[str, Shape]
) -> None:
    window = (Axis(kernel, "window"),) * 2 if kernel else ()
    tensors[join(path, "weight")] = (outputs, inputs, *window)
    if bias:
        tensors[join(path, "bias")] = (outputs,)


def _reads(inputs: Stream, groups: int) -> Axis:
    """The dimension by which a convolution reads its input: each of its groups has a block of its own."""
    if inputs.size % groups:
        raise ValueError(f"{inputs.size} channels cannot be divided into {groups} groups")
    return inputs.axis if groups == 1 else Axis(inputs.size // groups, "channels")


def _convolution(layer: Convolution, inputs: Stream, path: str, wanted: int, tensors: dict[str, Shape]) -> Stream:
    if layer.is_depthwise(inputs.size):
        output, reads = inputs, Axis(1, "other")
    else:
        blocks = math.lcm(layer.groups, max(wanted, 1))
        output = Stream(layer.outputs, blocks if layer.outputs % blocks == 0 else layer.groups)
        reads = _reads(inputs, layer.groups)
    _add_weights(path, output.axis, reads, layer.kernel, layer.bias, tensors)
    return output


def _split_attention(layer: SplitAttention, inputs: Stream, path: str, tensors: dict[str, Shape]) -> Stream:
    """The first convolution gives the splits one after another, each of as many blocks as there are groups."""
    radix, groups = layer.radix, layer.cardinality
    output = Stream(inputs.size, groups)
    splits = Axis(inputs.size * radix, "channels", radix * groups)
    reduced = Stream(attention_width(inputs.size, radix, groups), groups)
    _add_weights(join(path, "conv"), splits, _reads(inputs, radix * groups), 3, False, tensors)
    _add_norm(join(path, "bn0"), splits, tensors)
    _add_weights(join(path, "fc1"), reduced.axis, _reads(output, groups), 1, True, tensors)
    _add_norm(join(path, "bn1"), reduced.axis, tensors)
    _add_weights(join(path, "fc2"), splits, _reads(reduced, groups), 1, True, tensors)
    return output


def outputs(layer: Layer, inputs: int) -> int:
    """The number of channels or features that come out of a layer."""
    match layer:
        case Convolution(outputs=count) | Linear(outputs=count):
            return count
        case Sequence(parts):
            for part in parts:
                inputs = outputs(part.layer, inputs)
            return inputs
        case Residual(body) | Global(body):
            return outputs(body, inputs)
        case Choice(candidates=candidates):  # all candidates give the same
            return outputs(candidates[0].layer, inputs)
        case Join(parts):
            return sum(outputs(part.layer, inputs) for part in parts)
        case Cell(edges):
            nodes = {0: inputs}
            for edge in edges:
                nodes[edge.end] = outputs(edge.part.layer, nodes[edge.start])
            return nodes[max(nodes)]
        case _:
            return inputs


def _blocks_wanted(layer: Layer, inputs: int) -> int | None:
    """The number of blocks that a layer needs its channels in; none where it passes them on as they are."""
    match layer:
        case Convolution():
            return None if layer.is_depthwise(inputs) else layer.groups
        case SplitAttention(radix, cardinality):
            return radix * cardinality if radix * cardinality <= 65_536 else 1
        case Linear() | GlobalPool() | Choice() | Cell() | Join():
            return 1
        case Global(body) | Residual(body):
            return _blocks_wanted(body, inputs) or 1
        case Gate(body):
            # What weighs the channels wants them in blocks only where it has groups itself.
            blocks = _blocks_wanted(body, inputs)
            return blocks if blocks and blocks > 1 else None
        case Sequence(parts):
            for part in parts:
                blocks = _blocks_wanted(part.layer, inputs)
                if blocks is not None:
                    return blocks
                inputs = outputs(part.layer, inputs)
            return None
        case _:
            return None


def _blocks_behind(parts: tuple[Part, ...], inputs: int, wanted: int) -> list[int]:
    """The number of blocks that what follows each part of a sequence needs its channels in."""
    own = []
    for part in parts:
        own.append(_blocks_wanted(part.layer, inputs))
        inputs = outputs(part.layer, inputs)
    needed = []
    for blocks in reversed(own):
        needed.append(wanted)
        wanted = blocks if blocks is not None else wanted
    return needed[::-1]
