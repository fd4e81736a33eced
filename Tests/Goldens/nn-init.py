"""Makes nn-init.safetensors: what every initialiser's samples must obey, for given shapes.

    python Tests/Goldens/nn-init.py

Random streams differ between implementations, so a case stores formulas' values (float64 scalars), not samples:
`value.fan_in`, `value.fan_out`, `value.mean`, `value.std` (of the distribution drawn from, truncation included) and
`value.low`, `value.high` where it is bounded. Before they are stored, PyTorch's own initialiser is sampled and held
against them: no sample outside the bounds, mean and standard deviation within five standard errors.

`shape` is the weight's (of `default_bias` too): [out, in / groups, kernel height, kernel width] or [out, in]. As in
PyTorch, fan-out is out * kernel size, not divided by the groups.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from golden import Case, Scalar, Tape, load_peer, write
from torch import Tensor, nn
from torch.nn import init

resnest = load_peer("resnest")

SAMPLES = 200_000
SHAPES: dict[str, tuple[tuple[int, ...], int]] = {  # shape and groups
    "conv": ((64, 32, 3, 3), 1),
    "conv-groups-4": ((64, 8, 3, 3), 4),
    "depthwise": ((32, 1, 5, 3), 32),
    "pointwise": ((40, 16, 1, 1), 1),
    "linear": ((10, 64), 1),
}


@dataclass(frozen=True)
class Law:
    """A distribution: mean, standard deviation, bounds and the kurtosis that the error of the latter depends on."""

    mean: float
    std: float
    low: float = -math.inf
    high: float = math.inf
    kurtosis: float = 3.0

    @staticmethod
    def uniform(bound: float) -> Law:
        return Law(0.0, bound / math.sqrt(3.0), -bound, bound, kurtosis=1.8)

    @staticmethod
    def normal(std: float) -> Law:
        return Law(0.0, std)

    @staticmethod
    def truncated_normal(std: float, low: float, high: float) -> Law:
        """N(0, std) confined to [low, high], symmetric about 0."""
        alpha = high / std
        density = math.exp(-alpha * alpha / 2) / math.sqrt(2 * math.pi)
        mass = math.erf(alpha / math.sqrt(2))
        second = 1 - 2 * alpha * density / mass
        fourth = 3 * second - 2 * alpha**3 * density / mass
        return Law(0.0, std * math.sqrt(second), low, high, kurtosis=fourth / second**2)

    def verify(self, name: str, samples: Tensor) -> None:
        values = samples.to(torch.float64)
        count = values.numel()
        slack = 1e-6 * self.std  # float32 rounds a sample at the bound outwards
        if values.min().item() < self.low - slack or values.max().item() > self.high + slack:
            raise ValueError(f"{name}: a sample leaves [{self.low}, {self.high}]")
        mean_error = abs(values.mean().item() - self.mean) / (self.std / math.sqrt(count))
        std_error = abs(values.std().item() / self.std - 1) / (math.sqrt((self.kurtosis - 1) / (4 * count)))
        if mean_error > 5 or std_error > 5:
            raise ValueError(
                f"{name}: mean is {mean_error:.1f} and std {std_error:.1f} standard errors off the formula"
            )


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Fan-in and fan-out of a weight, as PyTorch counts them."""
    return math.prod(shape[1:]), shape[0] * math.prod(shape[2:])


def sample(name: str, shape: tuple[int, ...], law: Law, fill: Callable[[Tensor], object]) -> None:
    torch.manual_seed(0)
    rounds = math.ceil(SAMPLES / math.prod(shape))
    draws = torch.empty(rounds, *shape)
    for draw in draws:
        fill(draw)
    law.verify(name, draws)


def case(
    name: str,
    kind: str,
    shape: tuple[int, ...],
    groups: int,
    law: Law,
    fill: Callable[[Tensor], object],
    config: dict[str, Scalar] | None = None,
    sampled: tuple[int, ...] | None = None,
) -> Case:
    """`shape` is the weight's; `sampled` the shape of what is drawn, where that is not the weight."""

    def run(tape: Tape) -> None:
        sample(name, sampled or shape, law, fill)
        fan_in, fan_out = fans(shape)
        values = {"fan_in": fan_in, "fan_out": fan_out, "mean": law.mean, "std": law.std}
        if math.isfinite(law.low):
            values |= {"low": law.low, "high": law.high}
        for key, value in values.items():
            tape.record(f"value.{key}", torch.tensor(float(value), dtype=torch.float64))

    base: dict[str, Scalar] = {"shape": ",".join(map(str, shape)), "groups": groups}
    return Case(f"{kind.replace('_', '-')}-{name}", kind, base | (config or {}), run)


