"""Read the rows of a Parquet file."""

from pathlib import Path
from typing import Any

from .library import needed
from .table import Table, TableError, make_table


def read_parquet(path: str | Path) -> Table:
    """Return the columns of a Parquet file by their names.

    Raises:
        LibraryError: pyarrow is not installed.
        TableError: it is no Parquet file, there are no rows, or a name stands twice.
    """
    parquet = needed("pyarrow.parquet", "parquet")
    try:
        # Only a file: a folder or an address would be something else.
        with Path(path).open("rb") as file:
            found = parquet.ParquetFile(file).read()
    except ValueError as error:
        raise TableError(f"{path} is no Parquet file: {error}") from error
    return arrow_table(str(path), found)


def arrow_table(name: str, found: Any) -> Table:
    """Return what pyarrow has read as a table."""
    names = found.column_names
    for column in names:
        if names.count(column) > 1:
            raise TableError(f"{name}: two columns are called {column}")
    columns = zip(names, found.itercolumns(), strict=True)
    return make_table(name, {key: arrow_column(cells) for key, cells in columns})


def arrow_column(cells: Any) -> Any:
    """Return a column of pyarrow: a tensor if it holds numbers and nothing is empty."""
    import torch

    kind = str(cells.type)
    if cells.null_count or not kind.startswith(("int", "uint", "float", "double")):
        return cells.to_pylist()
    return torch.from_numpy(cells.to_numpy().copy())
