"""Metric: how many of those that are a yes are called one."""

from torch import Tensor

from .binary_counts import binary_counts


def recall(probability: Tensor, target: Tensor, threshold: float = 0.5) -> float:
    """Return the share above `threshold` among those that are a yes; 0 without any.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    counts = binary_counts(probability, target, threshold)
    return counts.true_yes / max(counts.true_yes + counts.false_no, 1)
