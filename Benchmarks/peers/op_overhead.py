"""What one operator call costs in eager PyTorch from Python: microseconds per addition of one-element tensors.

    python Benchmarks/peers/op_overhead.py

One JSON line without gradient recording and one with; `op_overhead.cpp` does the same from C++.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
from harness import emit, environment


def microseconds(grad: bool, iterations: int) -> float:
    a = torch.ones(1, requires_grad=grad)
    b = torch.ones(1)
    with torch.set_grad_enabled(grad):
        start = time.perf_counter()
        for _ in range(iterations):
            # Not chained: a chain's graph would grow and its release be timed too.
            a + b
        return (time.perf_counter() - start) / iterations * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iterations", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for grad in (False, True):
        microseconds(grad, arguments.iterations // 10)
        times = [microseconds(grad, arguments.iterations) for _ in range(arguments.repeats)]
        emit(
            benchmark="op_overhead",
            **environment(),
            grad=grad,
            iterations=arguments.iterations,
            median_us=round(statistics.median(times), 3),
            min_us=round(min(times), 3),
        )


if __name__ == "__main__":
    main()
