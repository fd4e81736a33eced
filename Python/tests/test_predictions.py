"""What outputs mean, and the pixels of objects."""

from __future__ import annotations

import math

import pytest
import torch
from making import backbone, card

from supernet.cards import Card, parse_card
from supernet.errors import SupernetError
from supernet.predictions import (
    AgeAndGenderPrediction,
    AgePrediction,
    ClassPrediction,
    EmbeddingPrediction,
    FoundObject,
    read_outputs,
)


def made(task: str, outputs: int, kind: str = "linear", names: list[str] | None = None) -> Card:
    return parse_card(card(backbone(), task=task, classNames=names or [], head={"kind": kind, "outputs": outputs}))


def test_classes_are_told_by_their_probability() -> None:
    found = read_outputs(made("classification", 3, names=["a", "b", "c"]), torch.tensor([0.0, math.log(3), 0.0]), 2)
    assert isinstance(found, ClassPrediction)
    assert found.name == "b" and found.probability == pytest.approx(0.6)
    assert len(found.classes) == 2


def test_ages_are_means_over_years() -> None:
    found = read_outputs(made("age", 3), torch.tensor([0.0, -100.0, 0.0]), 1)
    assert isinstance(found, AgePrediction) and found.years == pytest.approx(1.0)
    found = read_outputs(made("age-and-gender", 5), torch.tensor([-100.0, -100.0, 0.0, 0.0, math.log(3)]), 1)
    assert isinstance(found, AgeAndGenderPrediction) and found.gender == "female"
    assert (found.years, found.probability) == pytest.approx((2.0, 0.75))


def test_embeddings_are_compared_by_their_angle() -> None:
    a = read_outputs(made("re-identification", 2, "neck"), torch.tensor([3.0, 0.0]), 1)
    b = read_outputs(made("re-identification", 2, "neck"), torch.tensor([1.0, 1.0]), 1)
    assert isinstance(a, EmbeddingPrediction) and isinstance(b, EmbeddingPrediction)
    assert a.similarity(b) == pytest.approx(math.sqrt(0.5))


def test_outputs_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(SupernetError, match="no finite numbers"):
        read_outputs(made("age", 3), torch.tensor([0.0, math.nan, 0.0]), 1)
    with pytest.raises(SupernetError, match="the task is 'age-and-gender'"):
        read_outputs(made("age-and-gender", 2), torch.zeros(2), 1)


def test_masks_become_pixels() -> None:
    mask = torch.zeros(28, 28)
    mask[:, 14:] = 1
    pixels = FoundObject("a", 1.0, (2.0, 3.0, 30.0, 31.0), mask).pixels(40, 50)
    assert pixels is not None and pixels.shape == (40, 50)
    assert pixels[3:31, 16:30].all() and int(pixels.sum()) == 28 * 14
    assert FoundObject("a", 1.0, (0.0, 0.0, 1.0, 1.0)).pixels(4, 4) is None


def test_masks_are_sampled_as_they_are_written_down() -> None:
    """Against the formula, one pixel after the other."""
    torch.manual_seed(0)
    mask, (x0, y0, x1, y1) = torch.rand(28, 28), (3.3, 1.7, 17.9, 12.2)
    pixels = FoundObject("a", 1.0, (x0, y0, x1, y1), mask).pixels(15, 20)
    assert pixels is not None

    def value(row: int, column: int) -> float:
        return float(mask[row, column]) if 0 <= row < 28 and 0 <= column < 28 else 0.0

    for y in range(15):
        for x in range(20):
            v, u = (y + 0.5 - y0) / (y1 - y0) * 28 - 0.5, (x + 0.5 - x0) / (x1 - x0) * 28 - 0.5
            row, column = math.floor(v), math.floor(u)
            dy, dx = v - row, u - column
            upper = (1 - dx) * value(row, column) + dx * value(row, column + 1)
            lower = (1 - dx) * value(row + 1, column) + dx * value(row + 1, column + 1)
            sample = (1 - dy) * upper + dy * lower
            if abs(sample - 0.5) > 1e-4:
                assert bool(pixels[y, x]) == (sample > 0.5)
