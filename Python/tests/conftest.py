"""Fixtures that several tests share."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

# Without an installation, the package beside the tests is tested.
if find_spec("supernet") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def goldens() -> Path:
    """The folder of files that other programs, and earlier versions of this one, wrote."""
    folder = REPOSITORY / "Tests" / "Goldens"
    if not folder.is_dir():
        pytest.skip("the golden files of the repository are not here")
    return folder


@pytest.fixture(scope="session")
def earlier(goldens: Path) -> Path:
    """What an earlier version of the program wrote, and what it said of it."""
    return goldens / "earlier"


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names neither a program nor a library."""
    for name in ("SUPERNET_PROGRAM", "SUPERNET_TORCH_LIBRARY", "LD_LIBRARY_PATH"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture(scope="session")
def program() -> str:
    """The compiled program; tests that need it are skipped without one."""
    named = os.environ.get("SUPERNET_PROGRAM")
    if not named:
        pytest.skip("SUPERNET_PROGRAM names no program")
    return named
