"""Makes nn-layers.safetensors: layers, forward and backward, against plain PyTorch modules.

python Tests/Goldens/nn-layers.py
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch
from golden import Case, Scalar, Tape, load_peer, write
from torch import Tensor, nn

resnest = load_peer("resnest")


def simple(
    name: str, kind: str, config: dict[str, Scalar], make: Callable[[], nn.Module], shape: tuple[int, ...]
) -> Case:
    """A module of one input [N, ...] in train mode: output, all gradients, buffers afterwards."""

    def run(tape: Tape) -> None:
        module = make()
        tape.adopt(module)
        # Examples of different size and mean: batch statistics of pooled features stay well away from zero variance.
        scale = tape.uniform(shape[0], *[1] * (len(shape) - 1), low=0.5, high=1.5)
        shift = tape.normal(*shape[:2], *[1] * (len(shape) - 2), std=0.7)
        x = tape.leaf("input.x", tape.normal(*shape) * scale + shift)
        tape.backward(module(x))
        tape.gradients()
        tape.buffers_after(module)

    return Case(name, kind, config, run)


def conv2d(
    name: str,
    in_channels: int = 4,
    out_channels: int = 6,
    kernel: tuple[int, int] = (3, 3),
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    dilation: tuple[int, int] = (1, 1),
    groups: int = 1,
    bias: bool = True,
) -> Case:
    config: dict[str, Scalar] = {
        "in_channels": in_channels,
        "out_channels": out_channels,
        "groups": groups,
        "bias": bias,
    }
    for key, pair in (("kernel", kernel), ("stride", stride), ("padding", padding), ("dilation", dilation)):
        config |= {f"{key}_height": pair[0], f"{key}_width": pair[1]}
    return simple(
        f"conv2d-{name}",
        "conv2d",
        config,
        lambda: nn.Conv2d(in_channels, out_channels, kernel, stride, padding, dilation, groups, bias),
        (2, in_channels, 7, 6),
    )


def conv2d_cases() -> list[Case]:
    return [
        conv2d("plain"),
        conv2d("no-bias", padding=(1, 1), bias=False),
        conv2d("stride-2", stride=(2, 2), padding=(1, 1), bias=False),
        conv2d("groups-2", padding=(1, 1), groups=2),
        conv2d("depthwise", out_channels=4, padding=(1, 1), groups=4, bias=False),
        conv2d("depthwise-multiplier-2", out_channels=8, padding=(1, 1), groups=4),
        conv2d("dilation-2", padding=(2, 2), dilation=(2, 2)),
        conv2d("1x1", kernel=(1, 1), bias=False),
        conv2d("1x1-stride-2", kernel=(1, 1), stride=(2, 2)),
        conv2d("asymmetric", kernel=(5, 3), stride=(1, 2), padding=(2, 0)),
    ]


def linear_cases() -> list[Case]:
    def case(name: str, bias: bool, leading: tuple[int, ...]) -> Case:
        config: dict[str, Scalar] = {"in_features": 5, "out_features": 3, "bias": bias}
        return simple(f"linear-{name}", "linear", config, lambda: nn.Linear(5, 3, bias), (*leading, 5))

    return [case("bias", True, (4,)), case("no-bias", False, (4,)), case("3d", True, (2, 3))]


def with_statistics(tape: Tape, module: nn.BatchNorm2d) -> nn.BatchNorm2d:
    """Running statistics as after some training."""
    assert module.running_mean is not None and module.running_var is not None
    module.running_mean.copy_(tape.normal(module.num_features, std=0.5))
    module.running_var.copy_(tape.uniform(module.num_features, low=0.5, high=2.0))
    assert module.num_batches_tracked is not None
    module.num_batches_tracked.fill_(7)
    return module


def batch_norm_config(
    features: int, training: bool, cumulative: bool = False, affine: bool = True
) -> dict[str, Scalar]:
    """`cumulative` is PyTorch's momentum None; `momentum` counts only without it."""
    return {
        "num_features": features,
        "eps": 1e-5,
        "momentum": 0.1,
        "cumulative": cumulative,
        "affine": affine,
        "training": training,
    }


