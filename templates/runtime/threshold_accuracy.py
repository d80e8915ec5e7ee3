"""Metric: the share of right answers, where a yes is what is above a threshold."""

from torch import Tensor


def threshold_accuracy(probability: Tensor, target: Tensor, threshold: float) -> float:
    """Return how often a probability above `threshold` agrees with the target.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    correct = (probability > threshold) == (target == 1)
    return correct.double().mean().item()
