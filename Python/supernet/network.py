"""Networks: modules of `torch.nn` that a card describes, which know their classes and the preparation of their
images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from supernet.cards import Card
from supernet.described import Described
from supernet.images import read_image
from supernet.modules import attach, build, evaluate, module_at
from supernet.predictions import Prediction, SegmentationPrediction, read_outputs
from supernet.segmentation import class_of_each_pixel

if TYPE_CHECKING:
    from supernet.images import ImageSource


class Backbone(Described, nn.Module):
    """The layers of a card, without what stands on them: what networks and detectors have in common.

    Its keys are those of the file. Layers with tensors are modules under the card's own paths; the computation goes
    through the card.
    """

    _card: Card

    def __init__(self, card: Card) -> None:
        super().__init__()
        self._card = card
        modules, self._map_channels, self._features = build(card.backbone, card.preparation.channels)
        if any(path == "fc" or path.startswith("fc.") for path in modules):
            raise ValueError("a layer stands under `fc`, which is the key of the head")
        attach(self, modules)

    @property
    def map_channels(self) -> dict[str, int]:
        """The channels of the maps that are handed out on the way, by name."""
        return dict(self._map_channels)

    @property
    def device(self) -> torch.device:
        """The device of the network's tensors."""
        tensor = next(self.parameters(), None)
        return torch.device("cpu") if tensor is None else tensor.device

    def backbone_features(self, images: Tensor) -> Tensor:
        """Images [N, C, H, W] to pooled features [N, F], or to the last map [N, F, H', W'] of a dense network."""
        return evaluate(self, self._card.backbone, "", images, {})

    def backbone_maps(self, images: Tensor) -> dict[str, Tensor]:
        """The maps [N, F, H', W'] that are handed out on the way for images [N, C, H, W], by name."""
        found: dict[str, Tensor] = {}
        evaluate(self, self._card.backbone, "", images, found)
        return found

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        """Without gradients, with running statistics and without dropout, whatever the modes are."""
        training = [module for module in self.modules() if module.training]
        self.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            for module in training:
                module.training = True


class Network(Backbone):
    """A network of one output for an image, or of a map of them.

    Call it with images [N, C, H, W], which `preprocess` makes: it gives logits [N, classes], the outputs of another
    task, or embeddings [N, F]; for segmentation a map of logits [N, classes, H', W'].
    """

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        head = card.head
        match head.kind:
            case "linear":
                attach(self, {"fc": nn.Linear(self._features, head.outputs)})
            case "neck":
                attach(self, {"fc.neck": nn.BatchNorm1d(self._features)})
            case "detector":
                raise ValueError("it is a detector")
        if head.kind in ("neck", "map") and head.outputs != self._features:
            raise ValueError(f"its layers give {self._features} channels, but its head has {head.outputs} outputs")

    def forward(self, images: Tensor) -> Tensor:
        """Images [N, C, H, W], prepared as the card says, to outputs [N, K]; [N, K, H', W'] where they are a map."""
        features = self.backbone_features(images)
        match self._card.head.kind:
            case "linear":
                features = module_at(self, "fc")(features)
            case "neck":
                features = module_at(self, "fc.neck")(features)
        return features

    @property
    def embeds(self) -> bool:
        """Whether the outputs are embeddings, which are compared with others."""
        return self._card.head.kind == "neck"

    def predict(self, image: ImageSource, top: int = 1) -> Prediction:
        """Says what an image shows, as `supernet predict` does; it always evaluates, also while the network is trained.

        Args:
            image: the image, as for `preprocess`.
            top: the most classes; of no matter where the task has none.

        Returns:
            By the task: the likeliest classes (`ClassPrediction`), an age (`AgePrediction`), an age and a gender
            (`AgeAndGenderPrediction`), an embedding (`EmbeddingPrediction`), or the class of each pixel
            (`SegmentationPrediction`); all are in `supernet.predictions`.

        Raises:
            SupernetError: for outputs that mean nothing that is known here.
            FileError, OSError, ImportError, TypeError, ValueError: as `preprocess`.
        """
        if self._card.head.kind == "map":
            return self._segmented(image)
        batch = self.preprocess(image)
        with self._evaluating():
            return read_outputs(self._card, self(batch.to(self.device))[0].cpu(), top)

    def _segmented(self, image: ImageSource) -> SegmentationPrediction:
        """The class of each pixel of a whole image."""
        preparation = self.preparation
        pixels = read_image(image, preparation.channels, upright=preparation.upright)
        with self._evaluating():
            mask = class_of_each_pixel(self, pixels, preparation, self._card.base, self.device)
        names = self._card.classes or [str(number) for number in range(self._card.head.outputs)]
        shares = mask.flatten().bincount(minlength=len(names)) / mask.numel()
        found = sorted(zip(shares.tolist(), names, strict=True), key=lambda one: -one[0])
        return SegmentationPrediction({name: share for share, name in found if share > 0}, mask)
