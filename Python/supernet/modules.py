"""Layers as modules of `torch.nn`, under the keys of the file, and the computation that leads through them.

Layers with tensors become modules; the others need none. `build` makes them, `attach` hangs them into the module that
owns them, and `evaluate` goes through the layers and computes.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from supernet.layers import (
    Activation,
    BatchNorm,
    Cell,
    Choice,
    Convolution,
    Dropout,
    Gate,
    Global,
    GlobalPool,
    Identity,
    Join,
    Layer,
    Linear,
    Pad,
    Pool,
    Residual,
    Resize,
    Sequence,
    SplitAttention,
    Squeeze,
    Tap,
    Zero,
    join,
)


class SplitAttentionModule(nn.Module):
    """Splits of a 3x3 convolution, summed with weights that each image chooses (Zhang et al., "ResNeSt", 2020)."""

    def __init__(self, width: int, layer: SplitAttention) -> None:
        super().__init__()
        radix, cardinality, dilation = layer.radix, layer.cardinality, layer.dilation
        self.radix, self.cardinality = radix, cardinality
        reduced = attention_width(width, radix, cardinality)
        groups = cardinality * radix
        self.conv = nn.Conv2d(width, width * radix, 3, padding=dilation, dilation=dilation, groups=groups, bias=False)
        self.bn0 = nn.BatchNorm2d(width * radix)
        self.fc1 = nn.Conv2d(width, reduced, 1, groups=cardinality)
        self.bn1 = nn.BatchNorm2d(reduced)
        self.fc2 = nn.Conv2d(reduced, width * radix, 1, groups=cardinality)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W] to the same shape."""
        splits = F.relu(self.bn0(self.conv(x)))
        splits = splits.reshape(len(x), self.radix, -1, *splits.shape[2:])  # [N, R, C, H, W]
        pooled = splits.sum(1).mean((2, 3), keepdim=True)  # [N, C, 1, 1]
        logits: Tensor = self.fc2(F.relu(self.bn1(self.fc1(pooled))))  # [N, R * C, 1, 1], group after group
        if self.radix == 1:
            weights = logits.sigmoid()
        else:
            weights = logits.reshape(len(x), self.cardinality, self.radix, -1).transpose(1, 2).softmax(1)
        return (splits * weights.reshape(len(x), self.radix, -1, 1, 1)).sum(1)


