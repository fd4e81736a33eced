"""The package against the program itself: networks that it trains now are opened, and must say what it says.

These tests need the compiled program, which the environment variable SUPERNET_PROGRAM names; they train networks of a
few thousand weights.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from making import norm_tensors, tensor_file
from PIL import Image

import supernet
from supernet.files import read_tensors
from supernet.predictions import ClassPrediction, SegmentationPrediction

SPACE = """
name: shared
channels: 3
parts:
  bottlenecks: &bottlenecks
    type: choice
    point: block
    sharing: matrices
    candidates:
%s
  attentions: &attentions
    type: choice
    point: attention
    sharing: slices
    candidates:
%s
backbone:
  type: sequence
  parts:
    - {key: stem, layer: {type: convolution, outputs: 8, kernel: 3, stride: 2}}
    - {key: norm, layer: {type: batch-norm}}
    - {layer: {type: relu}}
    - key: stage
      layer:
        type: choice
        point: depth
        sharing: slices
        candidates:
          - {name: none, layer: {type: identity}}
          - {name: one, layer: {type: sequence, parts: [{key: "0", layer: *bottlenecks}]}}
          - {name: two, layer: {type: sequence, parts: [
              {key: "0", layer: *bottlenecks}, {key: "1", layer: *attentions}]}}
    - key: last
      layer:
        type: residual
        relu: true
        body:
          type: choice
          point: last
          candidates:
            - {name: 1x1, layer: {type: convolution, outputs: 12, kernel: 1}}
            - {name: 3x3, layer: {type: sequence, parts: [
                {key: conv, layer: {type: convolution, outputs: 12, kernel: 3}},
                {key: norm, layer: {type: batch-norm}}]}}
        shortcut: {key: down, layer: {type: convolution, outputs: 12, kernel: 1}}
    - {layer: {type: global-pool}}
"""
BOTTLENECK = """\
      - name: %(inner)d of %(kernel)d
        layer: {type: residual, body: {type: sequence, parts: [
          {key: expand, layer: {type: convolution, outputs: %(inner)d, kernel: 1}},
          {key: bn1, layer: {type: batch-norm}},
          {layer: {type: relu6}},
          {key: depth, layer: {type: convolution, outputs: %(inner)d, kernel: %(kernel)d, groups: %(inner)d}},
          {key: bn2, layer: {type: batch-norm}}, {layer: {type: relu}},
          {key: project, layer: {type: convolution, outputs: 8, kernel: 1}}]}}"""
ATTENTION = """\
      - name: %(inner)d
        layer: {type: residual, body: {type: sequence, parts: [
          {key: conv1, layer: {type: convolution, outputs: %(inner)d, kernel: 1}},
          {key: bn1, layer: {type: batch-norm}},
          {layer: {type: relu}}, {key: conv2, layer: {type: split-attention, radix: 2, cardinality: 2}},
          {key: conv3, layer: {type: convolution, outputs: 8, kernel: 1}}]}}"""
IMAGES = [
    "data.channels=rgb",
    "data.validation-fraction=0.25",
    "data.augmentation=[{random-crop: {size: 16, padding: 1}}, {normalize: {mean: 0.4, std: 0.3}}]",
    "data.evaluation=[{center-crop: 16}, {normalize: {mean: 0.4, std: 0.3}}]",
]


def quiet(line: str) -> None:
    """Takes lines of progress that nobody reads."""


def run(*words: Any, **options: Any) -> supernet.RunResult:
    return supernet.run(*words, progress=quiet, **options)


def settings(values: list[str]) -> dict[str, str]:
    return dict(value.split("=", 1) for value in values)


@pytest.fixture(scope="session")
def study(program: str, earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole study: a supernet of a small space, its search, and the found network fine-tuned."""
    folder = tmp_path_factory.mktemp("study") / "study"
    result = run(
        "run", config=earlier / "configs" / "fairnas.yaml", run=folder, threads=1,
        set={"data.source": str(earlier / "images"), "supernet.epochs": 4, "supernet.learning-rate": 1e-1},
    )  # fmt: skip
    assert result.folder == folder
    return folder


