"""Detectors: Faster R-CNN (Ren et al., 2015) on a feature pyramid (Lin et al., 2017), and Mask R-CNN (He et al., 2017)
where they find masks.

Pooling under boxes and the suppression of what overlaps are a few lines of PyTorch here, slower than those of
torchvision and exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from supernet.cards import Card
from supernet.fields import Fields
from supernet.images import read_image
from supernet.modules import attach, module_at
from supernet.network import Backbone
from supernet.predictions import DetectionPrediction, FoundObject
from supernet.preparation import in_unit_range, normalised, scaled, within

if TYPE_CHECKING:
    from supernet.images import ImageSource

MAPS = ("C2", "C3", "C4", "C5")
"""The maps that a detector stands on, the finest first."""
STRIDES = (4, 8, 16, 32)
"""The pixels along a side of one position of each map."""
BOX_SIDE = 7
"""The positions along a side of what is pooled from a box for its class."""
MASK_SIDE = 14
"""The positions along a side of what is pooled from a box for its mask, which has twice as many."""
LARGEST_LOGARITHM = math.log(1000 / 16)
"""The largest logarithm of a ratio of sides that boxes are decoded with."""
SIDE_MULTIPLE = 32
"""The sides of images are padded to multiples of this many pixels."""


@dataclass(frozen=True)
class _Proposals:
    """How regions are proposed; lengths are in pixels."""

    sizes: tuple[float, ...]
    ratios: tuple[float, ...]
    rounds_sides: bool
    follows_padding: bool
    before: int
    after: int
    overlap: float
    orders_by_sigmoid: bool
    least_side: float


@dataclass(frozen=True)
class _Regions:
    """What is found in proposals; lengths are in pixels."""

    convolutions: int
    hidden: int
    hidden_width: int
    background_first: bool
    aligned: bool
    bin_samples: int
    epsilon_within: bool
    least_score: float
    finding_overlap: float
    findings: int
    least_side: float


@dataclass(frozen=True)
class _Options:
    """What a card says of a detector."""

    classes: int
    has_masks: bool
    width: int
    is_normed: bool
    mask_convolutions: int
    proposals: _Proposals
    regions: _Regions


def _parse(fields: Fields) -> _Options:
    options = fields["options"]
    proposals, regions = options["proposals"], options["regions"]
    sizes, ratios = proposals.numbers("sizes"), proposals.numbers("ratios")
    before, after = proposals.numbers("before"), proposals.numbers("after")
    if len(sizes) != 5 or not 1 <= len(ratios) <= 32 or not all(1e-3 <= value <= 1e5 for value in sizes + ratios):
        raise ValueError("`sizes` of anchors are five and `ratios` up to 32 numbers, each from 0.001 to 100,000")
    if len(before) != 2 or len(after) != 2 or not all(1 <= value <= 100_000 for value in before + after):
        raise ValueError("`before` and `after` are two numbers each, from 1 to 100,000")
    return _Options(
        classes=fields.integer("classes"),
        has_masks=fields.flag("hasMasks"),
        width=options.integer("width", most=4096),
        is_normed=options.flag("isNormed"),
        mask_convolutions=options.integer("maskConvolutions", least=0, most=32),
        proposals=_Proposals(
            sizes=tuple(sizes),
            ratios=tuple(ratios),
            rounds_sides=proposals.flag("roundsSides"),
            follows_padding=proposals.flag("followsPadding"),
            # The first number of each pair is for training.
            before=int(before[1]),
            after=int(after[1]),
            overlap=proposals.number("overlap"),
            orders_by_sigmoid=proposals.flag("ordersBySigmoid"),
            least_side=proposals.number("leastSide"),
        ),
        regions=_Regions(
            convolutions=regions.integer("convolutions", least=0, most=32),
            hidden=regions.integer("hidden", least=0, most=32),
            hidden_width=regions.integer("hiddenWidth", most=16_384),
            background_first=regions.flag("backgroundFirst"),
            aligned=regions.flag("aligned"),
            bin_samples=regions.integer("binSamples", least=0, most=16),
            epsilon_within=regions.flag("epsilonWithin"),
            least_score=regions.number("leastScore"),
            finding_overlap=regions.number("findingOverlap"),
            findings=regions.integer("findings", most=10_000),
            least_side=regions.number("leastSide"),
        ),
    )


class _Convolution(nn.Conv2d):
    """A convolution with a batch norm in place of a bias where it has one, under its own key `norm`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, normed: bool = False) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=not normed)
        self.norm = nn.BatchNorm2d(outputs) if normed else None

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return y if self.norm is None else self.norm(y)


