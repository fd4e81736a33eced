"""The mathematics of a stand-alone ResNeSt written out by hand, from its tensors alone; and what its logits show.

It shares nothing with timm's network but the names of tensors, so where the two agree neither carries a slip of its
own. It can be told to commit one: an answer that tells none of them apart proves nothing about who passes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from timm_resnest import CANDIDATES
from torch import Tensor

State = Mapping[str, Tensor]

# What an import or a network could get wrong with all shapes right; `ByHand` can be told to.
SLIPS = (
    "epsilon of batch norm 1e-3",
    "padding of the block's pooling not counted",
    "the 3x3 strided, nothing pooled",
    "the shortcut strided, nothing pooled",
    "attention: splits averaged, not summed",
    "attention: no ReLU",
    "attention: radix and cardinality not swapped",
    "attention: sigmoid for two splits",
    "attention: one weight for one split",
    "cardinality-major groups of the 3x3",
)


class ByHand:
    """The features of a stand-alone network by its tensors alone, step by step as the papers have them."""

    def __init__(self, state: State, code: Sequence[int], depths: Sequence[int], slip: str = "") -> None:
        self.state, self.code, self.depths, self.slip = state, code, depths, slip

    def __call__(self, x: Tensor) -> Tensor:
        for conv, norm, stride in (("conv1.0", "conv1.1", 2), ("conv1.3", "conv1.4", 1), ("conv1.6", "bn1", 1)):
            x = self._norm(F.conv2d(x, self.state[f"{conv}.weight"], stride=stride, padding=1), norm).relu()
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        digits = iter(self.code)
        for stage, depth in enumerate(self.depths):
            for index in range(depth):
                x = self._block(x, f"layer{stage + 1}.{index}", next(digits), 2 if stage and not index else 1)
        return x.mean((2, 3))

    def logits(self, features: Tensor) -> Tensor:
        return features @ self.state["fc.weight"].T + self.state["fc.bias"]

    def _block(self, x: Tensor, key: str, digit: int, stride: int) -> Tensor:
        radix, cardinality, _ = CANDIDATES[digit]
        shortcut = x
        if not key.endswith(".0"):
            assert f"{key}.downsample.1.weight" not in self.state
        else:
            if stride == 2:
                shortcut = x[:, :, ::2, ::2] if self.slip == SLIPS[3] else self._mean_of_four(x)
            shortcut = F.conv2d(shortcut, self.state[f"{key}.downsample.1.weight"])
            shortcut = self._norm(shortcut, f"{key}.downsample.2")
        x = self._norm(F.conv2d(x, self.state[f"{key}.conv1.weight"]), f"{key}.bn1").relu()
        x = self._split_attention(x, f"{key}.conv2", radix, cardinality)
        if stride == 2:
            if self.slip == SLIPS[1]:
                x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
            elif self.slip == SLIPS[2]:
                x = x[:, :, ::2, ::2]
            else:
                x = F.avg_pool2d(F.pad(x, (1, 1, 1, 1)), 3, stride=2)
        return (self._norm(F.conv2d(x, self.state[f"{key}.conv3.weight"]), f"{key}.bn3") + shortcut).relu()

    def _split_attention(self, x: Tensor, key: str, radix: int, cardinality: int) -> Tensor:
        state, width = self.state, x.shape[1]
        kernel = state[f"{key}.conv.weight"]
        # Group r * cardinality + c of the convolution makes split r of cardinal group c.
        x = F.conv2d(x, kernel, padding=1, groups=radix * cardinality)
        x = self._norm(x, f"{key}.bn0").relu()
        splits = [x[:, r * width : (r + 1) * width] for r in range(radix)]
        if self.slip == SLIPS[9]:
            part = width // cardinality
            groups = x.split(part, 1)
            splits = [torch.cat([groups[c * radix + r] for c in range(cardinality)], 1) for r in range(radix)]
        pooled = sum(splits).mean((2, 3), keepdim=True)
        if self.slip == SLIPS[4]:
            pooled = pooled / radix
        hidden = F.conv2d(pooled, state[f"{key}.fc1.weight"], state[f"{key}.fc1.bias"], groups=cardinality)
        hidden = self._norm(hidden, f"{key}.bn1")
        hidden = hidden if self.slip == SLIPS[5] else hidden.relu()
        logits = F.conv2d(hidden, state[f"{key}.fc2.weight"], state[f"{key}.fc2.bias"], groups=cardinality)
        # Piece c * radix + r of the logits weighs split r of cardinal group c.
        pieces = logits.split(width // cardinality, 1)
        assert len(pieces) == cardinality * radix
        if self.slip == SLIPS[6]:
            by_split = [torch.cat(pieces[r * cardinality : (r + 1) * cardinality], 1) for r in range(radix)]
        else:
            by_split = [torch.cat(pieces[r::radix], 1) for r in range(radix)]
        if radix == 1:
            return splits[0] if self.slip == SLIPS[8] else splits[0] * by_split[0].sigmoid()
        largest = torch.stack(by_split).amax(0)
        weights = [(logit - largest).exp() for logit in by_split]
        if self.slip == SLIPS[7]:
            return sum(split * logit.sigmoid() for split, logit in zip(splits, by_split, strict=True))
        return sum(split * (weight / sum(weights)) for split, weight in zip(splits, weights, strict=True))

    def _norm(self, x: Tensor, key: str) -> Tensor:
        names = ("running_mean", "running_var", "weight", "bias")
        mean, variance, scale, shift = (self.state[f"{key}.{name}"].view(1, -1, 1, 1) for name in names)
        epsilon = 1e-3 if self.slip == SLIPS[0] else 1e-5
        return (x - mean) / (variance + epsilon).sqrt() * scale + shift

    @staticmethod
    def _mean_of_four(x: Tensor) -> Tensor:
        """Means of 2x2 pixels; at an odd edge of the two that are there, or of the one in the corner."""
        edge = (0, x.shape[3] % 2, 0, x.shape[2] % 2)
        there = F.pad(torch.ones_like(x[:1, :1]), edge)
        return F.avg_pool2d(F.pad(x, edge), 2) / F.avg_pool2d(there, 2)


def difference(value: Tensor, reference: Tensor) -> float:
    """The largest difference over the largest magnitude."""
    return ((value.double() - reference.double()).abs().max() / reference.double().abs().max()).item()


def double(state: State) -> dict[str, Tensor]:
    return {key: tensor.double() for key, tensor in state.items() if tensor.is_floating_point()}


@dataclass(frozen=True)
class Sight:
    """How much of a network its logits show: the least that they change by, relative to their largest."""

    least: float
    what: str
    slips: frozenset[str]

    @staticmethod
    def of(depths: Sequence[int], code: Sequence[int], state: State, images: Tensor) -> Sight:
        """Reverses the elements of every tensor, one at a time, and commits every slip that means anything here."""
        state, images = double(state), images.double()

        def logits(state: State, slip: str = "") -> Tensor:
            by_hand = ByHand(state, code, depths, slip)
            return by_hand.logits(by_hand(images))

        right = logits(state)
        reversed_ = {key: state | {key: tensor.flatten().flip(0).view_as(tensor)} for key, tensor in state.items()}
        effects = {key: difference(logits(other), right) for key, other in reversed_.items()}
        slips = {slip: value for slip in SLIPS if (value := difference(logits(state, slip), right)) > 0}
        effects |= slips
        what = min(effects, key=effects.__getitem__)
        return Sight(effects[what], what, frozenset(slips))
