"""Detectors: their parts against the formulae, and a whole one of random weights."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from making import card, convolution, network_file, part, sequence
from torch import Tensor

import supernet
from supernet.cards import parse_card
from supernet.detector import pooled, suppressed
from supernet.loading import empty
from supernet.predictions import DetectionPrediction, FoundObject


def overlap(a: list[float], b: list[float]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def test_boxes_that_surer_ones_overlap_are_dropped() -> None:
    torch.manual_seed(0)
    corners = torch.rand(40, 2) * 20
    boxes, scores = torch.cat([corners, corners + 5 + torch.rand(40, 2) * 10], 1), torch.rand(40)
    kept: list[int] = []
    for place in scores.argsort(descending=True).tolist():
        if all(overlap(boxes[place].tolist(), boxes[other].tolist()) <= 0.4 for other in kept):
            kept.append(place)
    assert suppressed(boxes, scores, 0.4).tolist() == kept
    assert 5 < len(kept) < 40
    assert suppressed(boxes[:0], scores[:0], 0.4).tolist() == []


@pytest.mark.parametrize(("aligned", "samples"), [(True, 0), (False, 2)])
def test_regions_are_means_of_samples(aligned: bool, samples: int) -> None:
    torch.manual_seed(0)
    feature, box, size, scale = torch.rand(2, 9, 12), torch.tensor([3.0, 5.5, 61.0, 33.0]), 3, 0.25

    def value(channel: int, y: float, x: float) -> float:
        if not (-1 <= y <= 9 and -1 <= x <= 12):
            return 0.0
        y, x = min(max(y, 0), 8), min(max(x, 0), 11)
        top, left = int(y), int(x)
        below, right = min(top + 1, 8), min(left + 1, 11)
        dy, dx = y - top, x - left
        upper = (1 - dx) * feature[channel, top, left] + dx * feature[channel, top, right]
        lower = (1 - dx) * feature[channel, below, left] + dx * feature[channel, below, right]
        return float((1 - dy) * upper + dy * lower)

    shift = 0.5 if aligned else 0.0
    x0, y0, x1, y1 = (float(corner) * scale - shift for corner in box)
    least = 0.0 if aligned else 1.0
    width, height = max(x1 - x0, least) / size, max(y1 - y0, least) / size
    rows, columns = samples or math.ceil(height), samples or math.ceil(width)
    found = pooled(feature, box, size, scale, aligned=aligned, samples=samples)
    for channel, row, column in itertools.product(range(2), range(size), range(size)):
        values = [
            value(
                channel,
                y0 + row * height + (i + 0.5) * height / rows,
                x0 + column * width + (j + 0.5) * width / columns,
            )
            for i, j in itertools.product(range(rows), range(columns))
        ]
        assert float(found[channel, row, column]) == pytest.approx(sum(values) / len(values), abs=1e-5)


def test_a_box_without_width_gives_zeros() -> None:
    assert not pooled(torch.ones(2, 4, 4), torch.tensor([3.0, 0, 3.0, 4]), 3, 1, aligned=True, samples=0).any()


def detector_card(masks: bool = True, **regions: Any) -> dict[str, Any]:
    """The card of a detector of two classes on a backbone of four convolutions."""
    parts = [part("stem", convolution(4, 3, stride=2))]
    for level in range(2, 6):
        parts += [part(f"layer{level}", convolution(4, 3, stride=2, bias=True)), part("", {"type": "relu"})]
        parts += [part("", {"type": "tap", "name": f"C{level}"})]
    options = {
        "width": 8, "isNormed": False, "maskConvolutions": 1, "fractionalMasks": True,
        "proposals": {
            "sizes": [8, 16, 32, 64, 128], "ratios": [0.5, 1, 2], "roundsSides": False, "followsPadding": False,
            "high": 0.7, "low": 0.3, "samples": 64, "share": 0.5, "beta": 0, "dividesByDrawn": False,
            "before": [100, 50], "after": [50, 20], "overlap": 0.7, "ordersBySigmoid": False, "leastSide": 0,
        },
        "regions": {
            "convolutions": 1, "hidden": 1, "hiddenWidth": 16, "backgroundFirst": False, "overlap": 0.5, "samples": 64,
            "share": 0.25, "beta": 0, "aligned": True, "binSamples": 0, "epsilonWithin": True, "leastScore": 0.01,
            "findingOverlap": 0.5, "findings": 5, "leastSide": 0, **regions,
        },
    }  # fmt: skip
    head = {"kind": "detector", "outputs": 2, "detector": {"classes": 2, "hasMasks": masks, "options": options}}
    stored = card(sequence(*parts), classNames=["red", "green"], task="instance-segmentation", head=head)
    stored["network"]["classes"] = 0
    return stored | {"imageSize": 64, "steps": [{"within": [48, 64]}]}


def weights(stored: dict[str, Any]) -> dict[str, Tensor]:
    torch.manual_seed(1)
    wanted = empty(parse_card(stored), "made").state_dict()
    return {key: torch.randn(tensor.shape) * max(tensor[0].numel(), 1) ** -0.5 for key, tensor in wanted.items()}


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> supernet.Detector:
    stored = detector_card()
    made = supernet.load(network_file(tmp_path_factory.mktemp("a") / "a.safetensors", stored, weights(stored)))
    assert isinstance(made, supernet.Detector)
    return made


def test_keys_are_those_of_the_file(detector: supernet.Detector) -> None:
    assert set(detector.state_dict()) == set(weights(detector_card()))
    assert "fc.backbone.fpn_lateral2.weight" in detector.state_dict()
    assert "fc.roi_heads.mask_head.deconv.bias" in detector.state_dict()
    assert (detector.classes, detector.task, detector.image_size) == (
        ["red", "green"],
        "instance-segmentation",
        (64, 64),
    )


def test_images_are_padded_to_multiples_of_32(detector: supernet.Detector) -> None:
    prepared = detector.prepare(np.zeros((30, 35, 3), np.uint8))
    assert (prepared.size, prepared.stored) == ((48, 56), (30, 35))
    assert prepared.batch.shape == (1, 3, 64, 64)
    assert not prepared.batch[:, :, 48:].any() and not prepared.batch[:, :, :, 56:].any()
    assert torch.equal(detector.preprocess(np.zeros((30, 35, 3), np.uint8)), prepared.batch)


def test_objects_are_found(detector: supernet.Detector) -> None:
    image = np.random.default_rng(0).integers(0, 256, (30, 35, 3)).astype(np.uint8)
    prepared = detector.prepare(image)
    with torch.no_grad():
        raw = detector(prepared.batch, prepared.size)
    assert 0 < len(raw["boxes"]) <= 5
    assert raw["masks"].shape == (len(raw["boxes"]), 28, 28)
    assert raw["scores"].tolist() == sorted(raw["scores"].tolist(), reverse=True)
    objects = detector.detect(image)
    assert objects
    for found, box, label in zip(objects, raw["boxes"].tolist(), raw["labels"].tolist(), strict=True):
        assert isinstance(found, FoundObject)
        assert found.name == ["red", "green"][label]
        x0, y0, x1, y1 = found.box
        assert 0 <= x0 < x1 <= 35 and 0 <= y0 < y1 <= 30
        assert found.box == pytest.approx([box[0] * 35 / 56, box[1] * 30 / 48, box[2] * 35 / 56, box[3] * 30 / 48])
        pixels = found.pixels(30, 35)
        assert pixels is not None and pixels.shape == (30, 35)
    prediction = detector.predict(image)
    assert isinstance(prediction, DetectionPrediction) and len(prediction.objects) == len(objects)


def test_nothing_may_be_found(tmp_path: Path) -> None:
    stored = detector_card(leastScore=1.0)
    made = supernet.load(network_file(tmp_path / "a.safetensors", stored, weights(stored)))
    assert isinstance(made, supernet.Detector)
    assert made.detect(np.zeros((20, 20, 3), np.uint8)) == []
    found = made(torch.zeros(1, 3, 64, 64))
    assert [list(found[key].shape) for key in ("boxes", "labels", "scores", "masks")] == [[0, 4], [0], [0], [0, 28, 28]]


@pytest.mark.parametrize("shape", [(2, 3, 64, 64), (1, 3, 60, 64), (3, 64, 64)])
def test_images_of_other_shapes_are_refused(detector: supernet.Detector, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="sides of multiples of 32"):
        detector(torch.zeros(shape))


def test_detectors_need_their_maps_and_numbers(tmp_path: Path) -> None:
    stored = detector_card()
    stored["network"]["backbone"]["parts"] = stored["network"]["backbone"]["parts"][:-1]
    with pytest.raises(supernet.FileError, match="do not hand out the maps C5"):
        supernet.load(network_file(tmp_path / "a.safetensors", stored, {}))
    changes: list[dict[str, Any]] = [{"convolutions": -1}, {"findings": 0}, {"aligned": 1}]
    for change in changes:
        with pytest.raises(supernet.FileError, match=next(iter(change))):
            supernet.load(network_file(tmp_path / "a.safetensors", detector_card(**change), {}))
