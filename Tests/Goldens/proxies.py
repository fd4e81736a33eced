"""Makes proxies.safetensors: zero-cost proxies of small networks, by their papers' formulas in plain PyTorch.

    python Tests/Goldens/proxies.py

Each case holds a network's parameters, a batch (`input.images`, `input.labels`), the noise that the Zen-score adds
(`input.noise`; its images are `input.images`), and one `value.<proxy>` for each proxy, float64. Weights are those of the
case throughout: what draws weights of its own is tested elsewhere.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from golden import Case, Tape, load_peer, write
from torch import Tensor, nn

resnest = load_peer("resnest")

CLASSES = 4


class Cells(nn.Module):
    """A stem, a residual block, average pooling and a cell whose edges are convolutions, pooling, identity and zero."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(2, 6, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(6)
        self.block = nn.ModuleDict(
            {
                "conv1": nn.Conv2d(6, 8, 3, stride=2, padding=1, bias=False),
                "bn1": nn.BatchNorm2d(8),
                "conv2": nn.Conv2d(8, 8, 3, padding=1, groups=2, bias=False),
                "bn2": nn.BatchNorm2d(8),
                "down": nn.Sequential(nn.Conv2d(6, 8, 1, stride=2, bias=False), nn.BatchNorm2d(8)),
            }
        )
        self.cell = nn.ModuleDict(
            {
                "a": nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)),
                "b": nn.Sequential(nn.Conv2d(8, 8, 1, bias=False), nn.BatchNorm2d(8)),
                "c": nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)),
            }
        )
        self.relu = nn.ReLU()
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        b = self.block
        y = b["bn2"](b["conv2"](self.relu(b["bn1"](b["conv1"](x)))))
        x = F.avg_pool2d(self.relu(y + b["down"](x)), 2)
        node1 = self.relu(self.cell["a"](x))
        node2 = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False) + self.cell["b"](node1)
        node3 = torch.zeros_like(x) + node1 + self.relu(self.cell["c"](node2))
        return self.fc(self.gap(node3).flatten(1))


class Plain(nn.Module):
    """Convolutions with biases and no batch norm, max pooling between."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(2, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 10, 3, padding=1)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(10, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv2(self.relu(self.pool(self.conv1(x)))))
        return self.fc(self.gap(x).flatten(1))


class Attention(nn.Module):
    """A stem and a split attention, which has two ReLUs of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(2, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.attention = resnest.SplitAttention(8, radix=2, cardinality=1)
        self.bn2 = nn.BatchNorm2d(8)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        # Without the last ReLU the sum of the outputs would be the same for any images, and Jacobians zero.
        x = self.relu(self.bn2(self.attention(self.relu(self.bn1(self.conv1(x))))))
        return self.fc(self.gap(x).flatten(1))


def synflow(model: nn.Module, shape: tuple[int, ...]) -> float:
    """Log of the sum of |w dR/dw| over convolutions and linear layers, batch norms replaced by nothing, in float64."""
    model = copy.deepcopy(model).double()
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                module._modules[name] = nn.Identity()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.abs_()
    model.zero_grad()
    model(torch.ones(1, *shape, dtype=torch.float64)).sum().backward()
    total = 0.0
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            assert module.weight.grad is not None
            total += float((module.weight.detach() * module.weight.grad).abs().sum())
    return math.log(total)


def gradient_norm(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    model.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    return sum(float(parameter.grad.norm()) for parameter in model.parameters() if parameter.grad is not None)


def jacobian_covariance(model: nn.Module, images: Tensor) -> float:
    leaf = images.clone().requires_grad_()
    outputs = model(leaf)
    outputs.backward(torch.ones_like(outputs))
    assert leaf.grad is not None
    values = torch.linalg.eigvalsh(torch.corrcoef(leaf.grad.flatten(1).double()))
    k = 1e-5
    return -float((torch.log(values + k) + 1.0 / (values + k)).sum())


def naswot(model: nn.Module, images: Tensor) -> float:
    kernel = torch.zeros(len(images), len(images), dtype=torch.float64)

    def count(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        code = (output.detach().flatten(1) > 0).double()
        kernel.add_(code @ code.T + (1 - code) @ (1 - code).T)

    hooks = [module.register_forward_hook(count) for module in model.modules() if isinstance(module, nn.ReLU)]
    model(images)
    for hook in hooks:
        hook.remove()
    return float(torch.linalg.slogdet(kernel)[1])


def zen(model: nn.Module, images: Tensor, noise: Tensor) -> float:
    features: list[Tensor] = []
    variances: list[Tensor] = []

    def keep(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        features.append(inputs[0].detach())

    def measure(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        variances.append(inputs[0].detach().var(dim=(0, 2, 3), unbiased=True).mean())

    hooks = [m.register_forward_pre_hook(keep) for m in model.modules() if isinstance(m, nn.AdaptiveAvgPool2d)]
    norms = [m.register_forward_pre_hook(measure) for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    model(images)
    for hook in norms:
        hook.remove()
    model(images + 0.01 * noise)
    for hook in hooks:
        hook.remove()
    delta = (features[0] - features[1]).abs().sum(dim=(1, 2, 3)).mean()
    return float(torch.log(delta)) + sum(float(torch.log(torch.sqrt(v))) for v in variances)


def case(name: str, make: Callable[[], nn.Module], side: int, batch: int) -> Case:
    def run(tape: Tape) -> None:
        model = make()
        tape.adopt(model)
        # Examples of different size and mean: see nn-layers.py.
        scale = tape.uniform(batch, 1, 1, 1, low=0.5, high=1.5)
        shift = tape.normal(batch, 2, 1, 1, std=0.7)
        images = tape.constant("input.images", tape.normal(batch, 2, side, side) * scale + shift)
        labels = tape.constant("input.labels", tape.integers(batch, high=CLASSES))
        noise = tape.constant("input.noise", tape.normal(batch, 2, side, side))
        model.train()
        margin = tape.margin
        flow = synflow(model, (2, side, side))
        # Among equal ones a max-pool may take any: they have the same surroundings.
        tape.margin = margin
        scores = {
            "synflow": flow,
            "gradient-norm": gradient_norm(model, images, labels),
            "jacobian-covariance": jacobian_covariance(model, images),
            "naswot": naswot(model, images),
            "zen": zen(model, images, noise),
        }
        for proxy, score in scores.items():
            tape.record(f"value.{proxy}", torch.tensor(score, dtype=torch.float64))

    return Case(name, name, {"classes": CLASSES}, run)


if __name__ == "__main__":
    write(
        "proxies.py",
        [
            case("cells", Cells, side=12, batch=6),
            case("plain", Plain, side=10, batch=6),
            case("attention", Attention, side=8, batch=6),
        ],
        max_bytes=150_000,
    )
