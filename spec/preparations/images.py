"""Preparations of images, and what is done to them by chance in training."""

from typing import Annotated, Any, ClassVar, Literal

from ..kinds import Flag, Integer, Probability, Real, Repeated, Size
from .base import Augmentation, Preparation

Sides = Annotated[Any, Repeated(Integer(1), 2)]
Channels = Annotated[tuple[float, ...], Repeated(Real(), single=False)]
Deviations = Annotated[tuple[float, ...], Repeated(Real(above=0.0), single=False)]
Strength = Annotated[float, Real(0.0, below=1.0)]


class Resize(Preparation):
    """Scales images, with antialiasing.

    `size`: of the shorter side, or [height, width].
    """

    size: Sides

    takes: ClassVar[Literal["numbers", "cells", "images"]] = "images"
    fitted: ClassVar[bool] = False


class CenterCrop(Preparation):
    """Cuts out the middle of images that are at least as large.

    `size`: of both sides, or [height, width].
    """

    size: Sides

    takes: ClassVar[Literal["numbers", "cells", "images"]] = "images"
    fitted: ClassVar[bool] = False


class Normalize(Preparation):
    """Takes a mean from each channel, which goes from 0 to 1, and divides it by a deviation."""

    mean: Channels
    std: Deviations

    takes: ClassVar[Literal["numbers", "cells", "images"]] = "images"
    fitted: ClassVar[bool] = False


class Flip(Augmentation):
    """Mirrors each image from left to right with a probability."""

    p: Probability = 0.5
    vertical: Flag = False


class Crop(Augmentation):
    """Moves each image by up to `padding` pixels; what comes in is 0."""

    padding: Size = 4


class Rotate(Augmentation):
    """Turns each image by up to so many degrees about its middle; what comes in is 0."""

    degrees: Annotated[float, Real(0.0, 180.0)] = 10.0


class Jitter(Augmentation):
    """Changes each image's brightness and contrast by up to these shares.

    Brightness is counted in standard deviations of the image, contrast about its mean.
    """

    brightness: Strength = 0.2
    contrast: Strength = 0.2


class Erase(Augmentation):
    """Sets a rectangle of each image to 0 with a probability.

    `share`: at most so much of the image's height and width.
    """

    p: Probability = 0.5
    share: Annotated[float, Real(above=0.0, maximum=1.0)] = 0.4
