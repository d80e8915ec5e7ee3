"""Metric: precision and recall in one, for classes."""

from torch import Tensor

from .class_counts import averaged, class_counts


def f1(
    output: Tensor, target: Tensor, average: str = "macro", ignored: int = -100
) -> float:
    """Return the mean over the classes of the harmonic mean of precision and recall.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    counts = class_counts(output, target, ignored)
    return averaged(2 * counts.right, counts.said + counts.actual, counts, average)
