"""`[scheduler]` or several -> what each is; numbers may be expressions over epochs and steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...spec.kinds import Integer, Kind
from ...spec.record import Record
from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ...spec.training_tables import SchedulerKeys
from ..elaborate.describe import describe
from ..elaborate.environment import Environment
from ..elaborate.evaluate import Evaluator, Located, Unknown
from ..elaborate.read_argument import read_argument
from ..elaborate.typed import Known
from ..resolve.arguments import ArgumentReader
from ..resolve.bind import Names
from ..resolve.bound import BROKEN
from ..resolve.graph import Argument
from ..resolve.problems import Problems
from .read_table import named_class, read_table, split_keys, tables
from .training_spec import SchedulerTerm

if TYPE_CHECKING:
    from ...spec.schedulers.base import Every, Scheduler

_LAMBDA = re.compile(r"\s*lambda\s+(\w+)\s*:\s*(.+)")
_UNKNOWN_STEPS = 1000
"""Stands for the steps of an epoch where only the data will tell."""
_TRIED = 200
"""So many first values of a function are computed, to see that there are numbers."""


class Lengths(Record):
    """How long training is.

    rows: how many epochs there are, or rows of the log where training counts steps.
    steps_per_epoch: None where the rows of the data are counted at run time.
    total: how many steps there are, where training counts them.
    """

    rows: int
    steps_per_epoch: int | None
    total: int | None = None

    def steps(self, every: Every) -> int | None:
        """How often a scheduler steps, where it is known."""
        if every == "epoch":
            return self.rows
        if self.total is not None:
            return self.total
        return None if self.steps_per_epoch is None else self.rows * self.steps_per_epoch

    def numbers(self) -> dict[str, Known]:
        """What expressions may speak of."""
        each = self.steps_per_epoch or _UNKNOWN_STEPS
        if self.total is not None:
            return {"steps_per_epoch": each, "steps": self.total}
        return {"epochs": self.rows, "steps_per_epoch": each, "steps": self.rows * each}


LONG: Final = Lengths(_UNKNOWN_STEPS, None)
"""Stands for training that nobody knows the length of."""


def read_schedulers(problems: Problems, lengths: Lengths) -> tuple[SchedulerTerm | None, ...]:
    """The schedulers as read; what was wrong is None and has been reported."""
    if "scheduler" not in problems.document.value:
        return ()
    found = tables(problems, "scheduler")
    return tuple(_Reader(path, table, problems, lengths).read() for path, table in found)


class _Reader:
    """Reads one table."""

    def __init__(
        self, path: Path, table: Mapping[str, Any], problems: Problems, lengths: Lengths
    ) -> None:
        self.path = path
        self.table = table
        self.problems = problems
        self.lengths = lengths

    def read(self) -> SchedulerTerm | None:
        before = len(self.problems.found)
        own, written = split_keys(self.table, SchedulerKeys.model_fields)
        found: type[Scheduler] | None = named_class(
            "schedulers", "a scheduler", self.path, self.problems
        )
        if found is None:
            return None
        every = self._every(own.get("every"), found)
        read = {
            key: self._argument(key, value, found, every)
            for key, value in written.items()
            if key in found.model_fields
        }
        values = {
            key: read[key][1] if key in read else value
            for key, value in written.items()
            if key not in read or read[key][0] is not None
        }
        if len(self.problems.found) > before:
            return None
        own_keys = [key for key in SchedulerKeys.model_fields if key != "monitor"]
        keys = ("type", *own_keys, *(["monitor"] if found.takes_measure else []))
        if "monitor" in own and not found.takes_measure:
            values["monitor"] = own["monitor"]
        made = read_table(
            found, values, self.path, self.problems, what=found.__name__, other_keys=keys
        )
        until = self._until(own["until"]) if "until" in own else None
        monitor = self._monitor(own.get("monitor"), found)
        if made is None or len(self.problems.found) > before:
            return None
        formulas = {key: argument for key, (argument, _) in read.items() if argument is not None}
        written_out = {
            key: one
            for key, one in formulas.items()
            if not one.is_plain or _variable(found, key) is not None
        }
        return SchedulerTerm(self.path, made, written_out, every, until, monitor)

    def _every(self, value: object, found: type[Scheduler]) -> Every:
        counts_steps = self.lengths.total is not None
        if value is None:
            # What follows a measure steps when it is measured: once a row of the log.
            return "step" if counts_steps and not found.takes_measure else found.every
        if value == "epoch" and counts_steps and not found.takes_measure:
            self.problems.error(
                "invalid-value", "training counts steps, not epochs", (*self.path, "every")
            )
        elif value != "step" and value != "epoch":
            self.problems.error(
                "invalid-value", 'every must be "step" or "epoch"', (*self.path, "every")
            )
        return "step" if value == "step" else "epoch"

    def _monitor(self, value: object, found: type[Scheduler]) -> str | None:
        if not found.takes_measure:
            return None
        if isinstance(value, str):
            return value
        kept = self.problems.raw(("data", "split", "validation"))
        self.problems.error(
            "missing-key",
            f"{found.__name__} needs monitor: what it follows",
            (*self.path, "monitor") if value is not None else self.path,
            help=f'monitor = "{"validation" if kept else "train"}_loss"',
        )
        return None

    def _until(self, value: object) -> tuple[Argument, int] | None:
        argument, number = self._number("until", value, Integer(1))
        try:
            return argument, int(Integer(1).read(number))
        except ValueError as error:
            if number is not BROKEN:
                self.problems.error("invalid-value", f"until {error}", (*self.path, "until"))
            return None

    def _argument(
        self, key: str, value: object, found: type[Scheduler], every: Every
    ) -> tuple[Argument | None, object]:
        variable = _variable(found, key)
        if variable is None:
            return self._number(key, value, _kind(found, key))
        tried = self._tried(found, every)
        if isinstance(value, str):
            argument = self._function(value, (*self.path, key), variable or every, tried)
            return argument, value
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            items = tuple(
                self._function(item, (*self.path, key, index), variable or every, tried)
                for index, item in enumerate(value)
            )
            return Argument((*self.path, key), items), value
        return Argument((*self.path, key), BROKEN), value

    def _tried(self, found: type[Scheduler], every: Every) -> list[int]:
        """Numbers that torch calls a scheduler's functions with: the first ones and the last."""
        first = found.called_from(self.table)
        last = self.lengths.steps(every)
        if last is None:
            return list(range(first, first + _TRIED))
        return [*range(first, min(first + _TRIED, last + 1)), max(first, last)]

    def _number(self, key: str, value: object, kind: Kind | None) -> tuple[Argument, object]:
        """An argument, and the number that it is."""
        known = self.lengths.numbers()
        reader = ArgumentReader(_names(known), self.problems)
        argument = reader.read(value, (*self.path, key), kind)
        if argument.is_plain:
            return argument, value
        try:
            return argument, _plain(read_argument(argument, _evaluator(known), self.problems))
        except Unknown:
            return argument, BROKEN

    def _function(self, text: str, path: Path, variable: str, tried: Sequence[int]) -> Argument:
        """An expression over `variable`, which gives a number wherever it is tried."""
        known = self.lengths.numbers()
        other = {"epoch": "step", "step": "epoch"}.get(variable)
        if other is not None and re.search(rf"\b{other}\b", text):
            self.problems.error(
                "unknown-name",
                f"this scheduler counts {variable}s, not {other}s",
                path,
                help=f'write {variable}, or every = "{other}"',
            )
            return Argument(path, BROKEN)
        if written := _LAMBDA.fullmatch(text):
            body = re.sub(rf"\b{written[1]}\b", variable, written[2])
            self.problems.error(
                "syntax",
                f"a function is written as its body alone, an expression of {variable}",
                path,
                help=f"write {body}",
            )
            return Argument(path, BROKEN)
        names = _names({variable: 0, **known})
        argument = ArgumentReader(names, self.problems).read(text, path)
        if argument.value == BROKEN:
            return argument
        for number in tried:
            slip = _refused(argument, {variable: number, **known})
            # Python's whole numbers have no end, those of sizes do: floats stand for large ones.
            if slip is not None and _refused(argument, {variable: float(number), **known}):
                said = f"{slip.refusal.message} ({variable} = {number})"
                self.problems.error(slip.refusal.code, said, path, within=slip.at)
                break
        return argument


def _kind(found: type[Scheduler], key: str) -> Kind | None:
    marks = found.model_fields[key].metadata
    return next((mark for mark in marks if isinstance(mark, Kind)), None)


def _variable(found: type[Scheduler], key: str) -> str | None:
    """The variable of an argument that is a function, None of any other."""
    from ...spec.schedulers.base import function_variable

    kind = _kind(found, key)
    return function_variable(kind) if kind is not None else None


def _refused(function: Argument, known: Mapping[str, Known]) -> Located | None:
    """Why a function gives no number there."""
    try:
        result = _evaluator(known).evaluate(function.bound)
    except Located as fault:
        return fault
    if isinstance(result, int | float | Dim) and not isinstance(result, bool):
        return None
    refusal = Refusal(f"this function must give a number, not {describe(result)}")
    return Located(refusal, function.bound.at)


def _names(known: Mapping[str, Known]) -> Names:
    return Names((), dict.fromkeys(known, "model"), (), {})


def _evaluator(known: Mapping[str, Known]) -> Evaluator:
    def absent(*_: object) -> Any:
        raise Unknown

    return Evaluator(Environment({}, {}, known, {}, absent, absent))


def _plain(value: Known) -> object:
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.constant if isinstance(value, Dim) else value
