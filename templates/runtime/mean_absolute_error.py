"""Metric: the mean absolute error."""

from torch import Tensor


def mae(output: Tensor, target: Tensor) -> float:
    """Return the mean distance between output and target, both of one shape."""
    return (output - target).abs().mean().item()
