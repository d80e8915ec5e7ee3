"""Rows that are read and prepared batch by batch, by workers beside the training."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .table import Table, TableError

WORKERS = min(4, os.cpu_count() or 1)


class Batches(Dataset[tuple[Tensor, ...] | TableError]):
    """The rows of a table by their numbers, prepared."""

    def __init__(self, table: Table, prepare: Callable[[Table], Any]) -> None:
        self.table = table
        self.prepare = prepare

    def __getitem__(self, rows: Tensor) -> tuple[Tensor, ...] | TableError:
        """Return the tensors of some rows, or what is wrong with them.

        An error that is raised by a worker would arrive with the worker's traceback.
        """
        try:
            return tuple(vars(self.prepare(self.table[rows])).values())
        except TableError as error:
            return error


@dataclass(frozen=True, eq=False)
class Stream:
    """Rows in an order.

    Attributes:
        batches_of: gives the rows
        order: their numbers, (rows,)
        device: where batches go
    """

    batches_of: Batches
    order: Tensor
    device: str | torch.device

    @classmethod
    def of(
        cls,
        table: Table,
        prepare: Callable[[Table], Any],
        device: str | torch.device = "cpu",
    ) -> Stream:
        """Return all rows of a table in its order.

        Args:
            prepare: makes rows what the model takes
        """
        return cls(Batches(table, prepare), torch.arange(len(table)), device)

    def __len__(self) -> int:
        return len(self.order)

    def shuffled(
        self, generator: torch.Generator | None = None, size: int = 1, fewest: int = 0
    ) -> Stream:
        """Return the rows in a new order.

        Args:
            size, fewest: in batches of `size`, a last one of fewer rows is left out
        """
        order = torch.randperm(len(self), generator=generator)
        rest = len(self) % size
        if rest < fewest:
            order = order[: len(self) - rest]
        return replace(self, order=order)

    def batches(self, size: int) -> Iterator[tuple[Tensor, ...]]:
        """Yield the rows in order, `size` at a time; the last batch may be smaller."""
        loader: DataLoader[tuple[Tensor, ...] | TableError] = DataLoader(
            self.batches_of,
            batch_size=None,
            sampler=torch.split(self.order, size),
            num_workers=min(WORKERS, -(-len(self) // size)),
            generator=torch.Generator(),  # so that workers take no draws from the model
        )
        for batch in loader:
            if isinstance(batch, TableError):
                raise batch
            yield tuple(part.to(self.device, non_blocking=True) for part in batch)
