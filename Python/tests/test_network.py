"""Networks: against recorded outputs of each kind of layer, and what they say of themselves."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from making import backbone, card, network_file, network_tensors, part, sequence

import supernet
from supernet.cards import network_card
from supernet.files import TensorFile, read_tensors
from supernet.loading import assemble
from supernet.predictions import ClassPrediction

IMAGE = np.arange(10 * 12 * 3, dtype=np.uint8).reshape(10, 12, 3)


@pytest.fixture(scope="session")
def recorded(goldens: Path) -> TensorFile:
    return read_tensors(goldens / "load-network.safetensors")


CASES = ["resnest", "mobile", "nas-bench-201", "others", "gates", "dense", "image-size", "ages", "embedding"]


def test_no_case_is_left_out(recorded: TensorFile) -> None:
    assert [case["name"] for case in json.loads(recorded.metadata["cases"])] == CASES


@pytest.mark.parametrize("name", CASES)
def test_outputs_are_those_recorded(recorded: TensorFile, name: str) -> None:
    """Each case has a card, weights, images, and the outputs that float64 gives."""
    case = next(case for case in json.loads(recorded.metadata["cases"]) if case["name"] == name)
    own = {key.partition("/")[2]: tensor for key, tensor in recorded.tensors.items() if key.startswith(f"{name}/")}
    weights = {key.partition(".")[2]: tensor for key, tensor in own.items() if key.startswith(("param.", "buffer."))}
    stored = json.loads(case["config"]["card"])
    if "task" in stored:  # as a file holds it
        stored = stored["network"] | {"task": stored["task"], "head": stored["head"]}
    elif not stored["classNames"]:
        stored["classNames"] = ["a", "b", "c", "d"]
    if (stored.get("head") or {}).get("kind") == "map":
        stored["task"] = "segmentation"
    network = assemble(network_card(name, {"supernet.card": json.dumps(stored)}, weights), weights, name)
    with torch.no_grad():
        outputs = network(own["input.images"])
    assert torch.allclose(outputs, own["output.logits"], rtol=1e-4, atol=1e-5)


def test_a_network_is_an_ordinary_module(tmp_path: Path) -> None:
    path = network_file(tmp_path / "network.safetensors")
    network = supernet.load(path)
    assert isinstance(network, supernet.Network) and isinstance(network, torch.nn.Module)
    assert not network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert set(network.state_dict()) == set(network_tensors())
    assert network.classes == ["class 0", "class 1", "class 2"]
    assert (network.task, network.image_size) == ("classification", (8, 8))
    assert network.card == card(backbone())
    images = torch.randn(2, 3, 8, 8)
    outputs = network(images)
    for other in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        assert torch.equal(other(images), outputs)
    assert torch.equal(network.double()(images.double()).float(), outputs) or torch.allclose(
        network(images.double()).float(), outputs, atol=1e-5
    )


def test_layers_may_be_called_as_methods_are(tmp_path: Path) -> None:
    """Keys are those of the file's own network, and may be any."""
    keys = ["forward", "predict", "classes", "card", "maps"]
    layers = sequence(
        *(part(key, {"type": "convolution", "outputs": 3, "kernel": 1}) for key in keys),
        part("", {"type": "global-pool"}),
    )
    tensors = {f"{key}.weight": torch.randn(3, 3, 1, 1) for key in keys}
    tensors |= {"fc.weight": torch.randn(3, 3), "fc.bias": torch.randn(3)}
    network = supernet.load(network_file(tmp_path / "a.safetensors", card(layers), tensors))
    assert set(network.state_dict()) == set(tensors)
    assert network.classes[0] == "class 0"
    assert network(torch.randn(2, 3, 4, 4)).shape == (2, 3)


