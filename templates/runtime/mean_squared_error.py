"""Metric: the mean squared error."""

from torch import Tensor


def mse(output: Tensor, target: Tensor) -> float:
    """Return the mean squared distance of output and target, both of one shape."""
    return (output - target).square().mean().item()