def batch_norm_cases() -> list[Case]:
    features = 5

    def batches(tape: Tape, sizes: tuple[int, ...]) -> list[Tensor]:
        return [
            tape.leaf(f"input.x.{i}", tape.normal(n, features, 3, 4) * 1.5 + tape.normal(1, features, 1, 1))
            for i, n in enumerate(sizes)
        ]

    def plain(training: bool, affine: bool) -> Callable[[Tape], None]:
        def run(tape: Tape) -> None:
            module = with_statistics(tape, nn.BatchNorm2d(features, affine=affine)).train(training)
            tape.adopt(module)
            x = tape.leaf("input.x", tape.normal(4, features, 3, 4) * 1.5 + tape.normal(1, features, 1, 1))
            tape.backward(module(x))
            tape.gradients()
            tape.buffers_after(module)

        return run

    def cumulative(tape: Tape) -> None:
        # The parameters' gradients are those of both batches together.
        module = nn.BatchNorm2d(features, momentum=None)
        tape.adopt(module)
        for i, x in enumerate(batches(tape, (4, 3))):
            tape.backward(module(x), suffix=f".{i}")
        tape.gradients()
        tape.buffers_after(module)

    def reestimate(tape: Tape) -> None:
        # Unequal batches: the mean over batches is the plain one, not weighted by their sizes.
        module = with_statistics(tape, nn.BatchNorm2d(features, momentum=1.0))
        tape.adopt(module)
        means, variances = [], []
        with torch.no_grad():
            for x in batches(tape, (4, 4, 2)):
                module(x)
                assert module.running_mean is not None and module.running_var is not None
                means.append(module.running_mean.clone())
                variances.append(module.running_var.clone())
        tape.record("after.buffer.running_mean", torch.stack(means).mean(0))
        tape.record("after.buffer.running_var", torch.stack(variances).mean(0))

    return [
        Case("batch-norm-train", "batch_norm", batch_norm_config(features, True), plain(True, True)),
        Case("batch-norm-eval", "batch_norm", batch_norm_config(features, False), plain(False, True)),
        Case(
            "batch-norm-train-plain", "batch_norm", batch_norm_config(features, True, affine=False), plain(True, False)
        ),
        Case(
            "batch-norm-eval-plain", "batch_norm", batch_norm_config(features, False, affine=False), plain(False, False)
        ),
        Case(
            "batch-norm-cumulative",
            "batch_norm_batches",
            batch_norm_config(features, True, cumulative=True),
            cumulative,
        ),
        Case("batch-norm-reestimate", "batch_norm_reestimate", {"num_features": features, "eps": 1e-5}, reestimate),
    ]


def fused_cases() -> list[Case]:
    """Batch norm, then an addition (`residual`), then ReLU (`relu`): what a fused layer must equal."""

    def case(training: bool, residual: bool, relu: bool) -> Case:
        def run(tape: Tape) -> None:
            norm = with_statistics(tape, nn.BatchNorm2d(6)).train(training)
            activation = nn.ReLU()
            tape.adopt(norm)
            x = tape.leaf("input.x", tape.normal(3, 6, 4, 5, std=1.5) + tape.normal(1, 6, 1, 1))
            y = norm(x)
            if residual:
                y = y + tape.leaf("input.residual", tape.normal(3, 6, 4, 5))
            tape.backward(activation(y) if relu else y)
            tape.gradients()
            tape.buffers_after(norm)

        parts = ["batch-norm", *(["add"] if residual else []), *(["relu"] if relu else [])]
        config = batch_norm_config(6, training) | {"residual": residual, "relu": relu}
        return Case(f"fused-{'-'.join(parts)}-{'train' if training else 'eval'}", "batch_norm_fused", config, run)

    return [
        case(training, residual, relu)
        for training, (residual, relu) in product((True, False), ((False, True), (True, True), (True, False)))
    ]