@dataclass(frozen=True)
class PreparedImage:
    """An image as a detector takes it.

    Attributes:
        batch: the image [1, C, H, W], float32, padded at the right and below to sides of multiples of 32 pixels.
        size: height and width before the padding, in pixels.
        stored: height and width of the image itself, in pixels.
    """

    batch: Tensor
    size: tuple[int, int]
    stored: tuple[int, int]


class Detector(Backbone):
    """A network that finds objects, and their pixels where its card says so."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        if card.head.detector is None:
            raise ValueError("it is no detector")
        self._options = options = _parse(card.head.detector)
        if options.classes != card.head.outputs:
            raise ValueError(f"its detector has {options.classes} classes, its head {card.head.outputs}")
        missing = [name for name in MAPS if name not in self._map_channels]
        if missing:
            raise ValueError(f"its layers do not hand out the maps {', '.join(missing)}, which a detector stands on")
        attach(self, {f"fc.{path}": module for path, module in self._head().items()})

    def _head(self) -> dict[str, nn.Module]:
        """The modules of the head, by their paths, which are those of Detectron2."""
        options, regions = self._options, self._options.regions
        width, normed = options.width, options.is_normed
        made: dict[str, nn.Module] = {}
        for level, name in zip((2, 3, 4, 5), MAPS, strict=True):
            made[f"backbone.fpn_lateral{level}"] = _Convolution(self._map_channels[name], width, 1, normed)
            made[f"backbone.fpn_output{level}"] = _Convolution(width, width, 3, normed)
        ratios = len(options.proposals.ratios)
        made["proposal_generator.rpn_head.conv"] = _Convolution(width, width, 3)
        made["proposal_generator.rpn_head.objectness_logits"] = _Convolution(width, ratios, 1)
        made["proposal_generator.rpn_head.anchor_deltas"] = _Convolution(width, 4 * ratios, 1)
        for number in range(regions.convolutions):
            made[f"roi_heads.box_head.conv{number + 1}"] = _Convolution(width, width, 3, normed)
        features = width * BOX_SIDE * BOX_SIDE
        for number in range(regions.hidden):
            made[f"roi_heads.box_head.fc{number + 1}"] = nn.Linear(features, regions.hidden_width)
            features = regions.hidden_width
        boxes = options.classes + int(regions.background_first)
        made["roi_heads.box_predictor.cls_score"] = nn.Linear(features, options.classes + 1)
        made["roi_heads.box_predictor.bbox_pred"] = nn.Linear(features, 4 * boxes)
        if options.has_masks:
            for number in range(options.mask_convolutions):
                made[f"roi_heads.mask_head.mask_fcn{number + 1}"] = _Convolution(width, width, 3, normed)
            made["roi_heads.mask_head.deconv"] = nn.ConvTranspose2d(width, width, 2, 2)
            made["roi_heads.mask_head.predictor"] = _Convolution(width, boxes, 1)
        return made

    def _run(self, path: str, x: Tensor) -> Tensor:
        """What a module of the head makes of `x`."""
        result: Tensor = module_at(self, f"fc.{path}")(x)
        return result

    def forward(self, image: Tensor, size: tuple[int, int] | None = None) -> dict[str, Tensor]:
        """Finds objects in an image.

        Args:
            image: the image [1, C, H, W] as `prepare` gives it; its sides are multiples of 32.
            size: its height and width without padding, in pixels; none where there is no padding.

        Returns:
            What is found, the surest first: `boxes` [n, 4] as x0, y0, x1 and y1 in pixels of `image`, `labels` [n] as
                numbers
            of classes, `scores` [n] from 0 to 1, and for a detector with masks `masks` [n, 28, 28] of probabilities.

        Raises:
            ValueError: for an image of another shape.
        """
        if image.dim() != 4 or len(image) != 1 or any(side % SIDE_MULTIPLE for side in image.shape[2:]):
            raise ValueError(f"the image is [1, C, H, W] with sides of multiples of 32, not {list(image.shape)}")
        padded = (image.shape[2], image.shape[3])
        size = size or padded
        levels = self._pyramid(image)
        boxes, labels, scores = self._findings(levels, self._proposals(levels, size, padded), size)
        result = {"boxes": boxes, "labels": labels, "scores": scores}
        if self._options.has_masks:
            result["masks"] = self._masks(levels, boxes, labels)
        return result

    def prepare(self, image: ImageSource) -> PreparedImage:
        """Prepares an image as supernet does.

        Args:
            image: a path, one of Pillow's images, or an array, as for `Network.preprocess`.

        Raises:
            FileError, OSError, ImportError, TypeError, ValueError: as `Network.preprocess`.
        """
        preparation = self.preparation
        pixels = read_image(image, preparation.channels, upright=preparation.upright)
        stored = (pixels.shape[0], pixels.shape[1])
        size = within(stored, *preparation.steps[0].size)
        x = normalised(scaled(in_unit_range(pixels), *size), preparation)
        batch = F.pad(x, (0, -size[1] % SIDE_MULTIPLE, 0, -size[0] % SIDE_MULTIPLE))
        return PreparedImage(batch, size, stored)

    def preprocess(self, image: ImageSource) -> Tensor:
        """The image [1, C, H, W] as `prepare` makes it, padded to sides of multiples of 32 pixels.

        Raises:
            FileError, OSError, ImportError, TypeError, ValueError: as `Network.preprocess`.
        """
        return self.prepare(image).batch

    def detect(self, image: ImageSource) -> list[FoundObject]:
        """Finds the objects in an image, as `supernet predict` does; it always evaluates, also while the network is
        trained.

        Args:
            image: the image, as for `prepare`.

        Returns:
            The objects, the surest first, with their boxes in pixels of the image.

        Raises:
            FileError, OSError, ImportError, TypeError, ValueError: as `Network.preprocess`.
        """
        seen = self.prepare(image)
        with self._evaluating():
            found = {key: value.cpu() for key, value in self(seen.batch.to(self.device), seen.size).items()}
        height, width = seen.stored
        factor = torch.tensor([width / seen.size[1], height / seen.size[0]]).repeat(2)
        boxes = (found["boxes"] * factor).clamp(min=0).minimum(torch.tensor([float(width), height, width, height]))
        objects = []
        for number, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
            if x1 > x0 and y1 > y0:
                name, score = self._card.classes[int(found["labels"][number])], float(found["scores"][number])
                mask = found["masks"][number] if "masks" in found else None
                objects.append(FoundObject(name, score, (x0, y0, x1, y1), mask))
        return objects

    def predict(self, image: ImageSource, top: int = 1) -> DetectionPrediction:
        """The objects in an image, as `detect` finds them. `top` is of no matter here.

        Raises:
            FileError, OSError, ImportError, TypeError, ValueError: as `Network.preprocess`.
        """
        return DetectionPrediction(self.detect(image))

    def _pyramid(self, images: Tensor) -> list[Tensor]:
        """The maps of the pyramid, of 4, 8, 16, 32 and 64 pixels a position."""
        maps = self.backbone_maps(images)
        above: Tensor | None = None
        levels: list[Tensor] = []
        for level, name in zip((5, 4, 3, 2), reversed(MAPS), strict=True):
            x = self._run(f"backbone.fpn_lateral{level}", maps[name])
            above = x if above is None else x + F.interpolate(above, x.shape[2:])
            levels.insert(0, self._run(f"backbone.fpn_output{level}", above))
        return [*levels, F.max_pool2d(levels[-1], 1, 2)]

    def _proposals(self, levels: list[Tensor], size: tuple[int, int], padded: tuple[int, int]) -> Tensor:
        """The boxes [n, 4] in which objects may be, the likeliest first."""
        options = self._options.proposals
        found: list[Tensor] = []
        sure: list[Tensor] = []
        for level, x in enumerate(levels):
            y = self._run("proposal_generator.rpn_head.conv", x).relu()
            values = self._run("proposal_generator.rpn_head.objectness_logits", y).permute(0, 2, 3, 1).flatten()
            values = values.sigmoid() if options.orders_by_sigmoid else values
            deltas = self._run("proposal_generator.rpn_head.anchor_deltas", y).permute(0, 2, 3, 1).reshape(-1, 4)
            best, order = values.topk(min(options.before, len(values)))
            boxes = _decoded(deltas[order], self._anchors(level, x, padded)[order], size, deltas.new_ones(4))
            sides = boxes[:, 2:] - boxes[:, :2]
            wide = (sides >= options.least_side if options.least_side > 0 else sides > 0).all(1)
            boxes, best = boxes[wide], best[wide]
            kept = suppressed(boxes, best, options.overlap)
            found.append(boxes[kept])
            sure.append(best[kept])
        order = torch.cat(sure).argsort(descending=True, stable=True)[: options.after]
        return torch.cat(found)[order]

    def _anchors(self, level: int, x: Tensor, padded: tuple[int, int]) -> Tensor:
        """The boxes [n, 4] around the positions of a level, all ratios of a position side by side."""
        options = self._options.proposals
        rows, columns = x.shape[2:]
        cell = []
        for ratio in options.ratios:
            width = math.sqrt(options.sizes[level] ** 2 / ratio)
            cell.append([-width / 2, -width * ratio / 2, width / 2, width * ratio / 2])
        cells = x.new_tensor(cell)
        cells = cells.round() if options.rounds_sides else cells
        own = STRIDES[0] << level
        down, across = (padded[0] // rows, padded[1] // columns) if options.follows_padding else (own, own)
        y, x0 = (
            torch.arange(count, device=x.device) * float(step) for count, step in ((rows, down), (columns, across))
        )
        places = torch.cartesian_prod(y, x0)
        return (places.flip(1).repeat(1, 2)[:, None] + cells).reshape(-1, 4)

    def _regions(self, levels: list[Tensor], boxes: Tensor, side: int) -> Tensor:
        """The parts of the maps of one image under boxes [n, 4], [n, C, side, side], each from the level that suits its
        size."""
        options = self._options.regions
        parts = []
        for box in boxes:
            relative = ((box[2] - box[0]) * (box[3] - box[1])).clamp(min=0).sqrt() / 224
            level = 4 + (relative + 1e-8).log2() if options.epsilon_within else 4 + relative.log2() + 1e-6
            number = int(level.floor().clamp(2, 5)) - 2 if level.isfinite() else 0
            feature, scale = levels[number][0], 1 / STRIDES[number]
            parts.append(pooled(feature, box, side, scale, aligned=options.aligned, samples=options.bin_samples))
        return torch.stack(parts) if parts else levels[0].new_zeros(0, levels[0].shape[1], side, side)

    def _findings(
        self, levels: list[Tensor], proposals: Tensor, size: tuple[int, int]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What is found in proposals [n, 4]: boxes [m, 4], labels [m] and scores [m], the surest first."""
        options, classes = self._options.regions, self._options.classes
        x = self._regions(levels, proposals, BOX_SIDE)
        for number in range(options.convolutions):
            x = self._run(f"roi_heads.box_head.conv{number + 1}", x).relu()
        x = x.flatten(1)
        for number in range(options.hidden):
            x = self._run(f"roi_heads.box_head.fc{number + 1}", x).relu()
        first = int(options.background_first)
        scores = self._run("roi_heads.box_predictor.cls_score", x).softmax(1)[:, first : first + classes]
        deltas = self._run("roi_heads.box_predictor.bbox_pred", x).reshape(len(x), -1, 4)[:, first:]
        boxes = _decoded(deltas, proposals[:, None], size, deltas.new_tensor([10, 10, 5, 5]))
        found: list[tuple[float, int, Tensor]] = []
        for label in range(classes):
            sides = boxes[:, label, 2:] - boxes[:, label, :2]
            kept = (scores[:, label] > options.least_score) & (sides >= options.least_side).all(1)
            own, sure = boxes[kept, label], scores[kept, label]
            places = suppressed(own, sure, options.finding_overlap)
            found += [(float(sure[place]), label, own[place]) for place in places]
        found = sorted(found, key=lambda one: -one[0])[: options.findings]
        return (
            torch.stack([box for _, _, box in found]) if found else boxes.new_zeros(0, 4),
            torch.tensor([label for _, label, _ in found], dtype=torch.long, device=boxes.device),
            torch.tensor([score for score, _, _ in found], device=boxes.device),
        )

    def _masks(self, levels: list[Tensor], boxes: Tensor, labels: Tensor) -> Tensor:
        """The probabilities [n, 28, 28] of the parts of boxes [n, 4] of these classes."""
        x = self._regions(levels, boxes, MASK_SIDE)
        for number in range(self._options.mask_convolutions):
            x = self._run(f"roi_heads.mask_head.mask_fcn{number + 1}", x).relu()
        logits = self._run("roi_heads.mask_head.predictor", self._run("roi_heads.mask_head.deconv", x).relu())
        places = torch.arange(len(labels), device=labels.device)
        return logits[places, labels + int(self._options.regions.background_first)].sigmoid()


