"""Makes mixing.safetensors: mixup and CutMix against torchvision's `v2.MixUp` and `v2.CutMix` with fixed choices.

    python Tests/Goldens/mixing.py

Both pair each sample with the one before it. `config` holds lambda (for CutMix the part of the area that stays), the box
as "left top right bottom", and torchvision's version.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from golden import Case, Scalar, Tape, write
from torch import Tensor

import torchvision_operators  # noqa: F401, I001 (first)
import torchvision  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

SAMPLES, CHANNELS, HEIGHT, WIDTH, CLASSES = 5, 3, 6, 8, 4


def case(name: str, kind: str, config: dict[str, Scalar], choices: Mapping[str, object]) -> Case:
    def run(tape: Tape) -> None:
        images = tape.constant("input.images", tape.uniform(SAMPLES, CHANNELS, HEIGHT, WIDTH))
        labels = tape.constant("input.labels", tape.integers(SAMPLES, high=CLASSES))
        operation = {"mixup": v2.MixUp, "cutmix": v2.CutMix}[kind](num_classes=CLASSES)
        params = {"labels": labels, "batch_size": SAMPLES, **choices}

        def apply(value: Tensor) -> Tensor:
            result = operation.transform(value, params)
            assert isinstance(result, Tensor)
            return result

        tape.record("output.images", apply(images))
        tape.record("output.targets", apply(labels))

    return Case(name, kind, {**config, "torchvision": torchvision.__version__}, run)


def mixup(lam: float) -> Case:
    return case(f"mixup-{lam}", "mixup", {"lam": lam}, {"lam": lam})


def cutmix(left: int, top: int, right: int, bottom: int) -> Case:
    lam = 1.0 - (right - left) * (bottom - top) / (WIDTH * HEIGHT)
    box = f"{left} {top} {right} {bottom}"
    return case(
        f"cutmix-{box.replace(' ', '-')}",
        "cutmix",
        {"lam": lam, "box": box},
        {"box": (left, top, right, bottom), "lam_adjusted": lam},
    )


if __name__ == "__main__":
    write(
        "mixing.py",
        [
            mixup(0.0),
            mixup(0.3),
            mixup(1.0),
            cutmix(2, 1, 5, 4),
            cutmix(0, 0, WIDTH, HEIGHT),
            cutmix(6, 3, WIDTH, HEIGHT),
            cutmix(4, 4, 4, 6),
        ],
    )
