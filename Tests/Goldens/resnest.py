"""Makes resnest.safetensors: whole small networks through one training step, against the PyTorch peer.

    python Tests/Goldens/resnest.py

Each case: the forward pass in train mode and its cross-entropy (`output.logits`, `output.loss`), the gradient of every
parameter, the batch-norm buffers afterwards (`after.buffer.*`), the logits in eval mode with those buffers
(`output.eval_logits`); then one step of SGD with the configured rate, momentum and decay, and the eval logits again
(`output.eval_logits_after_step`).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from golden import Case, Scalar, Tape, load_peer, write

resnest = load_peer("resnest")


def network(
    name: str,
    code: tuple[int, ...],
    planes: tuple[int, ...],
    depths: tuple[int, ...],
    in_channels: int,
    stem: str,
    stem_width: int,
    expansion: int,
    image: int,
    num_classes: int = 5,
    batch: int = 12,
    lr: float = 0.05,
    momentum: float = 0.9,
    weight_decay: float = 1e-2,
) -> Case:
    config: dict[str, Scalar] = {
        "code": ",".join(map(str, code)),
        "planes": ",".join(map(str, planes)),
        "depths": ",".join(map(str, depths)),
        "num_classes": num_classes,
        "in_channels": in_channels,
        "stem": stem,
        "stem_width": stem_width,
        "expansion": expansion,
        "lr": lr,
        "momentum": momentum,
        "weight_decay": weight_decay,
    }

    def run(tape: Tape) -> None:
        model = resnest.ResNeSt(code, planes, depths, num_classes, in_channels, stem, stem_width, expansion)
        tape.adopt(model)
        # Examples of different size and mean: see nn-layers.py.
        scale = tape.uniform(batch, 1, 1, 1, low=0.5, high=1.5)
        shift = tape.normal(batch, in_channels, 1, 1, std=0.7)
        x = tape.constant("input.x", tape.normal(batch, in_channels, image, image) * scale + shift)
        target = tape.constant("input.target", tape.integers(batch, high=num_classes))

        logits = model(x)
        loss = F.cross_entropy(logits, target)
        tape.record("output.logits", logits)
        tape.record("output.loss", loss)
        loss.backward()
        tape.gradients()
        tape.buffers_after(model)

        model.eval()
        with torch.no_grad():
            tape.record("output.eval_logits", model(x))
        torch.optim.SGD(model.parameters(), lr, momentum, weight_decay=weight_decay, foreach=False, fused=False).step()
        with torch.no_grad():
            tape.record("output.eval_logits_after_step", model(x))

    return Case(name, "resnest", config, run)


if __name__ == "__main__":
    write(
        "resnest.py",
        [
            # All four candidates, one of them with a stride of 2, one with the input itself as its shortcut.
            network("small-stem", (1, 2, 3, 0), (8, 16), (2, 2), 1, "small", 8, expansion=1, image=3, batch=16),
            network("imagenet-stem", (2, 1), (8, 16), (1, 1), 3, "imagenet", 4, expansion=2, image=17, batch=8),
        ],
        max_bytes=250_000,
    )
