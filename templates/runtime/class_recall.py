"""Metric: how many of those of a class are called so."""

from torch import Tensor

from .class_counts import averaged, class_counts


def recall(
    output: Tensor, target: Tensor, average: str = "macro", ignored: int = -100
) -> float:
    """Return the mean over the classes of the share called so among those of it.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    counts = class_counts(output, target, ignored)
    return averaged(counts.right, counts.actual, counts, average)
