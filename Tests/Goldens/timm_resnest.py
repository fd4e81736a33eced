"""ResNeSts of Pi-NAS's search space out of timm's blocks, which know nothing of `Benchmarks/peers/resnest.py`.

Needs timm (1.0.31) beside what `Scripts/bench-env` installs: `pip install --no-deps timm==1.0.31` and
`pip install pyyaml huggingface_hub`, in a copy of that environment.

timm's names of tensors are the published ones already:

    published key                           of timm
    conv1.0, .1, .3, .4, .6, bn1            ResNet(stem_type="deep"): conv1 is a Sequential with ReLU at 2 and 5
    layerL.i.conv1, .bn1                    ResNestBottleneck
    layerL.i.conv2.conv, .bn0, .fc1,
        .bn1, .fc2                          SplitAttn
    layerL.i.conv3, .bn3                    ResNestBottleneck
    layerL.i.downsample.1, .2               downsample_avg: a Sequential with the pooling, or nothing, at 0
    fc                                      ResNet
    layerL.i.c.X (supernet)                 Candidates, a ModuleList of ResNestBottlenecks, below

and act*, avd_last, maxpool, global_pool, bn2, drop*, rsoftmax have no tensors. What differs, and what bridges it:

- One kind of block for the whole network: ResNet takes a `Blocks` for its block class, which hands out the code's.
- SplitAttn rounds the attention's channels to a multiple of 8 (40 and 88 where the published networks have 42 and 84):
  built anew with `rd_channels`.
- A network of fewer than four stages: the missing ones are identities.
- The first stage's shortcut is projected only where the stem's channels differ from the block's: so they must.
- The expansion is 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

import torchvision_operators  # noqa: F401, I001 (first)
from timm.layers import SplitAttn  # noqa: E402
from timm.models.resnest import ResNestBottleneck  # noqa: E402
from timm.models.resnet import ResNet, resnet18  # noqa: E402

__all__ = ["CANDIDATES", "RESNEST50", "Design", "network", "path_state", "randomise", "resnet18"]

# Radix, cardinality and base width of candidates 0 to 3.
CANDIDATES = ((1, 1, 64), (2, 1, 64), (1, 2, 42), (2, 2, 40))


@dataclass(frozen=True)
class Design:
    """The sizes of a search space; the last layer has `classes` outputs, or is left out where that is 0."""

    planes: tuple[int, ...]
    depths: tuple[int, ...]
    stem_width: int
    classes: int

    @property
    def features(self) -> int:
        return 4 * self.planes[-1]


RESNEST50 = Design(planes=(64, 128, 256, 512), depths=(3, 4, 6, 3), stem_width=32, classes=1000)


def candidate(
    digit: int, inputs: int, planes: int, stride: int, downsample: nn.Module | None, **arguments: object
) -> ResNestBottleneck:
    """timm's block of one candidate, with as many channels in its attention as the published networks have."""
    radix, cardinality, base_width = CANDIDATES[digit]
    arguments |= {"radix": radix, "cardinality": cardinality, "base_width": base_width}
    block = ResNestBottleneck(inputs, planes, stride, downsample, avd=True, avd_first=False, **arguments)
    width = block.conv1.out_channels
    attention = max(width * radix // 4, 32)
    if block.conv2.fc1.out_channels != attention:
        block.conv2 = SplitAttn(
            width, radix=radix, groups=cardinality, rd_channels=attention // radix, norm_layer=nn.BatchNorm2d
        )
    assert block.conv2.fc1.out_channels == attention
    return block


class Candidates(nn.ModuleList):
    """The blocks that a supernet chooses from, which share one shortcut. It holds tensors; see `path_state`."""


class Blocks:
    """What timm's ResNet takes for a block class: with a code it makes the code's blocks one after another, without
    one every candidate."""

    expansion = 4

    def __init__(self, code: Sequence[int] | None) -> None:
        self.digits: Iterator[int] | None = None if code is None else iter(code)

    def __call__(
        self, inputs: int, planes: int, stride: int, downsample: nn.Module | None, **arguments: object
    ) -> nn.Module:
        if self.digits is not None:
            return candidate(next(self.digits), inputs, planes, stride, downsample, **arguments)
        digits = range(len(CANDIDATES))
        return Candidates([candidate(digit, inputs, planes, stride, downsample, **arguments) for digit in digits])


def network(design: Design, code: Sequence[int] | None) -> ResNet:
    """The stand-alone network of a code; without a code the supernet, which has no last layer and cannot be called."""
    if 2 * design.stem_width == 4 * design.planes[0]:
        raise ValueError(f"timm would not project the first shortcut of {design}: its channels are the stem's already")
    if code is not None and len(code) != sum(design.depths):
        raise ValueError(f"code {code} has not one digit for each of the {sum(design.depths)} blocks")
    model = ResNet(
        Blocks(code), design.depths, design.classes if code is not None else 0, channels=design.planes,
        stem_type="deep", stem_width=design.stem_width, avg_down=True, zero_init_last=False,
    )  # fmt: skip
    for missing in range(len(design.planes), 4):
        model.add_module(f"layer{missing + 1}", nn.Identity())
    return model.eval()


def path_state(state: Mapping[str, Tensor], code: Sequence[int], depths: Sequence[int]) -> dict[str, Tensor]:
    """A supernet's tensors on one path, under the keys of the stand-alone network: `layerL.i.c.X` is `layerL.i.X`."""
    digits = iter(code)
    wanted = {f"layer{stage + 1}.{i}": next(digits) for stage, depth in enumerate(depths) for i in range(depth)}
    result: dict[str, Tensor] = {}
    for key, tensor in state.items():
        block = ".".join(key.split(".")[:2])
        if block not in wanted:
            result[key] = tensor
        elif key.startswith(f"{block}.{wanted[block]}."):
            result[block + key.removeprefix(f"{block}.{wanted[block]}")] = tensor
    return result


def randomise(model: nn.Module, seed: int) -> None:
    """Gives every tensor values at which a slip of an import shows: nothing stays at 0 or 1.

    Kernels and matrices N(0, 1/fan-in); scales of batch norms and running variances U(0.5, 1.5); biases, of attention
    too, and running means N(0, 0.2^2).
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            leaf = name.rsplit(".", 1)[-1]
            if not tensor.is_floating_point():
                tensor.random_(1, 1000, generator=generator)
            elif tensor.dim() > 1:
                tensor.normal_(0, tensor[0].numel() ** -0.5, generator=generator)
            elif leaf in ("weight", "running_var"):
                tensor.uniform_(0.5, 1.5, generator=generator)
            else:
                tensor.normal_(0, 0.2, generator=generator)
