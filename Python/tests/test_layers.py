"""Layers as data: defaults, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from making import GLOBAL_POOL, NORM, RELU, convolution, part, sequence

from supernet.fields import Fields
from supernet.layers import BatchNorm, Choice, Convolution, Pool, Sequence, children, choices, join, parse


def read(layer: dict[str, Any]) -> Any:
    return parse(Fields(layer))


def test_fields_that_are_missing_have_defaults() -> None:
    assert read(convolution(8, 5)) == Convolution(8, 5, 1, 2, 1, 1, False)
    assert read(convolution(8, 3, dilation=4)) == Convolution(8, 3, 1, 4, 4, 1, False)
    assert read({"type": "pool", "kind": "max", "kernel": 3, "stride": 2}) == Pool("max", 3, 2, 0, False, True)
    # A scale is where training begins; a finished network has the weights instead.
    assert read({"type": "batch-norm", "scale": 0}) == BatchNorm()


def test_choices_are_found_wherever_they_stand() -> None:
    def choice(point: str, layer: dict[str, Any]) -> dict[str, Any]:
        return {"type": "choice", "point": point, "candidates": [{"name": "a", "layer": layer}]}

    inner = choice("inner", NORM)
    layer = read(
        sequence(
            part("a", {"type": "residual", "body": choice("outer", inner), "shortcut": part("s", inner)}),
            part("b", {"type": "join", "parts": [part("c", {"type": "gate", "body": choice("gate", NORM)})]}),
            part("d", {"type": "cell", "edges": [{"from": 0, "to": 1, "part": part("e", choice("cell", NORM))}]}),
            GLOBAL_POOL,
        )
    )
    assert [found.point for found in choices(layer)] == ["outer", "inner", "inner", "gate", "cell"]
    assert isinstance(layer, Sequence) and len(list(children(layer))) == 4
    assert all(isinstance(found, Choice) for found in choices(layer))


def test_keys_are_joined() -> None:
    assert [join("a", "b"), join("", "b"), join("a", ""), join("", "")] == ["a.b", "b", "a", ""]


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ({}, "`type` is missing"),
        ({"type": "magic"}, "`type` is 'magic', which is no layer"),
        (convolution(0, 3), "`outputs` is 0"),
        (convolution(8, 3, padding=4), "`padding` is 4, more than the window"),
        (sequence(part("a", {"type": "linear"})), "`parts.0.layer.outputs` is missing"),
        (sequence(part("a..b", NORM)), "`parts.0.key` is 'a..b'"),
        (sequence(part(".", NORM)), "`parts.0.key` is '.'"),
        ({"type": "pool", "kind": "min", "kernel": 2, "stride": 2}, "`kind` is 'min', which is none of average, max"),
        ({"type": "pool", "kind": "max", "kernel": 2, "stride": 2, "padding": 2}, "`padding` is 2"),
        ({"type": "pool", "kind": "max", "kernel": 2, "stride": 2, "ceil": True}, "`ceil`: a maximum"),
        ({"type": "dropout", "probability": 1}, "`probability` is 1.0; it must be at least 0"),
        ({"type": "choice", "point": "a", "candidates": []}, "`candidates` is empty"),
        (
            {"type": "choice", "point": "a", "sharing": "x", "candidates": [{"name": "a", "layer": NORM}]},
            "`sharing` is 'x', which is none of slices, matrices",
        ),
        ({"type": "cell", "edges": []}, "the edges of a cell"),
        ({"type": "cell", "edges": [{"from": 1, "to": 1, "part": part("", NORM)}]}, "the edges of a cell"),
        ({"type": "cell", "edges": [{"from": 0, "to": 2, "part": part("", NORM)}]}, "the nodes of a cell"),
        ({"type": "sequence", "parts": [RELU, 3]}, "`parts.1` is 3, which is no JSON object"),
    ],
)
def test_what_makes_no_sense_is_refused(layer: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        read(layer)
    assert str(caught.value).startswith(reason)


def test_layers_cannot_lie_too_deeply() -> None:
    layer: dict[str, Any] = NORM
    for _ in range(200):
        layer = {"type": "gate", "body": layer}
    with pytest.raises(ValueError, match="too deeply"):
        read(layer)
