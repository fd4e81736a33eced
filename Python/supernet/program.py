"""Finds the compiled program `supernet`, and starts it in place of this process.

A wheel holds the program, `bin/supernet`, and its C++ side once for each version of PyTorch that it supports,
`native/torch-MAJOR.MINOR/libsupernet-torch.so`. Which one is right is read off the PyTorch that is installed, without
importing it: that would take longer than most commands. Beside it, in `avx512-bf16/`, lies the same for processors that
compute with 512 bits and in bfloat16.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from supernet.errors import SupernetError

PACKAGE = Path(__file__).resolve().parent
"""The folder of the package, which holds the program and its libraries."""
PROGRAM_VARIABLE = "SUPERNET_PROGRAM"
"""The environment variable that names another program; it finds its C++ side by itself."""
LIBRARY_VARIABLE = "SUPERNET_TORCH_LIBRARY"
"""The environment variable that names another C++ side, and by which the program is told of it."""
PYTHON_VARIABLE = "SUPERNET_PYTHON"
"""The environment variable by which the program is told of a Python, in which it opens ONNX files."""
LIBRARY = "libsupernet-torch.so"
"""The name of the C++ side."""
WIDE = "avx512-bf16"
"""The folder of the C++ side for processors that have all of `WIDE_FLAGS`."""
WIDE_FLAGS = frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_bf16"})
"""The instructions of x86-64-v4 and those for bfloat16, as the kernel names them."""
PROCESSORS = Path("/proc/cpuinfo")
"""Where the kernel says what the processor can do."""

_VERSION = re.compile(r"""^__version__(?:\s*:\s*\w+)?\s*=\s*["'](\d+)\.(\d+)([^"']*)["']""", re.MULTILINE)


@dataclass(frozen=True)
class Torch:
    """The PyTorch that is installed.

    Attributes:
        folder: the folder of its package.
        version: its version, such as `2.13.0+cpu`.
        series: major and minor version, such as `2.13`, within which its libraries fit each other.
    """

    folder: Path
    version: str
    series: str


def command() -> tuple[str, dict[str, str]]:
    """The path of the program, and the environment that it is to be started in.

    Raises:
        SupernetError: if there is no program, or none of its libraries suits the PyTorch that is installed.
    """
    environment = dict(os.environ)
    if sys.executable:
        environment.setdefault(PYTHON_VARIABLE, sys.executable)
    if named := environment.get(PROGRAM_VARIABLE):
        if not os.access(named, os.X_OK) or os.path.isdir(named):
            raise SupernetError(f"{PROGRAM_VARIABLE} names {named}, which is no program; unset it, or name another one")
        # By its whole path: whoever starts it may do so from another folder.
        return os.path.abspath(named), environment
    program = PACKAGE / "bin" / "supernet"
    if not program.is_file():
        raise SupernetError(
            f"this installation has no program for this machine ({program} is missing): install a wheel for Linux on "
            f"x86-64, or name a program in {PROGRAM_VARIABLE}"
        )
    if not environment.get(LIBRARY_VARIABLE):
        torch = installed_torch()
        environment[LIBRARY_VARIABLE] = str(library_for(torch))
        environment["LD_LIBRARY_PATH"] = _in_front(torch.folder / "lib", environment)
    return str(program), environment


def installed_torch() -> Torch:
    """Finds PyTorch without importing it.

    Raises:
        SupernetError: if it is not installed, or its version cannot be read.
    """
    spec = find_spec("torch")
    if spec is None or not spec.origin:
        versions = supported_versions()
        wanted = f"torch=={versions[-1]}.*" if versions else "torch"
        raise SupernetError(f"PyTorch is not installed; type: {_pip(wanted)}")
    folder = Path(spec.origin).resolve().parent
    try:
        found = _VERSION.search((folder / "version.py").read_text(encoding="utf-8"))
    except OSError as error:
        raise SupernetError(f"the version of PyTorch in {folder} cannot be read: {error}") from error
    if not found:
        raise SupernetError(f"the version of PyTorch in {folder} cannot be read: its version.py does not say it")
    major, minor, rest = found.groups()
    return Torch(folder, f"{major}.{minor}{rest}", f"{major}.{minor}")


def library_for(torch: Torch) -> Path:
    """The C++ side for a version of PyTorch.

    Raises:
        SupernetError: if the package has none.
    """
    folder = PACKAGE / "native" / f"torch-{torch.series}"
    library = folder / LIBRARY
    if library.is_file():
        wide = folder / WIDE / LIBRARY
        return wide if wide.is_file() and processor_flags() >= WIDE_FLAGS else library
    versions = supported_versions()
    if not versions:
        raise SupernetError(f"this installation has no library for PyTorch ({library} is missing): install it anew")
    raise SupernetError(
        f"PyTorch {torch.version} is installed, but this version of supernet was built for {', '.join(versions)}; "
        f"type: {_pip(f'torch=={versions[-1]}.*')}"
    )


def processor_flags() -> frozenset[str]:
    """What the processor can do, by the kernel's names; nothing where the kernel does not say."""
    try:
        text = PROCESSORS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    found = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return frozenset(found[1].split()) if found else frozenset()


def supported_versions() -> list[str]:
    """The versions of PyTorch, such as `2.13`, that the package has a C++ side for, in ascending order."""
    found = [path.parent.name.removeprefix("torch-") for path in PACKAGE.glob(f"native/torch-*/{LIBRARY}")]
    return sorted(found, key=lambda version: [int(number) for number in re.findall(r"\d+", version)])


def main() -> NoReturn:
    """Becomes the program, with the arguments of this process: signals and exit codes are then the program's own."""
    try:
        program, environment = command()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # Python ignores these, and what is ignored stays so in the program that takes the process over.
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.execve(program, [program, *sys.argv[1:]], environment)
    except (SupernetError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def _in_front(folder: Path, environment: Mapping[str, str]) -> str:
    """The folders of libraries, this one first. An empty entry would stand for the current folder."""
    others = environment.get("LD_LIBRARY_PATH")
    return f"{folder}:{others}" if others else str(folder)


def _pip(requirement: str) -> str:
    return f'{sys.executable or "python3"} -m pip install "{requirement}"'
