"""Every example of the README is run, in its order: on small files, and with a program that only seems to run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making import network_file
from PIL import Image
from test_archives import ROW, archive
from test_detector import detector_card, weights
from test_program import script
from test_supernets import supernet_file

import supernet

README = Path(__file__).resolve().parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def work(clean_environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with everything that the examples name."""
    clean_environment.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for name in ("cat", "dog"):
        image = np.random.default_rng(len(name)).integers(0, 256, (40, 50, 3)).astype(np.uint8)
        Image.fromarray(image).save(tmp_path / "photos" / f"{name}.jpg")
    network_file(tmp_path / "network.safetensors")
    network_file(tmp_path / "detector.safetensors", detector_card(), weights(detector_card()))
    run = tmp_path / "runs" / "photos"
    for folder in ("joint", "supernet"):
        (run / folder).mkdir(parents=True)
    network_file(run / "joint" / "network.safetensors")
    supernet_file(run / "supernet" / "supernet.safetensors")
    archive(run / "search" / "archive.sqlite", ROW | {"architecture": "1"}, ROW | {"architecture": "0", "score": 0.1})
    fake = script(
        tmp_path / "fake",
        'case "$*" in\n'
        '    "--version") echo "supernet 1.2.3";;\n'
        '    "adapt --source mobilenet-v2 --data photos/ --max-macs 48M --no-controls --run runs/photos'
        ' --set finetune.epochs=10") echo done;;\n'
        '    "predict network.safetensors photos/ --top 0")'
        ' echo "Error: --top must be at least 1, is 0" >&2; exit 64;;\n'
        '    *) echo "Error: unknown: $*" >&2; exit 1;;\n'
        "esac",
    )
    clean_environment.setenv("SUPERNET_PROGRAM", str(fake))
    return tmp_path


def test_examples_in_python(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    names: dict[str, Any] = {}
    found = blocks("python")
    assert len(found) == 8
    for block in found:
        exec(compile(block, "README.md", "exec"), names)  # noqa: S102 (our own text)
    assert names["logits"].shape == (1, 3)
    assert names["result"].output == "done\n"
    assert names["best"].architecture == "1" and len(names["frame"]) == 2
    assert isinstance(names["net"], supernet.Network)
    assert names["net"].state_dict()["norm.num_batches_tracked"] == 1
    assert "--top must be at least 1, is 0 64\n" in capsys.readouterr().out


def test_examples_in_a_shell(work: Path) -> None:
    folder = str(Path(supernet.__file__).parents[1])
    for command in "".join(blocks("sh")).splitlines():
        if command.startswith("pip "):
            continue
        # The entry point of the wheel is `supernet.program:main`, as `python -m supernet` is.
        words = command.replace("supernet --", "python -m supernet --").split()
        assert words[0] == "python"
        environment = os.environ | {"PYTHONPATH": folder}
        assert subprocess.run([sys.executable, *words[1:]], check=True, capture_output=True, env=environment).stdout


def test_the_shell_command_is_that_of_the_keywords() -> None:
    text = " ".join(README.read_text().split())
    assert (
        "`supernet adapt --source mobilenet-v2 --data photos/ --max-macs 48M --no-controls --run runs/photos "
        "--set finetune.epochs=10`" in text
    )
