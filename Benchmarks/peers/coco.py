"""Times COCO's evaluation by pycocotools, and first writes the files of a made-up data set where they are not there.

    python Benchmarks/peers/coco.py FOLDER --images 5000 --detections 100

FOLDER/annotations/instances_train.json and FOLDER/results.json: boxes of 80 classes as COCO has them in number and size, and
detections near them and elsewhere. What is timed is everything from the files to the twelve figures. One JSON line.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import time
from pathlib import Path

import numpy
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def write(folder: Path, images: int, detections: int) -> None:
    random = numpy.random.default_rng(0)
    annotations, results = [], []
    for image in range(1, images + 1):
        count = int(random.poisson(7.3))
        sides = numpy.exp(random.normal(4, 1, (count, 2))).clip(4, 400)
        corners = random.random((count, 2)) * (numpy.array([640, 480]) - sides).clip(1)
        boxes = numpy.round(numpy.concatenate([corners, sides], 1), 2)
        classes = random.integers(1, 81, count)
        for box, category in zip(boxes.tolist(), classes.tolist()):
            annotations.append({
                "id": len(annotations) + 1, "image_id": image, "category_id": category, "bbox": box,
                "area": round(box[2] * box[3] * 0.6, 2), "iscrowd": int(random.random() < 0.01)})
        for _ in range(detections):
            if count and random.random() < 0.4:
                chosen = random.integers(count)
                box = boxes[chosen] + random.normal(0, 0.08, 4) * numpy.tile(boxes[chosen, 2:], 2)
                category = classes[chosen] if random.random() < 0.8 else random.integers(1, 81)
            else:
                side = numpy.exp(random.normal(4, 1, 2)).clip(4, 400)
                box, category = numpy.concatenate([random.random(2) * 400, side]), random.integers(1, 81)
            results.append({
                "image_id": image, "category_id": int(category), "bbox": [round(float(v), 2) for v in box.clip(0)],
                "score": round(float(random.random()), 5)})
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    document = {
        "images": [{"id": n, "file_name": f"{n}.jpg", "height": 480, "width": 640} for n in range(1, images + 1)],
        "categories": [{"id": n, "name": f"class {n}"} for n in range(1, 81)], "annotations": annotations}
    (folder / "annotations" / "instances_train.json").write_text(json.dumps(document))
    (folder / "results.json").write_text(json.dumps(results))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--detections", type=int, default=100)
    parser.add_argument("--write-only", action="store_true")
    options = parser.parse_args()
    if not (options.folder / "results.json").exists():
        write(options.folder, options.images, options.detections)
    if options.write_only:
        return
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.perf_counter()
        truth = COCO(options.folder / "annotations" / "instances_train.json")
        found = truth.loadRes(str(options.folder / "results.json"))
        read = time.perf_counter()
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        end = time.perf_counter()
    print(json.dumps({
        "whole_ms": (end - start) * 1e3, "evaluation_ms": (end - read) * 1e3, "ap": float(evaluation.stats[0])}))


if __name__ == "__main__":
    main()
