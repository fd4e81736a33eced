"""Which parts of tensors candidates take, against the narrower layers that PyTorch builds."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from making import NORM, RELU, convolution, norm_tensors, part, sequence
from torch import Tensor, nn

from supernet.fields import Fields
from supernet.layers import Layer, parse
from supernet.layouts import Layouts, Stream, outputs
from supernet.modules import build
from supernet.paths import Taken, all_candidates, fixed, taken_tensors


def choice(point: str, *layers: dict[str, Any], sharing: str | None = None) -> dict[str, Any]:
    candidates = [{"name": str(number), "layer": layer} for number, layer in enumerate(layers)]
    return {"type": "choice", "point": point, "candidates": candidates} | ({"sharing": sharing} if sharing else {})


def bottleneck(inner: int, kernel: int) -> dict[str, Any]:
    """An inverted bottleneck of eight channels."""
    body = sequence(
        part("expand", convolution(inner, 1)), part("bn1", NORM), RELU,
        part("depth.conv", convolution(inner, kernel, groups=inner)), part("bn2", NORM), RELU,
        part("project", convolution(8, 1)), part("bn3", NORM),
    )  # fmt: skip
    return {"type": "residual", "body": body}


def attention(inner: int) -> dict[str, Any]:
    """A bottleneck of split attention: two splits of two groups."""
    return sequence(
        part("conv1", convolution(inner, 1)), part("bn1", NORM), RELU,
        part("conv2", {"type": "split-attention", "radix": 2, "cardinality": 2}), part("conv3", convolution(8, 1)),
    )  # fmt: skip


def taken(layer: dict[str, Any], numbers: dict[str, int], inputs: int = 8) -> dict[str, Taken]:
    found = taken_tensors(parse(Fields(layer)), inputs, lambda choice: [numbers[choice.point]])
    return {one.key: one for one in found}


def state_of(layer: Layer, inputs: int) -> dict[str, Tensor]:
    """The tensors that PyTorch's modules have."""
    modules, _, _ = build(layer, inputs)
    return {f"{path}.{key}": tensor for path, module in modules.items() for key, tensor in module.state_dict().items()}


@pytest.mark.parametrize(
    "layer",
    [
        bottleneck(16, 5),
        attention(32),
        sequence(part("a", convolution(12, 3, groups=4, bias=True)), part("b", {"type": "linear", "outputs": 5})),
        {"type": "join", "parts": [part("a", convolution(4, 1)),
                                   part("b", {"type": "global", "body": convolution(2, 1)})]},
        {"type": "cell", "edges": [{"from": 0, "to": 1, "part": part("a", convolution(8, 1))},
                                   {"from": 1, "to": 2, "part": part("b", bottleneck(4, 3))}]},
        {"type": "residual", "body": part("", convolution(6, 3))["layer"], "shortcut": part("near", convolution(6, 1))},
    ],
)  # fmt: skip
def test_layouts_have_the_tensors_of_modules(layer: dict[str, Any]) -> None:
    parsed = parse(Fields(sequence(part("x", layer))))
    layout = Layouts().of(parsed, Stream(8))
    shapes = {key: tuple(axis.size for axis in axes) for key, axes in layout.tensors.items()}
    assert shapes == {key: tuple(tensor.shape) for key, tensor in state_of(parsed, 8).items()}
    assert layout.output.size == outputs(parsed, 8) == build(parsed, 8)[2]


def test_candidates_of_their_own_lose_their_number() -> None:
    layers = sequence(
        part("a", choice("p", convolution(8, 1), {"type": "identity"}, convolution(8, 3))),
        part("b", {"type": "residual", "body": choice("q", NORM, NORM), "shortcut": part("down", convolution(8, 1))}),
    )
    found = taken(layers, {"p": 2, "q": 1})
    assert found["a.weight"].source == "a.2.weight"
    assert found["b.bias"].source == "b.1.bias"
    # The shortcut is one for all candidates, and stands under the number of each.
    assert found["b.down.weight"].source == "b.1.down.weight"
    assert "a.weight" not in taken(layers, {"p": 1, "q": 0})
    parsed = parse(Fields(fixed(layers, {"p": 2, "q": 1})))
    assert set(found) == set(state_of(parsed, 8))


