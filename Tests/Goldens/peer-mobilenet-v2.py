"""Makes peer-mobilenet-v2.pth and peer-mobilenet-v2-answers.safetensors: a narrow MobileNetV2, and what it answers.

    python Tests/Goldens/peer-mobilenet-v2.py                  writes both files
    python Tests/Goldens/peer-mobilenet-v2.py --published PTH  writes peer-mobilenet-v2-published.safetensors: what
                                                               torchvision's network answers with published weights

The network is torchvision's, which shares no line with what is tested. All follows from seeds; answers are computed in
float64.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torchvision_operators  # noqa: F401, I001 (first)
import safetensors.torch
import torch
import torchvision
from peer_networks import answers, pattern, randomise, size
from torchvision.models import MobileNetV2, mobilenet_v2

FOLDER = Path(__file__).resolve().parent
METADATA = {"peer": f"torchvision {torchvision.__version__}, torch {torch.__version__}"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--published", metavar="PTH")
    options = parser.parse_args()
    if options.published:
        model = mobilenet_v2()
        model.load_state_dict(torch.load(options.published, map_location="cpu", weights_only=True))
        made = answers(model, model.features, pattern(224))
        safetensors.torch.save_file(made, FOLDER / "peer-mobilenet-v2-published.safetensors", METADATA)
        return
    torch.manual_seed(0)
    model = MobileNetV2(num_classes=5, width_mult=0.1)
    randomise(model, seed=3, side=64)
    torch.save(model.state_dict(), FOLDER / "peer-mobilenet-v2.pth")
    made = answers(model, model.features, pattern(64))
    # What an activation without its bound would change must be seen.
    assert made["logits"].std() > 0.01, made["logits"]
    sizes = {
        f"size.{width}.{side}": size(mobilenet_v2(width_mult=width), side)
        for width in (0.1, 0.5, 1.0, 1.4)
        for side in (96, 224)
    }
    safetensors.torch.save_file(made | sizes, FOLDER / "peer-mobilenet-v2-answers.safetensors", METADATA)


if __name__ == "__main__":
    main()
