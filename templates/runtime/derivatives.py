"""Derivatives as values, in training and out of it."""

from contextlib import AbstractContextManager

import torch
from torch import Tensor


def differentiating() -> AbstractContextManager[object]:
    """Keep the graph of what is computed, even where the caller asked for none."""
    if torch.is_inference_mode_enabled():
        return torch.inference_mode(False)
    return torch.enable_grad()


def differentiable(x: Tensor) -> Tensor:
    """Return x, or a tensor of its values to derive by if x requires no gradient."""
    if x.requires_grad:
        return x
    return (x.clone() if x.is_inference() else x.detach()).requires_grad_()


def derivative(y: Tensor, x: Tensor) -> Tensor:
    """Return the gradient of y.sum() with respect to x, which can be derived again.

    It has the shape of x, and is zero where y does not depend on x.
    """
    if not y.requires_grad:
        return torch.zeros_like(x)
    (gradient,) = torch.autograd.grad(y.sum(), x, create_graph=True, allow_unused=True)
    if gradient is None:
        return torch.zeros_like(x, requires_grad=True)
    return gradient
