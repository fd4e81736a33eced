"""Makes files of EfficientNet-Lites and what they answer.

    pip install efficientnet-lite-pytorch==0.1.0
    python Tests/Goldens/peer-efficientnet-lite.py
        writes peer-lite.pth and peer-lite-answers.safetensors, an EfficientNet-Lite0 an eighth as wide, and
        peer-lite2.pth and peer-lite2-answers.safetensors, an EfficientNet-Lite2 with narrow stages, for images whose
        sides are odd before strides
    python Tests/Goldens/peer-efficientnet-lite.py --published NAME PTH
        writes peer-NAME-published.safetensors: the answers of a published checkpoint of lite0 or lite2

The networks are those of the package efficientnet-lite-pytorch, which shares no line with what is tested: TensorFlow's
padding before strides, ReLU6, batch norms that add 1e-3. Running statistics are those of some noise, and a little
besides. All follows from seeds; answers are computed in float64.
"""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path

import safetensors.torch
import torch
from efficientnet_lite_pytorch import EfficientNet
from efficientnet_lite_pytorch.utils import get_model_params
from peer_networks import answers, pattern, randomise, size
from torch import Tensor, nn

FOLDER = Path(__file__).resolve().parent
CLASSES = 5
METADATA = {"peer": f"efficientnet-lite-pytorch {version('efficientnet-lite-pytorch')}, torch {torch.__version__}"}


def narrow_lite0() -> nn.Module:
    """Stem 4, stages 2, 4, 6, 10, 14, 24, 40, head 160."""
    blocks, settings = get_model_params("efficientnet-lite0", {"num_classes": CLASSES})
    settings = settings._replace(width_coefficient=0.125, depth_divisor=2, fix_head_stem=False)
    return EfficientNet(blocks, settings)


def narrow_lite2(side: int) -> nn.Module:
    """Stem 32, stages 8, 8, 8, 8, 16, 16, 24, head 1280.

    No narrower: the first block of a stage without a stride would keep the shape, as it never does in a published
    network, and the package adds up nothing there."""
    settings = {"num_classes": CLASSES, "width_coefficient": 0.08, "image_size": side}
    return EfficientNet(*get_model_params("efficientnet-lite2", settings))


def write(name: str, model: nn.Module, images: Tensor, beside: dict[str, Tensor]) -> None:
    torch.save(model.state_dict(), FOLDER / f"peer-{name}.pth")
    made = answers(model, model.extract_features, images)
    # What an activation without its bound, or symmetric padding, would change must be seen.
    assert made["logits"].std() > 0.01, made["logits"]
    safetensors.torch.save_file(beside | made, FOLDER / f"peer-{name}-answers.safetensors", METADATA)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--published", nargs=2, metavar=("NAME", "PTH"))
    options = parser.parse_args()
    if options.published:
        name, checkpoint = options.published
        model = EfficientNet.from_name(f"efficientnet-{name}")
        model.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
        made = answers(model, model.extract_features, pattern(model.input_image_size))
        safetensors.torch.save_file(made, FOLDER / f"peer-{name}-published.safetensors", METADATA)
        return
    torch.manual_seed(0)
    model = narrow_lite0()
    randomise(model, seed=2, side=64)
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    write("lite", model, images, {"images": images})
    torch.manual_seed(0)
    # 100, 50, 25, 13, 7, 4: even and odd before strides.
    model = narrow_lite2(side=100)
    randomise(model, seed=4, side=100)
    sizes = {
        f"size.{name}.{side}": size(EfficientNet.from_name(f"efficientnet-{name}", image_size=side), side)
        for name, side in (("lite0", 96), ("lite0", 224), ("lite2", 100), ("lite2", 224), ("lite2", 260))
    }
    write("lite2", model, pattern(100), sizes)


if __name__ == "__main__":
    main()
