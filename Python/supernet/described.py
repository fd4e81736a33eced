"""What networks, detectors and supernets say of themselves, and the preparation of their images: all by their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

from supernet.cards import Card, Preparation, SupernetCard
from supernet.images import read_image
from supernet.preparation import prepared, smallest_side

if TYPE_CHECKING:
    from supernet.images import ImageSource


class Described:
    """Something that a card describes."""

    _card: Card | SupernetCard

    @property
    def card(self) -> dict[str, Any]:
        """The card as it stands in the file; of files of version 0.8, the card that says the same today."""
        return self._card.stored

    @property
    def task(self) -> str:
        """The name of the task that was learned, such as `classification`."""
        return self._card.task

    @property
    def classes(self) -> list[str]:
        """The names of the classes, in the order of the outputs; empty where the outputs are no classes."""
        return list(self._card.classes)

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width of the images that were learned from, in pixels."""
        return self._card.preparation.image_size

    @property
    def preparation(self) -> Preparation:
        """How images are prepared."""
        return self._card.preparation

    def preprocess(self, image: ImageSource) -> Tensor:
        """Prepares an image as supernet does.

        Args:
            image: the path of a JPEG, PNG, WebP or BMP file, one of Pillow's images, or an array of uint8 [H, W]
                (grey), [H, W, 3] (red first) or [H, W, 4] (and how much it covers). A file is read most exactly, as
                `supernet.images.read_image` says.

        Returns:
            The image [1, C, H, W], float32, on the CPU.

        Raises:
            FileError: for a file that is no image, or a damaged one.
            OSError: for a file that cannot be read.
            ImportError: without Pillow.
            TypeError: for anything else than an image; ValueError for one of another shape or type.
        """
        preparation = self.preparation
        smallest = smallest_side(preparation)
        pixels = read_image(image, preparation.channels, upright=preparation.upright, smallest=smallest)
        return prepared(pixels, preparation)
