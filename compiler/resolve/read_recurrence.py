"""Reads recurrences: entries whose layers run once for each slice of a tensor, or so many times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...spec.model import RecurrenceEntry
from ...spec.names import refused_as_name, refused_as_output, shown
from ...spec.source import Path
from .arguments import ArgumentReader
from .bind import Names
from .bound import Value
from .entry_names import check_attributes, check_clash
from .frame import Frame
from .graph import Argument, Call, Carried, Container, Node, Recurrence
from .problems import Problems

if TYPE_CHECKING:
    from .entries import EntryReader


class RecurrenceReader:
    """Reads one recurrence. entries: reads what stands in it, too."""

    def __init__(self, entries: EntryReader, entry: RecurrenceEntry, path: Path) -> None:
        self.entries = entries
        self.entry = entry
        self.path = path
        self.arguments: ArgumentReader = entries.arguments
        self.names: Names = entries.names
        self.problems: Problems = entries.problems

    def action(self, call: Call) -> Container | None:
        """The recurrence; one that is repeated is the one entry of a repeated container."""
        if self.entry.repeat is None or not call.arguments:
            made = self._read(call, self.path)
            return None if self._conflicts() else made
        place = (*self.path, "scan")
        made = self._read(call, place)
        (name, first), *others = call.arguments
        # Each time scans first what the time before gave.
        taken = (name, first.replace(value=Value(self.path, "input", (0, 0))))
        node = Node(place, (), None, made, Call(call.path, (taken, *others)))
        report_unread_parts(node, self.names, self.problems, is_returned=True)
        return Container((node,))

    def call(self) -> Call:
        """What it scans, by the names of the slices."""
        for key, said in self._conflicts():
            self.problems.error("conflict", said, (*self.path, key), part="key")
        path = (*self.path, "scan")
        scan = self.entry.scan
        scanned = scan if isinstance(scan, dict) else {}
        arguments = (
            (name, self.arguments.read(text, (*path, name))) for name, text in scanned.items()
        )
        return Call(path, tuple(arguments))

    def _conflicts(self) -> list[tuple[str, str]]:
        """The keys that do not go with the others, and why."""
        entry = self.entry
        conflicts: list[tuple[str, str]] = []
        if entry.inputs is not None:
            conflicts.append(("inputs", "a recurrence takes what it scans, and has no inputs"))
        if not entry.call:
            conflicts.append(("call", "a recurrence runs where it stands"))
        if not isinstance(entry.scan, dict):
            what = "there is nothing here that it could pass on: this scans no value"
            conflicts += [
                (key, what) for key in ("when", "repeat") if getattr(entry, key) is not None
            ]
        elif entry.repeat is not None and len(entry.outputs) > 1:
            said = "each time scans what the one before gave: a repeat has one output"
            conflicts.append(("outputs", said))
        return conflicts

    def _read(self, call: Call, path: Path) -> Recurrence:
        """path: of the recurrence's node."""
        entry, names = self.entry, self.names
        times = None
        if not isinstance(entry.scan, dict):
            times = self.arguments.read(entry.scan, (*self.path, "scan"))
        dim = self.arguments.read(entry.dim, (*self.path, "dim"))
        initial = [
            self.arguments.read(text, (*self.path, "carry", name))
            for name, text in entry.carry.items()
        ]
        outer = names.before
        self._declare(call, initial)
        names.repeats += 1
        children = self._layers()
        outputs = self._outputs()
        carried = [self._carried(item, path) for item in initial]
        self.entries.report_unread(children)
        names.repeats -= 1
        del names.frames[-2:]
        names.before = outer
        self._report_unread_slices(call)
        found = tuple(one for one in carried if one is not None)
        return Recurrence(children, False, dim, times, found, outputs)

    def _layers(self) -> tuple[Node, ...]:
        path, layers = (*self.path, "layers"), self.entry.layers
        if self.entry.adds_no_name:
            return self.entries.sequence(layers, path)
        self.names.containers += 1
        check_attributes(layers, path, self.problems)
        children = self.entries.sequence(layers, path)
        self.names.containers -= 1
        return children

    def _declare(self, call: Call, initial: Sequence[Argument]) -> None:
        """Makes the names of slices and of what is carried known."""
        frame = Frame()
        for argument in (*(item for _, item in call.arguments), *initial):
            name = str(argument.path[-1])
            reason = refused_as_name(name)
            count = len(self.problems.found)
            if reason:
                said = f"{shown(name)} can't be a name: {reason}"
                self.problems.error("bad-name", said, argument.path, part="key")
            earlier = frame.values.get(name)
            first = earlier[0].path if earlier else None
            check_clash(name, first, argument.path, self.names, self.problems)
            if len(self.problems.found) > count:
                # What it may have meant is neither unread nor missing.
                self.names.broken.add(argument.path)
            frame.values[name] = (Node(argument.path, (name,), None, Container(()), None), None)
        for node, _ in list(frame.values.values())[:1]:
            self.names.before = Value(node.path, None, (0, 0))
        self.names.frames += [frame, Frame()]

    def _outputs(self) -> tuple[tuple[str, Argument], ...]:
        """What a time gives, by its names; an implicit one has none."""
        path = (*self.path, "outputs")
        if not self.entry.outputs:
            last = self.names.before
            return (("", Argument((*self.path, "layers"), last)),) if last is not None else ()
        found: list[tuple[str, Argument]] = []
        for index, text in enumerate(self.entry.outputs):
            place = path if isinstance(self.problems.raw(path), str) else (*path, index)
            name = text.strip().split(".")[-1]
            said = refused_as_output(text.strip(), {known for known, _ in found})
            if said is None and index and name in self.entry.carry:
                said = f"outside, {name} is the last one that is carried: it can only stack first"
            if said is not None:
                self.problems.error("bad-name", said, place)
                self.arguments.is_lost = True
                continue
            found.append((name, self.arguments.read(text, place)))
        self.names.before = None
        return tuple(found)

    def _carried(self, initial: Argument, path: Path) -> Carried | None:
        """What the next time takes in the place of this time's."""
        name = str(initial.path[-1])
        inside = self.names.frames[-1].values.get(name)
        if inside is None:
            if not self.arguments.is_lost and initial.path not in self.names.broken:
                self.problems.error(
                    "missing-name",
                    f"nothing renews {name}: no entry in here has this name",
                    initial.path,
                    part="key",
                    help=f'name = "{name}" at the entry that gives the next one',
                )
            return None
        node, place = inside
        self.names.read.add(node.path if place is None else (node.path, place))
        at = (0, 0)
        renewed = Argument((*node.path, "name"), Value(node.path, place, at))
        held = Value(initial.path, None, at)
        return Carried(name, initial, renewed, held, Value(path, name, at))

    def _report_unread_slices(self, call: Call) -> None:
        for name, argument in () if self.arguments.is_lost else call.arguments:
            if argument.path not in self.names.read | self.names.broken:
                self.problems.error(
                    "unread-value",
                    f"{name} is never read",
                    argument.path,
                    part="key",
                    help="read it, or leave it out: scan = … may be the number of times",
                )


def report_unread_parts(node: Node, names: Names, problems: Problems, *, is_returned: bool) -> None:
    """Reports what a recurrence carries or stacks and nothing reads.

    is_returned: whether its value is that of its scope.
    """
    action = node.action
    assert isinstance(action, Recurrence)
    for one in action.carried:
        outside = (node.path, one.name or "")
        if one.held.entry not in names.read and outside not in names.read:
            said = f"{one.name} is never read, neither by the next time nor after the last one"
            problems.error("unread-value", said, one.held.entry, part="key", help="leave it out")
    for name, argument in action.outputs[1:]:
        if (node.path, name) not in names.read:
            said = f"the stacked {name} is never read: a recurrence stands for its first output"
            problems.error("unread-value", said, argument.path, help="read it, or leave it out")
    if is_returned or node.path in names.read:
        return
    (name, result), *_ = action.outputs
    last = result.value
    if name or not action.carried:
        place = (*node.path, "outputs") if name else node.path
        problems.error(
            "unread-value",
            "what this recurrence stacks is never read",
            place,
            part="key",
            help="read it, remove it, or leave outputs out and read what is carried, as steps.h",
        )
    elif isinstance(last, Value) and last.entry not in names.read:
        said = "the value of this entry is never read: what the recurrence stacks is not"
        problems.error("unread-value", said, last.entry, help="remove it, or make it an output")
