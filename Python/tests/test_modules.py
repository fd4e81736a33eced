"""Layers as modules, by hand and against recorded outputs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from making import GLOBAL_POOL, NORM, convolution, part, sequence
from torch import nn

from supernet.fields import Fields
from supernet.layers import parse
from supernet.modules import attach, build, evaluate, module_at, put_tensors


def made(layer: dict[str, Any], inputs: int) -> tuple[nn.Module, Any, int]:
    parsed = parse(Fields(layer))
    modules, _, outputs = build(parsed, inputs)
    root = nn.Module()
    attach(root, modules)
    return root, parsed, outputs


def run(layer: dict[str, Any], x: torch.Tensor) -> torch.Tensor:
    root, parsed, _ = made(layer, x.shape[1])
    return evaluate(root, parsed, "", x, {})


def test_keys_that_pytorch_uses_itself_are_taken() -> None:
    keys = ["forward", "training", "state_dict.weight", "parameters", "features.0", "_modules"]
    root, parsed, outputs = made(sequence(*(part(key, convolution(2, 1)) for key in keys)), 2)
    assert set(root.state_dict()) == {f"{key}.weight" for key in keys}
    assert outputs == 2
    assert evaluate(root, parsed, "", torch.randn(1, 2, 3, 3), {}).shape == (1, 2, 3, 3)
    put_tensors(root, {f"{key}.weight": torch.zeros(2, 2, 1, 1) for key in keys})
    assert not evaluate(root, parsed, "", torch.randn(1, 2, 3, 3), {}).any()
    assert module_at(root, "features.0") is not root


def test_layers_within_layers_with_tensors() -> None:
    body = {"type": "residual", "body": convolution(2, 1), "shortcut": part("near", convolution(2, 1))}
    root, _, _ = made(sequence(part("block", body)), 2)
    assert set(root.state_dict()) == {"block.weight", "block.near.weight"}


def test_layers_without_tensors() -> None:
    x = torch.randn(2, 3, 5, 4)
    assert torch.equal(run({"type": "relu6"}, 9 * x), (9 * x).clamp(0, 6))
    assert torch.equal(run({"type": "squeeze"}, x), x.mean((2, 3), keepdim=True))
    assert torch.equal(run(GLOBAL_POOL["layer"], x), x.mean((2, 3)))
    assert torch.equal(run({"type": "gate", "body": {"type": "relu"}}, x), x * x.relu())
    assert run({"type": "pad", "before": 1, "after": 2}, x).shape == (2, 3, 8, 7)
    assert run({"type": "zero", "stride": 2}, x).shape == (2, 3, 3, 2)
    assert run({"type": "resize", "height": 7, "width": 9}, x).shape == (2, 3, 7, 9)
    assert torch.equal(run({"type": "global", "body": {"type": "identity"}}, x)[:, :, 1, 2], x.mean((2, 3)))
    edges = [{"from": 0, "to": 1, "part": part("", {"type": kind})} for kind in ("identity", "relu")]
    assert torch.equal(run({"type": "cell", "edges": edges}, x), x + x.relu())


def test_maps_are_handed_out() -> None:
    layer = sequence(
        part("", {"type": "tap", "name": "C2"}), part("a", convolution(5, 1)), part("", {"type": "tap", "name": "C3"})
    )
    parsed = parse(Fields(layer))
    modules, channels, _ = build(parsed, 3)
    assert channels == {"C2": 3, "C3": 5}
    root = nn.Module()
    found: dict[str, torch.Tensor] = {}
    attach(root, modules)
    x = torch.randn(1, 3, 2, 2)
    result = evaluate(root, parsed, "", x, found)
    assert found["C2"] is x and found["C3"] is result


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (sequence(part("a", NORM), part("a", NORM)), "two layers stand under the key `a`"),
        (NORM, "a layer with tensors stands under no key"),
        (sequence(part("a", convolution(4, 3, groups=2))), "`a`: its channels must be divisible by its 2 groups"),
        (sequence(part("a", {"type": "split-attention", "radix": 1, "cardinality": 2})), "`a`: 3 channels cannot be"),
        (
            sequence(part("a", {"type": "choice", "point": "p", "candidates": [{"name": "a", "layer": NORM}]})),
            "`a` is a choice at 'p', which no finished network has",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_network_is_refused(layer: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        build(parse(Fields(layer)), 3)
    assert str(caught.value).startswith(reason)
