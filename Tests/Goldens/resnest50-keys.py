"""Makes resnest50-keys.txt: keys, shapes and element types of the published ResNeSt-50 of Pi-NAS's code `cls`.

    python Tests/Goldens/resnest50-keys.py [checkpoint.pth]

One line `key (shape) dtype` for every entry of the `state_dict`, in its order. Without an argument the lines are those
of the PyTorch peer; with a published checkpoint they are the checkpoint's, and the script says where the peer differs.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import torch
from golden import FOLDER, load_peer
from torch import Tensor

resnest = load_peer("resnest")


def lines(state: Mapping[str, Tensor]) -> list[str]:
    return [f"{key} {tuple(value.shape)} {value.dtype}" for key, value in state.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, nargs="?", help="a published checkpoint of the code cls")
    arguments = parser.parse_args()
    peer = lines(resnest.ResNeSt(resnest.CODE_CLS).state_dict())
    result = peer
    if arguments.checkpoint is not None:
        state = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
        state = state.get("state_dict", state)
        result = lines({key.removeprefix("module."): value for key, value in state.items()})
        wrong = resnest.differences(result, peer)
        if wrong:
            raise SystemExit("\n".join(["the peer differs from the checkpoint:", *wrong]))
    path = FOLDER / "resnest50-keys.txt"
    path.write_text("\n".join(result) + "\n")
    print(f"{path.name}: torch {torch.__version__}, {len(result)} keys")


if __name__ == "__main__":
    main()
