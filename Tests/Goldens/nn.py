"""Runs every golden maker of the neural-network tests.

    python Tests/Goldens/nn.py

The files are made with the version of PyTorch that their `__metadata__` names; `pip install torch numpy safetensors`.
"""

from __future__ import annotations

import runpy

from golden import FOLDER

MAKERS = (
    "nn-layers.py",
    "nn-losses.py",
    "nn-optimizers.py",
    "nn-schedules.py",
    "nn-init.py",
    "resnest.py",
    "resnest50-keys.py",
)


def main() -> None:
    for maker in MAKERS:
        runpy.run_path(str(FOLDER / maker), run_name="__main__")


if __name__ == "__main__":
    main()
