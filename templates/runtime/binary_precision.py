"""Metric: how many of those called a yes are one."""

from torch import Tensor

from .binary_counts import binary_counts


def precision(probability: Tensor, target: Tensor, threshold: float = 0.5) -> float:
    """Return the share of a yes among those above `threshold`; 0 without any.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    counts = binary_counts(probability, target, threshold)
    return counts.true_yes / max(counts.true_yes + counts.false_yes, 1)
