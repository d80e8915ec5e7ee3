"""Metric: how many of those that are a no are called one."""

from torch import Tensor

from .binary_counts import binary_counts


def specificity(probability: Tensor, target: Tensor, threshold: float = 0.5) -> float:
    """Return the share not above `threshold` among those that are a no; 0 without any.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    counts = binary_counts(probability, target, threshold)
    return counts.true_no / max(counts.true_no + counts.false_yes, 1)
