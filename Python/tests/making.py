"""Makes files as supernet writes them, for tests: an implementation of its own, by the description of the format."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

NAMES = {torch.float32: "F32", torch.float64: "F64", torch.bfloat16: "BF16", torch.int64: "I64", torch.uint8: "U8"}


def tensor_bytes(tensor: Tensor) -> bytes:
    """The bytes of a tensor."""
    return tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()


def tensor_file(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None, *, checksums: bool = False
) -> Path:
    """Writes a safetensors file, with checksums as supernet has them if wanted."""
    contents = {key: tensor_bytes(tensor) for key, tensor in tensors.items()}
    header: dict[str, Any] = {"__metadata__": dict(metadata or {})}
    offset = 0
    for key, tensor in tensors.items():
        end = offset + len(contents[key])
        header[key] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    if checksums:
        header["__metadata__"]["supernet.crc32"] = "0" * 8 * (1 + len(tensors))
    text = json.dumps(header, separators=(",", ":"))
    if checksums:
        text = text.replace('"supernet.crc32":', '"supernet.crc32" :')
    text += " " * (-len(text) % 8)
    start = len(text).to_bytes(8, "little") + text.encode()
    if checksums:
        place = start.index(b'"supernet.crc32" :"') + len(b'"supernet.crc32" :"')
        digits = "".join(f"{zlib.crc32(content):08x}" for content in contents.values()).encode()
        start = start[: place + 8] + digits + start[place + 8 + len(digits) :]
        start = start[:place] + f"{zlib.crc32(start):08x}".encode() + start[place + 8 :]
    path.write_bytes(start + b"".join(contents.values()))
    return path


def part(key: str, layer: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "layer": layer}


def sequence(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "sequence", "parts": list(parts)}


def convolution(outputs: int, kernel: int, **more: Any) -> dict[str, Any]:
    return {"type": "convolution", "outputs": outputs, "kernel": kernel, **more}


NORM: dict[str, Any] = {"type": "batch-norm"}
RELU = part("", {"type": "relu"})
GLOBAL_POOL = part("", {"type": "global-pool"})


def backbone() -> dict[str, Any]:
    """A convolution, batch norm, ReLU, and the mean over the image: four features."""
    return sequence(part("stem", convolution(4, 3)), part("norm", NORM), RELU, GLOBAL_POOL)


def card(layers: dict[str, Any], classes: int = 3, **more: Any) -> dict[str, Any]:
    """The card of a network that classifies images of 8 x 8 pixels."""
    return {
        "classNames": [f"class {number}" for number in range(classes)],
        "imageSize": 8,
        "mean": [0.5],
        "std": [0.25],
        "network": {"channels": 3, "classes": classes, "backbone": layers},
    } | more


def supernet_card(layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The card of a supernet for images of 8 x 8 pixels."""
    return {
        "supernet": {"name": "small", "channels": 3, "backbone": layers},
        "method": "spos",
        "task": "classification",
        "classNames": ["a", "b"],
        "imageSize": 8,
        "mean": [0.5],
        "std": [0.25],
        "steps": [{"stretch": 8}],
    } | more


def norm_tensors(key: str, channels: int) -> dict[str, Tensor]:
    """Random tensors of a batch norm."""
    return {
        f"{key}.weight": torch.rand(channels) + 0.5,
        f"{key}.bias": torch.randn(channels) * 0.3,
        f"{key}.running_mean": torch.randn(channels) * 0.3,
        f"{key}.running_var": torch.rand(channels) + 0.5,
        f"{key}.num_batches_tracked": torch.tensor(3),
    }


def backbone_tensors() -> dict[str, Tensor]:
    """Random tensors of `backbone`."""
    return {"stem.weight": torch.randn(4, 3, 3, 3), **norm_tensors("norm", 4)}


def network_tensors(classes: int = 3) -> dict[str, Tensor]:
    """Random tensors of `card(backbone())`."""
    return backbone_tensors() | {"fc.weight": torch.randn(classes, 4), "fc.bias": torch.randn(classes)}


def network_file(
    path: Path, stored: Mapping[str, Any] | None = None, tensors: Mapping[str, Tensor] | None = None
) -> Path:
    """Writes a small network."""
    metadata = {"supernet.card": json.dumps(stored or card(backbone())), "format": "pt"}
    return tensor_file(path, tensors if tensors is not None else network_tensors(), metadata, checksums=True)
