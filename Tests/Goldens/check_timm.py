"""Holds a folder of `supernet export --format huggingface` to the network that it is made of, as timm opens it.

    PYTHONPATH=Python python Tests/Goldens/check_timm.py network.safetensors folder

Prints the largest difference of logits, and fails where there is one beyond rounding. Needs torch, timm and Pillow.
"""

import sys

import timm
import torch

import supernet


def main() -> None:
    network, folder = sys.argv[1:]
    own = supernet.load(network)
    other = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    images = torch.randn(4, own.card["network"]["channels"], *own.image_size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        difference = (own(images) - other(images)).abs().max().item()
    print(f"timm {timm.__version__}: {type(other).__name__}, largest difference {difference:.2g}")
    if difference > 1e-4:
        sys.exit("timm gives other logits")


if __name__ == "__main__":
    main()