@pytest.fixture(scope="session")
def elastic(program: str, earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A supernet whose candidates share tensors in every way that there is."""
    folder = tmp_path_factory.mktemp("elastic")
    sizes = [(8, 7), (16, 3), (16, 5), (16, 7)]
    bottlenecks = "\n".join(BOTTLENECK % {"inner": inner, "kernel": kernel} for inner, kernel in sizes)
    attentions = "\n".join(ATTENTION % {"inner": inner} for inner in (16, 32))
    (folder / "space.yaml").write_text(SPACE % (bottlenecks, attentions))
    chosen = settings(IMAGES) | {
        "data.source": str(earlier / "images"), "space.name": str(folder / "space.yaml"), "method.name": "sandwich",
        "method.random-paths": 1, "supernet.epochs": 4, "supernet.batch-size": 8, "supernet.learning-rate": 0.1,
        "precision": "float32",
    }  # fmt: skip
    run("train", run=folder / "run", threads=1, set=chosen)
    return folder / "run" / "supernet" / "supernet.safetensors"


def check_classes(network: Path, images: Path) -> None:
    """Holds the classes of images to those that the program predicts."""
    opened = supernet.load(network)
    said = json.loads(run("predict", network, images, format="json", top=3).output)
    assert said
    for one in said:
        found = opened.predict(one["image"], top=3)
        assert isinstance(found, ClassPrediction)
        assert [one.name for one in found.classes] == [one["name"] for one in one["classes"]]
        probabilities = [one["probability"] for one in one["classes"]]
        assert [one.probability for one in found.classes] == pytest.approx(probabilities, abs=1e-5)


def test_a_found_network_predicts_as_the_program_does(study: Path, earlier: Path) -> None:
    for phase in ("search", "finetune"):
        check_classes(study / phase / "network.safetensors", earlier / "photos")


def test_the_archive_has_what_the_search_found(study: Path) -> None:
    rows = supernet.read_archive(study)
    result = json.loads((study / "search" / "result.json").read_text())
    assert len(rows) == result["evaluations"] == 8
    best = next(row for row in rows if row.architecture == result["architecture"])
    assert best.score == result["score"] == max(row.score for row in rows)
    assert best.costs["parameters"] == result["cost"]["parameters"]
    assert len(supernet.archive_frame(study)) == 8


def compare_path(file: Path, path: list[int], tmp_path: Path, probe: Path | None = None) -> None:
    """Holds a path to the network that the program cuts out."""
    cut = tmp_path / "cut.safetensors"
    run("export", file, path=" ".join(map(str, path)), output=cut, probe=probe)
    made = supernet.load_supernet(file)
    network, expected = made.path(path, probe), supernet.load(cut)
    assert network.classes == expected.classes and network.task == expected.task
    state, wanted = network.state_dict(), expected.state_dict()
    assert set(state) == set(wanted)
    for key, tensor in wanted.items():
        # Matrix products may round otherwise; whatever is taken as it stands is the same to the bit.
        exact = torch.equal(state[key], tensor)
        assert exact or ("depth.weight" in key and torch.allclose(state[key], tensor, atol=1e-6)), key
    images = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        outputs = network(images)
        assert torch.allclose(outputs, expected(images), atol=1e-6)
        own = outputs if probe is None else network.backbone_features(images)
        assert torch.equal(own, made(images, path))


def test_paths_of_a_supernet_are_those_of_the_program(study: Path, tmp_path: Path) -> None:
    for path in ([0, 1], [2, 4], [3, 3]):
        compare_path(study / "supernet" / "supernet.safetensors", path, tmp_path)


def test_the_best_path_is_what_the_search_hands_over(study: Path) -> None:
    best = json.loads((study / "search" / "result.json").read_text())["architecture"]
    state = supernet.load_supernet(study / "supernet" / "supernet.safetensors").path(best).state_dict()
    handed = read_tensors(study / "search" / "network.safetensors").tensors
    assert set(state) == set(handed)
    assert all(torch.equal(state[key], handed[key]) for key in state if "running" not in key and "tracked" not in key)


def test_paths_that_share_tensors_are_those_of_the_program(elastic: Path, tmp_path: Path) -> None:
    made = supernet.load_supernet(elastic)
    assert list(made.space) == ["depth", "block", "attention", "last"]
    assert made.paths == 3 * 4 * 2 * 2
    for path in itertools.chain([[0, 0, 0, 0], [1, 2, 0, 1]], itertools.product([2], range(4), range(2), [1])):
        compare_path(elastic, list(path), tmp_path)


def test_elastic_networks_are_those_of_the_program(program: str, tmp_path: Path) -> None:
    """A network that was imported, made elastic: narrower blocks, smaller windows, blocks left out."""
    elastic = tmp_path / "elastic.safetensors"
    (tmp_path / "small.yaml").write_text(ELASTIC)
    torch.manual_seed(0)
    weights = tensor_file(tmp_path / "weights.safetensors", elastic_weights())
    probe = tensor_file(tmp_path / "probe.safetensors", {"fc.weight": torch.randn(3, 8), "fc.bias": torch.randn(3)})
    run(
        "import", weights, "--elastic", network=tmp_path / "small.yaml", size=16, output=elastic,
        fractions="0.25,0.5,1", mean="0.5,0.5,0.5", std="0.25,0.25,0.25",
    )  # fmt: skip
    made = supernet.load_supernet(elastic)
    sizes = [len(names) for names in made.space.values()]
    for path in itertools.islice(itertools.product(*map(range, sizes)), 0, None, max(1, made.paths // 8)):
        compare_path(elastic, list(path), tmp_path, probe)


ELASTIC = """
name: small
channels: 3
backbone:
  type: sequence
  parts:
    - {key: stem.conv, layer: {type: convolution, outputs: 8, kernel: 3}}
    - {key: stem.bn, layer: {type: batch-norm}}
    - {layer: {type: relu}}
    - key: block
      layer: {type: residual, body: {type: sequence, parts: [
        {key: a, layer: {type: convolution, outputs: 32, kernel: 1}}, {key: bn1, layer: {type: batch-norm}},
        {layer: {type: relu}},
        {key: b, layer: {type: convolution, outputs: 32, kernel: 5, groups: 32}}, {key: bn2, layer: {type: batch-norm}},
        {layer: {type: gate, body: {type: sequence, parts: [{layer: {type: squeeze}},
          {key: fc1, layer: {type: convolution, outputs: 4, kernel: 1, bias: true}}, {layer: {type: relu}},
          {key: fc2, layer: {type: convolution, outputs: 32, kernel: 1, bias: true}}, {layer: {type: hard-sigmoid}}]}}},
        {key: c, layer: {type: convolution, outputs: 8, kernel: 1}}, {key: bn3, layer: {type: batch-norm}}]}}
    - {layer: {type: global-pool}}
"""


def elastic_weights() -> dict[str, torch.Tensor]:
    """Random weights of `ELASTIC`, with a classifier of three classes."""
    shapes = {
        "stem.conv": (8, 3, 3, 3), "block.a": (32, 8, 1, 1), "block.b": (32, 1, 5, 5), "block.fc1": (4, 32, 1, 1),
        "block.fc2": (32, 4, 1, 1), "block.c": (8, 32, 1, 1), "fc": (3, 8),
    }  # fmt: skip
    made = {f"{key}.weight": torch.randn(shape) for key, shape in shapes.items()}
    made |= {f"{key}.bias": torch.randn(shapes[key][0]) for key in ("block.fc1", "block.fc2", "fc")}
    for key, channels in (("stem.bn", 8), ("block.bn1", 32), ("block.bn2", 32), ("block.bn3", 8)):
        made |= norm_tensors(key, channels)
    return made


def squares(goldens: Path) -> ModuleType:
    """The script that makes squares on noise."""
    spec = importlib.util.spec_from_file_location("check_detector", goldens / "check_detector.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_detector_finds_what_the_program_finds(program: str, goldens: Path, tmp_path: Path) -> None:
    script = squares(goldens)
    script.make(tmp_path / "squares")
    normalize = "{normalize: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}}"
    run(
        "train", run=tmp_path / "detector", threads=1,
        set={
            "task.name": "instance-segmentation", "task.width": 16, "task.box-convolutions": 1, "task.hidden-width": 32,
            "task.mask-convolutions": 1, "task.proposals": 50, "task.samples": 64, "task.anchor-scale": 4,
            "data.source": str(tmp_path / "squares"), "data.channels": "rgb",
            "data.evaluation": f"[{{resize-within: {{shorter: 64, longest: 64}}}}, {normalize}]",
            "network.stem": "deep", "network.planes": [8, 16, 16, 16], "network.depths": [1, 1, 1, 1],
            "network.code": [0, 0, 0, 0], "train.epochs": 12, "train.batch-size": 4, "train.learning-rate": 0.02,
            "precision": "float32",
        },
    )  # fmt: skip
    file = tmp_path / "detector" / "network.safetensors"
    detector = supernet.load(file)
    assert isinstance(detector, supernet.Detector)
    assert detector.classes == ["red", "green"]
    seen = 0
    for said in json.loads(run("predict", file, tmp_path / "squares" / "train", format="json").output):
        found = detector.detect(said["image"])
        assert len(found) == len(said["objects"])
        for own, other in zip(found, said["objects"], strict=True):
            seen += 1
            x, y, width, height = other["box"]
            assert own.name == other["label"]
            assert own.probability == pytest.approx(other["probability"], abs=1e-4)
            assert own.box == pytest.approx((x, y, x + width, y + height), abs=1e-2)
            pixels = own.pixels(64, 64)
            assert pixels is not None
            counts = script.decoded(other["mask"]["counts"])
            values = torch.arange(len(counts)) % 2 == 1
            expected = values.repeat_interleave(torch.tensor(counts)).reshape(64, 64).T  # columns, one after the other
            # A sample may lie so close to a half that rounding decides.
            assert int((pixels != expected).sum()) <= 2
    assert seen > 0


def colour_fields(folder: Path) -> Path:
    """Images of fields of two colours on a dark ground, with masks, in the plain layout."""
    draw = np.random.default_rng(0)
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    (folder / "classes.txt").write_text("ground\nred\nblue\n")
    for number in range(12):
        mask = np.zeros((40, 56), np.uint8)
        for label in (1, 2):
            y, x = draw.integers(20), draw.integers(30)
            mask[y : y + 18, x : x + 24] = label
        colours = np.array([[20, 20, 20], [200, 40, 40], [40, 40, 200]])
        pixels = np.clip(colours[mask] + draw.integers(-20, 20, (40, 56, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
        Image.fromarray(mask).save(folder / "masks" / f"{number}.png")
    return folder


def test_a_segmenter_labels_as_the_program_does(program: str, tmp_path: Path) -> None:
    folder = colour_fields(tmp_path / "fields")
    normalize = "{normalize: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}}"
    crop = f"{{pad: 32}}, {{random-crop: 32}}, {normalize}"
    run(
        "train", run=tmp_path / "segmenter", threads=1,
        set={
            "task.name": "segmentation", "task.output-stride": 8, "task.head-width": 8, "task.atrous": False,
            "data.source": str(folder), "data.channels": "rgb", "data.validation-fraction": 0.25,
            "data.augmentation": f"[{{random-scale-by-longer-side: 60}}, {crop}]",
            "data.evaluation": f"[{{resize: 32}}, {{pad: 32}}, {{center-crop: 32}}, {normalize}]",
            "network.stem": "small", "network.planes": [8, 8], "network.depths": [1, 1], "network.code": [0, 0],
            "train.epochs": 3, "train.batch-size": 4, "precision": "float32",
        },
    )  # fmt: skip
    file = tmp_path / "segmenter" / "network.safetensors"
    network = supernet.load(file)
    assert network.classes == ["ground", "red", "blue"]
    said = json.loads(run("predict", file, folder / "images", format="json", masks=tmp_path / "masks").output)
    assert len(said) == 12
    for one in said:
        found = network.predict(one["image"])
        assert isinstance(found, SegmentationPrediction)
        with Image.open(one["mask"]) as opened:
            mask = torch.tensor(np.array(opened))
        # Two logits may lie so close to each other that rounding decides.
        assert int((mask != found.mask).sum()) <= 4
        assert found.shares == pytest.approx(one["shares"], abs=4 / mask.numel())
