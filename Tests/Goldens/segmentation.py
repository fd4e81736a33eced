"""What Pillow, NumPy and scikit-learn make of label maps: writes segmentation.json beside itself.

    python Tests/Goldens/segmentation.py

Made with Pillow 13.0.0, NumPy 2.4.6 and scikit-learn 1.9.1.

`masks`: PNG files of every kind that masks have, with the values that they store. `chains`: flip, scaling by the longer
side, padding right and below and crop of an image and its map, with the numbers that were drawn. `scores`: pixel accuracy
and IoU. `windows`: where the crops of a sliding evaluation lie, counted out in a loop.
"""
import base64
import io
import json
import math
import pathlib

import numpy
import PIL
import sklearn
from PIL import Image
from sklearn.metrics import accuracy_score, jaccard_score

random = numpy.random.default_rng(11)


def png(image, **options):
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return base64.b64encode(file.getvalue()).decode()


masks = []


def add(name, image, values, palette=None, **options):
    masks.append({"name": name, "file": png(image, **options), "width": image.width, "height": image.height,
                  "values": numpy.asarray(values).flatten().tolist(), "palette": palette})


for bits in (1, 2, 4, 8):
    values = random.integers(0, 2 ** bits, (7, 11)).astype(numpy.uint8)
    image = Image.fromarray(values, "P")
    colours = random.integers(0, 256, 3 * 2 ** bits).tolist()
    image.putpalette(colours)
    add(f"palette of {bits} bits", image, values, colours, bits=bits)
values = random.integers(0, 256, (5, 9)).astype(numpy.uint8)
add("grey of 8 bits", Image.fromarray(values), values)
flags = random.integers(0, 2, (5, 9)).astype(numpy.uint8)
add("grey of 1 bit", Image.fromarray(flags * 255).convert("1"), flags)
add("grey of 16 bits that fit", Image.fromarray(values.astype(numpy.uint16)), values)
colours = random.integers(0, 256, (4, 6, 3)).astype(numpy.uint8)
add("colours", Image.fromarray(colours), colours)
alpha = numpy.dstack([colours, random.integers(0, 256, (4, 6), numpy.uint8)])
add("colours with alpha", Image.fromarray(alpha), colours)
large = values.astype(numpy.uint16)
large[2, 3] = 256
add("grey of 16 bits that do not fit", Image.fromarray(large), [])

chains = []
for height, width in ((23, 37), (37, 23), (30, 30), (64, 20)):
    noise = random.integers(0, 256, (height // 4 + 2, width // 4 + 2, 3)).astype(numpy.uint8)
    image = Image.fromarray(noise).resize((width, height), Image.BICUBIC)
    labels = Image.fromarray(random.integers(0, 6, (height, width)).astype(numpy.uint8))
    for long, crop, flip in ((16, 20, True), (48, 20, False), (29, 20, True)):
        first, labelled = image, labels
        if flip:
            first, labelled = (x.transpose(Image.FLIP_LEFT_RIGHT) for x in (first, labelled))
        if height > width:
            size = (int(1.0 * width * long / height + 0.5), long)
        else:
            size = (long, int(1.0 * height * long / width + 0.5))
        pixels = numpy.asarray(first.resize(size, Image.BILINEAR))
        classes = numpy.asarray(labelled.resize(size, Image.NEAREST))
        below, right = max(0, crop - size[1]), max(0, crop - size[0])
        pixels = numpy.pad(pixels, ((0, below), (0, right), (0, 0)))
        classes = numpy.pad(classes, ((0, below), (0, right)), constant_values=255)
        top = int(random.integers(0, pixels.shape[0] - crop + 1))
        left = int(random.integers(0, pixels.shape[1] - crop + 1))
        chains.append({
            "height": height, "width": width, "pixels": base64.b64encode(numpy.asarray(image).tobytes()).decode(),
            "classes": base64.b64encode(numpy.asarray(labels).tobytes()).decode(), "long": long, "crop": crop, "flip": flip,
            "top": top, "left": left, "size": [size[1], size[0]],
            "outPixels": base64.b64encode(pixels[top:top + crop, left:left + crop].tobytes()).decode(),
            "outClasses": base64.b64encode(classes[top:top + crop, left:left + crop].tobytes()).decode()})

scores = []
for classes, pixels, absent in ((2, 60, 0), (5, 400, 0), (19, 900, 3), (150, 3000, 60)):
    present = classes - absent
    actual = random.integers(0, present, pixels)
    predicted = numpy.where(random.random(pixels) < 0.6, actual, random.integers(0, present, pixels))
    ignored = random.random(pixels) < 0.1
    predicted[ignored] = random.integers(0, 255, ignored.sum())  # what is not labelled may be anything
    kept = ~ignored
    ious = jaccard_score(actual[kept], predicted[kept], labels=list(range(classes)), average=None, zero_division=0)
    occurs = numpy.isin(numpy.arange(classes), numpy.concatenate([actual[kept], predicted[kept]]))
    scores.append({
        "classes": classes, "actual": numpy.where(ignored, 255, actual).tolist(), "predicted": predicted.tolist(),
        "accuracy": accuracy_score(actual[kept], predicted[kept]), "ious": ious.tolist(), "occurs": occurs.tolist(),
        "mean": float(ious.mean()), "meanOfThoseThatOccur": float(ious[occurs].mean())})

windows = []
for height, width, crop in ((260, 480, 480), (400, 520, 480), (390, 520, 480), (520, 910, 480), (683, 910, 480),
                            (1024, 2048, 768), (768, 1536, 768), (2304, 4608, 768), (481, 481, 480), (30, 1000, 480)):
    padded = (max(height, crop), max(width, crop))
    stride = int(crop * 2.0 / 3.0)
    found = []
    if max(height, width) <= crop:
        found.append([0, 0, crop, crop])
    else:
        for row in range(int(math.ceil(1.0 * (padded[0] - crop) / stride)) + 1):
            for column in range(int(math.ceil(1.0 * (padded[1] - crop) / stride)) + 1):
                top, left = row * stride, column * stride
                found.append([top, left, min(top + crop, padded[0]) - top, min(left + crop, padded[1]) - left])
    windows.append({"height": height, "width": width, "crop": crop, "padded": list(padded), "windows": found})

document = {"pillow": PIL.__version__, "numpy": numpy.__version__, "scikit-learn": sklearn.__version__, "masks": masks,
            "chains": chains, "scores": scores, "windows": windows}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
print(f"{len(masks)} masks, {len(chains)} chains, {len(scores)} scores, {path.stat().st_size / 1024:.0f} KiB")
