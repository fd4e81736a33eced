"""What torchvision's Mask R-CNN makes of a small network: writes detector.safetensors beside itself.

    python Tests/Goldens/detector.py

Made with torchvision 0.28.0 and PyTorch 2.13.0. The network is torchvision's with its own defaults, on a backbone of five
convolutions and with few channels. Two images of different sizes lie in one batch, padded; samples are above the number
of candidates, so that nothing is drawn. Recorded are the losses, the gradient of every parameter, and in evaluation the
proposals and the detections with their masks.

`roi_align` and `nms` are written out here, as torchvision's compiled ones need a build of PyTorch with CUDA; what the
tested operators do by themselves is held to onnxruntime (regions.py).
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import torchvision_operators  # noqa: F401, I001 (first)
import safetensors.torch
import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.detection import roi_heads
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import FeaturePyramidNetwork, boxes as box_ops, poolers
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

FOLDER = Path(__file__).resolve().parent
CHANNELS, WIDTH, HIDDEN, CLASSES = [6, 8, 10, 12], 8, 16, 3


def nms(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    order = torch.sort(scores, stable=True, descending=True).indices.tolist()
    kept: list[int] = []
    overlaps = box_ops.box_iou(boxes, boxes)
    for place in order:
        if all(float(overlaps[place, other]) <= threshold for other in kept):
            kept.append(place)
    return torch.tensor(kept, dtype=torch.int64)


def roi_align(
    x: Tensor, boxes: Tensor | list[Tensor], output_size, spatial_scale: float = 1.0, sampling_ratio: int = -1,
    aligned: bool = False,
) -> Tensor:
    if isinstance(boxes, list):
        boxes = torch.cat([torch.cat([torch.full((len(b), 1), float(i)), b], 1) for i, b in enumerate(boxes)])
    rows, columns = (output_size, output_size) if isinstance(output_size, int) else output_size
    height, width = x.shape[2:]
    results = []
    for image, *corners in boxes.tolist():
        x0, y0, x1, y1 = (corner * spatial_scale - (0.5 if aligned else 0) for corner in corners)
        w, h = x1 - x0, y1 - y0
        if not aligned:
            w, h = max(w, 1.0), max(h, 1.0)
        grid = [sampling_ratio if sampling_ratio > 0 else max(int(-(-s // n)), 0) for s, n in ((h, rows), (w, columns))]

        def places(start: float, size: float, bins: int, samples: int, side: int):
            at = torch.tensor([start + (p + (i + 0.5) / samples) * size / bins for p in range(bins)
                               for i in range(samples)])
            outside = (at < -1) | (at > side)
            at = at.clamp(min=0)
            low = at.long().clamp(max=side - 1)
            at = torch.where(low >= side - 1, torch.tensor(float(side - 1)), at)
            return low, (low + 1).clamp(max=side - 1), at - low, outside

        if 0 in grid:
            results.append(x.new_zeros(x.shape[1], rows, columns))
            continue
        top, bottom, dy, out_y = places(y0, h, rows, grid[0], height)
        left, right, dx, out_x = places(x0, w, columns, grid[1], width)
        map_ = x[int(image)]
        dy, dx = dy[:, None], dx[None]
        value = ((1 - dy) * (1 - dx) * map_[:, top][:, :, left] + (1 - dy) * dx * map_[:, top][:, :, right]
                 + dy * (1 - dx) * map_[:, bottom][:, :, left] + dy * dx * map_[:, bottom][:, :, right])
        value = value.masked_fill(out_y[:, None] | out_x[None], 0)
        results.append(value.view(-1, rows, grid[0], columns, grid[1]).mean((2, 4)))
    return torch.stack(results) if results else x.new_zeros(0, x.shape[1], rows, columns)


def batched_nms(boxes: Tensor, scores: Tensor, groups: Tensor, threshold: float) -> Tensor:
    kept = torch.cat([torch.nonzero(groups == g).flatten()[nms(boxes[groups == g], scores[groups == g], threshold)]
                      for g in torch.unique(groups)] or [torch.zeros(0, dtype=torch.int64)])
    return kept[torch.sort(scores[kept], stable=True, descending=True).indices]


box_ops.nms, box_ops.batched_nms = nms, batched_nms
poolers.roi_align = roi_heads.roi_align = roi_align


class Backbone(nn.Module):
    """Convolutions with a stride each, of which the last four give maps of 4, 8, 16 and 32 pixels a position."""

    def __init__(self) -> None:
        super().__init__()
        inputs = [3, 4] + CHANNELS[:-1]
        self.convs = nn.ModuleList(
            nn.Conv2d(i, o, 3, stride=2, padding=1) for i, o in zip(inputs, [4] + CHANNELS))
        self.fpn = FeaturePyramidNetwork(CHANNELS, WIDTH, LastLevelMaxPool())

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        maps = OrderedDict()
        for number, conv in enumerate(self.convs):
            x = conv(x).relu()
            if number > 0:
                maps[str(number - 1)] = x
        return self.fpn(maps)


def renamed(name: str) -> str:
    """The keys of Detectron2's networks."""
    for old, new in (
        ("backbone.convs.", "backbone.bottom_up.conv"), ("rpn.head.conv.0.0", "proposal_generator.rpn_head.conv"),
        ("rpn.head.cls_logits", "proposal_generator.rpn_head.objectness_logits"),
        ("rpn.head.bbox_pred", "proposal_generator.rpn_head.anchor_deltas"),
        ("roi_heads.box_head.fc6", "roi_heads.box_head.fc1"), ("roi_heads.box_head.fc7", "roi_heads.box_head.fc2"),
        ("roi_heads.mask_predictor.conv5_mask", "roi_heads.mask_head.deconv"),
        ("roi_heads.mask_predictor.mask_fcn_logits", "roi_heads.mask_head.predictor"),
    ):
        name = name.replace(old, new)
    for level in range(4):
        name = name.replace(f"backbone.fpn.inner_blocks.{level}.0", f"backbone.fpn_lateral{level + 2}")
        name = name.replace(f"backbone.fpn.layer_blocks.{level}.0", f"backbone.fpn_output{level + 2}")
        name = name.replace(f"roi_heads.mask_head.{level}.0", f"roi_heads.mask_head.mask_fcn{level + 1}")
    return name


