"""Read the rows of a data set that the library datasets has saved."""

from pathlib import Path

from .library import needed
from .parquet_table import arrow_table
from .table import Table, TableError


def read_huggingface(path: str | Path) -> Table:
    """Return the columns of a data set by their names.

    Raises:
        LibraryError: datasets is not installed.
        TableError: it is no folder of a data set, or one of several parts.
    """
    datasets = needed("datasets", "huggingface")
    try:
        found = datasets.load_from_disk(str(path))
    except (OSError, ValueError) as error:
        raise TableError(f"{path} is no folder of a data set: {error}") from error
    if isinstance(found, dict):
        parts = ", ".join(found)
        raise TableError(f"{path} has parts: {parts}; each is a folder in it")
    return arrow_table(str(path), found.data.table.combine_chunks())
