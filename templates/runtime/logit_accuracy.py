"""Metric: the share of right answers, for the logit of a yes."""

from torch import Tensor


def accuracy(output: Tensor, target: Tensor) -> float:
    """Return how often the logit, above 0 for a yes, agrees with the target.

    Shape:
        output, target: (rows, ...); the target is 0 or 1
    """
    correct = (output > 0) == (target == 1)
    return correct.sum().item() / correct.numel()