def _decoded(deltas: Tensor, around: Tensor, size: tuple[int, int], weights: Tensor) -> Tensor:
    """The boxes that deltas [..., 4] make of others, within an image of a height and width (Girshick et al., 2014)."""
    sides = around[..., 2:] - around[..., :2]
    deltas = deltas / weights
    centre = deltas[..., :2] * sides + around[..., :2] + 0.5 * sides
    half = 0.5 * deltas[..., 2:].clamp(max=LARGEST_LOGARITHM).exp() * sides
    limit = torch.tensor([size[1], size[0]], device=deltas.device)
    return torch.cat([torch.minimum(corner.clamp(min=0), limit) for corner in (centre - half, centre + half)], -1)


def suppressed(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """The places of boxes [n, 4] that no surer one overlaps by more than a threshold of intersection over union, the
    surest first."""
    order = scores.argsort(descending=True, stable=True)
    kept = []
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    while len(order):
        first, order = order[0], order[1:]
        kept.append(first)
        low, high = torch.maximum(boxes[first, :2], boxes[order, :2]), torch.minimum(boxes[first, 2:], boxes[order, 2:])
        shared = (high - low).clamp(min=0).prod(1)
        order = order[~(shared / (areas[first] + areas[order] - shared) > threshold)]
    return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.long, device=boxes.device)


def pooled(feature: Tensor, box: Tensor, size: int, scale: float, *, aligned: bool, samples: int) -> Tensor:
    """The part of a map under a box: each bin is a mean of samples between positions (He et al., "Mask R-CNN", 2017).

    Args:
        feature: the map [C, H, W].
        box: x0, y0, x1 and y1 in pixels of the image.
        size: the bins along a side.
        scale: the positions of the map for a pixel.
        aligned: whether positions lie in the middle of pixels.
        samples: the samples of a bin along a side; 0 for as many as the box asks for.

    Returns:
        [C, size, size].
    """
    height, width = feature.shape[1:]
    x0, y0, x1, y1 = (box * scale - (0.5 if aligned else 0)).tolist()
    least = 0 if aligned else 1

    def places(start: float, length: float, limit: int) -> tuple[int, Tensor, Tensor]:
        side = max(length, least) / size
        count = samples or max(math.ceil(side), 0)
        bins, within_bin = torch.arange(size, device=box.device), torch.arange(count, device=box.device)
        at = bins[:, None] * side + (within_bin + 0.5) * side / max(count, 1) + start
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
