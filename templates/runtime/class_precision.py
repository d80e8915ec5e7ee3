"""Metric: how many of those called a class are of it."""

from torch import Tensor

from .class_counts import averaged, class_counts


def precision(
    output: Tensor, target: Tensor, average: str = "macro", ignored: int = -100
) -> float:
    """Return the mean over the classes of the share of right ones of those called so.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    counts = class_counts(output, target, ignored)
    return averaged(counts.right, counts.said, counts, average)
