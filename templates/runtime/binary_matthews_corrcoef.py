"""Metric: how what is said correlates with what is."""

import math

from torch import Tensor

from .binary_counts import binary_counts


def matthews_corrcoef(
    probability: Tensor, target: Tensor, threshold: float = 0.5
) -> float:
    """Return the correlation of answer and target, 0 where one never changes.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    counts = binary_counts(probability, target, threshold)
    yes, wrong_yes, no, wrong_no = counts
    spread = (yes + wrong_yes) * (yes + wrong_no) * (no + wrong_yes) * (no + wrong_no)
    return (yes * no - wrong_yes * wrong_no) / math.sqrt(spread) if spread else 0.0
