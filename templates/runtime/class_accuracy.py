"""Metric: the share of right answers among several classes."""

from torch import Tensor


def accuracy(output: Tensor, target: Tensor, ignored: int = -100) -> float:
    """Return how often the class with the highest output is the right one.

    Targets that are `ignored` do not count; without any others the answer is nan.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    correct = (output.argmax(dim=1) == target)[target != ignored]
    return correct.double().mean().item()
