"""What pycocotools makes of detections: writes coco.json beside itself.

    python Tests/Goldens/coco.py

Made with pycocotools 2.0.11 and NumPy 2.4.6 (`pip install pycocotools`).

`sets`: objects and detections in a few images, with crowds, equal scores, overlaps on a threshold, areas on the limits of
small and large, images without objects or without detections and more than a hundred detections, and the twelve figures;
boxes as they are and masks as strings of run lengths. Values of -1, for which there is nothing to score, are null.
"""
import contextlib
import io
import json
import pathlib

import numpy
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

random = numpy.random.default_rng(23)
HEIGHT, WIDTH = 128, 160


def score(images, categories, objects, detections, kind):
    document = {
        "info": {}, "images": [{"id": number, "height": HEIGHT, "width": WIDTH} for number in images],
        "categories": [{"id": number, "name": str(number)} for number in categories], "annotations": []}
    for number, (image, category, place, area, crowd) in enumerate(objects):
        annotation = {"id": number + 1, "image_id": image, "category_id": category, "area": area, "iscrowd": crowd}
        annotation["bbox" if kind == "bbox" else "segmentation"] = place
        document["annotations"].append(annotation)
    results = [{"image_id": image, "category_id": category, "score": score,
                "bbox" if kind == "bbox" else "segmentation": place}
               for image, category, place, score in detections]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = document
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [None if value == -1 else float(value) for value in evaluation.stats]


def shape(box):
    """The run lengths of an ellipse in a box."""
    x, y, width, height = box
    rows, columns = numpy.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    inside = ((columns - x - width / 2) / (width / 2)) ** 2 + ((rows - y - height / 2) / (height / 2)) ** 2 <= 1
    run = masks.encode(numpy.asfortranarray(inside.astype(numpy.uint8)))
    return {"size": run["size"], "counts": run["counts"].decode()}


def box(whole):
    width, height = random.choice([8, 20, 32, 60, 96]), random.choice([8, 20, 32, 60, 96])
    found = [random.integers(0, WIDTH - 20), random.integers(0, HEIGHT - 20), width, height]
    return [int(v) for v in found] if whole else [round(float(v + random.random()), 2) for v in found]


def near(place, whole):
    """A box like another, shifted by a quarter of its side now and then, so that overlaps lie on thresholds."""
    x, y, width, height = place
    if random.random() < 0.3:
        return [x + width / 4 if random.random() < 0.5 else x, y, width, height]
    shift = random.normal(0, 0.12, 4) * [width, height, width, height]
    moved = [x + shift[0], y + shift[1], max(width + shift[2], 2), max(height + shift[3], 2)]
    return [float(int(v)) for v in moved] if whole else [round(float(v), 3) for v in moved]


sets = []
for kind, whole, images, classes, most, crowds in (
        ("bbox", True, 6, 3, 6, 0.2), ("bbox", False, 6, 3, 6, 0.2), ("bbox", True, 3, 1, 0, 0), ("bbox", True, 2, 1, 90, 0.1),
        ("bbox", False, 12, 5, 4, 0), ("bbox", True, 4, 2, 4, 1), ("segm", True, 5, 2, 5, 0.2), ("segm", False, 6, 3, 4, 0.1)):
    objects, detections = [], []
    for image in range(1, images + 1):
        for category in range(1, classes + 1):
            count = 0 if random.random() < 0.15 else random.integers(most // 2, most + 1)
            places = [box(whole) for _ in range(count)]
            for place in places:
                area = place[2] * place[3] * random.choice([1, 0.7])
                area = random.choice([1024.0, 9216.0]) if random.random() < 0.1 else float(area)
                objects.append([image, category, place, float(area), int(random.random() < crowds)])
            guesses = [near(place, whole) for place in places for _ in range(random.integers(0, 4))]
            guesses += [box(whole) for _ in range(random.integers(0, 3))]
            for place in guesses:
                if random.random() < 0.9:
                    detections.append([image, category, place, round(float(random.random()), 1 if whole else 6)])
    if not detections:
        detections.append([1, 1, box(True), 0.5])
    if kind == "segm":
        objects = [[image, category, shape(place), area, crowd] for image, category, place, area, crowd in objects]
        detections = [[image, category, shape(place), value] for image, category, place, value in detections]
    figures = score(range(1, images + 1), range(1, classes + 1), objects, detections, kind)
    sets.append({"kind": kind, "images": images, "classes": classes, "objects": objects, "detections": detections,
                 "figures": figures})
    print(kind, len(objects), "objects", len(detections), "detections", [f"{v or -1:.3f}" for v in figures])

pairs = []
for _ in range(40):
    one, two = shape(box(False)), shape(box(False))
    for crowd in (0, 1):
        pairs.append({"detection": one["counts"], "object": two["counts"], "crowd": crowd,
                      "overlap": float(masks.iou([one], [two], [crowd])[0][0])})

document = {"height": HEIGHT, "width": WIDTH, "sets": sets, "pairs": pairs}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
print(f"{len(sets)} sets, {len(pairs)} pairs, {path.stat().st_size / 1024:.0f} KiB")
