"""Metric: precision and recall in one, for a yes."""

from torch import Tensor

from .binary_counts import binary_counts


def f1(probability: Tensor, target: Tensor, threshold: float = 0.5) -> float:
    """Return the harmonic mean of precision and recall; 0 without any yes.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    counts = binary_counts(probability, target, threshold)
    right = 2 * counts.true_yes
    return right / max(right + counts.false_yes + counts.false_no, 1)
