"""What becomes of columns of a table on their way to the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .as_table import as_table
from .chain import Chain
from .table import Table, numbers, shaped


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns that are prepared in the same way.

    Attributes:
        names: of the columns, in order
        chain: what is done to them
    """

    names: list[str]
    chain: Chain

    @classmethod
    def fit(
        cls,
        table: Table,
        names: Sequence[str],
        kinds: Sequence[Any],
        dtype: torch.dtype,
    ) -> Columns:
        """Return the columns, prepared for rows like those of `table`.

        Args:
            kinds: classes of steps, which are fitted, or steps that need no fitting
        """
        rows = read_columns(table, names, kinds, dtype)
        return cls(list(names), Chain.fit(rows, kinds))

    def __call__(self, table: Table, dtype: torch.dtype) -> Tensor:
        """Return the columns of all rows as the model takes them: (rows, columns).

        Raises:
            TableError: a step gives something else than a finite number.
        """
        rows = read_columns(table, self.names, self.chain.steps, dtype)
        found = self.chain(rows).to(dtype)
        finite = found.isfinite()
        if not finite.all():
            row = int(finite.all(dim=1).int().argmin())
            place = int(finite[row].int().argmin()) * len(self.names) // finite.shape[1]
            steps = ", ".join(type(step).__name__ for step in self.chain.steps)
            raise table.error(
                row, self.names[place], f"has no finite number by {steps}"
            )
        return found


def read_columns(
    table: Table, names: Sequence[str], steps: Sequence[Any], dtype: torch.dtype
) -> Any:
    """Return what the first of some steps takes.

    That are the cells of each column, or numbers of shape (rows, numbers a row), with
    nan for empty cells where the step fills them.
    """
    if steps and steps[0].takes_cells:
        return [table.column(name) for name in names]
    return numbers(table, names, dtype, has_gaps=bool(steps) and steps[0].fills)


@dataclass(frozen=True, eq=False)
class Features:
    """All columns that one input of the model is made of.

    Attributes:
        columns: in order
        shape: of a row as the model takes it
        dtype: of the input
    """

    columns: list[Columns]
    shape: tuple[int, ...]
    dtype: torch.dtype

    @classmethod
    def fit(
        cls,
        table: Table,
        columns: Sequence[tuple[Sequence[str], Sequence[Any]]],
        shape: tuple[int, ...],
        dtype: torch.dtype,
    ) -> Features:
        """Return the features for rows like those of `table`.

        Args:
            columns: names, with the steps or classes of steps for their columns
        """
        fitted = [Columns.fit(table, names, kinds, dtype) for names, kinds in columns]
        return cls(fitted, shape, dtype)

    def __call__(self, rows: Any) -> Tensor:
        """Return the input of all rows: (rows, *shape).

        Args:
            rows: a table or data frame by the names of its columns; or an array,
                tensor or list that has nothing but these columns, in order

        Raises:
            TableError: a column is missing, a cell can't be read, or there are more
                or fewer numbers in a row than the model takes.
        """
        names = [name for columns in self.columns for name in columns.names]
        table = as_table(rows, names)
        found = torch.cat([part(table, self.dtype) for part in self.columns], dim=1)
        return shaped(table, names, found, self.shape)

    def state(self) -> dict[str, Any]:
        """Return what was fitted, as a file keeps it."""
        return {
            "columns": [(part.names, part.chain.state()) for part in self.columns],
            "shape": list(self.shape),
            "dtype": self.dtype,
        }

    @classmethod
    def restore(cls, state: dict[str, Any], *kinds: type) -> Features:
        """Return the features of a state.

        Args:
            kinds: the classes of their steps
        """
        columns = [
            Columns(names, Chain.restore(steps, *kinds))
            for names, steps in state["columns"]
        ]
        return cls(columns, tuple(state["shape"]), state["dtype"])
