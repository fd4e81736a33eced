"""The ceiling: GFLOP/s of square matrix products in float32 and bfloat16; one JSON line each.

python Benchmarks/peers/matmul_peak.py --threads 2
"""

from __future__ import annotations

import argparse
import time

import torch
from harness import emit, environment, summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2048, 3072, 4096])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    for dtype in (torch.float32, torch.bfloat16):
        for size in arguments.sizes:
            a, b = (torch.randn(size, size).to(dtype) for _ in range(2))
            out = torch.empty(size, size, dtype=dtype)
            seconds: list[float] = []
            for iteration in range(arguments.warmup + arguments.iterations):
                start = time.perf_counter()
                torch.mm(a, b, out=out)
                if iteration >= arguments.warmup:
                    seconds.append(time.perf_counter() - start)
            emit(
                benchmark="matmul_peak",
                **environment(),
                dtype=str(dtype).removeprefix("torch."),
                size=size,
                iterations=arguments.iterations,
                **summary(seconds),
                # Of the fastest product: a ceiling is what the machine can do.
                gflops=round(2 * size**3 / min(seconds) / 1e9, 1),
            )


if __name__ == "__main__":
    main()
