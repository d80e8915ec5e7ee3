"""Metric: how the classes that are said correlate with those that are."""

from torch import Tensor

from .class_counts import class_counts


def matthews_corrcoef(output: Tensor, target: Tensor, ignored: int = -100) -> float:
    """Return the correlation of answer and target, 0 where one never changes.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    right, said, actual = class_counts(output, target, ignored)
    rows = actual.sum()
    together = right.sum() * rows - said @ actual
    spread = (rows**2 - said @ said) * (rows**2 - actual @ actual)
    return (together / spread.sqrt()).item() if spread > 0 else 0.0
