"""The preparation of images, step by step."""

from __future__ import annotations

import pytest
import torch
from making import backbone, card

from supernet.cards import Preparation, parse_card
from supernet.preparation import prepared, smallest_side, within


def preparation(steps: list[dict[str, object]], size: object = 8, channels: int = 3, mean: object = 0) -> Preparation:
    stored = card(backbone(), steps=steps, imageSize=size, mean=mean if isinstance(mean, list) else [0], std=[1])
    stored["network"]["channels"] = channels
    return parse_card(stored).preparation


def test_the_shorter_side_is_scaled_and_the_middle_cut_out() -> None:
    pixels = torch.zeros(20, 41, 3, dtype=torch.uint8)
    pixels[:, 10:31] = 255
    x = prepared(pixels, preparation([{"resize": 10}, {"center-crop": 8}]))
    assert x.shape == (1, 3, 8, 8)
    assert torch.allclose(x, torch.ones(1))


@pytest.mark.parametrize(("height", "width"), [(3, 11), (11, 3), (1, 40)])
def test_sides_are_those_of_the_step(height: int, width: int) -> None:
    pixels = torch.zeros(height, width, 3, dtype=torch.uint8)
    long = 8 * max(height, width) // min(height, width)
    expected = (1, 3, *((8, long) if height < width else (long, 8)))
    assert prepared(pixels, preparation([{"resize": 8}])).shape == expected
    assert prepared(pixels, preparation([{"stretch": [5, 6]}], [5, 6])).shape == (1, 3, 5, 6)


def test_what_is_missing_of_a_crop_is_black() -> None:
    x = prepared(torch.full((2, 5, 3), 255, dtype=torch.uint8), preparation([{"center-crop": 4}], 4))
    assert x[0, 0].tolist() == [[0] * 4, [1] * 4, [1] * 4, [0] * 4]


def test_halves_of_a_crop_go_to_the_even_number() -> None:
    pixels = torch.arange(7, dtype=torch.uint8)[None, :, None].expand(1, 7, 3)
    x = prepared(pixels, preparation([{"center-crop": [1, 4]}], [1, 4])) * 255
    assert x[0, 0, 0].round().tolist() == [2, 3, 4, 5]


def test_values_are_normalised_by_channel() -> None:
    pixels = torch.full((8, 8, 3), 255, dtype=torch.uint8)
    x = prepared(pixels, preparation([{"stretch": 8}], mean=[0.25, 0.5, 1.0]))
    assert x[0, :, 0, 0].tolist() == [0.75, 0.5, 0.0]
    x = prepared(pixels[..., :1], preparation([{"stretch": 8}], channels=1, mean=[0.25, 0.5, 0.75]))
    assert x[0, :, 0, 0].tolist() == [0.5]  # the average of three stands for grey


def test_large_photographs_may_be_decoded_smaller_unless_they_are_cut() -> None:
    assert smallest_side(preparation([{"resize": 10}, {"center-crop": 8}])) == 20
    assert smallest_side(preparation([{"stretch": [8, 6]}], [8, 6])) == 16
    assert smallest_side(preparation([{"center-crop": 8}])) == 0


@pytest.mark.parametrize(
    ("size", "expected"),
    [((480, 640), (800, 1067)), ((640, 480), (1067, 800)), ((100, 1000), (133, 1333)), ((1, 5000), (1, 1333))],
)
def test_sizes_within_limits_are_those_of_detectron2(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert within(size, 800, 1333) == expected
