"""Folders that several processes write together: there as a whole or not at all."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from torch import Tensor, distributed
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.hf_storage import (
    HuggingFaceStorageReader,
    HuggingFaceStorageWriter,
)
from torch.distributed.checkpoint.metadata import TensorStorageMetadata
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import Shard, zeros

from .checkpoint import CheckpointError
from .distributed import is_first, of_all
from .whole_folder import (
    UNFINISHED,
    end_folder,
    read_folder,
    sum_line,
    sync,
    write_files,
)

SHARDS = "shards"
"""The folder with what is divided over processes."""
Result = TypeVar("Result")


def rank() -> int:
    """Return the number of this process."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def own_name(name: str) -> str:
    """Return what this process calls what each has: the first one's is plain."""
    return f"{name}-{rank()}" if rank() else name


def write_together(
    folder: Path, files: Mapping[str, bytes], shards: Mapping[str, Tensor]
) -> None:
    """Write a new folder, which is on the disk once it has its name.

    Args:
        files: those of this process, which no other one writes
        shards: by their names in all processes, tensors that are divided over them

    Raises:
        OSError: one of the processes could not write; nothing is left of the folder.
    """
    aside = folder.with_name(UNFINISHED)
    try:
        _each(lambda: _begin(aside) if is_first() else None)
        sums = _each(lambda: write_files(aside, files))
        sums += _each(lambda: _write_shards(aside, shards))
        lines = {name: line for each in sums for name, line in each.items()}
        _each(lambda: _end(folder, aside, lines) if is_first() else None)
    except OSError:
        if is_first():
            shutil.rmtree(aside, ignore_errors=True)
        raise


def read_together(folder: Path) -> dict[str, bytes]:
    """Return the files that are this process's or the first one's.

    Raises:
        CheckpointError: a process has found that something is not what was written.
    """
    files: dict[str, bytes] = {}
    problem = ""
    try:
        files = read_folder(folder, _is_read)
    except CheckpointError as error:
        problem = str(error)
    for found in of_all(problem):
        if found:
            raise CheckpointError(found)
    return files


def read_shards(folder: Path, prefix: str, mesh: DeviceMesh) -> dict[str, Tensor]:
    """Return what is divided over processes, by what follows a prefix of its name."""
    reader = HuggingFaceStorageReader(str(folder / SHARDS))
    tensors: dict[str, Tensor] = {}
    for name, kept in reader.read_metadata().state_dict_metadata.items():
        if name.startswith(prefix) and isinstance(kept, TensorStorageMetadata):
            tensors[name] = zeros(
                kept.size,
                dtype=kept.properties.dtype,
                device_mesh=mesh,
                placements=[Shard(0)],
            )
    if tensors:
        load(dict(tensors), storage_reader=reader)
    return {name.removeprefix(prefix): tensors[name] for name in tensors}


def _is_read(name: str) -> bool:
    """Return whether a file may hold what this process needs."""
    if name.startswith(f"{SHARDS}/"):
        return name.startswith(_shard())
    numbered = re.search(r"-(\d+)\.", name)
    return numbered is None or int(numbered[1]) == rank()


def _shard() -> str:
    """Return how torch begins the names of the files of this process's shards."""
    return f"{SHARDS}/shard-{rank() + 1:05}-"


def _begin(aside: Path) -> None:
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)


def _write_shards(aside: Path, shards: Mapping[str, Tensor]) -> dict[str, str]:
    """Write this process's shards; return the lines of sums of its files."""
    if not shards:
        return {}
    # safetensors, where torch would pickle otherwise; its files are synchronised.
    writer = HuggingFaceStorageWriter(str(aside / SHARDS), save_distributed=True)
    try:
        save(dict(shards), storage_writer=writer)
    except CheckpointException as error:
        for problem, _ in error.failures.values():
            if isinstance(problem, OSError):
                raise problem from None
        raise
    names = [f"{SHARDS}/{path.name}" for path in (aside / SHARDS).iterdir()]
    own = [name for name in names if name.startswith(_shard())]
    return {name: sum_line(name, (aside / name).read_bytes()) for name in own}


def _end(folder: Path, aside: Path, lines: Mapping[str, str]) -> None:
    if (aside / SHARDS).exists():
        sync(aside / SHARDS)
    end_folder(folder, aside, lines)


def _each(work: Callable[[], Result]) -> list[Result]:
    """Return what all processes come to; raise OSError in all where one does."""
    results: list[Result] = []
    problem = None
    try:
        results.append(work())
    except OSError as error:
        problem = error
    for found in of_all(problem):
        if found is not None:
            raise found
    return [result for held in of_all(results) for result in held]
