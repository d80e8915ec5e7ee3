"""Checkpoints: all that a training needs to go on as if it had never stopped."""

import json
import re
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import torch
from torch import Tensor

from .checkpoint import CheckpointError
from .interruption import Interruption
from .library import needed
from .nested import described, packed, unpacked
from .whole_folder import read_folder, remove_folder, rename_file, write_folder

FOLDER = "checkpoints"
STATE = "state.json"
BEST = "best.pt"
TOLD = 3
"""How many differences between two trainings are told."""


class Part(Protocol):
    """What has a state: a model, an optimizer, a place in the data."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state."""

    def load_state_dict(self, state_dict: dict[str, Any], /) -> Any:
        """Go on from a state."""


def has_checkpoint(run: str | Path | None) -> bool:
    """Return whether a run has a checkpoint to go on from."""
    return run is not None and any(_names(Path(run, FOLDER)))


class Checkpoints:
    """The checkpoints of a run, each a folder of its own, and when they are made.

    A folder has the tensors of each part in a safetensors file, everything else in
    state.json, and checksums. It is written under another name first, so that whatever
    happens the older ones stay as they are.

    Used as a context, around the training: SIGINT and SIGTERM wait until a checkpoint
    is made and then leave, and what training comes to is the last checkpoint.
    """

    def __init__(
        self,
        run: str | Path | None,
        parts: Mapping[str, Part | list[Any]],
        options: Mapping[str, Any],
        every: int,
        keep: int = 2,
    ) -> None:
        """
        Args:
            run: a folder; without one no checkpoint is made
            parts: what has a state, or lists of it, in the order in which to restore
            options: what else must be the same to go on
            every: a checkpoint is made whenever so many epochs, or steps, are reached
            keep: how many are kept, beside the best one
        """
        self.folder = None if run is None else Path(run, FOLDER)
        self.parts = parts
        self.every = every
        self.keep = keep
        self.number = 0
        self.best = float("inf")
        self.is_kept = True
        self.interruption = Interruption()
        if self.folder is not None:
            self.made_of = dict(options) | dict(_made_of(parts))
            self.files = needed("safetensors.torch", "safetensors")

    def begin(self, resume: bool) -> None:
        """Go on from the newest checkpoint, or begin with a first one.

        Raises:
            CheckpointError: there is one of another training, or none that is whole; or
                one of a training that did not end, and `resume` is false.
        """
        if self.folder is None:
            if resume:
                raise CheckpointError("only a run with a folder can be resumed")
            return
        names = sorted(self._names(), reverse=True)
        if names and not resume and not self._has_finished():
            raise CheckpointError(
                f"{self.folder} has the checkpoints of a training that did not end:"
                " resume it, or choose another folder for this run"
            )
        if names and resume:
            self._resume(names)
        else:
            if resume:
                _say(f"{self.folder} has no checkpoint: training begins")
            self._remove([*names, *self._names("best"), self.folder.parent / BEST])
            self._save("checkpoint")
        self._mark(finished=False)

    def note(self, value: float) -> bool:
        """Keep the checkpoint with the lowest value apart; return if this is it."""
        if self.folder is None or not value < self.best:
            return False
        self.best = value
        before = self._names("best")
        self._save("best")
        self._remove(before)
        return True

    @contextmanager
    def best_weights(self) -> Iterator[Path]:
        """Give the name of a file that is the run's best.pt once it is written.

        Raises:
            CheckpointError: it could not be written; the one before it is whole.
        """
        assert self.folder is not None
        path = self.folder.parent / BEST
        aside = self.folder / f"{BEST}.unfinished"
        try:
            yield aside
            rename_file(aside, path)
        except (OSError, RuntimeError) as error:  # torch.save has errors of both kinds
            words = f"{path} could not be written ({error})"
            raise CheckpointError(f"{words}: the one before it is whole") from error

    def reached(self, count: int) -> None:
        """Make a checkpoint after so many epochs, or steps, if it is time for one."""
        self.is_kept = False
        if self.folder is not None and count % self.every == 0:
            self._save("checkpoint")
        self._leave_if_asked()

    def pause(self) -> None:
        """Leave with a checkpoint if a signal has asked for it."""
        self.is_kept = False
        self._leave_if_asked()

    def __enter__(self) -> Self:
        if self.folder is not None:
            self.interruption.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self.folder is not None and error is None:
                self._leave_if_asked()
                self._keep_last()
                self._mark(finished=True)
        finally:
            self.interruption.end()

    def _leave_if_asked(self) -> None:
        asked = self._asked()
        if asked is not None:
            self._keep_last()
            _say(f"stopped by {asked.name}: --resume goes on from {self.folder}")
            raise SystemExit(128 + asked)

    def _keep_last(self) -> None:
        if not self.is_kept:
            self._save("checkpoint")

    def _asked(self) -> signal.Signals | None:
        """Return the signal that has asked to leave."""
        return self.interruption.asked

    def _names(self, kind: str = "checkpoint") -> list[Path]:
        assert self.folder is not None
        return _names(self.folder, kind)

    def _has_finished(self) -> bool:
        assert self.folder is not None
        return (self.folder / "finished").exists()

    def _mark(self, *, finished: bool) -> None:
        """Note whether training has come to its end."""
        assert self.folder is not None
        mark = self.folder / "finished"
        if finished:
            mark.touch()
        else:
            mark.unlink(missing_ok=True)

    def _remove(self, paths: Iterable[Path]) -> None:
        for path in paths:
            if path.is_dir():
                remove_folder(path)
            else:
                path.unlink(missing_ok=True)

    def _save(self, kind: str) -> None:
        """Write a checkpoint; of the older ones keep some."""
        assert self.folder is not None
        number = self.number + 1
        path = self.folder / f"{kind}-{number:06}"
        self._remove([path])  # made after the checkpoint from which the run went on
        said: dict[str, Any] = {"made_of": self.made_of}
        said["checkpoints"] = {"number": number, "best": self.best}
        try:
            self._write(path, said)
        except OSError as error:
            words = f"{path} could not be written ({error.strerror})"
            raise CheckpointError(f"{words}: those before it are whole") from error
        self.number = number
        if kind == "checkpoint":
            self.is_kept = True
            self._remove(sorted(self._names())[: -self.keep])

    def _write(self, path: Path, said: dict[str, Any]) -> None:
        """Write what is said and the states of all parts."""
        tensors = self._packed(said)
        files = {
            f"{name}.safetensors": self.files.save(tensors[name]) for name in tensors
        }
        files[STATE] = json.dumps(said, indent=1).encode()
        write_folder(path, files)

    def _packed(self, said: dict[str, Any]) -> dict[str, dict[str, Tensor]]:
        """Say what states the parts have; return the tensors of those with any."""
        found: dict[str, dict[str, Tensor]] = {}
        for name, part in self.parts.items():
            tensors: dict[str, Tensor] = {}
            said[name] = packed(_state(part), tensors)
            if tensors:
                found[name] = tensors
        return found

    def _resume(self, names: list[Path]) -> None:
        """Go on from the newest checkpoint that is whole."""
        for path in names:
            try:
                files = self._read(path)
            except CheckpointError as error:
                _say(str(error))
                continue
            self._restore(path, files)
            # What is damaged stays for who wants to look at it, under another name.
            self._set_aside(names[: names.index(path)])
            _say(f"going on from {path}")
            return
        raise CheckpointError(f"no checkpoint in {self.folder} is whole")

    def _read(self, path: Path) -> dict[str, bytes]:
        return read_folder(path)

    def _set_aside(self, damaged: Iterable[Path]) -> None:
        for path in damaged:
            path.rename(path.with_name(f"damaged-{path.name}"))

    def _restore(self, path: Path, files: Mapping[str, bytes]) -> None:
        said = self._said(files)
        different = list(_differences(said["made_of"], self.made_of))
        if different:
            told = "; ".join(different[:TOLD])
            more = len(different) - TOLD
            told += f"; and {more} more" if more > 0 else ""
            raise CheckpointError(f"{path} is of another training: {told}")
        self.number = said["checkpoints"]["number"]
        self.best = said["checkpoints"]["best"]
        for name, part in self.parts.items():
            _load(part, unpacked(said[name], self._tensors(files, name)))

    def _said(self, files: Mapping[str, bytes]) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(files[STATE])
        return said

    def _tensors(self, files: Mapping[str, bytes], name: str) -> dict[str, Tensor]:
        """Return the tensors of a part."""
        content = files.get(f"{name}.safetensors")
        return self.files.load(content) if content is not None else {}


