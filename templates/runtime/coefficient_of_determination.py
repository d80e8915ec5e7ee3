"""Metric: how much of the spread of the target is explained."""

from torch import Tensor


def r2(output: Tensor, target: Tensor) -> float:
    """Return 1 less the squared errors' share of the spread, the mean over columns.

    Where a target never changes it is -inf, or nan without any error.

    Shape:
        output, target: (rows, ...)
    """
    output = output.cpu().double().reshape(len(output), -1)
    target = target.cpu().double().reshape(len(target), -1)
    errors = (output - target).square().sum(dim=0)
    spread = (target - target.mean(dim=0)).square().sum(dim=0)
    return (1 - errors / spread).mean().item()
