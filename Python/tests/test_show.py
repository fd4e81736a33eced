"""The command `python -m supernet.show`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from making import network_file, tensor_file
from PIL import Image

import supernet
from supernet.files import read_tensors
from supernet.show import main


def test_a_network_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photos").mkdir()
    image = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    for name in ("b.png", "a.png"):
        Image.fromarray(image).save(tmp_path / "photos" / name)
    path = network_file(tmp_path / "network.safetensors")
    main([str(path), str(tmp_path / "photos"), str(tmp_path / "photos" / "b.png")])
    found = supernet.load(path).predict(image)
    told = f"{found.name}, {found.probability:.1%}"  # type: ignore[union-attr]
    assert capsys.readouterr().out.splitlines() == [
        "131 parameters, 3 classes: class 0, class 1, class 2",
        f"{tmp_path}/photos/a.png: {told}",
        f"{tmp_path}/photos/b.png: {told}",
        f"{tmp_path}/photos/b.png: {told}",
    ]


@pytest.mark.parametrize(
    ("file", "first"),
    [
        ("adapted/age/joint/network.safetensors", "age"),
        ("adapted/age-and-gender/joint/network.safetensors", "age-and-gender"),
        ("adapted/gender/joint/network.safetensors", "2 classes: male, female"),
    ],
)
def test_other_tasks_are_told(earlier: Path, capsys: pytest.CaptureFixture[str], file: str, first: str) -> None:
    main([str(earlier / file), str(earlier / "photos" / "0.png")])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].endswith(f" parameters, {first}")
    found = supernet.load(earlier / file).predict(earlier / "photos" / "0.png")
    match found:
        case supernet.predictions.AgePrediction(years):
            told = f"{years:.1f} years"
        case supernet.predictions.AgeAndGenderPrediction(years, gender, probability):
            told = f"{years:.1f} years, {gender}, {probability:.1%}"
        case _:
            told = f"{found.name}, {found.probability:.1%}"  # type: ignore[union-attr]
    assert lines[1] == f"{earlier}/photos/0.png: {told}"


def test_the_most_alike_images_are_told(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted((earlier / "people" / "query").glob("*.*"))[:3]
    main([str(earlier / "adapted/re-identification/joint/network.safetensors"), *map(str, files)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(" parameters, re-identification") and len(lines) == 1 + len(files)
    for file, line in zip(files, lines[1:], strict=True):
        own, _, other = line.partition(": ")
        match, _, likeness = other.rpartition(", ")
        assert own == str(file) and match in map(str, files) and match != own
        assert -1 <= float(likeness) <= 1


def test_tensors_are_computed_with_torch_alone(tmp_path: Path) -> None:
    path = network_file(tmp_path / "network.safetensors")
    images = torch.randn(3, 3, 8, 8)
    tensor_file(tmp_path / "in.safetensors", {"images": images})
    missing = "".join(f"sys.modules[{name!r}] = None; " for name in ("numpy", "PIL", "safetensors", "pandas"))
    code = f"import sys; {missing}from supernet.show import main; main()"
    arguments = [path, "--tensors", tmp_path / "in.safetensors", "--out", tmp_path / "out.safetensors"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(supernet.__file__).parents[1])},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    logits = read_tensors(tmp_path / "out.safetensors").tensors["logits"]
    with torch.no_grad():
        assert torch.equal(logits, supernet.load(path)(images))


def test_what_is_wrong_is_said_in_words(tmp_path: Path) -> None:
    path = network_file(tmp_path / "network.safetensors")
    (tmp_path / "image.png").write_text("no image")
    tensor_file(tmp_path / "in.safetensors", {"pictures": torch.zeros(1)})
    for arguments, reason in (
        ([tmp_path / "nowhere"], "nowhere"),
        ([path, tmp_path / "image.png"], "its pixels cannot be read"),
        ([path, "--tensors", tmp_path / "in.safetensors"], "holds no tensor `images`"),
        ([tmp_path / "in.safetensors"], "holds tensors but no card"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(list(map(str, arguments)))
        assert reason in str(caught.value.code)
