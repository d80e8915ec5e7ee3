"""The names of entries: what they may be, and that they are free."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count

from ...spec import registry
from ...spec.model import CallEntry, Entry, ExpressionEntry, ModuleEntry, RecurrenceEntry
from ...spec.names import (
    DICT_METHODS,
    is_identifier,
    names_file,
    refused_as_name,
    shown,
    snake_case,
)
from ...spec.source import Path
from .bind import Names
from .problems import Problems
from .read_template import is_template, template_pattern


def entry_names(entry: Entry) -> tuple[str, ...]:
    """The names that an entry binds, as written."""
    if isinstance(entry.name, str):
        # A template names the times of a repeat, and no value.
        return () if is_template(entry.name) else (entry.name,)
    if isinstance(entry.name, list) and all(isinstance(name, str) for name in entry.name):
        return tuple(entry.name)
    return ()


def attributes(entries: Sequence[Entry], params: Collection[str]) -> list[str | None]:
    """Attributes of the model's or a block's class: the name, else the type, numbered."""
    types = [
        _attribute(entry) if isinstance(entry, ModuleEntry) and entry.name is None else None
        for entry in entries
    ]
    templates = [template_pattern(str(entry.name)) for entry in entries if is_template(entry.name)]
    taken = set(params)
    for entry in entries:
        # An expression's value is no attribute.
        taken |= set() if isinstance(entry, ExpressionEntry) else set(entry_names(entry))
    totals = Counter(kind for kind in types if kind)
    alone = {
        kind
        for kind, total in totals.items()
        if total == 1 and not (kind in taken or refused_as_name(kind) or _fits(kind, templates))
    }
    numbers = {kind: _numbered(kind, templates, taken | alone) for kind in totals}
    found: list[str | None] = []
    for entry, kind in zip(entries, types, strict=True):
        if kind is None:
            found.append(entry.name if isinstance(entry.name, str) else None)
        else:
            found.append(kind if kind in alone else next(numbers[kind]))
    return found


def _numbered(
    kind: str, templates: Sequence[re.Pattern[str]], taken: Collection[str]
) -> Iterator[str]:
    """Attributes of layers of one type, none of which is another's."""
    for number in count(1):
        stem = kind
        # How many times a repeat has, and so names, may differ from use to use.
        while _fits(f"{stem}{number}", templates):
            stem += "_"
        if f"{stem}{number}" not in taken:
            yield f"{stem}{number}"


def _fits(name: str, templates: Sequence[re.Pattern[str]]) -> bool:
    return any(template.fullmatch(name) for template in templates)


def _attribute(entry: ModuleEntry) -> str | None:
    """The attribute of an entry without a name: its type's, or its class's in a file."""
    name = entry.type.rpartition(":")[2] if names_file(entry.type) else entry.type
    return snake_case(name) if is_identifier(name) else None


def meant_names(written: object) -> tuple[str, ...]:
    """The name that an entry has under a misspelt key."""
    items = written.items() if isinstance(written, dict) else ()
    named = (value for key, value in items if registry.slip(key, ["name"]))
    return tuple(name for name in named if isinstance(name, str))


def checked_names(entry: Entry, path: Path, scope: Names, problems: Problems) -> tuple[str, ...]:
    """The names that an entry binds; those that can be none, or are taken, are reported."""
    names = entry_names(entry)
    wrong_type = entry.name is not None and not names and not is_template(entry.name)
    if wrong_type or (isinstance(entry.name, list) and not isinstance(entry, ExpressionEntry)):
        problems.error(
            "wrong-type",
            "a name is a string, or a list of them for the several values of an expression",
            (*path, "name"),
        )
        scope.read.add(path)
        return ()
    for index, name in enumerate(names):
        place = (*path, "name", index) if isinstance(entry.name, list) else (*path, "name")
        _check_name(name, place, isinstance(entry, CallEntry), scope, problems)
        if name in names[:index]:
            problems.error("name-clash", f"{name} stands here twice", place)
    return names


def _check_name(name: str, path: Path, is_layer: bool, scope: Names, problems: Problems) -> None:
    inside = scope.containers > 0
    # BERT's checkpoints have a layer `self`, which is an attribute like any other.
    may_be = (inside and name.isascii() and name.isdigit()) or (is_layer and name == "self")
    reason = None if may_be else refused_as_name(name)
    if inside and name in DICT_METHODS:
        reason = "it is a method of nn.ModuleDict"
    if reason and not is_template(name):
        problems.error("bad-name", f"{shown(name)} can't be a name: {reason}", path)
    earlier = scope.frames[-1].values.get(name)
    check_clash(name, (*earlier[0].path, "name") if earlier else None, path, scope, problems)


def check_clash(
    name: str, earlier: Path | None, path: Path, scope: Names, problems: Problems
) -> None:
    """Reports a name that is another thing's in the same scope.

    earlier: the place of what has the name already.
    """
    within = path[: 1 if path[0] == "model" else 2]
    if earlier:
        _clash(name, "an entry", path, earlier, problems)
    elif name in scope.inputs:
        _clash(name, "an input", path, (*within, "inputs", name), problems)
    elif name in scope.params:
        owner = within if scope.params[name] == "block" else ("model",)
        _clash(name, "a param", path, (*owner, "params", name), problems)
    elif name in scope.sizes:
        _clash(name, "a size", path, (*within, "inputs"), problems)


def owned_entries(entries: Sequence[Entry], path: Path) -> Iterator[tuple[Entry, Path]]:
    """The entries of a scope or container, with those of recurrences that add no name."""
    for index, entry in enumerate(entries):
        if isinstance(entry, RecurrenceEntry) and entry.adds_no_name:
            yield from owned_entries(entry.layers, (*path, index, "layers"))
        else:
            yield entry, (*path, index)


def check_attributes(entries: Sequence[Entry], path: Path, problems: Problems) -> None:
    """Reports layers of one name in recurrences that add none to it, and beside them."""
    seen: dict[str, Path] = {}
    for entry, place in owned_entries(entries, path):
        for name in () if isinstance(entry, ExpressionEntry) else entry_names(entry):
            # Names of one scope are checked where they are declared.
            if name in seen and seen[name][:-1] != place[:-1]:
                help = "give the recurrence a name: its layers' names then begin with it"
                other = (*seen[name], "name")
                _clash(name, "a layer", (*place, "name"), other, problems, help)
            seen.setdefault(name, place)


def _clash(
    name: str,
    kind: str,
    path: Path,
    other: Path,
    problems: Problems,
    help: str = "values, inputs, params and sizes share one namespace",
) -> None:
    problems.error(
        "name-clash",
        f"{name} is the name of {kind} already",
        path,
        labels=[(other, None, "the first one")],
        help=help,
    )
