"""Supernets: their paths are networks of their own, with the weights that the file holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from making import NORM, RELU, convolution, norm_tensors, part, sequence, supernet_card, tensor_file
from torch import Tensor

import supernet
from supernet.files import read_tensors
from supernet.predictions import ClassPrediction

LAYERS = sequence(
    part("stem", convolution(4, 3)), part("norm", NORM), RELU,
    part("block", {
        "type": "choice", "point": "block",
        "candidates": [
            {"name": "none", "layer": {"type": "identity"}},
            {"name": "3x3", "layer": sequence(part("conv", convolution(4, 3)), part("norm", NORM))},
        ],
    }),
    part("", {"type": "global-pool"}),
)  # fmt: skip
PATHS = {
    "pi-nas-path": ("pi-nas/supernet/supernet.safetensors", "1 2", "pi-nas/probe/probe.safetensors"),
    "fairnas-path": ("fairnas/supernet/supernet.safetensors", "2 1", None),
    "own-path": ("own/supernet/supernet.safetensors", "0 0", None),
}


def tensors() -> dict[str, Tensor]:
    return {
        "stem.weight": torch.randn(4, 3, 3, 3),
        **norm_tensors("norm", 4),
        "block.1.conv.weight": torch.randn(4, 4, 3, 3),
        **norm_tensors("block.1.norm", 4),
        "fc.weight": torch.randn(2, 4),
        "fc.bias": torch.randn(2),
    }


def supernet_file(path: Path, stored: dict[str, Any] | None = None, held: dict[str, Tensor] | None = None) -> Path:
    metadata = {"supernet.supernet-card": json.dumps(stored or supernet_card(LAYERS))}
    return tensor_file(path, tensors() if held is None else held, metadata, checksums=True)


def test_a_supernet_says_what_it_is(tmp_path: Path) -> None:
    made = supernet.load_supernet(supernet_file(tmp_path / "a.safetensors"))
    assert isinstance(made, torch.nn.Module) and not made.training
    assert made.space == {"block": ["none", "3x3"]}
    assert made.paths == 2
    assert (made.classes, made.task, made.image_size) == (["a", "b"], "classification", (8, 8))
    assert made.card["method"] == "spos"
    assert set(made.state_dict()) == set(tensors())
    assert {name for name, _ in made.named_buffers()} == {
        key for key in tensors() if "running" in key or "tracked" in key
    }
    assert made.preprocess(np.zeros((9, 9, 3), np.uint8)).shape == (1, 3, 8, 8)


def test_a_path_is_a_network_of_its_own(tmp_path: Path) -> None:
    held = tensors()
    made = supernet.load_supernet(supernet_file(tmp_path / "a.safetensors", held=held))
    network = made.path([1])
    assert isinstance(network, supernet.Network) and not network.training
    assert torch.equal(network.state_dict()["block.conv.weight"], held["block.1.conv.weight"])
    assert network.classes == ["a", "b"]
    assert set(made.path("0").state_dict()) == {key for key in held if not key.startswith("block")}
    images = torch.randn(2, 3, 8, 8)
    assert torch.equal(made(images, [1]), network(images))
    # What is done to the network is not done to the supernet.
    with torch.no_grad():
        network.get_parameter("stem.weight").zero_()
    assert torch.equal(made.state_dict()["stem.weight"], held["stem.weight"])


def test_gradients_and_statistics_of_a_path_are_the_supernets(tmp_path: Path) -> None:
    made = supernet.load_supernet(supernet_file(tmp_path / "a.safetensors")).train()
    made(torch.randn(4, 3, 8, 8), [0]).sum().backward()
    assert made.get_parameter("stem.weight").grad is not None
    assert made.get_parameter("block.1.conv.weight").grad is None
    assert made.state_dict()["norm.num_batches_tracked"] == 4
    assert made.state_dict()["block.1.norm.num_batches_tracked"] == 3


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ([2], "at 'block' the path takes candidate 2; there are 0 to 1: none, 3x3"),
        ([-1], "at 'block' the path takes candidate -1"),
        ([0, 1], "the path has 2 numbers, the supernet has 1 choices: block"),
        ("", "the path has 0 numbers"),
        ("x", "a path is the numbers of its candidates, such as '2 0 1', not 'x'"),
    ],
)
def test_paths_that_there_are_not_are_refused(tmp_path: Path, path: Any, reason: str) -> None:
    made = supernet.load_supernet(supernet_file(tmp_path / "a.safetensors"))
    for use in (lambda: made.path(path), lambda: made(torch.zeros(1, 3, 8, 8), path)):
        with pytest.raises(ValueError) as caught:
            use()
        assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"block.1.conv.weight": None}, "lacks tensors of its paths: block.1.conv.weight"),
        ({"block.2.conv.weight": torch.zeros(1)}, "has tensors that belong to none of its paths: block.2.conv.weight"),
        ({"stem.weight": torch.zeros(4, 3, 1, 1)}, r"tensor `stem.weight` has the shape \[4, 3, 1, 1\] instead of"),
    ],
)
def test_files_that_do_not_hold_their_paths_are_refused(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    held = {key: tensor for key, tensor in (tensors() | change).items() if tensor is not None}
    with pytest.raises(supernet.FileError, match=rf"a\.safetensors:? {reason}"):
        supernet.load_supernet(supernet_file(tmp_path / "a.safetensors", held=held))


def test_without_a_classifier_a_path_gives_features(tmp_path: Path) -> None:
    held = {key: tensor for key, tensor in tensors().items() if not key.startswith("fc.")}
    made = supernet.load_supernet(
        supernet_file(tmp_path / "a.safetensors", held=held | {"neck.0.weight": torch.zeros(6, 4)})
    )
    network = made.path([1])
    assert network(torch.randn(2, 3, 8, 8)).shape == (2, 4)
    probe = tensor_file(tmp_path / "probe.safetensors", {"fc.weight": torch.randn(5, 4), "fc.bias": torch.randn(5)})
    assert made.path([1], probe).classes == ["0", "1", "2", "3", "4"]
    wrong = tensor_file(tmp_path / "wrong.safetensors", {"fc.weight": torch.randn(5, 3), "fc.bias": torch.randn(5)})
    with pytest.raises(supernet.FileError, match=r"wrong\.safetensors"):
        made.path([1], wrong)
    with pytest.raises(supernet.FileError, match=r"a\.safetensors holds no classifier"):
        made.path([1], tmp_path / "a.safetensors")


def test_supernets_of_detectors_are_refused_clearly(tmp_path: Path) -> None:
    made = supernet.load_supernet(supernet_file(tmp_path / "a.safetensors", supernet_card(LAYERS, task="detection")))
    with pytest.raises(supernet.SupernetError, match="a supernet of detectors"):
        made.path([0])


def test_statistics_are_means_over_batches(tmp_path: Path) -> None:
    network = supernet.load_supernet(supernet_file(tmp_path / "a.safetensors")).path([1])
    batches = [torch.randn(3, 3, 8, 8) + number for number in range(3)]
    stem = torch.nn.functional.conv2d
    with torch.no_grad():
        maps = [stem(batch, network.get_parameter("stem.weight"), padding=1) for batch in batches]
    network.train()
    supernet.Supernet.recalibrate(network, iter(batches))
    state = network.state_dict()
    assert network.training
    assert torch.allclose(state["norm.running_mean"], torch.stack([x.mean((0, 2, 3)) for x in maps]).mean(0), atol=1e-5)
    variances = torch.stack([x.var((0, 2, 3)) for x in maps]).mean(0)
    assert torch.allclose(state["norm.running_var"], variances, rtol=1e-4)
    assert state["block.norm.num_batches_tracked"] == 3
    assert network.get_submodule("norm").momentum == 0.1
    with pytest.raises(ValueError, match="no batches"):
        supernet.Supernet.recalibrate(network, [])


@pytest.mark.parametrize("name", PATHS)
def test_paths_are_those_of_the_program(earlier: Path, name: str) -> None:
    """Supernets of an earlier version, and what the program said with one of their paths then."""
    file, path, probe = PATHS[name]
    made = supernet.load_supernet(earlier / file)
    network = made.path(path, earlier / probe if probe else None)
    for expected in json.loads((earlier / "expected" / f"{name}.predictions.json").read_text()):
        found = network.predict(earlier / expected["image"], top=3)
        assert isinstance(found, ClassPrediction)
        assert [one.name for one in found.classes] == [one["name"] for one in expected["classes"]]
        probabilities = [one["probability"] for one in expected["classes"]]
        assert [one.probability for one in found.classes] == pytest.approx(probabilities, abs=1e-5)


def test_the_best_path_has_the_weights_that_the_search_handed_over(earlier: Path) -> None:
    """All but its statistics, which the search takes anew of its own images."""
    best = json.loads((earlier / "fairnas/search/result.json").read_text())["architecture"]
    network = supernet.load_supernet(earlier / "fairnas/supernet/supernet.safetensors").path(best)
    handed = read_tensors(earlier / "fairnas/search/network.safetensors").tensors
    assert set(network.state_dict()) == set(handed)
    for key, tensor in network.state_dict().items():
        if "running_" not in key and "tracked" not in key:
            assert torch.equal(tensor, handed[key])
