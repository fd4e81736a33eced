"""Makes transfer-losses.safetensors: the losses of transfer between domains and tasks, written out pair by pair.

    python Tests/Goldens/transfer-losses.py

The formulas are those of the papers, in loops over rows and classes; only autograd and `BatchNorm1d` are PyTorch's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from golden import Case, Scalar, Tape, write
from torch import Tensor, nn


def total(terms: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(terms)).sum()


def squared_distance(a: Tensor, b: Tensor) -> Tensor:
    return total([(p - q) ** 2 for p, q in zip(a, b, strict=True)])


def distance(a: Tensor, b: Tensor) -> Tensor:
    """The gradient at 0 is 0: that of the square root is infinite there."""
    square = squared_distance(a, b)
    return square.sqrt() if square.item() > 0 else square * 0.0


def hardest(distances: Sequence[Tensor], best: float) -> Tensor:
    """The distance that is the best, and where several are, their mean: they share the gradient."""
    equal = [d for d in distances if d.item() == best]
    return total(equal) / len(equal)


def triplet(name: str, identities: Sequence[int], margin: float | None, equal: Sequence[int] = ()) -> Case:
    """Hermans et al., 2017, batch hard; soft where `margin` is None. The rows of `equal` are all the first of them."""

    def run(tape: Tape) -> None:
        values = tape.normal(len(identities), 4)
        for row in equal:
            values[row] = values[equal[0]]
        features = tape.leaf("input.features", values)
        tape.constant("input.identities", torch.tensor(identities))
        losses: list[Tensor] = []
        for anchor, identity in enumerate(identities):
            others = [row for row in range(len(identities)) if row != anchor]
            positives = [distance(features[anchor], features[r]) for r in others if identities[r] == identity]
            negatives = [distance(features[anchor], features[r]) for r in others if identities[r] != identity]
            if positives and negatives:
                farthest = hardest(positives, max(d.item() for d in positives))
                nearest = hardest(negatives, min(d.item() for d in negatives))
                excess = farthest - nearest
                losses.append((1 + excess.exp()).log() if margin is None else torch.clamp(margin + excess, min=0.0))
        tape.backward(total(losses) / len(losses) if losses else (features * 0.0).sum())
        tape.gradients()

    config: dict[str, Scalar] = {"soft": margin is None, "margin": margin or 0.0}
    return Case(f"triplet-{name}", "triplet", config, run)


def probabilities(logits: Tensor) -> list[Tensor]:
    exponentials = [value.exp() for value in logits]
    return [value / total(exponentials) for value in exponentials]


def expected_age(logits: Tensor) -> Tensor:
    return total([p * k for k, p in enumerate(probabilities(logits))])


def age_distribution(age: float, classes: int, deviation: float) -> list[float]:
    densities = [math.exp(-((k - age) ** 2) / (2 * deviation**2)) for k in range(classes)]
    return [density / math.fsum(densities) for density in densities]


def expected_ages(tape: Tape) -> None:
    logits = tape.leaf("input.logits", tape.normal(5, 12))
    tape.backward(torch.stack([expected_age(row) for row in logits]))
    tape.gradients()


def age_distributions(ages: Sequence[float], deviation: float = 1.5) -> Callable[[Tape], None]:
    def run(tape: Tape) -> None:
        tape.constant("input.ages", torch.tensor(ages))
        rows = [age_distribution(age, 12, deviation) for age in ages]
        tape.record("output", torch.tensor(rows, dtype=tape.dtype))

    return run


def age_loss(name: str, ages: Sequence[float] | Sequence[int], deviation: float, weight: float) -> Case:
    """Cross-entropy with a Gaussian around the age, and the error of the expected age."""

    def run(tape: Tape) -> None:
        logits = tape.leaf("input.logits", tape.normal(len(ages), 12))
        truth = tape.constant("input.ages", torch.tensor(ages))
        losses: list[Tensor] = []
        for row, age in zip(logits, truth.tolist(), strict=True):
            target = age_distribution(age, 12, deviation)
            entropy = total([-t * p.log() for t, p in zip(target, probabilities(row), strict=True)])
            losses.append(entropy + weight * (expected_age(row) - age).abs())
        tape.backward(total(losses) / len(ages))
        tape.gradients()

    return Case(f"age-loss-{name}", "age_loss", {"deviation": deviation, "weight": weight}, run)


def domains(tape: Tape, source: int, target: int, features: int) -> tuple[Tensor, Tensor]:
    """Two samples far enough apart that what is small is not the difference of what is large."""
    return (
        tape.leaf("input.source", tape.normal(source, features)),
        tape.leaf("input.target", tape.normal(target, features, std=2.0, mean=1.5)),
    )


def coral(tape: Tape) -> None:
    """Sun and Saenko, 2016, equation 1."""
    source, target = domains(tape, 7, 5, 4)

    def covariance(x: Tensor, i: int, j: int) -> Tensor:
        n = len(x)
        mean_i, mean_j = total(list(x[:, i])) / n, total(list(x[:, j])) / n
        return total([(row[i] - mean_i) * (row[j] - mean_j) for row in x]) / (n - 1)

    squares = [(covariance(source, i, j) - covariance(target, i, j)) ** 2 for i in range(4) for j in range(4)]
    tape.backward(total(squares) / (4 * 4**2))
    tape.gradients()


def mmd(estimate: str, source_rows: int, target_rows: int) -> Case:
    """Long et al., 2015, with five Gaussian kernels of equal weight."""

    def run(tape: Tape) -> None:
        source, target = domains(tape, source_rows, target_rows, 4)
        rows = [*source, *target]
        pairs = [squared_distance(a, b).item() for i, a in enumerate(rows) for b in rows[:i]]
        mean = math.fsum(pairs) / len(pairs)

        def kernel(a: Tensor, b: Tensor) -> Tensor:
            square = squared_distance(a, b)
            return total([(-square / (2.0**power * mean)).exp() for power in range(-2, 3)]) / 5

        def within(x: Tensor) -> Tensor:
            indices = range(len(x))
            kept = [(i, j) for i in indices for j in indices if estimate == "biased" or i != j]
            return total([kernel(x[i], x[j]) for i, j in kept]) / len(kept)

        between = total([kernel(a, b) for a in source for b in target]) / (len(source) * len(target))
        tape.backward(within(source) + within(target) - 2 * between)
        tape.gradients()

    return Case(f"mmd-{estimate}-{source_rows}-{target_rows}", "mmd", {"estimate": estimate}, run)


class Reversal(torch.autograd.Function):
    """Ganin and Lempitsky, 2015, as they define it."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, strength: float) -> Tensor:
        ctx.strength = strength  # type: ignore[attr-defined]
        return x.view_as(x)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradients[0], None  # type: ignore[attr-defined]


