"""Metric: the area under the receiver operating characteristic."""

import math

from torch import Tensor

from .ranks import area_under_roc


def auroc(
    probability: Tensor, target: Tensor, average: str = "macro", ignored: int = -100
) -> float:
    """Return the mean over the classes of this, each against all others.

    Args:
        average: "macro" counts each class alike, "weighted" by its rows
        ignored: targets that do not count

    Shape:
        probability: (rows, classes, ...)
        target: (rows, ...) int64
    """
    kept = target != ignored
    rows, actual = probability.movedim(1, -1)[kept], target[kept]
    total, weights = 0.0, 0.0
    for number in range(rows.shape[1]):
        score = area_under_roc(rows[:, number], actual == number)
        weight = 1.0 if average == "macro" else float((actual == number).sum())
        # A class without rows has no precision.
        if not math.isnan(score):
            total += score * weight
            weights += weight
    return total / weights
