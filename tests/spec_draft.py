"""Draws the entries of one scope, each tried with the interpreter at several sizes.

An entry is kept if torch runs it in every lane. What is drawn is therefore sound so far as the
lanes show: what holds at their sizes alone, `check` refuses.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import torch
from reference_interpreter import Holder, Interpreter
from reference_names import Frame
from spec_words import NAMES, BlockPlan, Entry, reads
from torch import Tensor

T = TypeVar("T")
LARGEST = 6000


@dataclass
class Lane:
    """One run of what is drawn. Lanes that share an interpreter and a holder share weights."""

    interpreter: Interpreter
    holder: Holder
    frame: Frame
    before: Any

    def inner(self, holder: Holder) -> Lane:
        """A scope of names within."""
        return Lane(self.interpreter, holder, self.frame.child(), self.before)


@dataclass
class Setting:
    """What all scopes of a model or block share.

    numbers: names of whole numbers that are known at build. flags: of conditions.
    modules: of params that are modules. is_chain: whether there are modules in a row alone.
    """

    random: Random
    blocks: Sequence[BlockPlan]
    taken: set[str]
    numbers: list[str]
    flags: list[str]
    modules: list[str] = field(default_factory=list)
    is_chain: bool = False
    tried: int = 0
    kinds: list[str] = field(default_factory=list)

    def pick(self, items: Sequence[T]) -> T:
        """One of some."""
        return self.random.choice(items)

    def chance(self, percent: int) -> bool:
        """Whether something happens that does in so many of 100 cases."""
        return self.random.random() * 100 < percent

    def fresh(self) -> str:
        """A name that is not taken."""
        wish = self.pick(NAMES)
        name = next(
            n for n in (wish, *(f"{wish}_{i}" for i in range(2, 999))) if n not in self.taken
        )
        self.taken.add(name)
        return name


class Draft:
    """The entries of a scope so far, and the values that they have in each lane."""

    def __init__(self, setting: Setting, lanes: list[Lane], names: Sequence[str], depth: int = 0):
        """names: of the tensors that can be read from the start."""
        self.setting = setting
        self.lanes = lanes
        self.depth = depth
        self.entries: list[Entry] = []
        self.names = list(names)
        self.inputs: list[str] = []
        self.own: list[str] = []
        self.inside: list[str] = []
        self.callees: list[str] = []
        self.pick, self.chance, self.fresh = setting.pick, setting.chance, setting.fresh

    @property
    def current(self) -> Tensor:
        """The value before, in the first lane."""
        return self.lanes[0].before  # type: ignore[no-any-return]

    def shapes(self, name: str) -> list[tuple[int, ...]]:
        """The shapes of a named value in all lanes."""
        return [
            tuple((lane.before if name == "_" else lane.frame.values[name]).shape)
            for lane in self.lanes
        ]

    def alike(self, name: str) -> list[str]:
        """The values of the shapes and the element type of another one."""
        shapes, dtype = self.shapes(name), self.value_of(name).dtype
        return [
            other
            for other in self.names
            if self.shapes(other) == shapes and self.value_of(other).dtype == dtype
        ]

    def value_of(self, name: str) -> Tensor:
        """A named tensor in the first lane."""
        lane = self.lanes[0]
        return lane.before if name == "_" else lane.frame.values[name]  # type: ignore[no-any-return]

    def some(self, test: Callable[[Tensor], bool] = lambda _: True) -> str:
        """A value to go on from: mostly the current one, and else any that passes a test."""
        if self.setting.is_chain or (self.chance(70) and test(self.current)):
            return "_"
        able = [name for name in self.names if test(self.value_of(name))]
        return self.pick(able) if able else "_"

    def number(self, value: int) -> Any:
        """A whole number, perhaps by an expression over names that are known at build."""
        if not self.setting.numbers or self.chance(65):
            return value
        name = self.pick(self.setting.numbers)
        known = {lane.interpreter.number(name, lane.frame) for lane in self.lanes}
        if len(known) > 1:
            return name
        (own,) = known
        if own == value:
            return name
        return f"{value // own} * {name}" if own and value % own == 0 else f"{name} + {value - own}"

    def add(self, entry: Entry, *, follows: bool = True) -> bool:
        """Appends an entry if torch runs it. follows: whether its value becomes the one before."""
        self.setting.tried += 1
        attribute = f"#{self.setting.tried}"
        values = []
        for lane in self.lanes:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    values.append(
                        lane.interpreter.entry(
                            entry, attribute, lane.holder, lane.frame, lane.before
                        )
                    )
            except Exception:
                return False
        if entry.get("call", True) and not all(map(_is_plain, values)):
            return False
        self.entries.append(entry)
        if follows:
            for lane, value in zip(self.lanes, values, strict=True):
                lane.before = value
        self._bind(entry)
        return True

    def _bind(self, entry: Entry) -> None:
        given = entry.get("name")
        if entry.get("call", True):
            if isinstance(given, str) and "{" in given:
                return
            for name in given if isinstance(given, list) else [given] if given else []:
                if _is_plain(self.lanes[0].frame.values[name]):
                    self.names.append(name)
                self.own.append(name)

    def follow(self, entry: Entry, source: str = "_") -> bool:
        """A module, block or container that takes one value."""
        entry = {"name": self.fresh(), **entry}
        if source != "_":
            entry["inputs"] = source
        return self.add(entry)

    def expression(self, text: str) -> bool:
        """An expression."""
        return self.add({"name": self.fresh(), "expr": text})

    def child(self) -> Draft:
        """The draft of a container's entries."""
        holders: dict[int, Holder] = {}
        lanes = [lane.inner(holders.setdefault(id(lane.holder), Holder())) for lane in self.lanes]
        made = Draft(self.setting, lanes, self.names, self.depth + 1)
        made.callees = list(self.callees)
        return made

    def unread(self) -> list[str]:
        """The names that nothing reads, not even the entry behind; the last value's aside."""
        read = reads(self.entries)
        found = [
            name
            for place, name in enumerate(self.inputs)
            if name not in read and (place > 0 or not self._is_read_behind(-1))
        ]
        for place, entry in enumerate(self.entries):
            given = entry.get("name", [])
            given = given if isinstance(given, list) else [given]
            if len(given) == 1 and (not read.isdisjoint(given) or self._is_read_behind(place)):
                continue
            found += [name for name in given if name not in read and name in self.own]
        return found

    def _is_read_behind(self, place: int) -> bool:
        if place >= 0 and self.entries[place].get("type") in ("Parameter", "Buffer"):
            return False
        for entry in self.entries[place + 1 :]:
            if entry.get("type") in ("Parameter", "Buffer") or not entry.get("call", True):
                continue
            return _reads_before(entry)
        return True

    def reads_before(self) -> bool:
        """Whether an entry reads the value that the scope begins with."""
        return self._is_read_behind(-1)

    def read_all(self) -> None:
        """Reads every value that nothing has read."""
        templates = [i for i, one in enumerate(self.entries) if "{" in str(one.get("name"))]
        if not all(map(self._is_read_behind, templates)):
            raise Unusable
        for _ in range(60):
            unread = self.unread()
            if not unread:
                return
            name = unread[0]
            value = self.lanes[0].frame.values[name]
            if not isinstance(value, Tensor) or not self.expression(f"_ + {scalar(name, value)}"):
                break
        raise Unusable


