"""The paths of a supernet: which tensors a path takes of the file's, and which parts of them.

A candidate with tensors of its own has them under its number, which the stand-alone network's keys lack. Candidates
that share tensors have those of the largest one: a narrower candidate takes the leading channels of each block, a
smaller window is the middle of a larger one, or what learned matrices make of it, which lie beside the kernel (Cai et
al., "Once-for-All", ICLR 2020, section 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from torch import Tensor

from supernet.layers import (
    BatchNorm,
    Cell,
    Choice,
    Convolution,
    Gate,
    Global,
    Join,
    Layer,
    Linear,
    Residual,
    Sequence,
    SplitAttention,
    choices,
    join,
)
from supernet.layouts import Axis, Layouts, Shape, Stream, outputs

Chooser = Callable[[Choice], Iterable[int]]
"""Says which candidates of a choice are looked at, by their numbers."""


@dataclass(frozen=True)
class Taken:
    """A tensor of a path, taken of a supernet's.

    Attributes:
        key: the key in the stand-alone network.
        source: the key in the supernet.
        whole: the dimensions of the supernet's tensor.
        part: the dimensions of what is taken of it.
        matrices: the keys of the learned matrices on the way from window to window, by the larger and the smaller side.
    """

    key: str
    source: str
    whole: Shape
    part: Shape
    matrices: dict[tuple[int, int], str] = field(default_factory=dict)

    def take(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """Takes the part; a view of the supernet's tensor where it can be one. Gradients lead back to it, and to
        matrices."""
        tensor = tensors[self.source]
        for dimension, (whole, part) in enumerate(zip(self.whole, self.part, strict=True)):
            if whole.kind == "window":
                if not self.matrices:
                    tensor = tensor.narrow(dimension, (whole.size - part.size) // 2, part.size)
            elif part.size < whole.size:
                tensor = _leading(tensor, dimension, part.size, whole.blocks)
        for (side, smaller), key in self.matrices.items():
            start = (side - smaller) // 2
            middle = tensor.narrow(2, start, smaller).narrow(3, start, smaller)
            tensor = (middle.flatten(2) @ tensors[key].T).reshape(middle.shape)
        return tensor


def _leading(tensor: Tensor, dimension: int, count: int, blocks: int) -> Tensor:
    """The leading values of each of several blocks of a dimension, so many in all."""
    if blocks == 1:
        return tensor.narrow(dimension, 0, count)
    shape = list(tensor.shape)
    split = [*shape[:dimension], blocks, shape[dimension] // blocks, *shape[dimension + 1 :]]
    kept = tensor.reshape(split).narrow(dimension + 1, 0, count // blocks)
    return kept.reshape([*shape[:dimension], count, *shape[dimension + 1 :]])


def all_candidates(choice: Choice) -> Iterable[int]:
    """The numbers of all candidates of a choice."""
    return range(len(choice.candidates))


def taken_tensors(backbone: Layer, channels: int, choose: Chooser) -> Iterator[Taken]:
    """The tensors that paths take.

    Args:
        backbone: the layers of a supernet.
        channels: the channels of its images.
        choose: says which candidates are looked at: one of each choice for a path, all for everything that a file must
            hold.

    Raises:
        ValueError: for layers that do not fit together.
    """
    return _Walk(choose).through(backbone, "", "", channels)


class _Walk:
    """The way through the layers of a supernet, with the path in its file and that in the stand-alone network."""

    def __init__(self, choose: Chooser) -> None:
        self.choose = choose
        self.layouts = Layouts()

    def through(self, layer: Layer, source: str, own: str, inputs: int) -> Iterator[Taken]:
        match layer:
            case Convolution() | BatchNorm() | Linear() | SplitAttention():
                for key, axes in self.layouts.of(layer, Stream(inputs)).tensors.items():
                    yield Taken(join(own, key), join(source, key), axes, axes)
            case Sequence(parts):
                for part in parts:
                    yield from self.through(part.layer, join(source, part.key), join(own, part.key), inputs)
                    inputs = outputs(part.layer, inputs)
            case Join(parts):
                for part in parts:
                    yield from self.through(part.layer, join(source, part.key), join(own, part.key), inputs)
            case Gate(body) | Global(body):
                yield from self.through(body, source, own, inputs)
            case Residual(body, shortcut):
                yield from self.through(body, source, own, inputs)
                if shortcut:
                    # Beside a choice it is one layer, whose tensors stand under the number of each candidate.
                    folders = map(str, self.choose(body)) if isinstance(body, Choice) else [""]
                    for folder in folders:
                        place = join(join(source, folder), shortcut.key)
                        yield from self.through(shortcut.layer, place, join(own, shortcut.key), inputs)
            case Cell(edges):
                nodes = {0: inputs}
                for edge in edges:
                    part, entering = edge.part, nodes[edge.start]
                    nodes[edge.end] = outputs(part.layer, entering)
                    yield from self.through(part.layer, join(source, part.key), join(own, part.key), entering)
            case Choice(candidates=candidates, sharing=sharing):
                for number in self.choose(layer):
                    if sharing is None:
                        yield from self.through(candidates[number].layer, join(source, str(number)), own, inputs)
                    elif any(choices(candidates[number].layer)):
                        # A candidate with choices of its own takes no part of a tensor.
                        yield from self.through(candidates[number].layer, source, own, inputs)
                    else:
                        yield from self.shared(layer, number, source, own, inputs)

    def shared(self, choice: Choice, number: int, source: str, own: str, inputs: int) -> Iterator[Taken]:
        """The tensors of a candidate that takes parts of those of the largest one."""
        layouts = [self.layouts.of(candidate.layer, Stream(inputs)).tensors for candidate in choice.candidates]
        whole = layouts[self.layouts.largest(choice, inputs)]
        candidate = choice.candidates[number]
        for key, part in layouts[number].items():
            if key not in whole or not _is_part(whole[key], part):
                raise ValueError(
                    f"candidate '{candidate.name[:80]}' is no part of the largest one, by its tensor `{key}`"
                )
            matrices: dict[tuple[int, int], str] = {}
            if choice.sharing == "matrices" and _is_window(part[-1:]) and part[-1].size < whole[key][-1].size:
                sides = {layout[key][-1].size for layout in layouts if key in layout}
                descending = sorted((side for side in sides if side >= part[-1].size), reverse=True)
                folder = join(source, key).rpartition(".")[0]
                for side, smaller in pairwise(descending):
                    matrices[side, smaller] = join(folder, f"{side}to{smaller}_matrix")
            yield Taken(join(own, key), join(source, key), whole[key], part, matrices)


def _is_window(axes: Shape) -> bool:
    return bool(axes) and axes[0].kind == "window"


def _is_part(whole: Shape, part: Shape) -> bool:
    return len(whole) == len(part) and all(map(_is_part_along, whole, part))


def _is_part_along(whole: Axis, part: Axis) -> bool:
    if whole.size == part.size:
        return True
    if part.size > whole.size or whole.kind != part.kind:
        return False
    match whole.kind:
        case "window":
            return (whole.size - part.size) % 2 == 0
        case "channels":
            return whole.blocks == part.blocks and whole.size % whole.blocks == part.size % part.blocks == 0
        case _:
            return False


def fixed(stored: dict[str, Any], candidate_of: Mapping[str, int]) -> dict[str, Any]:
    """The JSON of a layer with the candidates of a path in place of its choices.

    Args:
        stored: the layer as a card holds it, which was parsed already.
        candidate_of: the number of the candidate by the name of the choice.
    """
    if stored["type"] == "choice":
        return fixed(stored["candidates"][candidate_of[stored["point"]]]["layer"], candidate_of)

    def part(stored: dict[str, Any]) -> dict[str, Any]:
        return stored | {"layer": fixed(stored["layer"], candidate_of)}

    made = dict(stored)
    if made.get("body") is not None:
        made["body"] = fixed(made["body"], candidate_of)
    if made.get("shortcut") is not None:
        made["shortcut"] = part(made["shortcut"])
    if made.get("parts") is not None:
        made["parts"] = [part(one) for one in made["parts"]]
    if made.get("edges") is not None:
        made["edges"] = [edge | {"part": part(edge["part"])} for edge in made["edges"]]
    return made
