"""Opens networks: a file with a card becomes a module with its weights."""

from __future__ import annotations

import os
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from supernet.cards import Card, naming, network_card
from supernet.detector import Detector
from supernet.errors import FileError
from supernet.files import read_tensors
from supernet.network import Network


def load(path: str | os.PathLike[str]) -> Network | Detector:
    """Opens a network that supernet wrote, ready for use: on the CPU and in evaluation mode.

    Args:
        path: a file such as `network.safetensors`.

    Returns:
        A `Detector` for a network that finds objects, a `Network` for any other.

    Raises:
        FileError: for a file that is damaged, is no network of supernet, or whose weights are not those of its network.
        OSError: if there is no such file, or it cannot be read.
    """
    file = read_tensors(path)
    return assemble(network_card(file.path, file.metadata, file.tensors), file.tensors, file.path)


def assemble(card: Card, tensors: Mapping[str, Tensor], path: str) -> Network | Detector:
    """Makes the module of a card with these weights, which it takes as they are.

    Raises:
        FileError: for a card that makes no network, or weights that are not its own; it names the file.
    """
    made = empty(card, path)
    own = {key: tensor for key, tensor in tensors.items() if card.head.reads(key)}
    check_keys(own, made.state_dict(), path)
    state = made.state_dict()
    # Types are the network's own: files may hold weights of another precision.
    made.load_state_dict({key: own[key].to(state[key].dtype) for key in state}, strict=True, assign=True)
    return made.eval()


def empty(card: Card, path: str) -> Network | Detector:
    """The module of a card, without memory for its weights: a card that somebody made up may ask for any amount.

    Raises:
        FileError: for a card that makes no network.
    """
    with naming(path), torch.device("meta"):
        return Detector(card) if card.head.kind == "detector" else Network(card)


def check_keys(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], path: str) -> None:
    """Holds the keys and shapes of tensors against those of a network.

    Raises:
        FileError: with what is missing, left over, or of another shape.
    """
    problems = [("missing", [key for key in wanted if key not in found])]
    problems.append(("unknown", [key for key in found if key not in wanted]))
    misshapen = [
        f"{key} of {list(found[key].shape)} instead of {list(tensor.shape)}"
        for key, tensor in wanted.items()
        if key in found and found[key].shape != tensor.shape
    ]
    problems.append(("of another shape", misshapen))
    words = [f"{what} are {listed(keys)}" for what, keys in problems if keys]
    if words:
        raise FileError(f"{path}: its tensors are not those of the network that it describes: {'; '.join(words)}")


def listed(keys: list[str]) -> str:
    """Keys in a message, of which there may be thousands."""
    return ", ".join(keys[:8]) + (f", and {len(keys) - 8} more" if len(keys) > 8 else "")


def count_parameters(module: nn.Module) -> int:
    """The number of learned values of a module."""
    return sum(parameter.numel() for parameter in module.parameters())
