"""Metric: the share of right answers, for the probability of a yes."""

from torch import Tensor


def accuracy(output: Tensor, target: Tensor) -> float:
    """Return how often the probability is on the target's side of a half.

    Shape:
        output, target: (rows, ...); the target is 0 or 1
    """
    correct = (output > 0.5) == (target == 1)
    return correct.sum().item() / correct.numel()
