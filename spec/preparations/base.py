"""What every preparation says of itself."""

from typing import ClassVar, Literal

from ..arguments import Arguments
from ..names import snake_case


class Preparation(Arguments):
    """What is done to an input of all rows: fitted on the training rows, kept with the weights.

    Its class's name in snake_case is what a spec calls it, and the module that has the class.
    takes: numbers; cells, which may be texts; images.
    fills: whether it puts something in the place of cells that are empty.
    fitted: whether it depends on the training rows.
    gives: fractions, whole numbers, or what it takes.
    """

    takes: ClassVar[Literal["numbers", "cells", "images"]] = "numbers"
    gives: ClassVar[Literal["fractions", "whole numbers", "anything"]] = "fractions"
    fills: ClassVar[bool] = False
    fitted: ClassVar[bool] = True

    @classmethod
    def type_name(cls) -> str:
        """What a spec calls it."""
        return snake_case(cls.__name__)


class Augmentation(Arguments):
    """What is done by chance to the images of a batch in training.

    Its class's name in snake_case is what a spec calls it, and the function that does it.
    """

    @classmethod
    def type_name(cls) -> str:
        """What a spec calls it."""
        return snake_case(cls.__name__)
