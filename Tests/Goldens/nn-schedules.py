"""Makes nn-schedules.safetensors: the learning rates of PyTorch's schedulers, as float64.

    python Tests/Goldens/nn-schedules.py

`lr` holds the rate in force before the first step and after each of `steps` calls of the scheduler: entry k is the
rate of epoch k, or of optimiser step k where the scheduler is called at every one (`unit`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import torch
from golden import Case, Scalar, Tape, write
from torch.optim import SGD, lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

Make = Callable[[SGD], LRScheduler]


def schedule(
    name: str,
    kind: str,
    unit: str,
    base: float,
    steps: int,
    config: dict[str, Scalar],
    make: Make,
    closed: Callable[[int], float],
) -> Case:
    """`closed` is the closed form: PyTorch's recursions must agree with it to rounding."""

    def run(tape: Tape) -> None:
        optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=base)
        scheduler = make(optimizer)
        rates = [optimizer.param_groups[0]["lr"]]
        for _ in range(steps):
            optimizer.step()
            scheduler.step()
            rates.append(optimizer.param_groups[0]["lr"])
        for step, rate in enumerate(rates):
            if abs(rate - closed(step)) > 1e-13 * base:
                raise ValueError(f"{name}: step {step} has rate {rate!r}, the closed form says {closed(step)!r}")
        tape.record("lr", torch.tensor(rates, dtype=torch.float64))

    common: dict[str, Scalar] = {"unit": unit, "base_lr": base, "steps": steps}
    return Case(name, kind, common | config, run)


def cosine_value(step: float, total: int, base: float, minimum: float) -> float:
    return minimum + (base - minimum) * (1 + math.cos(math.pi * step / total)) / 2


def cosine(name: str, unit: str, base: float, total: int, minimum: float) -> Case:
    return schedule(
        name,
        "cosine",
        unit,
        base,
        total,
        {"t_max": total, "eta_min": minimum},
        lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, total, minimum),
        lambda step: cosine_value(step, total, base, minimum),
    )


def step_decay(name: str, unit: str, size: int, gamma: float, steps: int) -> Case:
    return schedule(
        name,
        "step",
        unit,
        0.1,
        steps,
        {"step_size": size, "gamma": gamma},
        lambda optimizer: lr_scheduler.StepLR(optimizer, size, gamma),
        lambda step: 0.1 * gamma ** (step // size),
    )


def multi_step(name: str, unit: str, base: float, milestones: tuple[int, ...], gamma: float, steps: int) -> Case:
    return schedule(
        name,
        "multi_step",
        unit,
        base,
        steps,
        {"milestones": ",".join(map(str, milestones)), "gamma": gamma},
        lambda optimizer: lr_scheduler.MultiStepLR(optimizer, list(milestones), gamma),
        lambda step: base * gamma ** sum(step >= milestone for milestone in milestones),
    )


def linear_value(step: int, total: int, base: float, start: float) -> float:
    return base * (start + (1.0 - start) * min(step, total) / total)


def linear(name: str, unit: str, total: int, start: float, steps: int) -> Case:
    return schedule(
        name,
        "linear",
        unit,
        0.1,
        steps,
        {"start_factor": start, "end_factor": 1.0, "total_iters": total},
        lambda optimizer: lr_scheduler.LinearLR(optimizer, start, 1.0, total),
        lambda step: linear_value(step, total, 0.1, start),
    )


def warmup_cosine(name: str, unit: str, base: float, warmup: int, total: int, start: float, minimum: float) -> Case:
    """`warmup` steps up from `start * base`, then the cosine over the remaining `total - warmup`."""

    def make(optimizer: SGD) -> LRScheduler:
        parts: list[LRScheduler] = [
            lr_scheduler.LinearLR(optimizer, start, 1.0, warmup),
            lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, minimum),
        ]
        return lr_scheduler.SequentialLR(optimizer, parts, [warmup])

    def closed(step: int) -> float:
        if step < warmup:
            return linear_value(step, warmup, base, start)
        return cosine_value(step - warmup, total - warmup, base, minimum)

    config: dict[str, Scalar] = {
        "warmup_steps": warmup,
        "start_factor": start,
        "t_max": total - warmup,
        "eta_min": minimum,
    }
    return schedule(name, "warmup_cosine", unit, base, total, config, make, closed)


if __name__ == "__main__":
    # SequentialLR passes an epoch to step(), which PyTorch itself deprecates.
    warnings.filterwarnings("ignore", message="The epoch parameter in `scheduler.step", category=UserWarning)
    epochs, steps_per_epoch = 10, 7
    write(
        "nn-schedules.py",
        [
            cosine("cosine-epoch", "epoch", 0.03, epochs, 0.0),
            cosine("cosine-step", "step", 0.03, epochs * steps_per_epoch, 0.0),
            cosine("cosine-minimum-epoch", "epoch", 0.1, epochs, 1e-3),
            step_decay("step-epoch", "epoch", 3, 0.1, epochs),
            step_decay("step-step", "step", 3 * steps_per_epoch, 0.5, epochs * steps_per_epoch),
            multi_step("multi-step-epoch", "epoch", 30.0, (6, 8), 0.1, epochs),
            multi_step(
                "multi-step-step",
                "step",
                0.1,
                (3 * steps_per_epoch, 8 * steps_per_epoch),
                0.2,
                epochs * steps_per_epoch,
            ),
            linear("linear-epoch", "epoch", 5, 0.1, epochs),
            linear("linear-step", "step", 2 * steps_per_epoch, 0.01, 4 * steps_per_epoch),
            warmup_cosine("warmup-cosine-epoch", "epoch", 0.1, 2, epochs, 0.1, 0.0),
            warmup_cosine("warmup-cosine-step", "step", 0.1, 2 * steps_per_epoch, epochs * steps_per_epoch, 0.01, 1e-5),
        ],
    )
