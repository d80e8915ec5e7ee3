"""Reads entries whose classes stand in files of one's own: arguments, and declared shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...spec import registry
from ...spec.diagnostic import Span
from ...spec.kinds import Kind
from ...spec.model import ModuleEntry
from ...spec.names import refused_as_name, shown
from ...spec.own_layer import OwnLayer, Text, argument_kind, input_kind, own_layer
from ...spec.refusal import Refusal
from ...spec.source import OwnFile, Path
from ...spec.source.python import PythonClass, PythonError, Signature, check_alone, find_class
from .arguments import ArgumentReader
from .bind import Names
from .graph import Argument, ModuleUse, OwnClass
from .problems import Problems
from .read_shapes import INPUT, OUTPUT, ShapeReader

_KEYS: Final = (*ModuleEntry.model_fields, INPUT, OUTPUT)
"""The keys of an entry that no argument of a constructor can have."""


class OwnReader:
    """Reads such entries in one scope."""

    def __init__(self, names: Names, arguments: ArgumentReader, problems: Problems) -> None:
        self.names = names
        self.arguments = arguments
        self.problems = problems

    def use(self, entry: ModuleEntry, path: Path, place: Path) -> ModuleUse | None:
        """The module that an entry uses; None after reporting why there is none.

        place: where its type is written.
        """
        given = entry.model_extra or {}
        before = len(self.problems.found)
        found = self._class(entry.type, place)
        if found is None:
            self.arguments.overlook(list(given.values()))
            return None
        file, kind = found
        reading = _Reading(self, file, kind, path)
        arguments = reading.arguments(given)
        made = reading.layer(entry, given, arguments)
        if len(self.problems.found) > before or made is None:
            return None
        layer, own = made
        return ModuleUse(layer, arguments, path, own=own)

    def _class(self, type: str, place: Path) -> tuple[OwnFile, PythonClass] | None:
        """The file and the class that a type names, looked at without running anything."""
        file = self.problems.document.files.get(place)
        try:
            if file is None:
                raise Refusal("a file of one's own can't be named here", code="not-supported")
            if isinstance(file, Refusal):
                raise file
            name = type.rpartition(":")[2]
            refused = refused_as_name(name)
            if refused is not None:
                raise Refusal(f"{shown(name)} can't be the class of a layer: {refused}")
            text = self.problems.document.texts[file.name]
            check_alone(text)
            return file, find_class(text, name)
        except Refusal as refusal:
            self._report(refusal, type, file, place)
            return None

    def _report(self, refusal: Refusal, type: str, file: object, place: Path) -> None:
        message, labels = refusal.message, []
        if isinstance(refusal, PythonError) and isinstance(file, OwnFile):
            message = f"{file.path}: {refusal.message}"
            if refusal.at is not None:
                labels.append((Span(file.name, *refusal.at), None, "here"))
        help = refusal.help
        self.problems.error(refusal.code, message, place, labels=labels, help=help)


class _Reading:
    """Reads one entry."""

    def __init__(self, owner: OwnReader, file: OwnFile, kind: PythonClass, path: Path) -> None:
        self.owner = owner
        self.problems = owner.problems
        self.file = file
        self.kind = kind
        self.path = path
        self.kinds: dict[str, Kind] = {}

    def arguments(self, given: Mapping[str, object]) -> dict[str, Argument]:
        """What the constructor is given, in its order; what does not fit is reported."""
        signature = self.kind.init
        known = {one.name: one for one in signature.named} if signature else {}
        found: dict[str, Argument] = {}
        meant: set[str | None] = set()
        for key in sorted(given, key=lambda key: [*known, key].index(key)):
            if key in (INPUT, OUTPUT):
                continue
            refused = refused_as_name(key) if key not in known else None
            if refused is not None or (key not in known and not _takes_more(signature)):
                meant.add(self._unknown_argument(key, [*known], refused))
                self.owner.arguments.overlook(given[key])
                continue
            self.kinds[key] = argument_kind(known[key].annotation if key in known else None)
            found[key] = self._argument(given[key], key)
        if signature is not None:
            for one in (*signature.by_place, *signature.named):
                if one.is_required and one.name not in {*found, *meant}:
                    self._missing_argument(one.name, is_by_place=one in signature.by_place)
        return found

    def _argument(self, value: object, key: str) -> Argument:
        reader, kind = self.owner.arguments, self.kinds[key]
        # A string stands for itself where the constructor takes one, unless a param is called so.
        is_param = isinstance(kind, Text) and value in self.owner.names.params
        return reader.read(value, (*self.path, key), None if is_param else kind)

    def _unknown_argument(self, key: str, known: list[str], refused: str | None) -> str | None:
        close = registry.closest(key, known)
        has = f"it has {', '.join(known)}" if known else "it has no arguments"
        self.problems.error(
            "unknown-argument",
            f"{self.kind.name} has no argument {shown(key)}"
            if refused is None
            else f"{shown(key)} can't be an argument: {refused}",
            (*self.path, key),
            part="key",
            labels=self._labels(self.kind.init),
            help=f"did you mean {close}?" if close else has,
            replacement=registry.slip(key, known),
        )
        return close

    def _missing_argument(self, name: str, *, is_by_place: bool) -> None:
        why, help = "", f"{name} = …"
        if is_by_place:
            why = ", which it takes by place alone: a spec gives arguments by name"
        elif name in _KEYS:
            why = ", and that is a key of every entry"
        self.problems.error(
            "missing-argument",
            f"{self.kind.name} needs {name}{why}",
            self.path,
            labels=self._labels(self.kind.init),
            help=f"change the constructor in {self.file.path}" if why else help,
        )

    def _labels(self, method: Signature | None) -> list[tuple[Path | Span, None, str]]:
        at = method.at if method is not None else self.kind.at
        return [(Span(self.file.name, *at), None, "what it takes")]

    def layer(
        self, entry: ModuleEntry, given: Mapping[str, object], arguments: Mapping[str, Argument]
    ) -> tuple[type[OwnLayer], OwnClass] | None:
        """The class that stands for it, and what the entry declares; None after a report."""
        inputs, by_name = self._forward_inputs(entry)
        names = [name.rstrip("?") for name in inputs]
        owner = self.owner
        shapes = ShapeReader(
            self.kind.name, self.path, owner.names, owner.arguments, owner.problems
        )
        declared = shapes.read(given, names, arguments)
        if declared is None:
            return None
        taken, sizes, outputs = declared
        layer = own_layer(self.kind.name, self.kinds, inputs, by_name, tuple(outputs))
        return layer, OwnClass(self.file, taken, sizes, tuple(outputs.values()))

    def _forward_inputs(self, entry: ModuleEntry) -> tuple[dict[str, Kind | None], frozenset[str]]:
        """What forward takes, as `Layer` names it, and what of this by name alone."""
        seen = self.kind.forward
        if seen is not None and seen.is_plain:
            found = {
                one.name if one.is_required else f"{one.name}?": input_kind(one.annotation)
                for one in seen.named
            }
            return found, frozenset(one.name for one in seen.by_name)
        if isinstance(entry.inputs, dict):
            self.problems.error(
                "wrong-arguments",
                f"what forward of {self.kind.name} calls its arguments is not to be seen",
                (*self.path, "inputs"),
                help="give them as a list, in their order",
            )
        count = len(entry.inputs) if isinstance(entry.inputs, list | tuple | dict) else 1
        names = ["input"] if count == 1 else [f"input{place + 1}" for place in range(count)]
        return {name: input_kind(None) for name in names}, frozenset()


def _takes_more(signature: Signature | None) -> bool:
    """Whether further arguments may be given by name."""
    return signature is None or signature.more_names
