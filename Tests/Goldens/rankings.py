"""Makes rankings.json: correlations of lists with and without ties, and paired t-tests.

    python Tests/Goldens/rankings.py

Made with SciPy 1.17.1 (scipy.stats) and NumPy.
"""

import json
import pathlib

import numpy as np
from scipy.stats import combine_pvalues, kendalltau, pearsonr, spearmanr, ttest_1samp, ttest_rel

rng = np.random.default_rng(2)


def floats(values):
    return [float(v) for v in values]


def correlation(name, x, y):
    return {
        "name": name, "x": floats(x), "y": floats(y), "tau": float(kendalltau(x, y, variant="b").statistic),
        "rho": float(spearmanr(x, y).statistic), "r": float(pearsonr(x, y).statistic),
    }


def test(name, first, second):
    result = ttest_rel(first, second)
    difference = np.asarray(first, float) - np.asarray(second, float)
    return {
        "name": name, "first": floats(first), "second": floats(second), "mean": float(difference.mean()),
        "deviation": float(difference.std(ddof=1)), "t": float(result.statistic), "p": float(result.pvalue),
    }


noise = rng.normal(size=60).round(3)
coarse = rng.integers(0, 5, 80)
correlations = [
    correlation("by hand", [1, 2, 3, 4, 5], [3, 1, 2, 5, 4]),
    correlation("tie in one list", [1, 1, 2, 3], [1, 2, 3, 4]),
    correlation("ties in both", [1, 1, 2, 2, 3, 3], [1, 2, 2, 2, 1, 3]),
    correlation("no ties", noise, (noise + rng.normal(size=60)).round(6)),
    correlation("reversed", noise, -noise),
    correlation("many ties", coarse, coarse + rng.integers(-2, 3, 80)),
    correlation("unrelated, ties", rng.integers(0, 4, 80), rng.integers(0, 9, 80)),
    correlation("large numbers", (noise * 1e9 + 5e9).round(), (noise + rng.normal(size=60)).round(6)),
]
tests = [
    test("two pairs", [0.91, 0.93], [0.90, 0.90]),
    test("three seeds", [0.912, 0.934, 0.921], [0.905, 0.921, 0.917]),
    test("no difference", [1, 2, 3, 4], [2, 1, 4, 3]),
    test("second is better", noise[:20] - 0.5, noise[20:40]),
    test("tiny p", (noise + 3 + rng.normal(size=60) * 0.1).round(6), noise),
    test("many pairs", rng.normal(size=400).round(4), rng.normal(0.1, 1, size=400).round(4)),
]


def combined(name, lists):
    """Differences of several tasks: the one-sided tests of each, all together by Stouffer's method."""
    one_sided = [
        combine_pvalues([ttest_1samp(x, 0, alternative=side).pvalue for x in lists], method="stouffer").pvalue
        for side in ("greater", "less")
    ]
    return {"name": name, "lists": [floats(x) for x in lists], "p": float(2 * min(one_sided))}


combinations = [
    combined("one task", [[1.0, 2.0, 4.0]]),
    combined("all ahead a little", [rng.normal(0.8, 1, 5).round(3) for _ in range(6)]),
    combined("both directions", [[0.5, 0.4, 0.6], [-0.5, -0.45, -0.6], [0.1, -0.2, 0.05]]),
    combined("behind", [rng.normal(-2, 1, 4).round(3) for _ in range(9)]),
]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"correlations": correlations, "tests": tests, "combinations": combinations}) + "\n")