def attention_width(width: int, radix: int, cardinality: int) -> int:
    """The channels between the two layers that weigh the splits: a quarter of the splits' channels, at least 32,
    rounded up to a multiple of the groups."""
    return -(-max(width * radix // 4, 32) // cardinality) * cardinality


def build(layer: Layer, inputs: int) -> tuple[dict[str, nn.Module], dict[str, int], int]:
    """Makes the modules of a layer without choices.

    Args:
        layer: the layer.
        inputs: the number of channels that come in.

    Returns:
        The modules by their paths, the channels of each map that is handed out by its name, and the number of channels
        or features that come out.

    Raises:
        ValueError: for layers that do not fit together, stand under one key, or are choices.
    """
    builder = _Builder()
    outputs = builder.add(layer, "", inputs)
    return builder.modules, builder.map_channels, outputs


class _Builder:
    """The way through the layers on which their modules are made."""

    def __init__(self) -> None:
        self.modules: dict[str, nn.Module] = {}
        self.map_channels: dict[str, int] = {}

    def put(self, path: str, module: nn.Module) -> None:
        if not path:
            raise ValueError("a layer with tensors stands under no key")
        if path in self.modules:
            raise ValueError(f"two layers stand under the key `{path}`")
        self.modules[path] = module

    def add(self, layer: Layer, path: str, channels: int) -> int:
        """Adds the modules of a layer; `channels` come in, and the result is how many come out."""
        match layer:
            case Convolution():
                if channels % layer.groups or layer.outputs % layer.groups:
                    raise ValueError(f"`{path}`: its channels must be divisible by its {layer.groups} groups")
                options = (layer.stride, layer.padding, layer.dilation, layer.groups, layer.bias)
                self.put(path, nn.Conv2d(channels, layer.outputs, layer.kernel, *options))
                return layer.outputs
            case BatchNorm():
                self.put(path, nn.BatchNorm2d(channels))
            case Linear(outputs):
                self.put(path, nn.Linear(channels, outputs))
                return outputs
            case SplitAttention(cardinality=cardinality):
                if channels % cardinality:
                    raise ValueError(
                        f"`{path}`: {channels} channels cannot be divided by the cardinality {cardinality}"
                    )
                self.put(path, SplitAttentionModule(channels, layer))
            case Sequence(parts):
                for part in parts:
                    channels = self.add(part.layer, join(path, part.key), channels)
            case Residual(body, shortcut):
                if shortcut:
                    self.add(shortcut.layer, join(path, shortcut.key), channels)
                return self.add(body, path, channels)
            case Global(body):
                return self.add(body, path, channels)
            case Join(parts):
                return sum(self.add(part.layer, join(path, part.key), channels) for part in parts)
            case Cell(edges):
                nodes = {0: channels}
                for edge in edges:
                    nodes[edge.end] = self.add(edge.part.layer, join(path, edge.part.key), nodes[edge.start])
                return nodes[max(nodes)]
            case Gate(body):
                self.add(body, path, channels)
            case Tap(name):
                self.map_channels[name] = channels
            case Choice(point):
                raise ValueError(f"`{path}` is a choice at '{point}', which no finished network has")
            case Activation() | Pad() | Pool() | GlobalPool() | Squeeze() | Resize() | Dropout() | Identity() | Zero():
                pass  # nothing is learned
            case _:
                raise TypeError(f"`{path}` is no layer")
        return channels


def attach(root: nn.Module, modules: Mapping[str, nn.Module]) -> None:
    """Hangs modules into another one under their paths.

    Any key is taken, `forward` and `training` included, so they go into PyTorch's table of modules itself:
    `add_module` refuses names that the module has attributes of.
    """
    for path in sorted(modules, key=len):  # what is outside comes before what lies in it
        *folders, name = path.split(".")
        parent = root
        for folder in folders:
            inner = parent._modules.setdefault(folder, nn.Module())
            assert inner is not None
            parent = inner
        parent._modules[name] = modules[path]


def module_at(root: nn.Module, path: str) -> nn.Module:
    """The module under a path, whatever attributes have its names."""
    for name in path.split("."):
        inner = root._modules[name]
        assert inner is not None
        root = inner
    return root


def put_tensors(root: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Puts tensors in place of the parameters and buffers under their keys, as they are: gradients lead through
    them."""
    for key, tensor in tensors.items():
        path, _, name = key.rpartition(".")
        place = module_at(root, path)
        (place._parameters if name in place._parameters else place._buffers)[name] = tensor  # type: ignore[assignment]


def evaluate(root: nn.Module, layer: Layer, path: str, x: Tensor, maps: dict[str, Tensor]) -> Tensor:
    """Computes what a layer makes of `x`.

    Args:
        root: the module that `attach` hung the layer's modules into.
        layer: the layer.
        path: the path of the layer.
        x: what comes in, [N, C, H, W] or [N, C].
        maps: takes what the layer hands out on the way, by name.
    """
    match layer:
        case Convolution() | BatchNorm() | Linear() | SplitAttention():
            result: Tensor = module_at(root, path)(x)
            return result
        case Activation("relu"):
            return F.relu(x)
        case Activation("relu6"):
            return F.relu6(x)
        case Activation("hard-swish"):
            return F.hardswish(x)
        case Activation():
            return F.hardsigmoid(x)
        case Pad(before, after):
            return F.pad(x, (before, after, before, after))
        case Pool("max", kernel, stride, padding):
            return F.max_pool2d(x, kernel, stride, padding)
        case Pool("average", kernel, stride, padding, ceil, counts_padding):
            return F.avg_pool2d(x, kernel, stride, padding, ceil, counts_padding)
        case GlobalPool():
            return x.mean((2, 3))
        case Squeeze():
            return x.mean((2, 3), keepdim=True)
        case Gate(body):
            return x * evaluate(root, body, path, x, maps)
        case Resize(height, width):
            return F.interpolate(x, (height, width), mode="bilinear", align_corners=False)
        case Global(body):
            return evaluate(root, body, path, x.mean((2, 3), keepdim=True), maps).expand(-1, -1, *x.shape[2:])
        case Join(parts):
            return torch.cat([evaluate(root, part.layer, join(path, part.key), x, maps) for part in parts], 1)
        case Dropout(probability, of_channels):
            return (F.dropout2d if of_channels else F.dropout)(x, probability, root.training)
        case Tap(name):
            maps[name] = x
            return x
        case Identity():
            return x
        case Zero(stride):
            return torch.zeros_like(x[:, :, ::stride, ::stride] if x.dim() == 4 else x)
        case Sequence(parts):
            for part in parts:
                x = evaluate(root, part.layer, join(path, part.key), x, maps)
            return x
        case Residual(body, shortcut, relu):
            y = evaluate(root, body, path, x, maps)
            added = evaluate(root, shortcut.layer, join(path, shortcut.key), x, maps) if shortcut else x
            return F.relu(added + y) if relu else added + y
        case Cell(edges):
            nodes = {0: x}
            for edge in edges:
                y = evaluate(root, edge.part.layer, join(path, edge.part.key), nodes[edge.start], maps)
                nodes[edge.end] = nodes[edge.end] + y if edge.end in nodes else y
            return nodes[max(nodes)]
        case Choice(point):
            raise ValueError(f"`{path}` is a choice at '{point}', which no finished network has")
        case _:
            raise TypeError(f"`{path}` is no layer")
