"""Metric: the area under the receiver operating characteristic."""

from torch import Tensor

from .ranks import area_under_roc


def auroc(probability: Tensor, target: Tensor) -> float:
    """Return how often a yes has the higher probability than a no.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    return area_under_roc(probability.flatten(), target.flatten() == 1)
