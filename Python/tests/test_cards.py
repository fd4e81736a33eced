"""Cards: what earlier versions wrote means what it meant, and what makes no sense is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from making import NORM, backbone, card, supernet_card

from supernet.cards import Step, network_card, parse_card
from supernet.cards import supernet_card as read_supernet
from supernet.errors import FileError


def test_a_card_is_read() -> None:
    stored = card(
        backbone(),
        steps=[{"resize": 10}, {"center-crop": [8, 6]}],
        imageSize=[8, 6],
        orientation="exif",
        mean=[0.1] * 3,
    )
    made = parse_card(stored)
    assert made.stored is stored
    assert (made.task, made.classes) == ("classification", ("class 0", "class 1", "class 2"))
    assert (made.head.kind, made.head.outputs) == ("linear", 3)
    assert made.preparation.steps == (Step("resize", (10, 10)), Step("center-crop", (8, 6)))
    assert made.preparation.image_size == (8, 6)
    assert made.preparation.upright


def test_cards_without_steps_mean_the_middle() -> None:
    assert parse_card(card(backbone())).preparation.steps == (Step("resize", (8, 8)), Step("center-crop", (8, 8)))
    steps = parse_card(card(backbone(), resize=12)).preparation.steps
    assert steps == (Step("resize", (12, 12)), Step("center-crop", (8, 8)))
    assert parse_card(card(backbone(), imageSize=[8, 4])).preparation.steps == (Step("stretch", (8, 4)),)
    assert not parse_card(card(backbone())).preparation.upright


@pytest.mark.parametrize(("key", "shape", "kind"), [("fc.weight", (5, 4), "linear"), ("fc.neck.weight", (4,), "neck")])
def test_cards_of_version_08_are_read(key: str, shape: tuple[int, ...], kind: str) -> None:
    network = card(backbone(), classNames=[])
    old = {"task": "age", "network": network}
    made = network_card("a", {"supernet.task": json.dumps(old)}, {key: torch.zeros(shape)})
    assert (made.task, made.head.kind, made.head.outputs) == ("age", kind, shape[0])
    assert made.stored["network"] == network["network"]
    with pytest.raises(FileError, match=r"a: .*its head is missing"):
        network_card("a", {"supernet.task": json.dumps(old)}, {})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"classNames": ["a"]}, "`classNames` has 1 names, but there are 3 outputs"),
        ({"imageSize": 0}, "`imageSize` is 0"),
        ({"imageSize": "8"}, "`imageSize` is '8'"),
        ({"mean": []}, "`mean` has 0 values"),
        ({"mean": [0.1, 0.2]}, "`mean` has 2 values, but images have 3 channels"),
        ({"std": [0]}, "`std` has the value 0.0; images are"),
        ({"std": [1e-60]}, "`std` has the value 1e-60; images are"),
        ({"std": [1e60]}, "`std` has the value 1e+60; images are"),
        ({"steps": []}, "`steps` is empty"),
        ({"steps": [{"turn": 3}]}, "`steps.0` wants 'turn'"),
        ({"steps": [{"resize": [3, 4]}]}, "`steps.0` wants 'resize'"),
        ({"steps": [{"resize": 3, "stretch": 3}]}, "`steps.0` is no single step"),
        ({"steps": [{"within": 8}]}, "detectors, and no other networks"),
        ({"orientation": "down"}, "`orientation` is 'down'"),
        ({"head": {"kind": "tail", "outputs": 3}}, "`head.kind` is 'tail'"),
        ({"network": {"channels": 3, "classes": 3}}, "`network.backbone` is missing"),
    ],
)
def test_cards_that_make_no_sense_are_refused(change: dict[str, Any], reason: str) -> None:
    metadata = {"supernet.card": json.dumps(card(backbone()) | change)}
    with pytest.raises(FileError) as caught:
        network_card("a.safetensors", metadata, {})
    assert str(caught.value).startswith(f"a.safetensors: its description of the network cannot be used: {reason}")


@pytest.mark.parametrize("text", ["", "[]", "{", "3", '{"a":' * 10_000])
def test_cards_that_are_no_json_are_refused(text: str) -> None:
    with pytest.raises(FileError, match="a: its description|a holds tensors but no card"):
        network_card("a", {"supernet.card": text}, {})


def test_files_of_another_kind_say_which_function_opens_them() -> None:
    network, supernet = {"supernet.card": json.dumps(card(backbone()))}, {"supernet.supernet-card": "{}"}
    with pytest.raises(FileError, match=r"a is a supernet, .*: supernet\.load_supernet opens it"):
        network_card("a", supernet, {})
    with pytest.raises(FileError, match=r"a is a single network, .*: supernet\.load opens it"):
        read_supernet("a", network)
    for read in (lambda: network_card("a", {}, {}), lambda: read_supernet("a", {})):
        with pytest.raises(FileError, match="a holds tensors but no card"):
            read()


def choice(point: str, *names: str) -> dict[str, Any]:
    return {"type": "choice", "point": point, "candidates": [{"name": name, "layer": NORM} for name in names]}


def sequence(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"type": "sequence", "parts": [{"key": str(place), "layer": layer} for place, layer in enumerate(layers)]}


def test_a_space_has_each_choice_once() -> None:
    layers = sequence(choice("b", "x", "y"), choice("a", "z"), choice("b", "x", "y"))
    made = read_supernet("a", {"supernet.supernet-card": json.dumps(supernet_card(layers))})
    assert list(made.space.items()) == [("b", ["x", "y"]), ("a", ["z"])]


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        (sequence(choice("a", "x"), choice("a", "y")), "choice 'a' has different candidates at two places"),
        (sequence(choice("a", "x", "x")), "choice 'a' has two candidates of one name"),
        (backbone(), "it has no choices"),
    ],
)
def test_spaces_that_make_no_sense_are_refused(layers: dict[str, Any], reason: str) -> None:
    with pytest.raises(FileError, match=f"a: its description of the supernet cannot be used: {reason}"):
        read_supernet("a", {"supernet.supernet-card": json.dumps(supernet_card(layers))})
