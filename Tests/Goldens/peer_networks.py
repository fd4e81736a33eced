"""What the makers of peer networks share: random values that show every mistake, images, and answers in float64."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def randomise(model: nn.Module, seed: int, side: int) -> None:
    """Gives a network small random weights, batch norms of which no two are alike, and running statistics as images of
    this side leave them."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(like: Tensor, low: float, high: float) -> Tensor:
        return torch.empty_like(like).uniform_(low, high, generator=generator)

    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.copy_(uniform(module.weight, 0.5, 2))
                module.bias.copy_(uniform(module.bias, -0.5, 1))
            elif isinstance(module, nn.Conv2d):
                fan = module.weight[0].numel()
                # So small that what batch norms add to variances shows.
                module.weight.copy_(torch.randn(module.weight.shape, generator=generator) / fan**0.5 / 8)
        # Statistics as a training leaves them, about: without them sixteen blocks magnify every rounding.
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = None
        model.train()(torch.randn(16, 3, side, side, generator=generator))
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean += uniform(module.running_mean, -0.1, 0.1) * module.running_var.sqrt()
                module.running_var *= uniform(module.running_var, 0.7, 1.4)


def pattern(side: int) -> Tensor:
    """Two images [2, 3, side, side] that a test computes again, to the bit: multiples of 1/64 from -2 to 2."""
    images, channels, rows, columns = (torch.arange(n) for n in (2, 3, side, side))
    mixed = 59 * images[:, None, None, None] + 101 * channels[:, None, None] + 3 * rows[:, None] + 5 * columns
    return ((mixed + rows[:, None] * columns // 16) % 257 - 128).float() / 64


def answers(model: nn.Module, features: Callable[[Tensor], Tensor], images: Tensor) -> dict[str, Tensor]:
    """Features and logits, computed in float64. `features` gives maps, of which the mean is taken."""
    model = model.eval().double()
    with torch.no_grad():
        pooled = features(images.double()).mean((2, 3))
        return {"features": pooled.float(), "logits": model(images.double()).float()}


def size(model: nn.Module, side: int) -> Tensor:
    """The parameters, and the multiply-adds for one image: for each value that a convolution or a matrix product gives,
    as many as the weights that it is a sum over."""
    products = 0

    def count(module: nn.Module, _inputs: object, output: Tensor) -> None:
        nonlocal products
        products += output.numel() * module.weight[0].numel()

    handles = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model.eval()(torch.zeros(1, 3, side, side))
    for handle in handles:
        handle.remove()
    return torch.tensor([sum(parameter.numel() for parameter in model.parameters()), products])
