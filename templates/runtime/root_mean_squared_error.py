"""Metric: the root of the mean squared error."""

from torch import Tensor


def rmse(output: Tensor, target: Tensor) -> float:
    """Return the typical distance between output and target, both of one shape."""
    return (output - target).square().mean().sqrt().item()
