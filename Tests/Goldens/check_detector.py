"""Holds a detector's ONNX file to what `supernet predict` finds.

    python check_detector.py make FOLDER                            squares on noise in COCO's layout, to learn from and to look at
    python check_detector.py check FOLDER network.onnx found.json   found.json is what predict says of FOLDER/train

Needs onnx and onnxruntime. Images are bitmaps of the network's own size, so that nothing is left to their preparation.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np

SIDE, COUNT = 64, 16
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def bitmap(pixels: np.ndarray) -> bytes:
    """A BMP file of [H, W, 3] bytes, red first."""
    height, width, _ = pixels.shape
    rows = b"".join(row[:, ::-1].tobytes() + b"\0" * (-3 * width % 4) for row in pixels[::-1])
    return struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54 + len(rows), 0, 0, 54, 40, width, height, 1, 24, 0, len(rows), 2835, 2835, 0, 0) + rows  # fmt: skip


def squares(seed: int) -> tuple[np.ndarray, list[dict]]:
    """Noise with two squares, red or green."""
    draw = np.random.default_rng(seed)
    pixels = draw.integers(80, 120, (SIDE, SIDE, 3), dtype=np.uint8)
    found = []
    for _ in range(2):
        label, side = int(draw.integers(2)), int(draw.integers(14, 28))
        x, y = (int(draw.integers(SIDE - side)) for _ in range(2))
        pixels[y : y + side, x : x + side] = [[220, 40, 40], [40, 220, 40]][label]
        corners = [x, y, x + side, y, x + side, y + side, x, y + side]
        found.append({"bbox": [x, y, side, side], "category_id": label + 1, "segmentation": [corners]})
    return pixels, found


def make(folder: Path) -> None:
    (folder / "train").mkdir(parents=True)
    (folder / "annotations").mkdir()
    images, annotations = [], []
    for number in range(COUNT):
        pixels, found = squares(number)
        name = f"{number:02}.bmp"
        (folder / "train" / name).write_bytes(bitmap(pixels))
        images.append({"id": number + 1, "file_name": name, "height": SIDE, "width": SIDE})
        for entry in found:
            area = entry["bbox"][2] * entry["bbox"][3]
            identity = {"id": len(annotations) + 1, "image_id": number + 1, "area": area, "iscrowd": 0}
            annotations.append(entry | identity)
    categories = [{"id": 1, "name": "red"}, {"id": 2, "name": "green"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations" / "instances_train.json").write_text(json.dumps(content))


def decoded(text: str) -> list[int]:
    """COCO's compressed run lengths."""
    counts, place = [], 0
    while place < len(text):
        value, shift, more = 0, 0, True
        while more:
            group = ord(text[place]) - 48
            place, value, more = place + 1, value | (group & 31) << shift, bool(group & 32)
            shift += 5
            if not more and group & 16:
                value |= -1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
    return counts


def check(folder: Path, network: str, found: str) -> None:
    import onnx
    import onnxruntime

    onnx.checker.check_model(onnx.load(network), full_check=True)
    session = onnxruntime.InferenceSession(network)
    worst = {"score": 0.0, "box": 0.0, "mask": 0.0}
    seen = 0
    for number, said in enumerate(json.loads(Path(found).read_text())):
        pixels, _ = squares(number)
        image = ((pixels / 255 - MEAN) / STD).transpose(2, 0, 1)[None].astype(np.float32)
        sizes = np.array([SIDE, SIDE], np.float32)
        boxes, labels, scores, masks = session.run(None, {"images": image, "size": sizes})
        objects = said["objects"]
        assert len(objects) == len(scores), f"{said['image']}: {len(objects)} objects, onnxruntime has {len(scores)}"
        for place, one in enumerate(objects):
            seen += 1
            assert one["label"] == ["red", "green"][labels[place]], f"{said['image']}: another class"
            corners = one["box"][:2] + [one["box"][0] + one["box"][2], one["box"][1] + one["box"][3]]
            worst["score"] = max(worst["score"], abs(one["probability"] - scores[place]))
            worst["box"] = max(worst["box"], float(np.abs(np.array(corners) - boxes[place]).max()))
            # The pixels are those at which the mask, sampled between its parts, is a half.
            area = sum(decoded(one["mask"]["counts"])[1::2])
            x0, y0, x1, y1 = corners
            across = np.clip((np.arange(SIDE) + 0.5 - x0) / (x1 - x0) * 28 - 0.5, -1, 28)
            down = np.clip((np.arange(SIDE) + 0.5 - y0) / (y1 - y0) * 28 - 0.5, -1, 28)
            mask = np.pad(masks[place], 2)
            left, top = np.floor(across).astype(int), np.floor(down).astype(int)
            dx, dy = across - left, (down - top)[:, None]
            rows = [mask[np.ix_(top + 2 + r, left + 2)] * (1 - dx) + mask[np.ix_(top + 2 + r, left + 3)] * dx for r in (0, 1)]
            own = rows[0] * (1 - dy) + rows[1] * dy
            low, high = int((own > 0.5 + 1e-4).sum()), int((own > 0.5 - 1e-4).sum())
            worst["mask"] = max(worst["mask"], low - area, area - high)
    assert seen > COUNT, f"only {seen} objects were found"
    assert worst["score"] < 1e-4 and worst["box"] < 1e-2 and worst["mask"] <= 0, f"{worst}"
    print(f"a detector: {seen} objects, probabilities within {worst['score']:.0e}, boxes within {worst['box']:.0e} pixels")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        check(Path(sys.argv[2]), *sys.argv[3:5])