def main() -> None:
    torch.manual_seed(4)
    backbone = Backbone()
    anchors = AnchorGenerator(((16,), (24,), (32,), (48,), (64,)), ((0.5, 1.0, 2.0),) * 5)
    rpn = RegionProposalNetwork(
        anchors, RPNHead(WIDTH, 3), 0.7, 0.3, 10**6, 0.5, {"training": 60, "testing": 40},
        {"training": 100, "testing": 50}, 0.7)
    heads = roi_heads.RoIHeads(
        poolers.MultiScaleRoIAlign(["0", "1", "2", "3"], 7, 2), TwoMLPHead(WIDTH * 49, HIDDEN),
        FastRCNNPredictor(HIDDEN, CLASSES + 1), 0.5, 0.5, 10**6, 0.25, None, 0.05, 0.5, 12,
        poolers.MultiScaleRoIAlign(["0", "1", "2", "3"], 14, 2), MaskRCNNHeads(WIDTH, [WIDTH] * 4, 1),
        MaskRCNNPredictor(WIDTH, WIDTH, CLASSES + 1))
    model = nn.ModuleDict({"backbone": backbone, "rpn": rpn, "roi_heads": heads})
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            deviation = parameter[0].numel() ** -0.5 * 1.4 if parameter.dim() > 1 else 0.1
            if "bbox_pred" in name:
                deviation *= 0.3
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * deviation)
    recorded: dict[str, Tensor] = {f"param.{renamed(name)}": p.detach().clone() for name, p in model.named_parameters()}

    images = torch.randn(2, 3, 96, 128, generator=generator)
    sizes = [(96, 101), (90, 128)]
    for image, (height, width) in zip(images, sizes):
        image[:, height:] = 0
        image[:, :, width:] = 0
    targets = []
    for boxes, labels in (
        ([[10, 12, 50, 60], [30.5, 20.25, 95, 90], [60, 5, 75, 22]], [1, 3, 2]),
        ([[5, 40, 40, 88], [70, 10, 120, 61]], [2, 2]),
    ):
        masks = torch.zeros(len(boxes), 96, 128, dtype=torch.uint8)
        for mask, (x0, y0, x1, y1) in zip(masks, boxes):
            rows, columns = torch.meshgrid(torch.arange(96) + 0.5, torch.arange(128) + 0.5, indexing="ij")
            middle, half = ((x0 + x1) / 2, (y0 + y1) / 2), ((x1 - x0) / 2, (y1 - y0) / 2)
            mask[((columns - middle[0]) / half[0]) ** 2 + ((rows - middle[1]) / half[1]) ** 2 <= 1] = 1
        targets.append({
            "boxes": torch.tensor(boxes, dtype=torch.float32), "labels": torch.tensor(labels), "masks": masks})
    recorded["images"] = images
    recorded["sizes"] = torch.tensor(sizes)
    for number, target in enumerate(targets):
        for key, value in target.items():
            recorded[f"target.{number}.{key}"] = value

    batch = ImageList(images, sizes)
    model.train()
    features = backbone(images)
    proposals, losses = rpn(batch, features, targets)
    _, head_losses = heads(features, proposals, sizes, targets)
    losses |= head_losses
    for name, loss in losses.items():
        recorded[f"loss.{name}"] = loss.detach()
        print(name, float(loss))
    sum(losses.values()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        recorded[f"grad.{renamed(name)}"] = parameter.grad

    model.eval()
    with torch.no_grad():
        features = backbone(images)
        proposals, _ = rpn(batch, features)
        found, _ = heads(features, proposals, sizes)
    for number, (boxes, result) in enumerate(zip(proposals, found)):
        recorded[f"proposals.{number}"] = boxes
        recorded[f"found.{number}.boxes"] = result["boxes"]
        recorded[f"found.{number}.labels"] = result["labels"]
        recorded[f"found.{number}.scores"] = result["scores"]
        recorded[f"found.{number}.masks"] = result["masks"][:, 0]
        print(len(boxes), "proposals", len(result["boxes"]), "detections", result["scores"][:4].tolist())

    # Masks of boxes as pixels of an image, by `grid_sample`.
    masks = torch.rand(6, 28, 28, generator=generator)
    places = torch.tensor([[3, 4, 40, 30], [0, 0, 60, 45], [-8.5, 10.25, 20.75, 60], [50, 40, 50.5, 41], [10, 5, 12, 44],
                           [59, 44, 80, 80]], dtype=torch.float32)
    rows, columns = torch.arange(45) + 0.5, torch.arange(60) + 0.5
    grid = torch.stack(torch.broadcast_tensors(
        (columns[None, None] - places[:, 0, None, None]) / (places[:, 2] - places[:, 0])[:, None, None] * 2 - 1,
        (rows[None, :, None] - places[:, 1, None, None]) / (places[:, 3] - places[:, 1])[:, None, None] * 2 - 1), 3)
    pasted = nn.functional.grid_sample(masks[:, None], grid, align_corners=False)[:, 0]
    recorded |= {"paste.masks": masks, "paste.boxes": places, "paste.values": pasted}

    path = FOLDER / "detector.safetensors"
    metadata = {"peer": f"torchvision {torchvision.__version__}, torch {torch.__version__}"}
    safetensors.torch.save_file({name: value.contiguous() for name, value in recorded.items()}, path, metadata)
    print(f"{len(recorded)} tensors, {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
