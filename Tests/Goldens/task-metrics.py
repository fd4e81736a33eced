"""Makes task-metrics.json: mAP and CMC of re-identification, errors of ages, accuracies.

    python Tests/Goldens/task-metrics.py

Made with scikit-learn 1.9.1 (sklearn.metrics) and NumPy 2.4.6. Average precision comes twice: counted out
in NumPy from the protocol of Market-1501, and from scikit-learn; both must agree before anything is written. Where no
distances are equal, the usual loop over one sorted list must agree as well.
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import (
    accuracy_score, average_precision_score, balanced_accuracy_score, mean_absolute_error, recall_score)

rng = np.random.default_rng(3)


def distances(query, gallery, measure):
    query, gallery = np.asarray(query, np.float64), np.asarray(gallery, np.float64)
    if measure == "cosine":
        query = query / np.linalg.norm(query, axis=1, keepdims=True)
        gallery = gallery / np.linalg.norm(gallery, axis=1, keepdims=True)
        table = 1 - query @ gallery.T
    else:
        table = ((query[:, None] - gallery[None]) ** 2).sum(2)
    # Equal embeddings must tie, whatever the order in which sums were rounded.
    return table.round(12)


def precision_counted(d, right):
    """The mean over right images of the precision among all images that are as near or nearer."""
    return float(np.mean([right[d <= x].mean() for x in d[right]]))


def usual(d, right):
    """Average precision and first match from one sorted list; right only without equal distances."""
    hits = right[np.argsort(d, kind="stable")].astype(float)
    return float((np.cumsum(hits) / (np.arange(len(hits)) + 1) * hits).sum() / hits.sum()), int(hits.argmax()) + 1


def trial(name, query, gallery, dimension, measure, query_labels, gallery_labels):
    (qi, qc), (gi, gc) = [tuple(np.asarray(x) for x in labels) for labels in (query_labels, gallery_labels)]
    table = distances(query, gallery, measure)
    precisions, firsts, ties = [], [], 0
    for q in range(len(qi)):
        counts = (gi != -1) & ~((gi == qi[q]) & (gc == qc[q]))
        d, right = table[q][counts], (gi == qi[q])[counts] & (qi[q] > 0)
        if not right.any():
            precisions.append(None)
            firsts.append(None)
            continue
        precision = precision_counted(d, right)
        assert abs(precision - average_precision_score(right, -d)) < 1e-12
        # Among equal distances wrong images come first.
        first = int(right[np.lexsort((right, d))].argmax()) + 1
        if len(np.unique(d)) == len(d):
            assert np.allclose(usual(d, right), (precision, first), atol=1e-12, rtol=0)
        else:
            ties += 1
        precisions.append(precision)
        firsts.append(first)
    known = [f for f in firsts if f is not None]
    return {
        "name": name, "dimension": dimension, "measure": measure, "tied": ties,
        "query": np.asarray(query, float).ravel().tolist(), "gallery": np.asarray(gallery, float).ravel().tolist(),
        "queryIdentities": qi.tolist(), "queryCameras": qc.tolist(),
        "galleryIdentities": gi.tolist(), "galleryCameras": gc.tolist(),
        "precisions": precisions, "firsts": firsts,
        "map": float(np.mean([p for p in precisions if p is not None])),
        "cmc": [float(np.mean([f <= rank for f in known])) for rank in (1, 5, 10)],
    }


def people(count, identities, cameras, special=()):
    found = rng.integers(1, identities + 1, count)
    for label, share in special:
        found[rng.random(count) < share] = label
    return found, rng.integers(1, cameras + 1, count)


def embeddings(labels, dimension, noise, bits):
    """Values of so many binary digits after the point, which single precision holds exactly."""
    centres = np.random.default_rng(9).normal(size=(100, dimension))
    values = centres[labels[0]] + rng.normal(0, noise, size=(len(labels[0]), dimension))
    return (values * 2.0**bits).round() / 2.0**bits + 0.0


def sampled(name, measure, queries, gallery, dimension, noise, bits, identities=12, special=((-1, 0.1), (0, 0.2))):
    q, g = people(queries, identities, 3), people(gallery, identities, 3, special)
    return trial(name, embeddings(q, dimension, noise, bits), embeddings(g, dimension, noise, bits), dimension,
                 measure, q, g)


by_hand = trial(
    "by hand", [[0], [0], [0]], [[1], [2], [3], [4], [5], [6]], 1, "squared-euclidean",
    ([1, 2, 9], [1, 1, 1]), ([1, -1, 0, 1, 2, 1], [1, 2, 1, 2, 2, 3]))
alike = ([1, 2, 3], [1, 1, 2]), ([1, 1, 2, 0, -1, 3, 3], [1, 2, 2, 3, 3, 1, 2])
trials = [
    by_hand,
    trial("all alike", np.ones((3, 2)), np.ones((7, 2)), 2, "cosine", *alike),
    sampled("no ties", "squared-euclidean", 20, 90, 6, 1.2, 12),
    sampled("no ties, cosine", "cosine", 17, 91, 5, 1.2, 12),
    sampled("ties", "squared-euclidean", 25, 80, 2, 1.0, 0),
    sampled("no junk, no distractors", "cosine", 15, 60, 8, 0.8, 10, special=()),
    sampled("few matches", "cosine", 20, 50, 7, 0.9, 10, identities=40),
    sampled("mostly junk", "squared-euclidean", 20, 60, 3, 0.9, 2, special=((0, 0.3), (-1, 0.5))),
]
assert by_hand["precisions"] == [(1 / 2 + 2 / 4) / 2, 1 / 4, None], by_hand["precisions"]
assert sum(t["tied"] for t in trials) > 20 and sum(t["firsts"].count(None) for t in trials) > 5


def age(name, predicted, actual):
    error = np.abs(np.asarray(predicted) - np.asarray(actual))
    return {
        "name": name, "predicted": [float(p) for p in predicted], "actual": [int(a) for a in actual],
        "mae": float(mean_absolute_error(actual, predicted)), "shares": [float((error <= k).mean()) for k in range(11)],
    }


def labels(name, predicted, actual, classes):
    seen = sorted({int(a) for a in actual})
    return {
        "name": name, "predicted": [int(p) for p in predicted], "actual": [int(a) for a in actual], "classes": classes,
        "accuracy": float(accuracy_score(actual, predicted)),
        "balanced": float(balanced_accuracy_score(actual, predicted)),
        "seen": seen, "recalls": [float(r) for r in recall_score(actual, predicted, labels=seen, average=None)],
    }


years = rng.integers(0, 117, 60)
ages = [
    age("whole errors", [20, 25, 30, 41], [25, 25, 36, 30]),
    age("noise", (years + rng.normal(0, 7, 60)).round(3), years),
    age("one face", [31.5], [33]),
]
rare = (rng.random(80) < 0.15).astype(int)
confusions = [
    labels("even", rng.integers(0, 2, 40), rng.integers(0, 2, 40), 2),
    labels("rare", np.where(rng.random(80) < 0.3, 1 - rare, rare), rare, 2),
    labels("always the same", np.zeros(80), rare, 2),
    labels("five classes", rng.integers(0, 5, 70), rng.integers(0, 5, 70), 5),
    labels("a class without images", [0, 1, 0, 0], [0, 1, 1, 0], 3),
]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"trials": trials, "ages": ages, "confusions": confusions}) + "\n")
