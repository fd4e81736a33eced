"""Finding the program and its C++ side, and becoming it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from supernet import program
from supernet.errors import SupernetError


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def package(monkeypatch: pytest.MonkeyPatch, folder: Path, *versions: str) -> Path:
    """A package with a program and the C++ side for some versions of PyTorch."""
    made = folder / "supernet"
    script(made / "bin" / "supernet", "true")
    for version in versions:
        library = made / "native" / f"torch-{version}" / program.LIBRARY
        library.parent.mkdir(parents=True)
        library.touch()
    monkeypatch.setattr(program, "PACKAGE", made)
    return made


def torch(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str | None) -> Path:
    """An installation of PyTorch, or none."""
    spec = None
    made = folder / "site-packages" / "torch"
    if text is not None:
        made.mkdir(parents=True)
        (made / "version.py").write_text(text)
        spec = ModuleSpec("torch", None, origin=str(made / "__init__.py"))
    monkeypatch.setattr(program, "find_spec", lambda name: spec)
    return made


@pytest.mark.parametrize(
    ("text", "version", "series"),
    [
        ("__version__ = '2.13.0+cpu'\ndebug = False", "2.13.0+cpu", "2.13"),
        ('from typing import Optional\n__version__: str = "2.9.1"', "2.9.1", "2.9"),
        ("__version__ = '2.14.0a0+git1234'", "2.14.0a0+git1234", "2.14"),
    ],
)
def test_the_version_of_pytorch_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, version: str, series: str
) -> None:
    folder = torch(monkeypatch, tmp_path, text)
    assert program.installed_torch() == program.Torch(folder, version, series)


def test_the_library_of_the_installed_version_is_taken(clean_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = package(clean_environment, tmp_path, "2.9", "2.13")
    folder = torch(clean_environment, tmp_path, "__version__ = '2.13.0+cpu'")
    path, environment = program.command()
    assert path == str(made / "bin" / "supernet")
    assert environment["SUPERNET_TORCH_LIBRARY"] == str(made / "native" / "torch-2.13" / "libsupernet-torch.so")
    assert environment["LD_LIBRARY_PATH"] == str(folder / "lib")
    clean_environment.setenv("LD_LIBRARY_PATH", "/other")
    assert program.command()[1]["LD_LIBRARY_PATH"] == f"{folder / 'lib'}:/other"
    assert "SUPERNET_TORCH_LIBRARY" not in os.environ


def test_processors_with_wider_instructions_have_a_library_of_their_own(
    clean_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = package(clean_environment, tmp_path, "2.13")
    torch(clean_environment, tmp_path, "__version__ = '2.13.0'")
    plain = made / "native" / "torch-2.13" / program.LIBRARY
    wide = plain.parent / program.WIDE / program.LIBRARY
    flags = tmp_path / "cpuinfo"
    clean_environment.setattr(program, "PROCESSORS", flags)
    for text, has_wide, expected in [
        (" ".join(sorted(program.WIDE_FLAGS)), True, wide),
        (" ".join(sorted(program.WIDE_FLAGS)), False, plain),
        ("fpu avx2 avx512f", True, plain),
    ]:
        flags.write_text(f"processor : 0\nflags\t\t: fpu {text}\n\nprocessor : 1\n")
        wide.unlink(missing_ok=True)
        if has_wide:
            wide.parent.mkdir(exist_ok=True)
            wide.touch()
        assert program.command()[1]["SUPERNET_TORCH_LIBRARY"] == str(expected)
    flags.unlink()
    assert program.command()[1]["SUPERNET_TORCH_LIBRARY"] == str(plain)


def test_a_library_that_is_named_stays(clean_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package(clean_environment, tmp_path)
    torch(clean_environment, tmp_path, None)
    clean_environment.setenv("SUPERNET_TORCH_LIBRARY", "/own.so")
    _, environment = program.command()
    assert environment["SUPERNET_TORCH_LIBRARY"] == "/own.so"
    assert "LD_LIBRARY_PATH" not in environment


def test_a_program_that_is_named_finds_its_library_itself(
    clean_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package(clean_environment, tmp_path)
    torch(clean_environment, tmp_path, None)
    named = script(tmp_path / "other", "true")
    clean_environment.chdir(tmp_path)
    clean_environment.setenv("SUPERNET_PROGRAM", "./other")
    path, environment = program.command()
    assert path == str(named)
    assert "SUPERNET_TORCH_LIBRARY" not in environment
    for wrong in (str(tmp_path), str(tmp_path / "nowhere")):
        clean_environment.setenv("SUPERNET_PROGRAM", wrong)
        with pytest.raises(SupernetError, match=f"SUPERNET_PROGRAM names {wrong}, which is no program"):
            program.command()


def test_another_version_of_pytorch_is_refused(clean_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package(clean_environment, tmp_path, "2.12", "2.9", "2.13")
    torch(clean_environment, tmp_path, "__version__ = '2.14.1+cu130'")
    with pytest.raises(SupernetError) as caught:
        program.command()
    message = str(caught.value)
    assert message.startswith(
        "PyTorch 2.14.1+cu130 is installed, but this version of supernet was built for 2.9, 2.12, 2.13; type: "
    )
    assert message.endswith('-m pip install "torch==2.13.*"')


def test_a_machine_without_pytorch_is_told_what_to_type(clean_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package(clean_environment, tmp_path, "2.13")
    torch(clean_environment, tmp_path, None)
    with pytest.raises(SupernetError, match=r'PyTorch is not installed; type: .*pip install "torch==2\.13\.\*"'):
        program.command()
    # A folder of that name is no installation.
    spec = ModuleSpec("torch", None, is_package=True)
    clean_environment.setattr(program, "find_spec", lambda name: spec)
    with pytest.raises(SupernetError, match="PyTorch is not installed"):
        program.command()


@pytest.mark.parametrize("text", ["", "version = '2.13'", None])
def test_versions_that_cannot_be_read_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None
) -> None:
    folder = torch(monkeypatch, tmp_path, text or "")
    if text is None:
        (folder / "version.py").unlink()
    with pytest.raises(SupernetError, match=f"the version of PyTorch in {folder} cannot be read"):
        program.installed_torch()


def test_an_installation_without_a_program_is_refused(clean_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean_environment.setattr(program, "PACKAGE", tmp_path)
    with pytest.raises(SupernetError, match="has no program for this machine"):
        program.command()
    made = package(clean_environment, tmp_path)
    torch(clean_environment, tmp_path, "__version__ = '2.13.0'")
    with pytest.raises(SupernetError, match=f"{made}/native/torch-2.13/.* is missing"):
        program.command()


def start(named: str, *arguments: str) -> subprocess.Popen[str]:
    """`python -m supernet` with a program."""
    environment = os.environ | {"SUPERNET_PROGRAM": named, "PYTHONPATH": str(Path(program.__file__).parents[1])}
    return subprocess.Popen(
        [sys.executable, "-m", "supernet", *arguments], env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def test_arguments_output_and_exit_code_are_the_programs(tmp_path: Path) -> None:
    named = script(tmp_path / "fake", 'for word in "$@"; do echo "<$word>"; done; echo oh >&2; exit 7')
    process = start(str(named), "predict", "a b", "--top", "", "*")
    output, errors = process.communicate()
    assert output.splitlines() == ["<predict>", "<a b>", "<--top>", "<>", "<*>"]
    assert (errors, process.returncode) == ("oh\n", 7)


def test_signals_are_the_programs(tmp_path: Path) -> None:
    named = script(tmp_path / "fake", "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.05; done")
    process = start(str(named))
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate()[0] == "caught\n"
    assert process.returncode == 3


def test_a_closed_pipe_ends_the_program(tmp_path: Path) -> None:
    """Python ignores SIGPIPE, which the program must not."""
    process = start(str(script(tmp_path / "fake", "exec yes")))
    assert process.stdout is not None
    process.stdout.read(2)
    process.stdout.close()
    assert process.wait(timeout=30) == -signal.SIGPIPE


def test_what_is_wrong_before_the_start_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    (tmp_path / "text").chmod(0o755)
    for named, reason in (
        (str(tmp_path / "nowhere"), "error: SUPERNET_PROGRAM names"),
        (str(tmp_path / "text"), "error: "),
    ):
        process = start(named)
        assert process.communicate()[1].startswith(reason)
        assert process.returncode == 1


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_program_answers(program: str, argument: str) -> None:
    process = start(program, argument)
    output, _ = process.communicate()
    assert process.returncode == 0
    assert output.startswith("supernet " if argument == "--version" else "OVERVIEW")
