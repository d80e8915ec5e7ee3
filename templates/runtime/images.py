"""Read images as the model takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .library import needed
from .table import Table, TableError

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
"""What Pillow calls images of so many channels."""


@dataclass(frozen=True)
class Resize:
    """Scales an image: its shorter side, or both, to a size in pixels."""

    size: int | tuple[int, int]

    def __call__(self, image: Any) -> Any:
        """Return an image of Pillow, scaled."""
        if isinstance(self.size, int):
            scale = self.size / min(image.size)
            width, height = (max(1, round(side * scale)) for side in image.size)
        else:
            height, width = self.size
        # Bilinear, with antialiasing where the image becomes smaller.
        return image.resize((width, height), resample=2)


@dataclass(frozen=True)
class CenterCrop:
    """Cuts the middle out of an image: (height, width), or one size for both."""

    size: int | tuple[int, int]

    def __call__(self, image: Any) -> Any:
        """Return the middle of an image. Raises ValueError where it is smaller."""
        both = (self.size, self.size) if isinstance(self.size, int) else self.size
        height, width = both
        left, top = (image.width - width) // 2, (image.height - height) // 2
        if left < 0 or top < 0:
            size = f"{image.height} x {image.width}"
            raise ValueError(f"it is {size}, less than {height} x {width}")
        return image.crop((left, top, left + width, top + height))


@dataclass(frozen=True)
class Normalize:
    """Takes a mean from each channel and divides it by a deviation."""

    mean: Sequence[float]
    std: Sequence[float]

    def __call__(self, images: Tensor) -> Tensor:
        """Return images of shape (..., channels, height, width), normalized."""
        mean, std = (torch.tensor(each)[:, None, None] for each in vars(self).values())
        return (images - mean) / std


@dataclass(frozen=True)
class Images:
    """How files become tensors.

    Attributes:
        steps: what is done to an image of Pillow, in order
        normalize: what is done to all tensors, if anything is
        shape: of an image as the model takes it: (channels, height, width)
    """

    steps: Sequence[Resize | CenterCrop]
    normalize: Normalize | None
    shape: tuple[int, int, int]

    def __call__(self, rows: Any) -> Tensor:
        """Return images from 0 to 1, normalized if asked for: (rows, *shape).

        Args:
            rows: a table of paths; a list of paths or of images of Pillow; or a tensor
                or array of numbers from 0 to 1 that has the shape already

        Raises:
            TableError: a file is no image, or of another size.
        """
        if hasattr(rows, "shape"):
            images = torch.as_tensor(rows, dtype=torch.float32)
            if images.shape[1:] != self.shape:
                seen = tuple(images.shape[1:])
                raise TableError(f"images of shape {seen}, expected {self.shape}")
        else:
            paths = rows.column("image") if isinstance(rows, Table) else rows
            images = torch.stack([self.read(path) for path in paths])
        return images if self.normalize is None else self.normalize(images)

    def read(self, path: Any) -> Tensor:
        """Return one image from 0 to 1: (channels, height, width)."""
        channels, height, width = self.shape
        pillow = needed("PIL.Image", "images")
        try:
            image = path if isinstance(path, pillow.Image) else pillow.open(path)
            image = image.convert(MODES[channels])
            for step in self.steps:
                image = step(image)
        except (OSError, ValueError, SyntaxError) as error:
            raise TableError(f"{path}: {error}") from error
        if image.size != (width, height):
            seen = f"{image.height} x {image.width}"
            raise TableError(f"{path}: it is {seen}, expected {height} x {width}")
        pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
        return pixels.reshape(height, width, channels).permute(2, 0, 1) / 255
