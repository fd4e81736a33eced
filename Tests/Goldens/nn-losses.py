"""Makes nn-losses.safetensors: losses and L2 normalisation against PyTorch's functions.

    python Tests/Goldens/nn-losses.py

The loss of every case is the batch mean, and its upstream gradient a random scalar.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from golden import Case, Scalar, Tape, write
from torch import Tensor

EXAMPLES, CLASSES = 6, 5


def cross_entropy(name: str, soft: bool = False, smoothing: float = 0.0, weighted: bool = False) -> Case:
    """Targets are class indices, or rows of probabilities where `soft`."""

    def run(tape: Tape) -> None:
        logits = tape.leaf("input.logits", tape.normal(EXAMPLES, CLASSES, std=2.0))
        if soft:
            target = tape.constant("input.target", tape.normal(EXAMPLES, CLASSES).softmax(dim=1))
        else:
            target = tape.constant("input.target", tape.integers(EXAMPLES, high=CLASSES))
        weight: Tensor | None = None
        if weighted:
            weight = tape.constant("input.weight", tape.uniform(CLASSES, low=0.2, high=2.0))
        tape.backward(F.cross_entropy(logits, target, weight, label_smoothing=smoothing))
        tape.gradients()

    config: dict[str, Scalar] = {"soft": soft, "label_smoothing": smoothing, "weighted": weighted, "reduction": "mean"}
    return Case(f"cross-entropy-{name}", "cross_entropy", config, run)


def cross_entropy_large(tape: Tape) -> None:
    # Logits that overflow exp() in float32: only a shifted log-sum-exp survives.
    logits = tape.leaf("input.logits", tape.normal(EXAMPLES, CLASSES, std=2.0) + 200.0)
    target = tape.constant("input.target", tape.integers(EXAMPLES, high=CLASSES))
    tape.backward(F.cross_entropy(logits, target))
    tape.gradients()


def info_nce(tape: Tape) -> None:
    """Cross-entropy of [q.k, q.Q] / temperature against class 0 (He et al., MoCo, 2020, equation 1)."""
    queries = tape.leaf("input.queries", F.normalize(tape.normal(6, 8), dim=1))  # [N, D], unit rows
    keys = tape.constant("input.keys", F.normalize(tape.normal(6, 8), dim=1))  # [N, D], unit rows
    queue = tape.constant("input.queue", F.normalize(tape.normal(8, 20), dim=0))  # [D, K], unit columns
    positive = (queries * keys).sum(dim=1, keepdim=True)  # [N, 1]
    logits = torch.cat([positive, queries @ queue], dim=1) / 0.2  # [N, 1 + K]
    tape.record("output.logits", logits)
    tape.backward(F.cross_entropy(logits, torch.zeros(6, dtype=torch.int64)))
    tape.gradients()


def mean_squared_error(tape: Tape) -> None:
    prediction = tape.leaf("input.prediction", tape.normal(4, 3, 2))
    target = tape.leaf("input.target", tape.normal(4, 3, 2))
    tape.backward(F.mse_loss(prediction, target))
    tape.gradients()


def normalize(*shape: int) -> Callable[[Tape], None]:
    def run(tape: Tape) -> None:
        x = tape.leaf("input.x", tape.normal(*shape, std=2.0))
        tape.backward(F.normalize(x, dim=1, eps=1e-12))
        tape.gradients()

    return run


def normalize_zero_row(tape: Tape) -> None:
    # Forward only: the gradient of a zero row is the upstream gradient divided by eps.
    values = tape.normal(3, 7)
    values[1] = 0.0
    x = tape.constant("input.x", values)
    tape.record("output", F.normalize(x, dim=1, eps=1e-12))


if __name__ == "__main__":
    unit: dict[str, Scalar] = {"dim": 1, "eps": 1e-12}
    write(
        "nn-losses.py",
        [
            cross_entropy("index"),
            cross_entropy("index-smoothing", smoothing=0.1),
            cross_entropy("index-weighted", weighted=True),
            cross_entropy("index-weighted-smoothing", smoothing=0.1, weighted=True),
            cross_entropy("soft", soft=True),
            cross_entropy("soft-smoothing", soft=True, smoothing=0.1),
            cross_entropy("soft-weighted", soft=True, weighted=True),
            Case(
                "cross-entropy-large-logits",
                "cross_entropy",
                {"soft": False, "label_smoothing": 0.0, "weighted": False, "reduction": "mean"},
                cross_entropy_large,
            ),
            Case("info-nce", "info_nce", {"temperature": 0.2}, info_nce),
            Case("mean-squared-error", "mean_squared_error", {"reduction": "mean"}, mean_squared_error),
            Case("normalize-2d", "normalize", unit, normalize(5, 7)),
            Case("normalize-4d", "normalize", unit, normalize(2, 5, 3, 2)),
            Case("normalize-zero-row", "normalize", unit, normalize_zero_row),
        ],
    )
