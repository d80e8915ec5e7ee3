"""Preparations of columns."""

from typing import ClassVar, Literal

from ..kinds import Number
from .base import Preparation


class Median(Preparation):
    """Fills empty cells with the median of the training rows' column."""

    fills: ClassVar[bool] = True


class Mean(Preparation):
    """Fills empty cells with the mean of the training rows' column."""

    fills: ClassVar[bool] = True


class Constant(Preparation):
    """Fills empty cells with one number."""

    value: Number

    fills: ClassVar[bool] = True
    fitted: ClassVar[bool] = False


class Standard(Preparation):
    """Brings each column to mean 0 and standard deviation 1."""


class MinMax(Preparation):
    """Brings each column to the range 0 to 1."""


class Log1p(Preparation):
    """Takes log(1 + x) of each number, which must be above -1."""

    fitted: ClassVar[bool] = False


class Index(Preparation):
    """Numbers the categories of each column from 1, in their order; 0 is for unknown ones."""

    takes: ClassVar[Literal["numbers", "cells", "images"]] = "cells"
    gives: ClassVar[Literal["fractions", "whole numbers", "anything"]] = "whole numbers"


class OneHot(Preparation):
    """A column of 0 and 1 for each category, in their order; all 0 for unknown ones."""

    takes: ClassVar[Literal["numbers", "cells", "images"]] = "cells"
    gives: ClassVar[Literal["fractions", "whole numbers", "anything"]] = "anything"
