"""Checkpoints of processes that train together: each keeps what it alone has."""

import json
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.distributed.tensor import DTensor

from .checkpoints import Checkpoints
from .distributed import SharedLosses, is_first, largest, of_first
from .random_state import RandomState
from .shared_folder import own_name, read_shards, read_together, write_together

OWN = (RandomState, SharedLosses)
"""What has another state in each process."""


class SharedCheckpoints(Checkpoints):
    """Checkpoints that all processes make, and leave with, at the same step.

    The first process writes what all have alike. Of what each has alone, process 1 has
    files such as random-1.safetensors; what is divided is in the folder shards, as
    torch.distributed.checkpoint lays it out.
    """

    def _asked(self) -> signal.Signals | None:
        if self.folder is None:
            return None
        number = largest(self.interruption.asked or 0)
        return signal.Signals(number) if number else None

    def _names(self, kind: str = "checkpoint") -> list[Path]:
        return of_first(super()._names(kind))

    def _has_finished(self) -> bool:
        return of_first(super()._has_finished())

    def _mark(self, *, finished: bool) -> None:
        if is_first():
            super()._mark(finished=finished)

    def _remove(self, paths: Iterable[Path]) -> None:
        if is_first():
            super()._remove(paths)

    def _set_aside(self, damaged: Iterable[Path]) -> None:
        if is_first():
            super()._set_aside(damaged)

    def _write(self, path: Path, said: dict[str, Any]) -> None:
        files: dict[str, bytes] = {}
        shards: dict[str, Tensor] = {}
        for name, tensors in self._packed(said).items():
            divided = [key for key in tensors if isinstance(tensors[key], DTensor)]
            shards |= {f"{name}.{key}": tensors.pop(key) for key in divided}
            if tensors and (is_first() or self._is_own(name)):
                files[f"{self._file(name)}.safetensors"] = self.files.save(tensors)
        if not is_first():
            said = {name: said[name] for name in self.parts if self._is_own(name)}
        files[f"{own_name('state')}.json"] = json.dumps(said, indent=1).encode()
        write_together(path, files, shards)

    def _read(self, path: Path) -> dict[str, bytes]:
        return read_together(path)

    def _said(self, files: Mapping[str, bytes]) -> dict[str, Any]:
        own: dict[str, Any] = json.loads(files.get(f"{own_name('state')}.json", b"{}"))
        return super()._said(files) | own

    def _restore(self, path: Path, files: Mapping[str, bytes]) -> None:
        self.path = path
        super()._restore(path, files)

    def _tensors(self, files: Mapping[str, bytes], name: str) -> dict[str, Tensor]:
        tensors = super()._tensors(files, self._file(name))
        model = self.parts["model"]
        assert not isinstance(model, list)
        weights = model.state_dict().values()
        meshes = [each.device_mesh for each in weights if isinstance(each, DTensor)]
        if meshes:
            tensors |= read_shards(self.path, f"{name}.", meshes[0])
        return tensors

    def _is_own(self, name: str) -> bool:
        return isinstance(self.parts[name], OWN)

    def _file(self, name: str) -> str:
        """Return what the file with the tensors of a part is called."""
        return own_name(name) if self._is_own(name) else name
