"""Whether losses and gradients are finite numbers in all processes."""

from collections.abc import Sequence

from torch import Tensor, distributed
from torch.distributed.tensor import DTensor

from .finite import all_finite


def shared_finite(losses: Sequence[Tensor], gradients: Sequence[Tensor] = ()) -> Tensor:
    """Return whether what each process has is finite, on the device."""
    if not distributed.is_initialized():
        return all_finite(losses, gradients)
    own = [each.to_local() if isinstance(each, DTensor) else each for each in gradients]
    # Of a small parameter a process may have no part.
    finite = all_finite(losses, [each for each in own if each.numel()]).int()
    distributed.all_reduce(finite, op=distributed.ReduceOp.MIN)
    return finite.bool()
