"""Read arrays that NumPy has written; files of one array stay on the disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from .library import needed
from .table import Column, Table, TableError, make_table


def read_numpy(path: str | Path) -> Table:
    """Return the arrays of an .npz file by their names, or that of an .npy file.

    The array of an .npy file is called as the file is, and read where it is used.

    Raises:
        LibraryError: NumPy is not installed.
        TableError: it is no such file, or the arrays have no or different rows.
    """
    numpy = needed("numpy", "numpy")
    try:
        # Mapped, and changed in memory alone: torch takes no array that is read-only.
        found = numpy.load(path, mmap_mode="c")
        arrays: Mapping[str, Any] = (
            {key: found[key] for key in found}
            if hasattr(found, "files")
            else {Path(path).stem: found}
        )
    except (ValueError, EOFError) as error:
        raise TableError(f"{path} does not hold arrays of numbers: {error}") from error
    columns = {
        key: array_column(str(path), key, array) for key, array in arrays.items()
    }
    return make_table(str(path), columns)


def array_column(name: str, key: str, array: Any) -> Column:
    """Return an array with something for each row: a tensor, or a list of texts."""
    if array.ndim == 0:
        raise TableError(f"{name}: {key} has no rows, it is a single number")
    if array.dtype.kind in "US":
        return array.tolist()  # type: ignore[no-any-return]
    try:
        return torch.from_numpy(array)
    except TypeError as error:
        raise TableError(f"{name}: {key} is no array of numbers: {error}") from error
