"""Supernets: many networks in one file, each of which can be taken out."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from supernet.cards import CLASSIFICATION, SupernetCard, naming, parse_card, supernet_card
from supernet.described import Described
from supernet.errors import FileError, SupernetError
from supernet.files import read_tensors
from supernet.layouts import outputs
from supernet.loading import assemble, empty, listed
from supernet.modules import put_tensors
from supernet.network import Network
from supernet.paths import Taken, all_candidates, fixed, taken_tensors

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""The names of tensors that are not learned."""


def load_supernet(path: str | os.PathLike[str]) -> Supernet:
    """Opens a file that holds all paths of a supernet.

    Args:
        path: a file such as `supernet.safetensors`.

    Raises:
        FileError: for a file that is damaged, is no supernet of supernet's, or lacks tensors of its paths.
        OSError: if there is no such file, or it cannot be read.
    """
    file = read_tensors(path)
    return Supernet(supernet_card(file.path, file.metadata), file.tensors, file.path)


class Supernet(Described, nn.Module):
    """A network that holds all candidates of every choice. A path takes one of each, and paths share the tensors of the
    candidates that they have in common.

    Its tensors stand under the keys of the file. **The running statistics of batch norms are those of the file: a
    mixture over all paths that were trained, which suits none of them.** Before a path is used, give it statistics of
    its own with `recalibrate`, as `supernet search` does. Only a supernet that was made of one trained network has that
    network's own.

    Args:
        card: the card of the file.
        tensors: its tensors.
        path: the file, for messages.

    Raises:
        FileError: if the tensors are not those of the card.
    """

    _card: SupernetCard

    def __init__(self, card: SupernetCard, tensors: Mapping[str, Tensor], path: str = "supernet") -> None:
        super().__init__()
        self._card, self._path = card, path
        with naming(path, "supernet"):
            wanted = list(taken_tensors(card.backbone, card.preparation.channels, all_candidates))
            self._features = outputs(card.backbone, card.preparation.channels)
        _check(wanted, tensors, path)
        made: dict[int, nn.Parameter] = {}
        for key, tensor in tensors.items():
            *folders, name = key.split(".")
            place: nn.Module = self
            for folder in folders:
                inner = place._modules.setdefault(folder, nn.Module())
                assert inner is not None
                place = inner
            # As in `modules.attach`, any key is taken.
            if name in BUFFERS or not tensor.is_floating_point():
                place._buffers[name] = tensor
            else:
                # Tensors under several keys are one parameter.
                place._parameters[name] = made.setdefault(id(tensor), nn.Parameter(tensor.float()))
        self.eval()

    @property
    def space(self) -> dict[str, list[str]]:
        """The names of the choices, each with the names of its candidates, in the order of a path's numbers."""
        return {point: list(names) for point, names in self._card.space.items()}

    @property
    def paths(self) -> int:
        """The number of paths."""
        return math.prod(map(len, self._card.space.values()))

    def forward(self, images: Tensor, choices: Sequence[int] | str) -> Tensor:
        """Computes one path, with gradients that lead to the supernet's own tensors.

        In training mode batch norm moves the supernet's running statistics, except where a candidate takes the leading
        channels of several blocks, which are copied.

        Args:
            images: the images [N, C, H, W], prepared as the card says.
            choices: the path, as for `path`.

        Returns:
            The outputs of the path's network.

        Raises:
            ValueError: for a path that the supernet does not have.
            SupernetError: as `path`.
        """
        candidate_of = self._candidates(choices)
        parameters, buffers = self.named_parameters(remove_duplicate=False), self.named_buffers(remove_duplicate=False)
        tensors = {**dict(parameters), **dict(buffers)}
        with self._naming():
            card = parse_card(self._path_card(candidate_of, tensors))
            state = self._state(candidate_of, tensors)
        made = empty(card, self._path).train(self.training)
        put_tensors(made, {key: state[key] if key in state else tensors[key] for key in made.state_dict()})
        result: Tensor = made(images)
        return result

    def path(self, choices: Sequence[int] | str, probe: str | os.PathLike[str] | None = None) -> Network:
        """Takes a path out as a network of its own, with copies of its weights; its keys lack the candidates' numbers.

        Its batch norms have the supernet's statistics, which are a mixture over all paths: see `recalibrate`.

        Args:
            choices: the number of the candidate at each choice, in the order of `space`; or as text, as archives write
                it, such as `"2 0 1"`.
            probe: for a supernet without a classifier, the file `probe.safetensors` of its study. Without one, the
                network gives features, [N, F].

        Raises:
            ValueError: for a path that the supernet does not have.
            FileError: for a probe that is none, or none of this supernet.
            SupernetError: for a supernet of detectors, whose file does not say what its head is.
        """
        candidate_of = self._candidates(choices)
        tensors = {key: tensor.detach() for key, tensor in self.state_dict().items()}
        source, head = self._path, {key: tensor for key, tensor in tensors.items() if key.startswith("fc.")}
        if probe is not None:
            source = os.fspath(probe)
            file = read_tensors(probe)
            head = {key: tensor for key, tensor in file.tensors.items() if key.startswith("fc.")}
            if _head_of(head) is None:
                raise FileError(f"{source} holds no classifier: name the probe.safetensors of the supernet's own study")
        with self._naming():
            card = parse_card(self._path_card(candidate_of, head))
            state = {key: tensor.clone() for key, tensor in self._state(candidate_of, tensors).items()}
        made = assemble(card, state | {key: tensor.clone() for key, tensor in head.items()}, source)
        assert isinstance(made, Network)
        return made

    @staticmethod
    def recalibrate(network: nn.Module, batches: Iterable[Tensor]) -> None:
        """Gives the batch norms of a network statistics of its own: the mean over the batches of each batch's mean and
        unbiased variance (BN recalibration).

        Args:
            network: the network, which is changed; its modes are left as they are.
            batches: prepared images [N, C, H, W] of the training data, with at least two values for each channel.

        Raises:
            ValueError: for no batches.
        """
        norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
        modes = [(module, module.training) for module in network.modules()]
        momenta = [norm.momentum for norm in norms]
        network.eval()
        for norm in norms:
            norm.reset_running_stats()
            norm.training, norm.momentum = True, None  # without a momentum, PyTorch takes the mean over the batches
        count = 0
        try:
            with torch.no_grad():
                for batch in batches:
                    network(batch)
                    count += 1
        finally:
            for module, training in modes:
                module.training = training
            for norm, momentum in zip(norms, momenta, strict=True):
                norm.momentum = momentum
        if count == 0:
            raise ValueError("there are no batches to take statistics of")

    def _naming(self) -> AbstractContextManager[None]:
        return naming(self._path, "supernet")

    def _candidates(self, choices: Sequence[int] | str) -> dict[str, int]:
        """The number of the candidate by the name of the choice.

        Raises:
            ValueError: for a path that is none.
        """
        space = self._card.space
        try:
            numbers = [int(number) for number in (choices.split() if isinstance(choices, str) else choices)]
        except ValueError:
            raise ValueError(f"a path is the numbers of its candidates, such as '2 0 1', not {choices!r}") from None
        if len(numbers) != len(space):
            raise ValueError(
                f"the path has {len(numbers)} numbers, the supernet has {len(space)} choices: {', '.join(space)}"
            )
        for number, (point, names) in zip(numbers, space.items(), strict=True):
            if not 0 <= number < len(names):
                known = ", ".join(names)
                raise ValueError(
                    f"at '{point}' the path takes candidate {number}; there are 0 to {len(names) - 1}: {known}"
                )
        return dict(zip(space, numbers, strict=True))

    def _state(self, candidate_of: Mapping[str, int], tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The tensors of a path's layers, by the keys of the stand-alone network."""
        card = self._card
        taken = taken_tensors(card.backbone, card.preparation.channels, lambda choice: [candidate_of[choice.point]])
        return {one.key: one.take(tensors) for one in taken}

    def _path_card(self, candidate_of: Mapping[str, int], tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        """The card of a path's network, as `supernet export --path` writes it, with the head that these tensors are."""
        card = self._card
        head = _head_of(tensors)
        if card.task in ("detection", "instance-segmentation"):
            raise SupernetError(
                f"{self._path} is a supernet of detectors, whose file does not say what their head is; "
                "`supernet adapt` writes the networks of its paths"
            )
        if card.task == "segmentation":
            head = {"kind": "map", "outputs": self._features}
        classes = list(card.classes) if head else []
        if head and len(classes) != head["outputs"] and (classes or card.task == CLASSIFICATION):
            # A probe may have learned other images than the supernet.
            classes = [str(number) for number in range(head["outputs"])]
        stored = card.stored["supernet"]
        layers = {"channels": stored["channels"], "classes": 0, "backbone": fixed(stored["backbone"], candidate_of)}
        kept = ("imageSize", "mean", "std", "steps", "resize", "orientation")
        made: dict[str, Any] = {key: card.stored[key] for key in kept if key in card.stored}
        made |= {"task": card.task, "network": layers, "classNames": classes}
        if head and head["kind"] == "linear":
            layers["classes"] = head["outputs"]
        elif head:
            made["head"] = head
        return made


def _head_of(tensors: Mapping[str, Tensor]) -> dict[str, Any] | None:
    """The head that tensors under `fc` are, as a card says it; none where they are none that is known by them."""
    for key, kind, rank in (("fc.neck.weight", "neck", 1), ("fc.weight", "linear", 2)):
        if key in tensors and tensors[key].dim() == rank:
            return {"kind": kind, "outputs": len(tensors[key])}
    return None


def _check(wanted: Iterable[Taken], tensors: Mapping[str, Tensor], path: str) -> None:
    """Holds a file against all that its paths take."""
    shapes: dict[str, list[int]] = {}
    for one in wanted:
        shapes[one.source] = [axis.size for axis in one.whole]
        shapes |= {key: [smaller**2, smaller**2] for (_, smaller), key in one.matrices.items()}
    missing = [key for key in shapes if key not in tensors]
    unknown = [key for key in tensors if key not in shapes and not key.startswith(("fc.", "neck."))]
    if missing:
        raise FileError(f"{path} lacks tensors of its paths: {listed(missing)}")
    if unknown:
        raise FileError(f"{path} has tensors that belong to none of its paths: {listed(unknown)}")
    for key, shape in shapes.items():
        if list(tensors[key].shape) != shape:
            raise FileError(f"{path}: tensor `{key}` has the shape {list(tensors[key].shape)} instead of {shape}")
