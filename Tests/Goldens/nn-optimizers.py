"""Makes nn-optimizers.safetensors: update rules over a few steps, gradient clipping, moving averages.

    python Tests/Goldens/nn-optimizers.py

An optimiser's case holds two parameters: `weight` in group 0 and `bias` in the last group (group 0 or 1). `lr.<group>`
is the learning rate of each step (float64); `grad.<step>.<parameter>` the gradient it is given, absent where the step
leaves the parameter without one; `after.<step>.<parameter>` the value it must have then; `state.<parameter>.<key>` the
optimiser's state after the last step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from golden import Case, Scalar, Tape, write
from torch import Tensor, nn

STEPS = 5
SHAPES = {"weight": (3, 4), "bias": (4,)}
LEARNING_RATES = (0.1, 0.08, 0.05, 0.02, 0.03)
# The plain loop: the other implementations of PyTorch compute the same.
LOOP = {"foreach": False, "fused": False}

Make = Callable[[list[dict[str, object]]], torch.optim.Optimizer]


def sgd(momentum: float = 0.0, dampening: float = 0.0, nesterov: bool = False) -> tuple[str, dict[str, Scalar], Make]:
    config: dict[str, Scalar] = {
        "momentum": momentum,
        "dampening": dampening,
        "nesterov": nesterov,
        "maximize": False,
    }
    return "sgd", config, lambda groups: torch.optim.SGD(groups, **config, **LOOP)  # type: ignore[arg-type]


def adam() -> tuple[str, dict[str, Scalar], Make]:
    """Adam, whose decay is added to the gradient."""
    config: dict[str, Scalar] = {
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "amsgrad": False,
        "maximize": False,
    }
    return "adam", config, lambda groups: torch.optim.Adam(groups, betas=(0.9, 0.999), eps=1e-8, **LOOP)


def optimizer(
    name: str,
    rule: tuple[str, dict[str, Scalar], Make],
    scale: float = 1.0,
    decays: tuple[float, ...] = (0.0,),
    missing: Mapping[int, tuple[str, ...]] | None = None,
) -> Case:
    """`decays` has one weight decay a group; group 1 learns at a tenth of group 0's rate.

    `scale` multiplies LEARNING_RATES; `missing` names the parameters that lack a gradient at a step.
    """
    kind, config, make = rule
    rates = [[rate * scale * 0.1**group for rate in LEARNING_RATES] for group in range(len(decays))]

    def run(tape: Tape) -> None:
        parameters = {
            key: nn.Parameter(tape.constant(f"param.{key}", tape.normal(*shape))) for key, shape in SHAPES.items()
        }
        members = (
            [[parameters["weight"], parameters["bias"]]] if len(decays) == 1 else [[p] for p in parameters.values()]
        )
        instance = make(
            [
                {"params": group, "lr": rates[index][0], "weight_decay": decays[index]}
                for index, group in enumerate(members)
            ]
        )
        for index, group_rates in enumerate(rates):
            tape.record(f"lr.{index}", torch.tensor(group_rates, dtype=torch.float64))
        for step in range(STEPS):
            for index, group in enumerate(instance.param_groups):
                group["lr"] = rates[index][step]
            for key, parameter in parameters.items():
                gradient = tape.normal(*parameter.shape)
                absent = missing is not None and key in missing.get(step, ())
                parameter.grad = None if absent else tape.constant(f"grad.{step}.{key}", gradient)
            instance.step()
            for key, parameter in parameters.items():
                tape.record(f"after.{step}.{key}", parameter)
        for key, parameter in parameters.items():
            for entry, value in instance.state[parameter].items():
                if isinstance(value, Tensor):
                    tape.record(f"state.{key}.{entry}", value)

    groups: dict[str, Scalar] = {"steps": STEPS, "groups": len(decays)}
    groups |= {f"weight_decay_{index}": decay for index, decay in enumerate(decays)}
    return Case(name, kind, config | groups, run)


def clip_norm(name: str, max_norm: float, norm_type: float = 2.0) -> Case:
    """The gradients of two parameters scaled together; `output.total_norm` is the norm before clipping."""

    def run(tape: Tape) -> None:
        parameters = {key: nn.Parameter(torch.zeros(shape, dtype=tape.dtype)) for key, shape in SHAPES.items()}
        for key, parameter in parameters.items():
            parameter.grad = tape.constant(f"input.{key}", tape.normal(*parameter.shape))
        total = nn.utils.clip_grad_norm_(parameters.values(), max_norm, norm_type)
        tape.record("output.total_norm", total)
        for key, parameter in parameters.items():
            assert parameter.grad is not None
            tape.record(f"output.{key}", parameter.grad)

    # A string: JSON has no infinity.
    return Case(name, "clip_norm", {"max_norm": max_norm, "norm_type": str(norm_type)}, run)


def moving_average(momentum: float) -> Case:
    """p = m p + (1 - m) q for the values q of every step."""

    def run(tape: Tape) -> None:
        average = tape.constant("param.weight", tape.normal(3, 4))
        for step in range(STEPS):
            source = tape.constant(f"input.{step}", tape.normal(3, 4))
            average = momentum * average + (1 - momentum) * source
            tape.record(f"after.{step}.weight", average)

    return Case(f"ema-{momentum}", "ema", {"momentum": momentum, "steps": STEPS}, run)


if __name__ == "__main__":
    write(
        "nn-optimizers.py",
        [
            optimizer("sgd", sgd()),
            optimizer("sgd-decay", sgd(), decays=(0.01,)),
            optimizer("sgd-momentum", sgd(momentum=0.9), decays=(1e-4,)),
            optimizer("sgd-nesterov", sgd(momentum=0.9, nesterov=True), decays=(0.01,)),
            # PyTorch does not dampen the first step: the buffer starts as the gradient itself.
            optimizer("sgd-dampening", sgd(momentum=0.9, dampening=0.3), decays=(0.01,)),
            optimizer("sgd-groups", sgd(momentum=0.9), decays=(0.01, 0.0)),
            optimizer(
                "sgd-missing", sgd(momentum=0.9), decays=(0.01,), missing={0: ("bias",), 2: ("weight",), 3: ("bias",)}
            ),
            optimizer("adam", adam(), scale=0.1),
            optimizer("adam-decay", adam(), scale=0.1, decays=(0.05,)),
            clip_norm("clip-norm", 1.0),
            clip_norm("clip-norm-idle", 100.0),
            clip_norm("clip-norm-infinity", 0.7, float("inf")),
            moving_average(0.9),
            moving_average(0.999),
        ],
    )
