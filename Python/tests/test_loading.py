"""Opening networks: weights that do not fit are refused by key, and nothing is built that a file does not hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from making import backbone, card, convolution, network_file, network_tensors, part, sequence, tensor_file

import supernet
from supernet.loading import count_parameters


def test_weights_are_taken_as_they_are(tmp_path: Path) -> None:
    tensors = network_tensors()
    network = supernet.load(network_file(tmp_path / "a.safetensors", tensors=tensors))
    for key, tensor in network.state_dict().items():
        assert torch.equal(tensor, tensors[key])
    assert count_parameters(network) == 4 * 27 + 8 + 15


def test_other_precisions_become_the_networks_own(tmp_path: Path) -> None:
    tensors = {
        key: tensor.bfloat16() if tensor.is_floating_point() else tensor for key, tensor in network_tensors().items()
    }
    network = supernet.load(network_file(tmp_path / "a.safetensors", tensors=tensors))
    assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
    assert torch.equal(network.state_dict()["fc.weight"], tensors["fc.weight"].float())


def test_tensors_that_only_training_uses_are_left_out(tmp_path: Path) -> None:
    tensors = network_tensors() | {"fc.classifier.weight": torch.zeros(3)}
    assert "fc.classifier.weight" not in supernet.load(network_file(tmp_path / "a", tensors=tensors)).state_dict()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stem.weight": None}, "missing are stem.weight"),
        ({"more": torch.zeros(1)}, "unknown are more"),
        ({"fc.bias": torch.zeros(4)}, r"of another shape are fc.bias of \[4\] instead of \[3\]"),
        ({"norm.bias": None, "fc.weight": None, "x": torch.zeros(1)}, "missing are .*norm.bias.*; unknown are x"),
    ],
)
def test_weights_of_another_network_are_refused(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    tensors = {key: tensor for key, tensor in (network_tensors() | change).items() if tensor is not None}
    path = network_file(tmp_path / "a.safetensors", tensors=tensors)
    with pytest.raises(supernet.FileError, match=rf"a\.safetensors: its tensors are not those .*{reason}"):
        supernet.load(path)


@pytest.mark.parametrize(
    "layers",
    [
        sequence(*(part(f"{number}", convolution(65_536, 65_536)) for number in range(3))),
        sequence(part("a", convolution(65_536, 65_536)), part("", {"type": "global-pool"})),
    ],
)
def test_a_card_does_not_make_the_memory_that_it_asks_for(tmp_path: Path, layers: dict[str, Any]) -> None:
    with pytest.raises(supernet.FileError, match=r"a\.safetensors"):
        supernet.load(network_file(tmp_path / "a.safetensors", card(layers)))


def test_layers_cannot_stand_in_the_heads_place(tmp_path: Path) -> None:
    layers = sequence(part("fc", convolution(3, 1)), part("", {"type": "global-pool"}))
    with pytest.raises(supernet.FileError, match="a layer stands under `fc`"):
        supernet.load(network_file(tmp_path / "a.safetensors", card(layers)))


def test_files_without_a_card_are_refused(tmp_path: Path) -> None:
    with pytest.raises(supernet.FileError, match="holds tensors but no card"):
        supernet.load(tensor_file(tmp_path / "a.safetensors", network_tensors()))
    with pytest.raises(FileNotFoundError):
        supernet.load(tmp_path / "nowhere.safetensors")


def test_a_card_is_read_before_its_weights_are_trusted(tmp_path: Path) -> None:
    path = tensor_file(
        tmp_path / "a.safetensors", network_tensors(), {"supernet.card": json.dumps(card(backbone(), 5))}
    )
    with pytest.raises(supernet.FileError, match="of another shape are fc.weight"):
        supernet.load(path)