def test_narrower_candidates_take_leading_channels_and_the_middle_of_windows() -> None:
    layers = sequence(part("x", choice("p", bottleneck(4, 3), bottleneck(16, 5), sharing="slices")))
    whole = state_of(parse(Fields(sequence(part("x", bottleneck(16, 5))))), 8)
    whole = {key: torch.randn(tensor.shape) if tensor.dim() else tensor for key, tensor in whole.items()}
    found = {key: one.take(whole) for key, one in taken(layers, {"p": 0}).items()}
    assert {key: tensor.shape for key, tensor in found.items()} == {
        key: tensor.shape for key, tensor in state_of(parse(Fields(sequence(part("x", bottleneck(4, 3))))), 8).items()
    }
    assert torch.equal(found["x.expand.weight"], whole["x.expand.weight"][:4])
    assert torch.equal(found["x.depth.conv.weight"], whole["x.depth.conv.weight"][:4, :, 1:4, 1:4])
    assert torch.equal(found["x.project.weight"], whole["x.project.weight"][:, :4])
    assert torch.equal(found["x.bn2.running_var"], whole["x.bn2.running_var"][:4])
    assert torch.equal(found["x.bn3.weight"], whole["x.bn3.weight"])
    # They are views, so that what is learned of a part is learned of the whole.
    assert (
        found["x.depth.conv.weight"].untyped_storage().data_ptr()
        == whole["x.depth.conv.weight"].untyped_storage().data_ptr()
    )
    assert all(torch.equal(one.take(whole), whole[key]) for key, one in taken(layers, {"p": 1}).items())


def test_of_several_blocks_the_leading_channels_of_each_are_taken() -> None:
    layers = sequence(part("x", choice("p", attention(16), attention(32), sharing="slices")))
    whole = state_of(parse(Fields(sequence(part("x", attention(32))))), 8)
    whole = {key: torch.randn(tensor.shape) if tensor.dim() else tensor for key, tensor in whole.items()}
    found = {key: one.take(whole) for key, one in taken(layers, {"p": 0}).items()}
    # What split attention reads are four blocks of eight channels, of each of which four are kept.
    rows = torch.cat([torch.arange(start, start + 4) for start in range(0, 32, 8)])
    assert torch.equal(found["x.conv1.weight"], whole["x.conv1.weight"][rows])
    assert torch.equal(found["x.bn1.bias"], whole["x.bn1.bias"][rows])
    # Its convolution gives two splits of two blocks of sixteen.
    rows = torch.cat([torch.arange(start, start + 8) for start in range(0, 64, 16)])
    assert torch.equal(found["x.conv2.conv.weight"], whole["x.conv2.conv.weight"][rows, :4])
    # What comes out are two blocks of sixteen.
    rows = torch.cat([torch.arange(start, start + 8) for start in range(0, 32, 16)])
    assert torch.equal(found["x.conv3.weight"], whole["x.conv3.weight"][:, rows])


