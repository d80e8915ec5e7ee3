"""What a function of one's own returns, as a table."""

from collections.abc import Mapping
from typing import Any

from .kinds import column_of
from .table import Table, TableError, make_table


def own_table(name: str, rows: Any) -> Table:
    """Return rows by the names of their columns.

    Args:
        name: what messages call the table
        rows: a data frame, or a mapping from names to lists, arrays or tensors

    Raises:
        TableError: they are something else, there are none, or columns differ.
    """
    if not isinstance(rows, Mapping) and not hasattr(rows, "columns"):
        said = f"expected columns by their names, not {type(rows).__name__}"
        raise TableError(f"{name}: {said}")
    return make_table(name, {str(key): column_of(rows[key]) for key in rows})
