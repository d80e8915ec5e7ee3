"""Metric: how many of those not of a class are not called so."""

from torch import Tensor

from .class_counts import averaged, class_counts


def specificity(
    output: Tensor, target: Tensor, average: str = "macro", ignored: int = -100
) -> float:
    """Return the mean over the classes of the share not called so of those not of it.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    counts = class_counts(output, target, ignored)
    others = counts.actual.sum() - counts.actual
    return averaged(others - counts.said + counts.right, others, counts, average)
