"""Imported before torchvision or timm: where torchvision's compiled operators do not load, its Python part still wants them
declared. None is used here."""

import torch

_stub = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    try:
        _stub.define(_name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass
