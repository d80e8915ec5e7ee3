"""Read the tensors of a safetensors file."""

from pathlib import Path

from torch import Tensor

from .library import needed
from .table import Table, TableError, make_table


def read_safetensors(path: str | Path) -> Table:
    """Return the tensors of a file by their names, with something for each row.

    Raises:
        LibraryError: safetensors is not installed.
        TableError: it is no such file, or the tensors have no or different rows.
    """
    safetensors = needed("safetensors", "safetensors")
    torch_files = needed("safetensors.torch", "safetensors")
    try:
        tensors: dict[str, Tensor] = torch_files.load_file(path)
    except safetensors.SafetensorError as error:
        raise TableError(f"{path} is no safetensors file: {error}") from error
    for key, tensor in tensors.items():
        if not tensor.ndim:
            raise TableError(f"{path}: {key} has no rows, it is a single number")
    return make_table(str(path), tensors)