def test_learned_matrices_make_smaller_windows() -> None:
    sizes = [(16, 7), (4, 3), (16, 5), (16, 3)]
    layers = sequence(part("x", choice("p", *(bottleneck(*size) for size in sizes), sharing="matrices")))
    whole = state_of(parse(Fields(sequence(part("x", bottleneck(16, 7))))), 8)
    folder = "x.depth.conv"
    whole |= {f"{folder}.7to5_matrix": torch.randn(25, 25), f"{folder}.5to3_matrix": torch.randn(9, 9)}
    kernel = whole[f"{folder}.weight"] = torch.randn(16, 1, 7, 7)
    five = torch.einsum("oik,jk->oij", kernel[:, :, 1:6, 1:6].flatten(2), whole[f"{folder}.7to5_matrix"])
    five = five.reshape(16, 1, 5, 5)
    three = torch.einsum("oik,jk->oij", five[:, :, 1:4, 1:4].flatten(2), whole[f"{folder}.5to3_matrix"])
    three = three.reshape(16, 1, 3, 3)
    for number, expected in enumerate((kernel, three[:4], five, three)):
        one = taken(layers, {"p": number})[f"{folder}.weight"]
        assert torch.allclose(one.take(whole), expected, atol=1e-5)
    # A tensor whose window is the same in all candidates has no matrices.
    assert not taken(layers, {"p": 1})["x.expand.weight"].matrices


def test_gradients_lead_back_to_the_whole() -> None:
    layers = sequence(part("x", choice("p", bottleneck(4, 3), bottleneck(16, 5), sharing="matrices")))
    kernel = nn.Parameter(torch.randn(16, 1, 5, 5))
    matrix = nn.Parameter(torch.eye(9))
    one = taken(layers, {"p": 0})["x.depth.conv.weight"]
    result = one.take({"x.depth.conv.weight": kernel, "x.depth.conv.5to3_matrix": matrix})
    kernel.grad, matrix.grad = torch.autograd.grad(result.sum(), [kernel, matrix])
    assert kernel.grad is not None and matrix.grad is not None
    assert kernel.grad[:4, :, 1:4, 1:4].all() and not kernel.grad[4:].any() and matrix.grad.all()


def test_stages_of_several_depths_hold_choices() -> None:
    block = choice("width", bottleneck(4, 3), bottleneck(8, 3), sharing="slices")
    layers = sequence(
        part("stage", choice("depth", {"type": "identity"}, sequence(part("0", block)), sharing="slices"))
    )
    assert not taken(layers, {"depth": 0, "width": 1})
    found = taken(layers, {"depth": 1, "width": 0})
    assert found["stage.0.expand.weight"].part[0].size == 4
    everything = {one.source for one in taken_tensors(parse(Fields(layers)), 8, all_candidates)}
    assert everything == set(state_of(parse(Fields(sequence(part("stage.0", bottleneck(8, 3))))), 8))
    assert fixed(layers, {"depth": 0, "width": 1}) == sequence(part("stage", {"type": "identity"}))
    assert fixed(layers, {"depth": 1, "width": 0}) == sequence(part("stage", sequence(part("0", bottleneck(4, 3)))))


@pytest.mark.parametrize(
    "layers",
    [
        choice("p", convolution(4, 2), convolution(4, 3), sharing="slices"),
        choice("p", convolution(4, 3, bias=True), convolution(8, 3), sharing="slices"),
        choice("p", sequence(part("other", convolution(4, 1))), convolution(8, 3), sharing="slices"),
    ],
)
def test_candidates_that_are_no_parts_are_refused(layers: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="candidate '0' is no part of the largest one, by its tensor"):
        taken(sequence(part("x", layers)), {"p": 0})


def test_of_equal_candidates_the_last_is_the_largest() -> None:
    layer = parse(Fields(choice("p", NORM, NORM, {"type": "identity"}, sharing="slices")))
    assert Layouts().largest(layer, 8) == 1  # type: ignore[arg-type]


def test_choices_within_choices_take_no_exponential_time() -> None:
    layer: dict[str, Any] = {"type": "identity"}
    for number in range(50):
        layer = choice(
            f"p{number}", {"type": "identity"}, sequence(part(str(number), NORM), part("", layer)), sharing="slices"
        )
    found = list(taken_tensors(parse(Fields(sequence(part("x", layer)))), 8, all_candidates))
    assert len(found) == 5 * 50
    assert norm_tensors("a", 2).keys() == {"a." + one.key.rpartition(".")[2] for one in found}
