"""The public names, and that the program starts without PyTorch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import supernet


def test_every_public_name_is_there() -> None:
    assert set(supernet.__all__) <= set(dir(supernet))
    for name in supernet.__all__:
        assert getattr(supernet, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'supernet' has no attribute 'nothing'"):
        _ = supernet.nothing


@pytest.mark.parametrize("module", ["supernet", "supernet.program", "supernet.running", "supernet.archives"])
def test_neither_torch_nor_numpy_is_imported_early(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{'torch', 'numpy', 'PIL', 'pandas'}} & set(sys.modules)))"
    assert _python(code) == "[]"


def test_networks_are_opened_with_torch_alone(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['PIL'] = sys.modules['pandas'] = None; import supernet; print(supernet.load.__name__)"
    )
    assert _python(code) == "load"


def test_the_types_are_shipped() -> None:
    assert (Path(supernet.__file__).parent / "py.typed").is_file()


def test_errors_have_their_bases() -> None:
    assert issubclass(supernet.FileError, supernet.SupernetError) and issubclass(supernet.FileError, ValueError)
    assert issubclass(supernet.ProgramError, supernet.SupernetError)


def _python(code: str) -> str:
    folder = str(Path(supernet.__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {folder!r}); {code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
