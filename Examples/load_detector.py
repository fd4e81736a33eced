"""Opens a detector that supernet wrote, in plain PyTorch, and finds objects.

    python3 load_detector.py network.safetensors photo.png photos/    what is in images (needs Pillow)

Beside load_network.py, which it takes the backbone and the images from, it needs nothing: pooling under boxes and the
suppression of what overlaps are a few lines of PyTorch here, slower than those of torchvision and exact. Faster R-CNN (Ren et
al., 2015) on a feature pyramid (Lin et al., 2017), and Mask R-CNN (He et al., 2017) where the network finds masks.
"""

import argparse
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from load_network import SUFFIXES, Network, open_network, read_image, scaled
from torch import Tensor, nn

MAPS, STRIDES = ["C2", "C3", "C4", "C5"], [4, 8, 16, 32]
LARGEST = math.log(1000 / 16)


class Convolution(nn.Conv2d):
    """A convolution with a batch norm in place of a bias where it has one, under its own key `norm`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, normed: bool = False) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=not normed)
        if normed:
            self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return self.norm(y) if hasattr(self, "norm") else y


def folder(**modules: nn.Module) -> nn.Module:
    """Modules under names."""
    parent = nn.Module()
    for name, module in modules.items():
        parent.add_module(name, module)
    return parent


def suppressed(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """The places of boxes [n, 4] that no surer one overlaps by more, the surest first."""
    order = scores.argsort(descending=True, stable=True)
    kept = []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    while len(order):
        first, order = order[0], order[1:]
        kept.append(first)
        low, high = torch.maximum(boxes[first, :2], boxes[order, :2]), torch.minimum(boxes[first, 2:], boxes[order, 2:])
        shared = (high - low).clamp(min=0).prod(1)
        order = order[~(shared / (areas[first] + areas[order] - shared) > threshold)]
    return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.long)


def pooled(feature: Tensor, box: Tensor, size: int, scale: float, aligned: bool, samples: int) -> Tensor:
    """The part of a map [C, H, W] under a box, [C, size, size]: each bin is a mean of samples between positions."""
    height, width = feature.shape[1:]
    x0, y0, x1, y1 = (box * scale - (0.5 if aligned else 0)).tolist()
    least = 0 if aligned else 1

    def places(start: float, length: float, limit: int) -> tuple[int, Tensor, Tensor]:
        side = max(length, least) / size
        count = samples or max(math.ceil(side), 0)
        at = torch.arange(size)[:, None] * side + (torch.arange(count) + 0.5) * side / max(count, 1) + start
        outside = (at < -1) | (at > limit)
        return count, at.clamp(0, limit - 1).flatten(), outside.flatten()

    rows, y, no_row = places(y0, y1 - y0, height)
    columns, x, no_column = places(x0, x1 - x0, width)
    if rows * columns == 0:
        return feature.new_zeros(len(feature), size, size)
    top, left = y.long(), x.long()
    below, right = (top + 1).clamp(max=height - 1), (left + 1).clamp(max=width - 1)
    dy, dx = (y - top)[:, None], x - left
    values = (1 - dy) * ((1 - dx) * feature[:, top][:, :, left] + dx * feature[:, top][:, :, right])
    values = values + dy * ((1 - dx) * feature[:, below][:, :, left] + dx * feature[:, below][:, :, right])
    values = values.masked_fill(no_row[:, None] | no_column, 0)
    return values.reshape(len(feature), size, rows, size, columns).mean((2, 4))


class Detector(nn.Module):
    """The detector of a card. Its keys are those of the file, so that the tensors load strictly."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network, self.card = network, network.card
        head = self.card["head"]["detector"]
        self.options, self.classes, self.has_masks = head["options"], head["classes"], head["hasMasks"]
        options, width, normed = self.options, self.options["width"], self.options["isNormed"]
        regions = options["regions"]
        pyramid = {
            f"fpn_{kind}{level}": Convolution(channels if kind == "lateral" else width, width, kernel, normed)
            for kind, kernel in (("lateral", 1), ("output", 3))
            for level, channels in zip((2, 3, 4, 5), (network.map_channels[name] for name in MAPS))
        }
        ratios = len(options["proposals"]["ratios"])
        proposals = folder(
            conv=Convolution(width, width, 3), objectness_logits=Convolution(width, ratios, 1),
            anchor_deltas=Convolution(width, 4 * ratios, 1),
        )  # fmt: skip
        box = {f"conv{n + 1}": Convolution(width, width, 3, normed) for n in range(regions["convolutions"])}
        features = width * 7 * 7
        for number in range(regions["hidden"]):
            box[f"fc{number + 1}"] = nn.Linear(features, regions["hiddenWidth"])
            features = regions["hiddenWidth"]
        background = int(regions["backgroundFirst"])
        parts = {
            "box_head": folder(**box),
            "box_predictor": folder(
                cls_score=nn.Linear(features, self.classes + 1),
                bbox_pred=nn.Linear(features, 4 * (self.classes + background)),
            ),
        }
        if self.has_masks:
            count = options["maskConvolutions"]
            masks = {f"mask_fcn{n + 1}": Convolution(width, width, 3, normed) for n in range(count)}
            parts["mask_head"] = folder(
                **masks, deconv=nn.ConvTranspose2d(width, width, 2, 2),
                predictor=Convolution(width, self.classes + background, 1),
            )  # fmt: skip
        self.fc = folder(
            backbone=folder(**pyramid), proposal_generator=folder(rpn_head=proposals), roi_heads=folder(**parts)
        )

    def pyramid(self, images: Tensor) -> list[Tensor]:
        """The maps of the pyramid, of 4, 8, 16, 32 and 64 pixels a position."""
        maps = self.network.maps(images)
        above, levels = None, []
        for level in (5, 4, 3, 2):
            x = getattr(self.fc.backbone, f"fpn_lateral{level}")(maps[f"C{level}"])
            above = x if above is None else x + F.interpolate(above, x.shape[2:])
            levels.insert(0, getattr(self.fc.backbone, f"fpn_output{level}")(above))
        return [*levels, F.max_pool2d(levels[-1], 1, 2)]

    def decoded(self, deltas: Tensor, around: Tensor, size: tuple[int, int], weights: Tensor) -> Tensor:
        """The boxes that deltas [..., 4] make of others, within an image of a height and width."""
        sides = around[..., 2:] - around[..., :2]
        deltas = deltas / weights
        centre = deltas[..., :2] * sides + around[..., :2] + 0.5 * sides
        half = 0.5 * deltas[..., 2:].clamp(max=LARGEST).exp() * sides
        limit = torch.tensor([size[1], size[0]])
        return torch.cat([torch.minimum((corner).clamp(min=0), limit) for corner in (centre - half, centre + half)], -1)

    def proposals(self, levels: list[Tensor], size: tuple[int, int], padded: tuple[int, int]) -> Tensor:
        """The boxes [n, 4] in which objects may be, the likeliest first."""
        options, head = self.options["proposals"], self.fc.proposal_generator.rpn_head
        found, sure = [], []
        for level, x in enumerate(levels):
            rows, columns = x.shape[2:]
            y = head.conv(x).relu()
            values = head.objectness_logits(y).permute(0, 2, 3, 1).flatten()
            values = values.sigmoid() if options["ordersBySigmoid"] else values
            deltas = head.anchor_deltas(y).permute(0, 2, 3, 1).reshape(-1, 4)
            cell = []
            for ratio in options["ratios"]:
                width = math.sqrt(options["sizes"][level] ** 2 / ratio)
                cell.append([-width / 2, -width * ratio / 2, width / 2, width * ratio / 2])
            cells = torch.tensor(cell)
            cells = cells.round() if options["roundsSides"] else cells
            own = 4 << level
            down, across = (padded[0] // rows, padded[1] // columns) if options["followsPadding"] else (own, own)
            places = torch.cartesian_prod(torch.arange(rows) * float(down), torch.arange(columns) * float(across))
            anchors = (places.flip(1).repeat(1, 2)[:, None] + cells).reshape(-1, 4)
            best, order = values.topk(min(options["before"][1], len(values)))
            boxes = self.decoded(deltas[order], anchors[order], size, torch.ones(4))
            sides = boxes[:, 2:] - boxes[:, :2]
            wide = (sides >= options["leastSide"] if options["leastSide"] > 0 else sides > 0).all(1)
            boxes, best = boxes[wide], best[wide]
            kept = suppressed(boxes, best, options["overlap"])
            found.append(boxes[kept])
            sure.append(best[kept])
        order = torch.cat(sure).argsort(descending=True, stable=True)[: options["after"][1]]
        return torch.cat(found)[order]

    def regions(self, levels: list[Tensor], boxes: Tensor, size: int) -> Tensor:
        """The parts of the maps of one image under boxes [n, 4], each from the level that suits its size."""
        options = self.options["regions"]
        parts = []
        for box in boxes:
            side = ((box[2] - box[0]) * (box[3] - box[1])).clamp(min=0).sqrt() / 224
            level = 4 + (side + 1e-8).log2() if options["epsilonWithin"] else 4 + side.log2() + 1e-6
            number = int(level.floor().clamp(2, 5)) - 2 if level.isfinite() else 0
            feature = levels[number][0]
            parts.append(pooled(feature, box, size, 1 / STRIDES[number], options["aligned"], options["binSamples"]))
        return torch.stack(parts) if parts else levels[0].new_zeros(0, levels[0].shape[1], size, size)

    def forward(self, image: Tensor, size: tuple[int, int] | None = None) -> dict[str, Tensor]:
        """What is found in an image [1, C, H, W], the surest first: boxes [n, 4] as x0, y0, x1 and y1 in pixels, labels [n],
        scores [n], and masks [n, 28, 28] of probabilities. Sides are multiples of 32; `size` is that without padding."""
        padded = tuple(image.shape[2:])
        size = size or padded
        options, heads = self.options["regions"], self.fc.roi_heads
        levels = self.pyramid(image)
        proposals = self.proposals(levels, size, padded)
        x = self.regions(levels, proposals, 7)
        for number in range(options["convolutions"]):
            x = getattr(heads.box_head, f"conv{number + 1}")(x).relu()
        x = x.flatten(1)
        for number in range(options["hidden"]):
            x = getattr(heads.box_head, f"fc{number + 1}")(x).relu()
        first = int(options["backgroundFirst"])
        scores = heads.box_predictor.cls_score(x).softmax(1)[:, first : first + self.classes]
        deltas = heads.box_predictor.bbox_pred(x).unflatten(1, (-1, 4))[:, first:]
        boxes = self.decoded(deltas, proposals[:, None], size, torch.tensor([10.0, 10, 5, 5]))
        found = []
        for label in range(self.classes):
            sides = boxes[:, label, 2:] - boxes[:, label, :2]
            kept = (scores[:, label] > options["leastScore"]) & (sides >= options["leastSide"]).all(1)
            own, sure = boxes[kept, label], scores[kept, label]
            found += [(float(sure[place]), label, own[place]) for place in suppressed(own, sure, options["findingOverlap"])]
        found = sorted(found, key=lambda one: -one[0])[: options["findings"]]
        result = {
            "boxes": torch.stack([box for _, _, box in found]) if found else torch.zeros(0, 4),
            "labels": torch.tensor([label for _, label, _ in found], dtype=torch.long),
            "scores": torch.tensor([score for score, _, _ in found]),
        }
        if self.has_masks:
            x = self.regions(levels, result["boxes"], 14)
            for number in range(self.options["maskConvolutions"]):
                x = getattr(heads.mask_head, f"mask_fcn{number + 1}")(x).relu()
            logits = heads.mask_head.predictor(heads.mask_head.deconv(x).relu())
            result["masks"] = logits[torch.arange(len(found)), result["labels"] + first].sigmoid()
        return result


def open_detector(path: str) -> Detector:
    """The detector of a file, ready for use."""
    network = open_network(path)
    if (network.card.get("head") or {}).get("kind") != "detector":
        sys.exit(f"{path} is no detector: load_network.py opens it")
    detector = Detector(network)
    detector.fc.load_state_dict(network.head_tensors, strict=True)
    return detector.eval()


def prepare(path: Path, card: dict) -> tuple[Tensor, tuple[int, int], tuple[int, int]]:
    """An image as [1, C, H, W], padded to sides of multiples of 32, with its size before the padding and as it is stored."""
    pixels = read_image(path, card["network"]["channels"], card.get("orientation") == "exif")
    x = pixels[None].permute(0, 3, 1, 2) / 255
    height, width = x.shape[2:]
    limits = card["steps"][0]["within"]
    shorter, longest = (limits, limits) if isinstance(limits, int) else limits
    scale = shorter / min(height, width)
    sides = (height * scale, width * scale)
    if max(sides) > longest:
        sides = tuple(side * (longest / max(sides)) for side in sides)
    size = tuple(max(1, int(side + 0.5)) for side in sides)
    x = scaled(x, *size)
    mean, std = (torch.tensor(card[name]).reshape(1, -1, 1, 1) for name in ("mean", "std"))
    if card["network"]["channels"] == 1:
        mean, std = mean.mean(), std.mean()
    x = (x - mean) / std
    return F.pad(x, (0, -size[1] % 32, 0, -size[0] % 32)), size, (height, width)


def main() -> None:
    parser = argparse.ArgumentParser(description="Opens a detector that supernet wrote, in plain PyTorch.")
    parser.add_argument("network", help="a network.safetensors of supernet")
    parser.add_argument("images", nargs="*", type=Path, help="images, or folders of images")
    parser.add_argument("--least", type=float, default=0.5, help="the least probability of what is told")
    options = parser.parse_args()
    detector = open_detector(options.network).requires_grad_(False)
    names = detector.card["classNames"]
    print(f"{sum(p.numel() for p in detector.parameters()):,} parameters, {len(names)} classes: {', '.join(names[:20])}")
    files: list[Path] = []
    for path in options.images:
        inside = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        files += sorted(inside) if path.is_dir() else [path]
    for file in files:
        image, size, stored = prepare(file, detector.card)
        found = detector(image, size)
        factor = torch.tensor([stored[1] / size[1], stored[0] / size[0]]).repeat(2)
        for box, label, score in zip(found["boxes"] * factor, found["labels"], found["scores"]):
            if score >= options.least:
                corners = ", ".join(f"{value:.2f}" for value in box.tolist())
                print(f"{file}: {names[label]} {score:.4f} at {corners}")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:  # a file that is not there, or is no image
        sys.exit(str(error))
