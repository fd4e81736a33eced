"""What pycocotools and torchvision make of masks, label maps and boxes: writes annotations.json beside itself.

    python Tests/Goldens/annotations.py

Made with pycocotools 2.0.11, torch 2.13.0 and torchvision 0.28.0.

`encodings`: bitmaps with their run lengths, as counts and as a string. `polygons`: polygons with the run lengths of the
pixels that they cover, some of them degenerate or partly outside. `steps`: one geometric step on a label map (nearest
neighbour, 255 outside) and on boxes (x0, y0, x1, y1, clipped to the result).
"""
import json
import pathlib

import numpy
import torch

import torchvision_operators  # noqa: F401
import pycocotools.mask as coco
import torchvision
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

NEAREST_EXACT = v2.InterpolationMode.NEAREST_EXACT
NEAREST = v2.InterpolationMode.NEAREST
random = numpy.random.default_rng(7)


def counts(bitmap):
    """The run lengths of a bitmap, column by column, beginning with zeros."""
    runs, value, length = [], 0, 0
    for pixel in bitmap.T.flatten().tolist():
        if pixel != value:
            runs.append(length)
            value, length = pixel, 0
        length += 1
    return runs + [length]


def blobs(height, width):
    """Noise with runs of different lengths."""
    smooth = random.normal(size=(height, width))
    for _ in range(int(random.integers(0, 4))):
        smooth = (smooth + numpy.roll(smooth, 1, 0) + numpy.roll(smooth, 1, 1)) / 3
    return (smooth > random.uniform(-0.3, 0.3)).astype(numpy.uint8)


encodings = []
bitmaps = [numpy.zeros((3, 4), numpy.uint8), numpy.ones((3, 4), numpy.uint8), numpy.ones((1, 1), numpy.uint8),
           numpy.eye(6, dtype=numpy.uint8)]
bitmaps += [blobs(int(random.integers(1, 24)), int(random.integers(1, 24))) for _ in range(24)]
far = numpy.zeros((60, 70), numpy.uint8)  # runs of many digits, and differences of either sign
far[10:50, 3:5] = far[0:2, 40] = far[59, 69] = 1
for bitmap in bitmaps + [far]:
    encoded = coco.encode(numpy.asfortranarray(bitmap))
    assert (coco.decode(encoded) == bitmap).all()
    encodings.append({"height": bitmap.shape[0], "width": bitmap.shape[1], "pixels": "".join(map(str, bitmap.flatten())),
                      "counts": counts(bitmap), "string": encoded["counts"].decode(), "area": int(coco.area(encoded)),
                      "box": coco.toBbox(encoded).tolist()})

polygons = []


def polygon(height, width, lists):
    lists = [[round(float(v), 2) for v in values] for values in lists]
    runs = coco.merge(coco.frPyObjects(lists, height, width))
    polygons.append({"height": height, "width": width, "polygons": lists, "string": runs["counts"].decode()})


polygon(6, 8, [[0.5, 0.5, 6.2, 2.3, 3.1, 5.7]])
polygon(6, 8, [[1, 1, 5, 1, 5, 4, 1, 4]])
polygon(6, 8, [[0, 0, 8, 0, 8, 6, 0, 6]])
polygon(6, 8, [[1, 1, 5, 1, 5, 4, 1, 4], [3, 2, 7, 2, 7, 5.5, 3, 5.5]])
polygon(6, 8, [[2, 2, 2, 2, 2, 2]])
polygon(6, 8, [[1, 3, 7, 3, 1, 3]])
polygon(6, 8, [[-3, -2, 4, -2, 4, 9, -3, 9]])
polygon(7, 9, [[4.5, -3, 12, 3.5, 4.5, 10, -3, 3.5]])
polygon(9, 7, [[1, 1, 6, 8, 6, 1, 1, 8]])
for _ in range(60):
    height, width = (int(v) for v in random.integers(4, 40, 2))
    lists = []
    for _ in range(int(random.integers(1, 4))):
        corners = int(random.integers(3, 12))
        if random.random() < 0.6:  # a star around a centre
            angles = numpy.sort(random.uniform(0, 2 * numpy.pi, corners))
            radii = random.uniform(0.2, 0.7, corners)[:, None] * numpy.array([[width, height]])
            points = numpy.array([[width, height]]) * random.uniform(0.2, 0.8, 2) + radii * numpy.stack(
                [numpy.cos(angles), numpy.sin(angles)], 1)
        else:  # any corners, whose sides may cross
            points = random.uniform(-0.2, 1.2, (corners, 2)) * numpy.array([[width, height]])
        if random.random() < 0.2:
            points = numpy.round(points)
        lists.append(points.flatten())
    polygon(height, width, lists)