def reversal(strength: float) -> Callable[[Tape], None]:
    """The features' gradient is turned, that of the discriminator's weight is not."""

    def run(tape: Tape) -> None:
        features = tape.leaf("input.features", tape.normal(5, 3))
        weight = tape.leaf("input.weight", tape.normal(3, 2))
        tape.backward((Reversal.apply(features, strength) @ weight).tanh())
        tape.gradients()

    return run


def reversal_strength(tape: Tape) -> None:
    progress = [step / 8 for step in range(9)]
    tape.record("input.progress", torch.tensor(progress, dtype=torch.float64))
    strengths = [2 / (1 + math.exp(-10 * p)) - 1 for p in progress]
    tape.record("value.strength", torch.tensor(strengths, dtype=torch.float64))


def batch_norm(training: bool) -> Callable[[Tape], None]:
    """Batch norm of features rather than of images, as between an embedding and its classifier."""

    def run(tape: Tape) -> None:
        norm = nn.BatchNorm1d(6)
        norm.running_mean = tape.normal(6, std=0.3)
        norm.running_var = tape.uniform(6, low=0.5, high=1.5)
        tape.adopt(norm)
        norm.train(training)
        x = tape.leaf("input.x", tape.normal(8, 6, std=2.0, mean=0.5))
        tape.backward(norm(x))
        tape.gradients()
        tape.buffers_after(norm)

    return run


if __name__ == "__main__":
    people = [0, 1, 2, 0, 1, 2, 0, 1, 2]
    norm_config: dict[str, Scalar] = {"num_features": 6, "eps": 1e-5, "momentum": 0.1}
    write(
        "transfer-losses.py",
        [
            triplet("hard", people, margin=0.3),
            triplet("hard-no-margin", people, margin=0.0),
            triplet("soft", people, margin=None),
            triplet("hard-left-out", [4, 7, 4, -1, 7, 9], margin=1.0),
            triplet("soft-left-out", [4, 7, 4, -1, 7, 9], margin=None),
            triplet("soft-equal-rows", [0, 0, 1, 1, 2, 2, 2], margin=None, equal=[0, 1]),
            triplet("hard-equal-negatives", [0, 0, 1, 1], margin=0.5, equal=[1, 2]),
            triplet("hard-no-positive", [0, 1, 2], margin=0.3),
            triplet("soft-no-negative", [5, 5, 5], margin=None),
            Case("expected-age", "expected_age", {}, expected_ages),
            Case("age-distributions", "age_distributions", {"deviation": 1.5}, age_distributions([0.0, 4.25, 11.0])),
            age_loss("integers", [3, 0, 11, 7], deviation=2.0, weight=1.0),
            age_loss("fractions", [3.5, 0.25, 10.75], deviation=1.0, weight=0.5),
            age_loss("no-weight", [3, 9], deviation=3.0, weight=0.0),
            Case("coral", "coral", {}, coral),
            mmd("biased", 5, 6),
            mmd("unbiased", 5, 6),
            mmd("unbiased", 4, 4),
            Case("reversal", "reversal", {"strength": 0.35}, reversal(0.35)),
            Case("reversal-strength", "reversal_strength", {}, reversal_strength),
            Case("batch-norm-features-train", "batch_norm", {**norm_config, "training": True}, batch_norm(True)),
            Case("batch-norm-features-eval", "batch_norm", {**norm_config, "training": False}, batch_norm(False)),
        ],
    )
