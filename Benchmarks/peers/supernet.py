"""A ResNeSt supernet in plain PyTorch: every block is four candidates, of which a path picks one.

The peer of the Swift supernet: same mathematics, same `state_dict` keys.

Source: J. Peng et al., "Pi-NAS", ICCV 2021, section 4.1.

Run as a script it prints the number of parameters, and checks keys and shapes against a list of lines
`key (shape) dtype`:

    python Benchmarks/peers/supernet.py --keys resnest50-supernet-keys.txt
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from resnest import (
    CANDIDATES,
    Bottleneck,
    ResNeSt,
    Stem,
    describe_state,
    differences,
    parameter_count,
)
from torch import Tensor, nn

# A candidate's number for every block.
Code = tuple[int, ...]


@dataclass(frozen=True)
class Sizes:
    """What a supernet is built from; see `ResNeSt` for the fields."""

    planes: tuple[int, ...]
    depths: tuple[int, ...]
    channels: int
    stem: Stem
    stem_width: int
    expansion: int = 4

    def network(self, code: Sequence[int], classes: int) -> ResNeSt:
        """The stand-alone network of one code."""
        return ResNeSt(
            code, self.planes, self.depths, classes, self.channels, self.stem, self.stem_width, self.expansion
        )

    @property
    def blocks(self) -> int:
        return sum(self.depths)

    @property
    def features(self) -> int:
        """Channels of the last block."""
        return self.planes[-1] * self.expansion


class Supernet(nn.Module):
    """A ResNeSt each of whose blocks is four candidates, of which a path picks one. It has no head.

    The candidates of a block share one projected shortcut. Keys: `layerL.i.c.…` for candidate c of block i.

    Shapes: [N, channels, H, W] to [N, features, H', W'].
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        # A network of candidate 0 throughout, whose blocks get the other three as siblings.
        first = sizes.network((0,) * sizes.blocks, classes=1)
        self.conv1 = first.conv1
        self.bn1 = first.bn1
        self.relu = first.relu
        self.maxpool = first.maxpool
        self.blocks: list[nn.ModuleList] = []
        for stage, (name, planes) in enumerate(zip(first.stages, sizes.planes, strict=True)):
            blocks = nn.ModuleList()
            for index, block in enumerate(first.get_submodule(name).children()):
                assert isinstance(block, Bottleneck)
                candidates = nn.ModuleList([block])
                for candidate in CANDIDATES[1:]:
                    stride = 2 if index == 0 and stage > 0 else 1
                    sibling = Bottleneck(
                        block.conv1.in_channels, planes, candidate, stride, index == 0, sizes.expansion
                    )
                    sibling.downsample = block.downsample
                    candidates.append(sibling)
                blocks.append(candidates)
                self.blocks.append(candidates)
            self.add_module(name, blocks)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """As in the stand-alone network, but every block starts as its shortcut: the last scale is 0."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                height, width = module.kernel_size
                nn.init.normal_(module.weight, 0.0, math.sqrt(2.0 / (height * width * module.out_channels)))
            elif isinstance(module, Bottleneck):
                nn.init.zeros_(module.bn3.weight)

    def forward(self, x: Tensor, path: Sequence[int]) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for candidates, choice in zip(self.blocks, path, strict=True):
            x = candidates[choice](x)
        return x

    def path_parameters(self, path: Sequence[int]) -> Iterator[nn.Parameter]:
        """Those that `path` goes through: the stem's, and those of its blocks with their shortcuts."""
        yield from self.conv1.parameters()
        yield from self.bn1.parameters()
        for candidates, choice in zip(self.blocks, path, strict=True):
            yield from candidates[choice].parameters()


def disjoint_paths(blocks: int, generator: random.Random) -> tuple[Code, Code]:
    """Two paths that differ at every block."""
    pairs = [generator.sample(range(len(CANDIDATES)), 2) for _ in range(blocks)]
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=Path, help="a file of lines 'key (shape) dtype' to check against")
    arguments = parser.parse_args()
    model = Supernet(Sizes((64, 128, 256, 512), (3, 4, 6, 3), 3, "imagenet", 32))
    print(f"distinct parameters: {parameter_count(model):,}")
    if arguments.keys is not None:
        expected, actual = arguments.keys.read_text().splitlines(), describe_state(model)
        wrong = differences(expected, actual)
        for line in wrong:
            print(line)
        order = "the same" if expected == actual else "different"
        print(f"keys: {len(actual)}, differing from {arguments.keys.name}: {len(wrong)}, order: {order}")
        raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
