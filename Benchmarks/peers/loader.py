"""Contrastive loading, one core: this library against torchvision on Pillow, in turn on the same machine.

    .build/release/SupernetBenchmarks loading        (calls this script, which calls it back for its half)

Each image is decoded once and gives four views of RandomResizedCrop (0.2-1), flip, ColorJitter (0.4, 0.4, 0.4, 0.4)
at 0.8, grey at 0.2, Gaussian blur (sigma 0.1-2) at 0.5, normalised, as a float32 batch of 64. The blur is measured in
both forms in use: Pillow's ImageFilter.GaussianBlur, as in MoCo v2, and torchvision's GaussianBlur.
"""
import io
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import numpy
import torch

# Where torchvision's compiled operators do not load, its Python part still wants them declared; none is used here.
_stub = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    try:
        _stub.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
import PIL
import torchvision
from PIL import Image, ImageFilter
from torchvision import transforms as T

torch.set_num_threads(1)


class PillowBlur:
    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(radius=random.uniform(0.1, 2.0)))


def contrastive(size, blur):
    return T.Compose([
        T.RandomResizedCrop(size, scale=(0.2, 1.0)),
        T.RandomHorizontalFlip(),
        T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.4)], p=0.8),
        T.RandomGrayscale(p=0.2),
        T.RandomApply([blur], p=0.5),
        T.ToTensor(),
        T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ])


def photo(seed, width=500, height=375):
    """Smooth shapes with edges and noise: about 100 KiB at quality 90, as ImageNet's photographs on average."""
    g = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    image = numpy.zeros((height, width, 3), numpy.float32)
    for octave in range(1, 6):
        grid = g.uniform(0, 255, (3 * 2**octave, 4 * 2**octave, 3)).astype(numpy.uint8)
        layer = Image.fromarray(grid).resize((width, height), Image.BICUBIC)
        image += numpy.asarray(layer, numpy.float32) / 2**octave
    for _ in range(12):
        cx, cy, r = g.uniform(0, width), g.uniform(0, height), g.uniform(15, 90)
        image[(x - cx) ** 2 + (y - cy) ** 2 < r * r] += g.uniform(-60, 60, 3)
    image += g.normal(0, 20, image.shape)
    return Image.fromarray(image.clip(0, 255).astype(numpy.uint8))


def rate(load, count, transform, views=4, batch=64, passes=5):
    best = 0.0
    for _ in range(passes):
        start = time.process_time()
        for first in range(0, count, batch):
            samples = [[] for _ in range(views)]
            for index in range(first, min(first + batch, count)):
                image = load(index)
                for view in samples:
                    view.append(transform(image))
            for view in samples:
                torch.stack(view)
        best = max(best, count / (time.process_time() - start))
    return best


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        blobs = []
        for seed in range(16):
            buffer = io.BytesIO()
            photo(seed).save(buffer, "JPEG", quality=90)
            blobs.append(buffer.getvalue())
            pathlib.Path(folder, f"{seed:02}.jpg").write_bytes(blobs[-1])
        print(f"torch {torch.__version__}, torchvision {torchvision.__version__}, Pillow {PIL.__version__}; "
              f"photos of {sum(map(len, blobs)) / len(blobs) / 1024:.0f} KiB")
        g = numpy.random.default_rng(0)
        small = [Image.fromarray(g.integers(0, 256, (32, 32, 3), numpy.uint8)) for _ in range(256)]
        photos = lambda i: Image.open(io.BytesIO(blobs[i % 16])).convert("RGB")
        peers = {}
        for name, load, count, size, kernel in (("memory-32", lambda i: small[i], 256, 32, 3),
                                                ("jpeg-224", photos, 64, 224, 23)):
            forms = ("Pillow blur", PillowBlur()), ("torchvision blur", T.GaussianBlur(kernel, (0.1, 2.0)))
            for form, blur in forms:
                peers[name, form] = rate(load, count, contrastive(size, blur))
        command = [binary, "loading-worker", folder, *sys.argv[2:]]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        ours = dict(line.split() for line in printed.splitlines())
        for (name, form), peer in peers.items():
            mine = float(ours[name])
            print(f"{name:10} {form:17} torchvision {peer:7.1f}  this {mine:8.1f} images per CPU second (4 views)  "
                  f"ratio {mine / peer:5.1f}")


main()
