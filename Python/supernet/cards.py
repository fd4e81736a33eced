"""The cards of files: what a network is, how images are prepared for it, and what its outputs mean.

A card is JSON in the metadata of a safetensors file. It is read here into typed values and checked, so that nothing
that uses a network has to.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor

from supernet.errors import FileError
from supernet.fields import Fields
from supernet.layers import Choice, Layer, choices, parse

CARD_KEY = "supernet.card"
"""The metadata key of a network's card."""
VERSION_08_KEY = "supernet.task"
"""The metadata key under which version 0.8 wrote the cards of networks without classes."""
SUPERNET_KEY = "supernet.supernet-card"
"""The metadata key of a supernet's card."""
CLASSIFICATION = "classification"
"""The task of cards that name none."""
MAX_SIDE = 16_384
"""The longest side of an image that is prepared, in pixels."""


@dataclass(frozen=True)
class Step:
    """A step that gives images their size.

    Attributes:
        kind: `resize` scales the shorter side to a length, `stretch` the whole image to a size, `center-crop` cuts a
            size out of the middle, and `within` scales the shorter side to the height of `size`, or the longer side to
            its width where it would exceed that.
        size: height and width in pixels; of a `resize` both are the length.
    """

    kind: Literal["resize", "stretch", "center-crop", "within"]
    size: tuple[int, int]


@dataclass(frozen=True)
class Preparation:
    """How images are prepared.

    Attributes:
        channels: the channels of the images, 1 or 3; other numbers are for networks of other data.
        image_size: height and width of what the network takes, in pixels.
        mean: what is subtracted from values in 0...1, one number or one for each channel.
        std: what is then divided by.
        steps: the steps that give images their size, in this order.
        upright: whether images are first turned as their EXIF says.
    """

    channels: int
    image_size: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    steps: tuple[Step, ...]
    upright: bool


@dataclass(frozen=True)
class Head:
    """What stands on the features of a network.

    Attributes:
        kind: `linear`, a matrix product with bias; `neck`, batch norm, which gives embeddings; `map`, nothing, as the
            layers end in the map of logits; `detector`; or `none`, where the features themselves come out.
        outputs: the number of outputs; of a detector the number of classes.
        detector: what the card says of a detector; none for other heads.
    """

    kind: Literal["linear", "neck", "map", "detector", "none"]
    outputs: int
    detector: Fields | None = None

    def reads(self, key: str) -> bool:
        """Whether a network with this head has a tensor of this key; files may hold others, which only training
        uses."""
        if not key.startswith("fc."):
            return True
        match self.kind:
            case "linear":
                return key in ("fc.weight", "fc.bias")
            case "neck":
                return key.startswith("fc.neck.")
            case "detector":
                return True
            case _:
                return False


@dataclass(frozen=True)
class Card:
    """The card of a network.

    Attributes:
        stored: the card as it stands in the file, as a dictionary.
        task: the name of the task, such as `classification`.
        classes: the names of the classes in the order of the outputs; empty where the outputs are no classes.
        backbone: the layers up to the head.
        head: what stands on them.
        preparation: how images are prepared.
        base: for segmentation the longer side of whole images, in pixels.
    """

    stored: dict[str, Any]
    task: str
    classes: tuple[str, ...]
    backbone: Layer
    head: Head
    preparation: Preparation
    base: int


@dataclass(frozen=True)
class SupernetCard:
    """The card of a supernet.

    Attributes:
        stored: the card as it stands in the file, as a dictionary.
        task: the name of the task that it learned.
        classes: the names of the classes of the images that it learned from.
        backbone: the layers with their choices.
        space: the names of the choices, each with those of its candidates, in the order of the computation.
        preparation: how images are prepared.
    """

    stored: dict[str, Any]
    task: str
    classes: tuple[str, ...]
    backbone: Layer
    space: dict[str, list[str]]
    preparation: Preparation


@contextmanager
def naming(path: str, what: str = "network") -> Iterator[None]:
    """Turns what is wrong with a card into a `FileError` that names the file."""
    try:
        yield
    except FileError:
        raise
    except RecursionError as error:
        raise FileError(f"{path}: its description of the {what} cannot be used: it is too deep") from error
    except (ValueError, OverflowError, RuntimeError) as error:
        raise FileError(f"{path}: its description of the {what} cannot be used: {error}") from error


