"""Metric: the share of right answers among several classes."""

from torch import Tensor


def accuracy(output: Tensor, target: Tensor) -> float:
    """Return how often the class with the highest logit is the right one.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    correct = output.argmax(dim=1) == target
    return correct.sum().item() / correct.numel()
