"""Metric: the area under the curve of precision over recall."""

from torch import Tensor

from .ranks import mean_precision


def average_precision(probability: Tensor, target: Tensor) -> float:
    """Return the mean precision over the yes ones, from the likeliest on.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    return mean_precision(probability.flatten(), target.flatten() == 1)
