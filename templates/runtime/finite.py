"""Whether losses and gradients are finite numbers."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn


def all_finite(losses: Sequence[Tensor], gradients: Sequence[Tensor] = ()) -> Tensor:
    """Return whether losses and gradients are finite, on the device.

    Reading the result waits for the device.
    """
    values = [loss.detach() for loss in losses]
    if gradients:
        # The largest of their elements is not finite where one of them is not.
        values.append(nn.utils.get_total_norm(gradients, norm_type=torch.inf))
    return torch.stack(values).isfinite().all()


def gradients_of(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Return the gradients of those that have one."""
    return [each.grad for each in parameters if each.grad is not None]
