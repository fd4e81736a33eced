"""What a network says of an image, as small typed values, and how its outputs are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from supernet.cards import Card
from supernet.errors import SupernetError

GENDERS: tuple[Literal["male"], Literal["female"]] = ("male", "female")
"""The genders in the order of the outputs, as the labels of UTKFace have them."""


@dataclass(frozen=True)
class ClassProbability:
    """A class with its probability, from 0 to 1, by the softmax of the logits."""

    name: str
    probability: float


@dataclass(frozen=True)
class ClassPrediction:
    """The likeliest classes of an image, the likeliest first."""

    classes: list[ClassProbability]

    @property
    def name(self) -> str:
        """The name of the likeliest class."""
        return self.classes[0].name

    @property
    def probability(self) -> float:
        """The probability of the likeliest class, from 0 to 1."""
        return self.classes[0].probability


@dataclass(frozen=True)
class AgePrediction:
    """The expected age in years: the mean of the distribution over whole years (Rothe et al., 2015)."""

    years: float


@dataclass(frozen=True)
class AgeAndGenderPrediction:
    """The expected age in years, and the likelier gender with its probability, from 0 to 1."""

    years: float
    gender: Literal["male", "female"]
    probability: float


@dataclass(frozen=True, eq=False)
class EmbeddingPrediction:
    """The embedding of an image, [F], to be compared with others."""

    embedding: Tensor

    def similarity(self, other: EmbeddingPrediction) -> float:
        """The cosine of the angle between two embeddings, from -1 to 1, by which images are compared."""
        return float(F.cosine_similarity(self.embedding, other.embedding, dim=0))


@dataclass(frozen=True, eq=False)
class SegmentationPrediction:
    """The class of each pixel.

    Attributes:
        shares: the share of the pixels of each class that occurs, by its name, the largest first.
        mask: the number of the class of each pixel of the image, [H, W], uint8.
    """

    shares: dict[str, float]
    mask: Tensor


@dataclass(frozen=True, eq=False)
class FoundObject:
    """An object in an image.

    Attributes:
        name: the name of its class.
        probability: the probability of the class, from 0 to 1.
        box: x0, y0, x1 and y1 in pixels of the image.
        mask: the probability that each of 28 x 28 parts of the box is the object, [28, 28]; none without masks.
    """

    name: str
    probability: float
    box: tuple[float, float, float, float]
    mask: Tensor | None = None

    def pixels(self, height: int, width: int) -> Tensor | None:
        """The pixels of the object in its image, [height, width], bool: those at which the mask, sampled bilinearly
        with zeros around it, is at least a half. None without a mask."""
        if self.mask is None:
            return None
        x0, y0, x1, y1 = torch.tensor(self.box)
        rows, columns = self.mask.shape
        low_y, dy, no_row = _samples(height, y0, y1 - y0, rows)
        low_x, dx, no_column = _samples(width, x0, x1 - x0, columns)
        padded = F.pad(self.mask.cpu(), (1, 1, 1, 1))
        dy = dy[:, None]
        upper, lower = padded[low_y + 1], padded[low_y + 2]
        sampled = (1 - dy) * ((1 - dx) * upper[:, low_x + 1] + dx * upper[:, low_x + 2])
        sampled = sampled + dy * ((1 - dx) * lower[:, low_x + 1] + dx * lower[:, low_x + 2])
        return (sampled >= 0.5) & ~(no_row[:, None] | no_column)


def _samples(count: int, start: Tensor, length: Tensor, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """Where the pixels of one axis lie in a mask: the part before each, the share of the part behind it, and whether
    the pixel lies outside."""
    at = (torch.arange(count, dtype=torch.float32) + 0.5 - start) / length * side - 0.5
    low = at.floor()
    outside = ~((low >= -1) & (low < side))
    return low.clamp(-1, side - 1).long(), at - low, outside


@dataclass(frozen=True, eq=False)
class DetectionPrediction:
    """The objects in an image, the surest first."""

    objects: list[FoundObject]


Prediction = (
    ClassPrediction
    | AgePrediction
    | AgeAndGenderPrediction
    | EmbeddingPrediction
    | SegmentationPrediction
    | DetectionPrediction
)
"""What any network may say of an image."""


def read_outputs(card: Card, outputs: Tensor, top: int) -> Prediction:
    """Reads the outputs of a network for one image.

    Args:
        card: the card of the network, whose head is a linear layer or a neck.
        outputs: the outputs [K], on the CPU.
        top: the most classes.

    Raises:
        SupernetError: for a network whose outputs mean nothing that is known here.
        ValueError: for `top` below 1.
    """
    if top < 1:
        raise ValueError(f"top is {top}; the number of classes is at least 1")
    if not outputs.isfinite().all():
        raise SupernetError("the network gives outputs that are no finite numbers for this image")
    if card.head.kind == "neck":
        return EmbeddingPrediction(outputs)
    if card.classes:
        best = outputs.softmax(0).topk(min(top, len(outputs)))
        places = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return ClassPrediction([ClassProbability(card.classes[place], probability) for place, probability in places])
    match card.task:
        case "age":
            return AgePrediction(_years(outputs))
        case "age-and-gender" if len(outputs) > 2:
            probability, best_gender = outputs[-2:].softmax(0).max(0)
            return AgeAndGenderPrediction(_years(outputs[:-2]), GENDERS[int(best_gender)], float(probability))
    if card.head.kind == "none":
        raise SupernetError("the network has no head: its outputs are features, which say nothing by themselves")
    raise SupernetError(f"the task is '{card.task}', whose outputs this version cannot read; call the network itself")


def _years(logits: Tensor) -> float:
    """The mean of a distribution over the years from 0 on, by its logits."""
    return float((logits.softmax(0) * torch.arange(len(logits))).sum())
