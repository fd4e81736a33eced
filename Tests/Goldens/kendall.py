"""Makes kendall.json: pairs of lists with Kendall's tau-b, with and without ties.

    python Tests/Goldens/kendall.py

Made with SciPy 1.17.1 (scipy.stats.kendalltau) and NumPy.
"""

import json
import pathlib

import numpy as np
from scipy.stats import kendalltau

rng = np.random.default_rng(1)


def case(name, x, y):
    tau = kendalltau(x, y, variant="b").statistic
    return {"name": name, "x": [float(v) for v in x], "y": [float(v) for v in y], "tau": float(tau)}


noise = rng.normal(size=200).round(3)
cases = [
    case("by hand", [1, 2, 3, 4, 5], [3, 1, 2, 5, 4]),
    case("two", [0.5, -0.5], [2, 1]),
    case("tie in one list", [1, 1, 2, 3], [1, 2, 3, 4]),
    case("ties in both", [1, 1, 2, 2, 3, 3], [1, 2, 2, 2, 1, 3]),
    case("no ties", noise, (noise + rng.normal(size=200)).round(6)),
    case("reversed", noise, -noise),
    case("many ties", rng.integers(0, 5, 300), rng.integers(0, 8, 300)),
    case("few values, related", *(lambda a: (a, a + rng.integers(-2, 3, 150)))(rng.integers(0, 6, 150))),
]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(cases) + "\n")