def pool_cases() -> list[Case]:
    def average(name: str, kernel: int, stride: int, padding: int, ceil: bool, count: bool) -> Case:
        config: dict[str, Scalar] = {
            "kernel": kernel,
            "stride": stride,
            "padding": padding,
            "ceil_mode": ceil,
            "count_include_pad": count,
        }
        return simple(
            f"avg-pool2d-{name}",
            "avg_pool2d",
            config,
            lambda: nn.AvgPool2d(kernel, stride, padding, ceil, count),
            (2, 3, 7, 5),
        )

    return [
        simple(
            "max-pool2d-3-2-1",
            "max_pool2d",
            {"kernel": 3, "stride": 2, "padding": 1, "ceil_mode": False},
            lambda: nn.MaxPool2d(3, 2, 1),
            (2, 3, 7, 6),
        ),
        average("3-2-1-counted", 3, 2, 1, ceil=False, count=True),
        average("2-2-ceil", 2, 2, 0, ceil=True, count=False),
        average("3-1-1-not-counted", 3, 1, 1, ceil=False, count=False),
    ]


def dropout_cases() -> list[Case]:
    def masked(tape: Tape) -> None:
        x = tape.leaf("input.x", tape.normal(4, 6))
        keep = tape.constant("input.mask", (tape.uniform(4, 6) >= 0.3).float())
        tape.backward(x * keep / (1 - 0.3))
        tape.gradients()

    return [
        simple("dropout-0-train", "dropout", {"p": 0.0, "training": True}, lambda: nn.Dropout(0.0), (4, 6)),
        simple("dropout-eval", "dropout", {"p": 0.5, "training": False}, lambda: nn.Dropout(0.5).eval(), (4, 6)),
        Case("dropout-mask", "dropout_mask", {"p": 0.3}, masked),
    ]


def split_attention_cases() -> list[Case]:
    def case(radix: int, cardinality: int) -> Case:
        return simple(
            f"split-attention-radix-{radix}-cardinality-{cardinality}",
            "split_attention",
            {"channels": 8, "radix": radix, "cardinality": cardinality},
            lambda: resnest.SplitAttention(8, radix, cardinality),
            (8, 8, 4, 4),
        )

    return [case(radix, cardinality) for radix, cardinality in product((1, 2), (1, 2))]


def bottleneck_cases() -> list[Case]:
    def case(name: str, in_channels: int, planes: int, digit: int, stride: int, project: bool, size: int) -> Case:
        candidate = resnest.CANDIDATES[digit]
        config: dict[str, Scalar] = {
            "in_channels": in_channels,
            "planes": planes,
            "expansion": 2,
            "candidate": digit,
            "radix": candidate.radix,
            "cardinality": candidate.cardinality,
            "base_width": candidate.base_width,
            "width": candidate.width(planes),
            "stride": stride,
            "project": project,
        }
        return simple(
            f"bottleneck-{name}",
            "bottleneck",
            config,
            lambda: resnest.Bottleneck(in_channels, planes, candidate, stride, project, expansion=2),
            (8, in_channels, size, size),
        )

    # The odd size shows both poolings' treatment of the border.
    return [
        case("stride-2-project", 6, 16, digit=3, stride=2, project=True, size=5),
        case("stride-1-project", 6, 8, digit=1, stride=1, project=True, size=4),
        case("identity", 16, 8, digit=2, stride=1, project=False, size=4),
    ]


if __name__ == "__main__":
    write(
        "nn-layers.py",
        conv2d_cases()
        + linear_cases()
        + batch_norm_cases()
        + fused_cases()
        + pool_cases()
        + dropout_cases()
        + split_attention_cases()
        + bottleneck_cases(),
    )
