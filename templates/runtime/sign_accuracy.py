"""Metric: the share of right answers, for a score whose sign decides."""

from torch import Tensor


def accuracy(output: Tensor, target: Tensor) -> float:
    """Return how often the score, above 0 for 1, agrees with the target.

    Shape:
        output, target: (rows, ...); the target is 1 or -1
    """
    correct = (output > 0) == (target > 0)
    return correct.sum().item() / correct.numel()
