"""What the peer benchmarks share: where they ran, and how times are summed up."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence

import torch

# One-minute load average before the benchmark adds to it: well above zero, others were at work (or a run has just
# ended) and the times are suspect.
_LOAD_AT_START = os.getloadavg()[0]


def environment() -> dict[str, object]:
    return {
        "peer": f"torch {torch.__version__} (Python {platform.python_version()})",
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "load_at_start": round(_LOAD_AT_START, 2),
    }


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds. The minimum says what the machine can do, the median what it did."""
    return {
        "median_ms": round(statistics.median(seconds) * 1e3, 3),
        "min_ms": round(min(seconds) * 1e3, 3),
        "max_ms": round(max(seconds) * 1e3, 3),
    }


def emit(**fields: object) -> None:
    """Prints one JSON line."""
    print(json.dumps(fields), flush=True)
