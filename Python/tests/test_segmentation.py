"""The class of each pixel of whole images, against recorded scores and by their colours."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from making import card, network_file, part, sequence

import supernet
from supernet.cards import Preparation, Step
from supernet.files import read_tensors
from supernet.predictions import SegmentationPrediction
from supernet.segmentation import class_of_each_pixel, scaled_size, scores


def test_sizes_follow_the_longer_side() -> None:
    assert scaled_size(100, 50, 60) == (60, 30)
    assert scaled_size(50, 101, 60) == (30, 60)
    assert scaled_size(1, 1000, 60) == (1, 60)


def test_scores_are_those_recorded(goldens: Path) -> None:
    """A convolution looks at an image through windows, at three scales and mirrored, as it is written down pixel by
    pixel in float64."""
    held = read_tensors(goldens / "segmenting.safetensors").tensors
    weight, bias = held["windows/param.conv.weight"], held["windows/param.conv.bias"]
    preparation = Preparation(
        3, (24, 24), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), (Step("stretch", (24, 24)),), False
    )

    def network(x: torch.Tensor) -> torch.Tensor:
        def logits(x: torch.Tensor) -> torch.Tensor:
            x = torch.nn.functional.conv2d(x, weight, bias, stride=2, padding=1)
            return torch.nn.functional.interpolate(x, (24, 24), mode="bilinear", align_corners=True)

        return logits(x) + logits(x.flip(3)).flip(3)

    found = [
        scores(network, held["windows/input.image"], preparation, math.ceil(41 * scale), torch.device("cpu"))
        for scale in (0.5, 1.0, 1.5)
    ]
    assert torch.allclose(torch.stack(found).sum(0)[0], held["windows/output.sums"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("height", "width"), [(40, 64), (64, 40), (7, 9), (64, 10), (90, 90)])
def test_classes_follow_the_colours(height: int, width: int) -> None:
    """A network that tells how red, green and blue a position is labels the parts of an image by their colours."""
    preparation = Preparation(3, (16, 16), (0.5,), (0.25,), (Step("stretch", (16, 16)),), False)
    pixels = torch.zeros(height, width, 3, dtype=torch.uint8)
    thirds = width // 3
    for label in range(3):
        pixels[:, label * thirds : (label + 1) * thirds if label < 2 else width, label] = 255
    windows: list[torch.Size] = []

    def network(x: torch.Tensor) -> torch.Tensor:
        windows.append(x.shape)
        return x[:, :, ::2, ::2] * 5

    found = class_of_each_pixel(network, pixels, preparation, 40, torch.device("cpu"))
    assert found.shape == (height, width) and found.dtype == torch.uint8
    assert all(shape[1:] == (3, 16, 16) for shape in windows)
    for label in range(3):
        assert int(found[height // 2, label * thirds + thirds // 2]) == label


def test_a_network_gives_shares_and_a_mask(tmp_path: Path) -> None:
    layers = sequence(part("head", {"type": "convolution", "outputs": 3, "kernel": 1}))
    stored = card(layers, task="segmentation", head={"kind": "map", "outputs": 3}, classNames=["red", "green", "blue"])
    stored["network"]["classes"] = 0
    tensors = {"head.weight": 5 * torch.eye(3)[:, :, None, None]}
    network = supernet.load(network_file(tmp_path / "a.safetensors", stored, tensors))
    assert network(torch.randn(1, 3, 8, 8)).shape == (1, 3, 8, 8)
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, :6, 2] = image[:, 6:, 0] = 255
    found = network.predict(image)
    assert isinstance(found, SegmentationPrediction)
    assert found.shares == {"blue": 0.75, "red": 0.25}
    assert list(found.shares) == ["blue", "red"]
    assert found.mask.shape == (8, 8) and found.mask[0].tolist() == [2] * 6 + [0] * 2
