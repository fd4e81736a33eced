"""Makes peer-lite.pth and peer-lite-answers.safetensors: an EfficientNet-Lite0 an eighth as wide, and what it answers.

    pip install efficientnet-lite-pytorch==0.1.0
    python Tests/Goldens/peer-efficientnet-lite.py                 writes both files
    python Tests/Goldens/peer-efficientnet-lite.py --full PTH OUT  the answers of a published checkpoint, in OUT

The network is that of the package efficientnet-lite-pytorch, which shares no line with what is tested: TensorFlow's padding
before strides, ReLU6, batch norms that add 1e-3. Running statistics are
those of some noise, and a little besides. All
follows from seeds; answers are computed in float64.
"""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path

import safetensors.torch
import torch
from efficientnet_lite_pytorch import EfficientNet
from efficientnet_lite_pytorch.utils import get_model_params
from torch import Tensor, nn

FOLDER = Path(__file__).resolve().parent
CLASSES = 5


def small() -> nn.Module:
    """Stem 4, stages 2, 4, 6, 10, 14, 24, 40, head 160."""
    blocks, settings = get_model_params("efficientnet-lite0", {"num_classes": CLASSES})
    settings = settings._replace(width_coefficient=0.125, depth_divisor=2, fix_head_stem=False)
    model = EfficientNet(blocks, settings)
    generator = torch.Generator().manual_seed(2)

    def uniform(like: Tensor, low: float, high: float) -> Tensor:
        return torch.empty_like(like).uniform_(low, high, generator=generator)

    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.copy_(uniform(module.weight, 0.5, 2))
                module.bias.copy_(uniform(module.bias, -0.5, 1))
            elif isinstance(module, nn.Conv2d):
                fan = module.weight[0].numel()
                # So small that what batch norms add to variances shows.
                module.weight.copy_(torch.randn(module.weight.shape, generator=generator) / fan**0.5 / 8)
        # Statistics as a training leaves them, about: without them sixteen blocks magnify every rounding.
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = None
        model.train()(torch.randn(16, 3, 64, 64, generator=generator))
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean += uniform(module.running_mean, -0.1, 0.1) * module.running_var.sqrt()
                module.running_var *= uniform(module.running_var, 0.7, 1.4)
    return model


def answers(model: nn.Module, images: Tensor) -> dict[str, Tensor]:
    model = model.eval().double()
    with torch.no_grad():
        features = model.extract_features(images.double()).mean((2, 3))
        return {"images": images, "features": features.float(), "logits": model(images.double()).float()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", nargs=2, metavar=("PTH", "OUT"))
    options = parser.parse_args()
    metadata = {"peer": f"efficientnet-lite-pytorch {version('efficientnet-lite-pytorch')}, torch {torch.__version__}"}
    if options.full:
        checkpoint, out = options.full
        model = EfficientNet.from_name("efficientnet-lite0")
        model.load_state_dict(torch.load(checkpoint, map_location="cpu"))
        images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
        safetensors.torch.save_file(answers(model, images), out, metadata)
        return
    torch.manual_seed(0)
    model = small()
    torch.save(model.state_dict(), FOLDER / "peer-lite.pth")
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    made = answers(model, images)
    # What an activation without its bound, or symmetric padding, would change must be seen.
    assert made["logits"].std() > 0.01, made["logits"]
    safetensors.torch.save_file(made, FOLDER / "peer-lite-answers.safetensors", metadata)


if __name__ == "__main__":
    main()