def test_predictions_are_made_in_evaluation(tmp_path: Path) -> None:
    network = supernet.load(network_file(tmp_path / "network.safetensors"))
    expected = network.predict(IMAGE, top=2)
    assert isinstance(expected, ClassPrediction)
    assert len(expected.classes) == 2
    assert expected.name == expected.classes[0].name
    assert 1 >= expected.probability >= expected.classes[1].probability
    network.train()
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    assert network.predict(IMAGE, top=2) == expected
    assert network.training and all(module.training for module in network.modules())
    assert all(torch.equal(before[key], tensor) for key, tensor in network.state_dict().items())
    assert len(network.predict(IMAGE, top=99).classes) == 3  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="top is 0"):
        network.predict(IMAGE, top=0)


def test_outputs_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    stored = card(backbone(), classNames=[], task="counting")
    network = supernet.load(network_file(tmp_path / "a.safetensors", stored))
    with pytest.raises(supernet.SupernetError, match="the task is 'counting'"):
        network.predict(IMAGE)
    features = card(backbone(), classes=0)
    tensors = {key: tensor for key, tensor in network_tensors().items() if not key.startswith("fc.")}
    network = supernet.load(network_file(tmp_path / "b.safetensors", features, tensors))
    assert network(torch.randn(2, 3, 8, 8)).shape == (2, 4)
    with pytest.raises(supernet.SupernetError, match="no head"):
        network.predict(IMAGE)


NETWORKS = {
    "network": "network/network.safetensors",
    "pi-nas-search": "pi-nas/search/network.safetensors",
    "pi-nas-finetune": "pi-nas/finetune/network.safetensors",
    "pi-nas-retrain": "pi-nas/retrain/network.safetensors",
    "fairnas-search": "fairnas/search/network.safetensors",
    "fairnas-finetune": "fairnas/finetune/network.safetensors",
    "own": "own/finetune/network.safetensors",
    "imported": "imported/network.safetensors",
    "classification": "adapted/classification/joint/network.safetensors",
    "unsupervised": "adapted/unsupervised/joint/network.safetensors",
    "spread": "adapted/spread/joint/network.safetensors",
    "domain-adaptation": "adapted/domain-adaptation/joint/network.safetensors",
    "gender": "adapted/gender/joint/network.safetensors",
    "age": "adapted/age/joint/network.safetensors",
    "age-and-gender": "adapted/age-and-gender/joint/network.safetensors",
}


def values(prediction: Any) -> dict[str, Any]:
    """A prediction as the program writes it as JSON."""
    match prediction:
        case ClassPrediction(classes):
            return {"classes": [{"name": one.name, "probability": one.probability} for one in classes]}
        case supernet.predictions.AgePrediction(years):
            return {"age": years}
    return {"age": prediction.years, "gender": prediction.gender, "probability": prediction.probability}


@pytest.mark.parametrize("name", NETWORKS)
def test_predictions_are_those_of_the_program(earlier: Path, name: str) -> None:
    """Files of an earlier version, and what the program said of photographs then."""
    network = supernet.load(earlier / NETWORKS[name])
    for expected in json.loads((earlier / "expected" / f"{name}.predictions.json").read_text()):
        found = values(network.predict(earlier / expected.pop("image"), top=len(expected.get("classes", "1"))))
        for key in expected:
            if key == "classes":
                assert [one["name"] for one in found[key]] == [one["name"] for one in expected[key]]
                assert [one["probability"] for one in found[key]] == pytest.approx(
                    [one["probability"] for one in expected[key]], abs=1e-5
                )
            else:
                assert found[key] == (expected[key] if key == "gender" else pytest.approx(expected[key], abs=1e-4))


def test_embeddings_are_those_of_the_program(earlier: Path) -> None:
    network = supernet.load(earlier / "adapted/re-identification/joint/network.safetensors")
    assert (network.task, network.classes) == ("re-identification", [])
    for expected in json.loads((earlier / "expected" / "re-identification.predictions.json").read_text()):
        own = network.predict(earlier / expected["image"])
        for match in expected["matches"]:
            other = network.predict(earlier / match["image"])
            assert isinstance(own, supernet.predictions.EmbeddingPrediction)
            assert isinstance(other, supernet.predictions.EmbeddingPrediction)
            assert own.similarity(other) == pytest.approx(match["similarity"], abs=1e-5)