def _reads_before(entry: Any) -> bool:
    """Whether an entry reads the value before."""
    if isinstance(entry, str):
        return True
    if "scan" in entry:
        scan = entry["scan"]
        heads = [*(scan.values() if isinstance(scan, dict) else []), *entry["carry"].values()]
        return "_" in reads(heads)
    if "inputs" in entry or "expr" in entry:
        return "_" in reads([entry.get("inputs", []), entry.get("expr", [])])
    called = [one for one in entry.get("layers", []) if isinstance(one, str) or "call" not in one]
    return not called or _reads_before(called[0])


class Unusable(Exception):
    """A draft that cannot be finished."""


def scalar(name: str, value: Tensor) -> str:
    """An expression of one number that reads a value."""
    if value.is_complex():
        return f"{name}.abs().mean()"
    if value.is_floating_point():
        return f"{name}.mean()"
    return f"{name}.sum()" if value.dtype != torch.bool else f"{name}.any()"


def _is_plain(value: Any) -> bool:
    """Whether a value is a tensor of moderate size and numbers."""
    if not isinstance(value, Tensor) or not 0 < value.numel() <= LARGEST or value.dim() > 5:
        return False
    if value.is_complex():
        value = torch.view_as_real(value.resolve_conj())
    return not value.is_floating_point() or bool(
        value.isfinite().all() and value.abs().max() <= 1e4
    )
