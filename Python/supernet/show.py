"""Says what a network is, and what it sees in images: `python -m supernet.show network.safetensors photo.png photos/`.

With `--tensors in.safetensors --out out.safetensors`, `images` [N, C, H, W], normalised as the card says, become
`logits` [N, outputs]; that needs PyTorch alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F

from supernet.detector import Detector
from supernet.errors import SupernetError
from supernet.files import read_tensors, write_tensors
from supernet.images import image_files
from supernet.loading import count_parameters, load
from supernet.network import Network
from supernet.predictions import (
    AgeAndGenderPrediction,
    AgePrediction,
    ClassPrediction,
    Prediction,
    SegmentationPrediction,
)

MOST_NAMES = 20
"""The most names of classes that are told."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; what is wrong with files ends the process with a message and the exit code 1.

    Args:
        arguments: the arguments; none for those of the process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m supernet.show", description="Opens a network that supernet wrote, and says what images show."
    )
    parser.add_argument("network", help="a network.safetensors of supernet")
    parser.add_argument("images", nargs="*", type=Path, help="images, or folders of images")
    parser.add_argument("--tensors", help="a safetensors file with normalised `images` [N, C, H, W]")
    parser.add_argument("--out", default="logits.safetensors", help="where their `logits` [N, outputs] are written")
    parser.add_argument("--least", type=float, default=0.5, help="of objects, the least probability of what is told")
    options = parser.parse_args(arguments)
    try:
        network = load(options.network).requires_grad_(False)
        files = image_files(options.images)
        if isinstance(network, Detector):
            if options.tensors:
                parser.error("--tensors is for networks that are no detectors")
            _show_objects(network, files, options.least)
            return
        if options.tensors:
            _compute(network, options.tensors, options.out)
        else:
            print(f"{count_parameters(network):,} parameters, {_described(network)}")
        _show(network, files)
    except (SupernetError, OSError, ImportError) as error:
        sys.exit(str(error))


def _compute(network: Network, source: str, target: str) -> None:
    tensors = read_tensors(source, weights=False).tensors
    if "images" not in tensors:
        raise SupernetError(f"{source} holds no tensor `images`")
    write_tensors(target, {"logits": network(tensors["images"])})


def _described(network: Network) -> str:
    """The classes of a network, or the task of one without."""
    names = network.classes
    if not names:
        return network.task
    return f"{len(names)} classes: {', '.join(names[:MOST_NAMES])}{', …' if len(names) > MOST_NAMES else ''}"


def _show(network: Network, files: list[Path]) -> None:
    if network.embeds:
        if len(files) > 1:
            _show_likeness(network, files)
        return
    for file in files:
        print(f"{file}: {words(network.predict(file))}")


def words(prediction: Prediction) -> str:
    """A prediction in words."""
    match prediction:
        case ClassPrediction():
            return f"{prediction.name}, {prediction.probability:.1%}"
        case AgePrediction(years):
            return f"{years:.1f} years"
        case AgeAndGenderPrediction(years, gender, probability):
            return f"{years:.1f} years, {gender}, {probability:.1%}"
        case SegmentationPrediction(shares):
            return ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
    raise TypeError(f"{type(prediction).__name__} is told elsewhere")


def _show_likeness(network: Network, files: list[Path]) -> None:
    """For each image the one of the others that is most like it, by the cosine of their embeddings."""
    embeddings = F.normalize(torch.cat([network(network.preprocess(file)) for file in files]))
    likeness = embeddings @ embeddings.T - 2 * torch.eye(len(files))
    for file, row in zip(files, likeness, strict=True):
        print(f"{file}: {files[int(row.argmax())]}, {row.max():.3f}")


def _show_objects(detector: Detector, files: list[Path], least: float) -> None:
    names = detector.classes
    shown = ", ".join(names[:MOST_NAMES])
    print(f"{count_parameters(detector):,} parameters, {len(names)} classes: {shown}")
    for file in files:
        for found in detector.detect(file):
            if found.probability >= least:
                corners = ", ".join(f"{value:.2f}" for value in found.box)
                print(f"{file}: {found.name} {found.probability:.4f} at {corners}")


if __name__ == "__main__":
    main()
