"""Reads the entries of `layers`: their types, their arguments, what they are called with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...spec.model import (
    MAX_LOOPS,
    Block,
    BrokenEntry,
    CallEntry,
    ContainerEntry,
    Entry,
    ExpressionEntry,
    ModuleEntry,
    RecurrenceEntry,
    TensorEntry,
)
from ...spec.source import Path
from .arguments import ArgumentReader
from .bind import Names
from .bound import BROKEN, Bound, Input, Value
from .entry_names import (
    attributes,
    check_attributes,
    checked_names,
    entry_names,
    meant_names,
    owned_entries,
)
from .frame import Frame
from .graph import (
    Action,
    Argument,
    BlockUse,
    Call,
    Container,
    Formula,
    ModuleUse,
    Node,
    Parametrized,
    Recurrence,
)
from .problems import Problems
from .read_module import ModuleReader
from .read_template import read_template
from .unsupported import refuse_unsupported


class EntryReader:
    """Reads entries in one scope."""

    def __init__(
        self,
        names: Names,
        arguments: ArgumentReader,
        problems: Problems,
        blocks: Mapping[str, Block],
    ) -> None:
        self.names = names
        self.arguments = arguments
        self.problems = problems
        self.blocks = blocks
        self.modules = ModuleReader(names, arguments, problems, blocks)
        self.is_numbered = False
        # Of the entries of the class, by identity; in containers, names alone are attributes.
        self.attributes: Mapping[int, str | None] = {}
        # What each container passes on, by its path.
        self.last: dict[Path, Bound | None] = {}

    def scope(
        self, entries: Sequence[Entry], path: Path, first: str | None, *, numbered: bool = False
    ) -> tuple[Node, ...]:
        """The entries of the model or a block.

        first: the input that the first one takes.
        numbered: whether unnamed entries are numbered, as those of containers.
        """
        self._first_input(first)
        self.is_numbered = numbered
        check_attributes(entries, path, self.problems)
        owned = [] if numbered else [entry for entry, _ in owned_entries(entries, path)]
        self.attributes = dict(
            zip(map(id, owned), attributes(owned, self.names.params), strict=True)
        )
        return self.sequence(entries, path)

    def _first_input(self, name: str | None) -> None:
        self.names.before = Input(name, (0, 0)) if name else None

    def sequence(self, entries: Sequence[Entry], path: Path) -> tuple[Node, ...]:
        """Entries in order, each seeing those before it."""
        later = {
            name: (*path, index)
            for index, entry in enumerate(entries)
            for name in entry_names(entry)
        }
        outer = self.names.later
        self.names.later = {**outer, **later}
        nodes = []
        for index, entry in enumerate(entries):
            own = entry.name if isinstance(entry.name, str) else None
            node = self._entry(entry, (*path, index), self.attributes.get(id(entry), own))
            if node is not None:
                nodes.append(node)
                self._declare(node)
        self.names.later = outer
        return tuple(nodes)

    def _entry(self, entry: Entry, path: Path, attribute: str | None) -> Node | None:
        names = checked_names(entry, path, self.names, self.problems)
        if isinstance(entry, BrokenEntry):
            self._overlook(entry, names, path)
            return None
        refuse_unsupported(entry, path, self.problems)
        when = self._formula(entry.when, (*path, "when"))
        repeat = None
        shared = recompute = False
        if isinstance(entry, CallEntry):
            recompute = entry.recompute
            repeat = self._formula(entry.repeat, (*path, "repeat"))
            shared = entry.shared
        # Inputs are read once, before the first time.
        call = self._call(entry, path)
        self.names.repeats += repeat is not None
        is_repeat = repeat is not None and not shared
        template = read_template(entry, path, is_repeat, self.arguments, self.problems)
        action, parametrized = self._repeated(entry, call, path)
        self.names.repeats -= repeat is not None
        if call is not None and isinstance(action, ModuleUse | BlockUse):
            call = self._in_order(call, action)
        elif call is not None and repeat is not None and isinstance(entry, RecurrenceEntry):
            # A repeat takes what its first time scans first.
            call = Call(call.path, tuple((None, item) for _, item in call.arguments[:1]))
        if action is None or self._is_uncalled_block(entry, action, path):
            # Its consumers keep quiet: they see a node whose type is unknown.
            self._forget(names or meant_names(self.problems.raw(path)), path)
            return None
        held = None if isinstance(action, Formula) else attribute
        node = Node(path, names, held, action, call, when, repeat, shared, parametrized, recompute)
        node = node.replace(template=template, renamed_from=self._renamed_from(entry, path))
        self._check_container(node)
        return node

    def _renamed_from(self, entry: Entry, path: Path) -> tuple[str, ...]:
        if not isinstance(entry, CallEntry | TensorEntry) or not entry.renamed_from:
            return ()
        # Imported where a spec has such an entry: most have none.
        from .read_renamed import read_renamed

        return read_renamed(entry, path, self.problems)

    def _repeated(
        self, entry: Entry, call: Call | None, path: Path
    ) -> tuple[Action | None, tuple[Parametrized, ...]]:
        """What an entry does each time."""
        is_recurrence = isinstance(entry, RecurrenceEntry)
        own = is_recurrence + (isinstance(entry, CallEntry) and entry.repeat is not None)
        depth = self.names.repeats + is_recurrence
        if depth - own <= MAX_LOOPS < depth:
            said = f"at most {MAX_LOOPS} repeats and recurrences may stand within each other"
            self.problems.error("too-deep", said, path)
        if isinstance(entry, RecurrenceEntry) and call is not None:
            # Imported where a spec has such an entry: most have none.
            from .read_recurrence import RecurrenceReader

            action: Action | None = RecurrenceReader(self, entry, path).action(call)
        else:
            action = self._action(entry, path)
        if not isinstance(entry, CallEntry) or entry.parametrize is None:
            return action, ()
        # Imported where a spec has such an entry: most have none.
        from .read_parametrize import read_parametrize

        place, section = (*path, "parametrize"), entry.parametrize
        found = read_parametrize(section, place, action, self.arguments, self.problems)
        return action, found

    def _is_uncalled_block(self, entry: Entry, action: Action, path: Path) -> bool:
        """Whether a block is only declared within a repeat, which is reported."""
        uncalled = isinstance(entry, CallEntry) and not entry.call
        repeats = isinstance(entry, CallEntry) and (self.names.repeats or entry.repeat is not None)
        if not (uncalled and repeats and isinstance(action, BlockUse)):
            return False
        self.problems.error(
            "not-supported",
            "a block in a repeat is called where it stands: its first call makes its sizes",
            (*path, "call"),
            part="key",
        )
        return True

    def _check_container(self, node: Node) -> None:
        """Reports what a container can't be."""
        if not isinstance(node.action, Container) or isinstance(node.action, Recurrence):
            return
        inside = self.names.containers > 0 or self.is_numbered
        if not inside and node.attribute is None:
            self.problems.error(
                "missing-name",
                "a container in a model or block needs a name: its layers' names begin with it",
                node.path,
                help='name = "…"',
            )
        if node.repeat is not None and node.action.last is None:
            said = "no entry of this container gives a value for the next time to take"
            self.problems.error("no-value", said, (*node.path, "repeat"), part="key")
        if node.call is not None and [key for key, _ in node.call.arguments] != [None]:
            self.problems.error("wrong-arguments", "a container takes one value", node.call.path)

    def _overlook(self, entry: BrokenEntry, names: Sequence[str], path: Path) -> None:
        """Takes what an entry speaks of for read, whatever it is."""
        self.arguments.overlook(entry.written)
        if self.names.before is not None:
            self.names.mark_read(self.names.before)
        written = entry.written if isinstance(entry.written, dict) else {"type": entry.written}
        self.modules.meant_blocks |= {text for text in written.values() if isinstance(text, str)}
        self._forget(names, path)

    def _forget(self, names: Sequence[str], path: Path) -> None:
        self.names.before = Value(path, None, (0, 0))
        self.names.broken.add(path)
        broken = Node(path, tuple(names), None, Container(()), None)
        for name in names:
            self.names.frames[-1].values[name] = (broken, None)
        self.names.read.add(path)

    def _formula(self, value: object, path: Path) -> Argument | None:
        return None if value is None else self.arguments.read(value, path)

    def _declare(self, node: Node) -> None:
        """Makes a node's names known, and its value the value before."""
        values = self.names.frames[-1].values
        for index, name in enumerate(node.names):
            values[name] = (node, index if len(node.names) > 1 else None)
        if node.call is not None or isinstance(node.action, Formula):
            self.names.before = Value(node.path, None, (0, 0))

    def _call(self, entry: Entry, path: Path) -> Call | None:
        if not isinstance(entry, CallEntry):
            return None
        if isinstance(entry, RecurrenceEntry):
            from .read_recurrence import RecurrenceReader

            return RecurrenceReader(self, entry, path).call()
        if not entry.call:
            if entry.inputs is not None:
                self.problems.error(
                    "conflict", "call = false takes no inputs", (*path, "inputs"), part="key"
                )
            return None
        place = (*path, "inputs")
        if entry.inputs is None:
            before = self.names.before
            if before is None:
                self.problems.error("missing-input", "there is no value to call it with", path)
                return Call(place, ())
            # A container reads it only if an entry inside does.
            if not isinstance(entry, ContainerEntry):
                self.names.mark_read(before)
            return Call(place, ((None, Argument(path, before)),))
        written: list[tuple[str | None, object, Path]] = [(None, entry.inputs, place)]
        if isinstance(entry.inputs, dict):
            written = [(name, value, (*place, name)) for name, value in entry.inputs.items()]
        elif isinstance(entry.inputs, list):
            written = [(None, value, (*place, i)) for i, value in enumerate(entry.inputs)]
        return Call(place, tuple((name, self._input(value, at)) for name, value, at in written))

    def _input(self, value: object, path: Path) -> Argument:
        if isinstance(value, list):
            self.problems.error(
                "wrong-type", "an input is an expression in a string, this is a list", path
            )
            return Argument(path, BROKEN)
        return self.arguments.read(value, path)

    def _in_order(self, call: Call, action: ModuleUse | BlockUse) -> Call:
        """A call whose named arguments stand in the order of what is called."""
        if isinstance(action, BlockUse):
            names = tuple(self.blocks[action.block].inputs)
        else:
            names = tuple(name.rstrip("?") for name in action.layer.forward_inputs)
        places = {name: place for place, name in enumerate(names)}
        arguments = sorted(call.arguments, key=lambda item: places.get(item[0] or "", 0))
        return Call(call.path, tuple(arguments))

    def _action(self, entry: Entry, path: Path) -> Action | None:
        match entry:
            case ModuleEntry():
                return self.modules.action(entry, path)
            case ExpressionEntry():
                return Formula(self.arguments.read(entry.expr, (*path, "expr")))
            case ContainerEntry():
                return self._container(entry, path)
            case TensorEntry():
                # Imported where a spec has such an entry: most have none.
                from .read_tensor import read_tensor

                return read_tensor(
                    entry, path, len(self.names.frames) > 1, self.arguments, self.problems
                )
        raise TypeError(type(entry).__name__)

    def _container(self, entry: ContainerEntry, path: Path) -> Container:
        self.names.frames.append(Frame())
        self.names.containers += 1
        check_attributes(entry.layers, (*path, "layers"), self.problems)
        before = self.names.before
        # Each time of a repeat takes what the time before it gave.
        has_own = isinstance(entry.inputs, str) or entry.repeat is not None
        if has_own:
            self.names.before = Value(path, "input", (0, 0))
        taken = self.names.before
        children = self.sequence(entry.layers, (*path, "layers"))
        self.last[path] = self.names.before
        if self.names.before == taken and taken is not None:
            self.names.mark_read(taken)
        if has_own:
            self._report_unread_input(entry, path, before)
        self.names.containers -= 1
        self.names.frames.pop()
        self.names.before = before
        return Container(children)

    def _report_unread_input(self, entry: ContainerEntry, path: Path, before: Bound | None) -> None:
        """Reports what a container is given, or takes from the time before, and never reads."""
        if (path, "input") in self.names.read:
            if entry.inputs is None and before is not None:
                self.names.mark_read(before)
        elif not self.arguments.is_lost:
            key = "inputs" if isinstance(entry.inputs, str) else "repeat"
            self.problems.error(
                "unread-value",
                "no entry of this container reads the value that it takes",
                (*path, key),
                help="its first entry takes that value where it has no inputs of its own",
            )

    def report_unread(self, nodes: Sequence[Node]) -> None:
        """Reports the values of a scope that nothing reads. The last one is what it returns."""
        if not self.arguments.is_lost:
            self._report_unread(nodes, self.names.before)

    def _report_unread(self, nodes: Sequence[Node], last: Bound | None) -> None:
        """Those of a scope, and in the containers among them: what comes later may look inside."""
        for node in nodes:
            if node.path in self.last and isinstance(node.action, Container):
                self._report_unread(node.action.children, self.last[node.path])
            is_last = isinstance(last, Value) and last.entry == node.path
            if isinstance(node.action, Recurrence) and not _kept(self.problems.raw(node.path)):
                from .read_recurrence import report_unread_parts

                report_unread_parts(node, self.names, self.problems, is_returned=is_last)
                continue
            if is_last:
                continue
            if node.path in self.names.read or _kept(self.problems.raw(node.path)):
                continue
            unread = [n for i, n in enumerate(node.names) if (node.path, i) not in self.names.read]
            if node.names and not unread:
                continue
            what = " and ".join(unread) or "the value of this entry"
            self.problems.error(
                "unread-value",
                f"{what} is never read",
                node.path if not node.names else (*node.path, "name"),
                help="read it, make it an output, remove it, or say keep = true",
            )


def _kept(raw: object) -> bool:
    # What else is said there has been reported, and was meant for true.
    return isinstance(raw, dict) and raw.get("keep", False) is not False