def network_card(path: str, metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> Card:
    """Reads the card of a network's file.

    Args:
        path: the file, for messages.
        metadata: the metadata of the file.
        tensors: its tensors, by which the heads of the oldest files are known.

    Raises:
        FileError: for a file without such a card, or with one that makes no sense.
    """
    with naming(path):
        if text := metadata.get(CARD_KEY):
            return parse_card(json.loads(text))
        if text := metadata.get(VERSION_08_KEY):
            return parse_card(_from_version_08(json.loads(text), tensors))
    if SUPERNET_KEY in metadata:
        raise FileError(f"{path} is a supernet, which holds many networks: supernet.load_supernet opens it")
    raise FileError(f"{path} holds tensors but no card: it is no network that supernet wrote")


def supernet_card(path: str, metadata: Mapping[str, str]) -> SupernetCard:
    """Reads the card of a supernet's file.

    Raises:
        FileError: for a file without such a card, or with one that makes no sense.
    """
    if text := metadata.get(SUPERNET_KEY):
        with naming(path, "supernet"):
            return _parse_supernet(json.loads(text))
    if CARD_KEY in metadata or VERSION_08_KEY in metadata:
        raise FileError(f"{path} is a single network, and no supernet: supernet.load opens it")
    raise FileError(f"{path} holds tensors but no card: it is no supernet that supernet wrote")


def parse_card(stored: object) -> Card:
    """Reads the card of a network.

    Raises:
        ValueError: for a card that makes no sense.
    """
    card = Fields(stored)
    network = card["network"]
    head = _head(card, network)
    classes = tuple(card.texts("classNames"))
    task = card.text("task", CLASSIFICATION)
    if (task == CLASSIFICATION or classes) and len(classes) != head.outputs:
        raise ValueError(f"`classNames` has {len(classes)} names, but there are {head.outputs} outputs")
    preparation = _preparation(card, network.integer("channels"))
    base = card.integer("base", max(preparation.image_size), most=MAX_SIDE)
    within = preparation.steps[0].kind == "within"
    if within != (head.kind == "detector"):
        raise ValueError("detectors, and no other networks, take images of several sizes, by the one step `within`")
    return Card(card.values, task, classes, parse(network["backbone"]), head, preparation, base)


def _head(card: Fields, network: Fields) -> Head:
    stored = card.optional("head")
    if stored is None:
        classes = network.integer("classes", least=0)
        return Head("linear", classes) if classes else Head("none", 0)
    outputs = stored.integer("outputs")
    kind: Literal["linear", "neck", "map", "detector"] = stored.word("kind", "linear", "neck", "map", "detector")
    return Head(kind, outputs, stored["detector"] if kind == "detector" else None)


def _from_version_08(stored: object, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """The card of today for one of version 0.8, which held task, head and network beside each other; of the head it did
    not always say anything, and as classes it counted the features."""
    old = Fields(stored)
    head = old.values.get("head")
    if head is None:
        key = next((key for key in ("fc.neck.weight", "fc.weight") if key in tensors), None)
        if key is None:
            raise ValueError("its head is missing: neither `fc.weight` nor `fc.neck.weight` is among its tensors")
        head = {"kind": "linear" if key == "fc.weight" else "neck", "outputs": len(tensors[key])}
    return old["network"].values | {"task": old.text("task"), "head": head, "classNames": []}


def _preparation(card: Fields, channels: int) -> Preparation:
    size = card.size("imageSize", most=MAX_SIDE)
    values = {key: tuple(card.numbers(key)) for key in ("mean", "std")}
    for key, numbers in values.items():
        # One channel may have several values, those of the colours that it was made of.
        if len(numbers) not in (1, channels) and not (channels == 1 and numbers):
            raise ValueError(f"`{key}` has {len(numbers)} values, but images have {channels} channels")
        for number in numbers:
            single = _single(number)
            if not math.isfinite(single) or (key == "std" and not single > 0):
                raise ValueError(
                    f"`{key}` has the value {number}; images are normalised by finite numbers, std above 0"
                )
    steps = tuple(_steps(card, size))
    if not steps:
        raise ValueError("`steps` is empty")
    orientation = card.word("orientation", "exif", "ignore", default="ignore")
    return Preparation(channels, size, values["mean"], values["std"], steps, orientation == "exif")


def _single(number: float) -> float:
    """The 32-bit number that the network computes with; infinite where there is none."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    except OverflowError:
        return math.inf


def _steps(card: Fields, size: tuple[int, int]) -> Iterator[Step]:
    if "steps" not in card:
        # Files of before have `resize` or nothing, and mean the middle; whatever is not square was stretched.
        if size[0] != size[1]:
            yield Step("stretch", size)
            return
        side = max(card.integer("resize", size[0], most=MAX_SIDE), size[0])
        yield Step("resize", (side, side))
        yield Step("center-crop", size)
        return
    for step in card.objects("steps"):
        names = list(step.values)
        if len(names) != 1:
            raise ValueError(f"`{step.place}` is no single step")
        stated = step.size(names[0], most=MAX_SIDE)
        match names[0]:
            case "stretch" | "center-crop" | "within" as kind:
                yield Step(kind, stated)
            case "resize" if stated[0] == stated[1]:
                yield Step("resize", stated)
            case kind:
                raise ValueError(f"`{step.place}` wants '{kind[:80]}', a step that this version does not know")


def _parse_supernet(stored: object) -> SupernetCard:
    card = Fields(stored)
    supernet = card["supernet"]
    backbone = parse(supernet["backbone"])
    preparation = _preparation(card, supernet.integer("channels"))
    space: dict[str, list[str]] = {}
    for choice in choices(backbone):
        names = _names(choice)
        if space.setdefault(choice.point, names) != names:
            raise ValueError(f"choice '{choice.point[:80]}' has different candidates at two places")
    if not space:
        raise ValueError("it has no choices")
    task = card.text("task", CLASSIFICATION)
    return SupernetCard(card.values, task, tuple(card.texts("classNames")), backbone, space, preparation)


def _names(choice: Choice) -> list[str]:
    names = [candidate.name for candidate in choice.candidates]
    if len(set(names)) < len(names):
        raise ValueError(f"choice '{choice.point[:80]}' has two candidates of one name")
    return names