def _names(folder: Path, kind: str = "checkpoint") -> list[Path]:
    paths = folder.glob(f"{kind}-*")
    return [path for path in paths if re.fullmatch(rf"{kind}-\d{{6,}}", path.name)]


def _state(part: Part | list[Any]) -> Any:
    if isinstance(part, list):
        return [each.state_dict() for each in part]
    return part.state_dict()


def _load(part: Part | list[Any], state: Any) -> None:
    if isinstance(part, list):
        for each, own in zip(part, state, strict=True):
            _load(each, own)
        return
    part.load_state_dict(state)
    if isinstance(part, torch.optim.Optimizer):
        # torch gives what it loads the type of the weights, whatever it had before.
        weights = [w for group in part.param_groups for w in group["params"]]
        for index, values in state["state"].items():
            loaded = part.state[weights[index]]
            for name, value in values.items():
                if isinstance(value, Tensor):
                    loaded[name] = value.to(loaded[name].device)


def _made_of(parts: Mapping[str, Part | list[Any]]) -> Iterator[tuple[str, Any]]:
    """What parts are and hold before training, which is to be the same to go on."""
    for name, part in parts.items():
        listed = part if isinstance(part, list) else [part]
        yield name, " and ".join(type(each).__name__ for each in listed)
        yield from described(_state(part), name)


def _differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    """What differs between two trainings, in words."""
    same = json.loads(json.dumps(dict(here)))
    for name in {**there, **same}:
        if name not in same:
            yield f"{name} is there, and not here"
        elif name not in there:
            yield f"{name} is here, and not there"
        elif json.dumps(there[name]) != json.dumps(same[name]):
            yield f"{name} is {there[name]} there and {same[name]} here"


def _say(text: str) -> None:
    print(f"\n{text}" if sys.stderr.isatty() else text, file=sys.stderr)