def default_layer(shape: tuple[int, ...], groups: int) -> nn.Conv2d | nn.Linear:
    if len(shape) == 2:
        return nn.Linear(shape[1], shape[0])
    return nn.Conv2d(shape[1] * groups, shape[0], (shape[2], shape[3]), groups=groups)


def cases_of(name: str, shape: tuple[int, ...], groups: int) -> list[Case]:
    fan_in, fan_out = fans(shape)

    def fill_default(attribute: str) -> Callable[[Tensor], object]:
        layer = default_layer(shape, groups)

        def fill(draw: Tensor) -> None:
            layer.reset_parameters()
            draw.copy_(layer.get_parameter(attribute).detach())

        return fill

    sqrt5 = math.sqrt(5.0)
    # Gain of a leaky ReLU of slope a: sqrt(2 / (1 + a^2)); the bound is gain * sqrt(3 / fan_in) = 1 / sqrt(fan_in).
    kaiming_bound = math.sqrt(2.0 / (1.0 + 5.0)) * math.sqrt(3.0 / fan_in)
    default_bound = 1.0 / math.sqrt(fan_in)
    return [
        case(
            name,
            "kaiming_uniform",
            shape,
            groups,
            Law.uniform(kaiming_bound),
            lambda w: init.kaiming_uniform_(w, a=sqrt5),
            {"a": sqrt5, "mode": "fan_in", "nonlinearity": "leaky_relu"},
        ),
        case(
            f"fan-in-{name}",
            "kaiming_normal",
            shape,
            groups,
            Law.normal(math.sqrt(2.0 / fan_in)),
            lambda w: init.kaiming_normal_(w, mode="fan_in", nonlinearity="relu"),
            {"mode": "fan_in", "nonlinearity": "relu"},
        ),
        case(
            f"fan-out-{name}",
            "kaiming_normal",
            shape,
            groups,
            Law.normal(math.sqrt(2.0 / fan_out)),
            lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
            {"mode": "fan_out", "nonlinearity": "relu"},
        ),
        case(
            name,
            "xavier_uniform",
            shape,
            groups,
            Law.uniform(math.sqrt(6.0 / (fan_in + fan_out))),
            init.xavier_uniform_,
        ),
        case(
            name, "xavier_normal", shape, groups, Law.normal(math.sqrt(2.0 / (fan_in + fan_out))), init.xavier_normal_
        ),
        case(name, "default_weight", shape, groups, Law.uniform(default_bound), fill_default("weight")),
        # A bias takes its bound from the fan-in of its weight.
        case(
            name, "default_bias", shape, groups, Law.uniform(default_bound), fill_default("bias"), sampled=(shape[0],)
        ),
    ]


def truncated_normal(name: str, std: float, low: float, high: float) -> Case:
    return case(
        name,
        "trunc_normal",
        (10, 64),
        1,
        Law.truncated_normal(std, low, high),
        lambda w: init.trunc_normal_(w, 0.0, std, low, high),
        {"mean": 0.0, "std": std, "a": low, "b": high},
    )


def resnest_convolution() -> Case:
    """The network's own law, N(0, sqrt(2 / (k*k*out))), on a grouped 3x3 of the peer."""
    torch.manual_seed(0)
    # One block is enough; its layers are wide so that few networks make many samples.
    model = resnest.ResNeSt([3], planes=[64], depths=[1], num_classes=10, stem="small", stem_width=8)
    weight = model.get_parameter("layer1.0.conv2.conv.weight")
    shape = tuple(weight.shape)

    def fill(draw: Tensor) -> None:
        model.reset_parameters()
        draw.copy_(weight.detach())

    law = Law.normal(math.sqrt(2.0 / (shape[2] * shape[3] * shape[0])))
    return case("conv-groups-4", "resnest_normal", shape, 4, law, fill, {"mode": "fan_out"})


if __name__ == "__main__":
    write(
        "nn-init.py",
        [case for name, (shape, groups) in SHAPES.items() for case in cases_of(name, shape, groups)]
        + [
            truncated_normal("wide", 0.02, -2.0, 2.0),
            truncated_normal("one-sigma", 0.02, -0.02, 0.02),
            truncated_normal("two-sigma", 0.02, -0.04, 0.04),
            resnest_convolution(),
        ],
    )