steps = []
label_map = random.integers(0, 5, (11, 13)).astype(numpy.uint8)
label_map[2:6, 3:9] = 7
label_map[8:, :4] = 255
boxes = [[3, 2, 9, 6], [0, 0, 13, 11], [0.5, 1.25, 4.75, 10.5], [10, 8, 13, 11], [6.2, 5.1, 6.9, 7.3]]
mask = tv_tensors.Mask(torch.from_numpy(label_map))
frame = tv_tensors.BoundingBoxes(torch.tensor(boxes, dtype=torch.float64), format="XYXY", canvas_size=(11, 13))


def add(op, arguments, on_map, on_boxes):
    steps.append({"op": op, "arguments": arguments, "shape": list(on_map.shape), "map": on_map.flatten().tolist(),
                  "boxes": [[round(v, 5) for v in box] for box in F.clamp_bounding_boxes(on_boxes).tolist()]})


for size in ((5, 6), (22, 26), (11, 13), (1, 1), (30, 7), (8, 20)):
    add("resize", list(size), F.resize(mask, list(size), NEAREST_EXACT), F.resize(frame, list(size)))
for box in ((2, 3, 7, 8), (-2, 4, 9, 12), (3, -5, 20, 6)):
    add("crop", list(box), F.pad(mask, [6, 6, 12, 12], fill=255)[..., box[0] + 6:box[0] + 6 + box[2],
                                                                  box[1] + 6:box[1] + 6 + box[3]],
        F.crop(frame, *box))
for box, size in (((2, 3, 7, 8), (5, 6)), ((0, 5, 11, 2), (6, 7)), ((1, 1, 4, 5), (9, 10))):
    add("resized-crop", [*box, *size], F.resize(F.crop(mask, *box), list(size), NEAREST_EXACT),
        F.resize(F.crop(frame, *box), list(size)))
add("horizontal-flip", [], F.horizontal_flip(mask), F.horizontal_flip(frame))
add("vertical-flip", [], F.vertical_flip(mask), F.vertical_flip(frame))
for angle, translate, scale, shear in ((30, (0, 0), 1, (0, 0)), (-17, (2, -1), 0.8, (9, -5)), (0, (3, 2), 1, (0, 0)),
                                       (0, (0, 0), 1, (16.7, 0)), (135, (0, 0), 1.3, (0, 0))):
    add("affine", [angle, *translate, scale, *shear],
        F.affine(mask.unsqueeze(0), angle, list(translate), scale, list(shear), NEAREST, fill=255).squeeze(0),
        F.affine(frame, angle, list(translate), scale, list(shear)))

document = {"pycocotools": "2.0.11", "torch": torch.__version__, "torchvision": torchvision.__version__,
            "encodings": encodings, "polygons": polygons,
            "map": {"height": 11, "width": 13, "classes": label_map.flatten().tolist()}, "boxes": boxes, "steps": steps}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
print(f"{len(encodings)} encodings, {len(polygons)} polygons, {len(steps)} steps, {path.stat().st_size / 1024:.0f} KiB")
