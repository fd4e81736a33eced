"""What torchvision makes of fixed parameters: writes augmentation.json beside itself.

    python Tests/Goldens/augmentation.py

Made with torch 2.13.0 and torchvision 0.28.0. Operations work on float tensors in 0...1, but for posterize and
equalize, which are defined on bytes.
"""
import json
import pathlib

import numpy
import torch

# Where torchvision's compiled operators do not load, its Python part still wants them declared; none is used here.
_stub = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    try:
        _stub.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
import torchvision
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

BILINEAR = v2.InterpolationMode.BILINEAR
NEAREST = v2.InterpolationMode.NEAREST


def picture(seed, height, width):
    """Gradients and noise, with grey, black, white and saturated pixels among them."""
    g = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    smooth = numpy.stack([x * 255 / width, y * 255 / height, (x + y) * 127 / (height + width) + 30])
    image = (0.6 * smooth + 0.4 * g.integers(0, 256, (3, height, width))).astype(numpy.uint8)
    image[:, 0, 0] = 0
    image[:, 1, 1] = 255
    image[:, 2, 2] = 120
    image[:, 3, 3] = (255, 0, 0)
    image[:, 4, 4] = (0, 255, 0)
    image[:, 5, 5] = (0, 0, 255)
    image[:, 6, 6] = (200, 200, 10)
    image[:, 7, 7] = (10, 200, 200)
    image[:, 8, 8] = (200, 10, 200)
    return torch.from_numpy(image)


small = picture(1, 11, 13)
images = {"color": small, "grey": small[1:2].clone(), "large": picture(2, 26, 24), "pixel": small[:, 4:5, 4:5].clone()}
cases = []


def add(image, op, arguments, result):
    if result.dtype == torch.uint8:
        result = result.float() / 255
    cases.append({"image": image, "op": op, "arguments": arguments, "shape": list(result.shape),
                  "values": [round(v, 6) for v in result.flatten().tolist()]})


for key in ("color", "grey"):
    x = images[key].float() / 255
    for box, size in (((2, 3, 7, 8), (5, 6)), ((0, 0, 11, 13), (3, 4)), ((1, 1, 4, 5), (9, 10)),
                      ((0, 0, 11, 13), (11, 13)), ((10, 12, 1, 1), (4, 4)), ((0, 0, 11, 13), (1, 1)),
                      ((0, 5, 11, 2), (6, 7))):
        add(key, "resized-crop", [*box, *size], F.resized_crop(x, *box, list(size), BILINEAR, antialias=True))
        add(key, "resized-crop-plain", [*box, *size], F.resized_crop(x, *box, list(size), BILINEAR, antialias=False))
    for side in (1, 5, 9, 12, 24):
        add(key, "stretch", [side], F.resize(x, [side, side], BILINEAR, antialias=True))
    add(key, "crop", [-2, 4, 9, 12], F.crop(x, -2, 4, 9, 12))
    add(key, "crop", [3, -5, 20, 6], F.crop(x, 3, -5, 20, 6))
    add(key, "horizontal-flip", [], F.horizontal_flip(x))
    add(key, "vertical-flip", [], F.vertical_flip(x))
    for factor in (0.3, 1.6):
        add(key, "brightness", [factor], F.adjust_brightness(x, factor))
        add(key, "contrast", [factor], F.adjust_contrast(x, factor))
        add(key, "saturation", [factor], F.adjust_saturation(x, factor))
        add(key, "sharpness", [factor], F.adjust_sharpness(x, factor))
    for shift in (-0.5, -0.37, 0.1, 0.5):
        add(key, "hue", [shift], F.adjust_hue(x, shift))
    if key == "color":
        add(key, "grayscale", [], F.rgb_to_grayscale(x, 3))
    for size, sigma in ((3, 0.1), (3, 0.8), (5, 2.0), (9, 1.3), (21, 1.7)):
        add(key, "gaussian-blur", [size, sigma], F.gaussian_blur(x, [size, size], [sigma, sigma]))
    for threshold in (0.25, 0.9):
        add(key, "solarize", [threshold], F.solarize(x, threshold))
    for bits in (0, 1, 3, 8):
        add(key, "posterize", [bits], F.posterize(images[key], bits))
    add(key, "autocontrast", [], F.autocontrast(x * 0.5 + 0.2))
    add(key, "invert", [], F.invert(x))
    for angle in (30.0, -17.0, 90.0):
        add(key, "rotate-bilinear", [angle, 0], F.rotate(x, angle, BILINEAR))
        add(key, "rotate-nearest", [angle, 0], F.rotate(x, angle, NEAREST))
    add(key, "rotate-bilinear", [20.0, 0.4], F.rotate(x, 20.0, BILINEAR, fill=0.4))
    add(key, "rotate-nearest", [20.0, 0.4], F.rotate(x, 20.0, NEAREST, fill=0.4))
    # angle, translation, scale, shear, centre from the top left
    add(key, "affine", [12.0, 2, -1, 0.8, 9.0, -5.0, 3.0, 2.0],
        F.affine(x, 12.0, [2, -1], 0.8, [9.0, -5.0], BILINEAR, center=[3.0, 2.0]))
    add(key, "erase", [2, 3, 5, 4, 0.25], F.erase(x, 2, 3, 5, 4, torch.tensor(0.25)))
mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
add("color", "normalize", mean + std, F.normalize(images["color"].float() / 255, mean, std))
add("large", "equalize", [], F.equalize(images["large"]))
add("color", "equalize", [], F.equalize(images["color"]))
add("pixel", "hue", [0.3], F.adjust_hue(images["pixel"].float() / 255, 0.3))
add("pixel", "sharpness", [0.3], F.adjust_sharpness(images["pixel"].float() / 255, 0.3))

# The tables that RandAugment and TrivialAugment draw from, and each operation at one magnitude and its negative.
tables, operations = {}, []
for name, kind in (("randAugment", v2.RandAugment), ("trivialAugmentWide", v2.TrivialAugmentWide)):
    tables[name] = {}
    for operation, (magnitudes, signed) in kind._AUGMENTATION_SPACE.items():
        values = magnitudes(31, 24, 32)
        tables[name][operation] = {"signed": signed,
                                   "magnitudes": None if values is None else [round(float(v), 5) for v in values]}
chooser = v2.RandAugment()
for operation, (magnitudes, signed) in v2.RandAugment._AUGMENTATION_SPACE.items():
    x = images["color"]
    values = magnitudes(31, 11, 13)
    magnitude = 0.0 if values is None else float(values[17])
    for sign in (1, -1) if signed else (1,):
        tensor = x if operation in ("Posterize", "Equalize") else x.float() / 255
        result = chooser._apply_image_or_video_transform(tensor, operation, sign * magnitude, NEAREST, {})
        if result.dtype == torch.uint8:
            result = result.float() / 255
        operations.append({"operation": operation, "magnitude": sign * magnitude,
                           "values": [round(v, 6) for v in result.flatten().tolist()]})

document = {
    "torch": torch.__version__, "torchvision": torchvision.__version__,
    "images": {k: {"shape": list(v.shape), "values": v.permute(1, 2, 0).flatten().tolist()} for k, v in images.items()},
    "cases": cases, "tables": tables, "operations": operations,
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
print(f"{len(cases)} cases, {len(operations)} operations, {path.stat().st_size / 1024:.0f} KiB")
