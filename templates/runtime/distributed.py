"""Training in several processes, which torchrun starts; one alone goes on as it is."""

import contextlib
import functools
import gc
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ParamSpec, TypeVar, cast

import torch
from torch import Tensor, distributed, nn

from .losses import Losses
from .progress import Progress

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")
Batch = TypeVar("Batch", bound=tuple[Tensor, ...])
Model = TypeVar("Model", bound=nn.Module)
Value = TypeVar("Value")
_GROUPS: list[object] = []
"""The group of these processes, held here so that Python gives it back last, and not
DistributedDataParallel, which would wait for the group's threads, while these wait for
Python's lock, which it has."""


def is_first() -> bool:
    """Return whether this process is the one that writes and prints."""
    return int(os.environ.get("RANK", "0")) == 0


def in_processes(
    function: Callable[Arguments, Returned],
) -> Callable[Arguments, Returned]:
    """Let the processes of torchrun find each other while a function runs."""

    @functools.wraps(function)
    def joined(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        if "WORLD_SIZE" not in os.environ:
            return function(*args, **kwargs)
        # Imported before there is a group, since its defaults would hold it for good.
        import torch.distributed.nn.functional  # noqa: F401

        distributed.init_process_group()
        _GROUPS.append(distributed.group.WORLD)
        try:
            with _silence():
                returned = function(*args, **kwargs)
            # None leaves while another one still reads what it sent.
            distributed.barrier()
        finally:
            distributed.destroy_process_group()
        # The group's threads end here: in a Python that ends, they would abort it.
        gc.collect()
        _GROUPS.clear()
        return returned

    return joined


def _silence() -> contextlib.AbstractContextManager[object]:
    """Return what keeps all processes but the first from writing to stderr."""
    if is_first():
        return contextlib.nullcontext()
    return contextlib.redirect_stderr(io.StringIO())


def local_device(device: str | torch.device) -> torch.device:
    """Return the device of this process, of those of a kind."""
    kind = torch.device(device).type
    if kind == "cpu" or not distributed.is_initialized():
        return torch.device(device)
    local = torch.device(kind, int(os.environ["LOCAL_RANK"]))
    torch.accelerator.set_device_index(local.index)
    return local


def replicated(model: nn.Module) -> nn.Module:
    """Return what runs `model` and averages its gradients over the processes."""
    if not distributed.is_initialized():
        return model
    return nn.parallel.DistributedDataParallel(model)


def shard(
    model: nn.Module,
    *blocks: type[nn.Module],
    reshard_after_forward: bool | None = None,
) -> None:
    """Divide the parameters over the processes: those of each block, then the rest.

    Args:
        reshard_after_forward: whether they are divided again as soon as an output is
            there; torch's choice where nothing is said
    """
    if not distributed.is_initialized():
        return
    # Imported here, as in what follows: only training in processes is to wait for it.
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    device = next(model.parameters()).device.type
    mesh = init_device_mesh(device, (distributed.get_world_size(),))
    divide = functools.partial(
        fully_shard, mesh=mesh, reshard_after_forward=reshard_after_forward
    )
    for module in model.modules():
        if isinstance(module, blocks):
            divide(module)
    divide(model)


def gathered(model: nn.Module, whole: Model) -> Model:
    """Give a model all the weights of one that was divided."""
    from torch.distributed.checkpoint.state_dict import (
        StateDictOptions,
        get_model_state_dict,
    )

    options = StateDictOptions(full_state_dict=True)
    whole.load_state_dict(get_model_state_dict(model, options=options))
    return whole


def of_first(value: Value) -> Value:
    """Return the value of the first process, so that all go by the same."""
    if not distributed.is_initialized():
        return value
    held = [value]
    distributed.broadcast_object_list(held)
    return held[0]


def of_all(value: Value) -> list[Value]:
    """Return the values of all processes, by their ranks."""
    if not distributed.is_initialized():
        return [value]
    held = [value] * distributed.get_world_size()
    distributed.all_gather_object(held, value)
    return held


def largest(number: int) -> int:
    """Return the largest number of those of all processes."""
    if not distributed.is_initialized():
        return number
    held = torch.tensor(number)
    distributed.all_reduce(held, op=distributed.ReduceOp.MAX)
    return int(held)


def shared_seed() -> int:
    """Return a new seed, the same one in all processes."""
    return of_first(int(torch.randint(2**63 - 1, ())))


class Shares:
    """This process's part of each batch.

    Attributes:
        rows: how many rows of the newest batch are this process's
        batch_rows: how many it has in all processes
        weight: what its mean counts for in the mean of the processes' means
    """

    def __init__(self) -> None:
        grouped = distributed.is_initialized()
        self.rank = distributed.get_rank() if grouped else 0
        self.count = distributed.get_world_size() if grouped else 1
        self.rows = self.batch_rows = 0
        self.weight = 1.0

    def of(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield this process's rows of each batch: every row is somebody's."""
        for batch in batches:
            self.rows = self.batch_rows = rows = len(batch[-1])
            if self.count == 1:
                yield batch
                continue
            own = torch.arange(rows)[self.rank :: self.count]
            self.rows = len(own)
            self.weight = self.rows * self.count / rows
            # With fewer rows than processes, one takes part that counts nothing.
            own = own if self.rows else torch.tensor([0])
            yield cast("Batch", tuple(part[own.to(part.device)] for part in batch))

    def of_group(self, group: Sequence[Batch], model: nn.Module) -> Iterator[Batch]:
        """Yield the same of batches that make one step.

        What processes have of its gradients is added up with the last of them.
        """
        for number, batch in enumerate(self.of(group), start=1):
            with _exchanging(model, number == len(group)):
                yield batch


def _exchanging(
    model: nn.Module, exchanges: bool
) -> contextlib.AbstractContextManager[object]:
    """Return in which context gradients are added up over processes, or are not."""
    if not distributed.is_initialized():
        return contextlib.nullcontext()
    from torch.distributed.fsdp import FSDPModule

    if isinstance(model, nn.parallel.DistributedDataParallel) and not exchanges:
        return model.no_sync()
    if isinstance(model, FSDPModule):
        model.set_requires_gradient_sync(exchanges)
    return contextlib.nullcontext()


class SharedLoss(nn.Module):
    """A loss whose gradients count as much as the rows that this process has."""

    def __init__(self, loss_fn: nn.Module, shares: Shares) -> None:
        super().__init__()
        self.loss_fn = loss_fn
        self.shares = shares

    def forward(self, *args: Any) -> Tensor:
        loss: Tensor = self.loss_fn(*args)
        weight = self.shares.weight
        if loss.requires_grad and weight != 1:
            loss.register_hook(  # type: ignore[no-untyped-call]
                lambda gradient: gradient * weight
            )
        return loss


class SharedLosses(Losses):
    """The losses of batches over all processes."""

    def __init__(self, progress: Progress, shares: Shares) -> None:
        super().__init__(progress)
        self.shares = shares

    def add(self, value: Tensor, rows: int, weight: Tensor | None = None) -> None:
        """Take note of this process's part of a batch."""
        super().add(value, self.shares.rows, weight)

    def take_mean(self) -> float:
        """Return the mean over all rows since a number was last taken."""
        if self.shares.count == 1:
            return super().take_mean()
        device = self.values[0].device
        rows = torch.tensor(self.rows, dtype=torch.float64)
        values = torch.stack(self.values).cpu().double()
        # What stood in for rows that there were not may be no number.
        total = torch.where(rows > 0, values * rows, 0.0).sum()
        sums = torch.stack([total, rows.sum()]).to(device)
        distributed.all_reduce(sums)
        self.clear()
        return (sums[0] / sums[1]).item()
