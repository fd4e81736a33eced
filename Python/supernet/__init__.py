"""Opens the networks that supernet finds in plain PyTorch, and runs the program that finds them.

    net = supernet.load("network.safetensors")      # a torch.nn.Module that knows its classes and its images
    net.predict("photo.jpg", top=3)
    supernet.run("adapt", source="mobilenet-v2", data="photos/", max_macs="48M")

Names are imported when they are first used: the program starts without waiting for PyTorch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supernet.archives import archive_frame, read_archive
    from supernet.detector import Detector
    from supernet.errors import FileError, ProgramError, SupernetError
    from supernet.loading import load
    from supernet.network import Network
    from supernet.running import RunResult, run
    from supernet.supernets import Supernet, load_supernet

__all__ = [
    "Detector",
    "FileError",
    "Network",
    "ProgramError",
    "RunResult",
    "Supernet",
    "SupernetError",
    "archive_frame",
    "load",
    "load_supernet",
    "read_archive",
    "run",
]

_MODULES = {
    "Detector": "detector",
    "FileError": "errors",
    "Network": "network",
    "ProgramError": "errors",
    "RunResult": "running",
    "Supernet": "supernets",
    "SupernetError": "errors",
    "archive_frame": "archives",
    "load": "loading",
    "load_supernet": "supernets",
    "read_archive": "archives",
    "run": "running",
}


def __getattr__(name: str) -> object:
    """Imports a public name from its module, once (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module 'supernet' has no attribute '{name}'")
    value: object = getattr(import_module(f"supernet.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, whether they were imported already or not."""
    return sorted({*globals(), *__all__})
