"""Derivatives as values, in training and out of it."""

import torch
from torch import Tensor


def differentiable(x: Tensor) -> Tensor:
    """Return x, or a copy to derive by where x itself requires no gradient."""
    return x if x.requires_grad else x.detach().requires_grad_()


def derivative(y: Tensor, x: Tensor) -> Tensor:
    """Return the gradient of y.sum() with respect to x, which can be derived again.

    Shape:
        x: any
        returns: as x
    """
    if not y.requires_grad:
        return torch.zeros_like(x)
    (gradient,) = torch.autograd.grad(
        y.sum(), x, create_graph=True, materialize_grads=True
    )
    return gradient
