"""Reads an entry that declares a tensor of the model's own."""

from __future__ import annotations

from ...spec.model import TensorEntry
from ...spec.source import Path
from .arguments import ArgumentReader
from .bind import Names
from .bound import Input, LayerCall, State, Value, outside_shapes
from .graph import Argument, TensorUse
from .problems import Problems
from .read_init import InitReader


def read_tensor(
    entry: TensorEntry,
    path: Path,
    inside: bool,
    arguments: ArgumentReader,
    problems: Problems,
) -> TensorUse | None:
    """A Parameter or Buffer; None after reporting what contradicts itself in it.

    inside: whether it stands in a container.
    """
    trainable = entry.type == "Parameter"
    count = len(problems.found)
    _check_keys(entry, path, inside, problems)
    shape = value = init = None
    if entry.shape is not None:
        shape = arguments.read(list(entry.shape), (*path, "shape"))
    if entry.value is not None:
        value = arguments.read(entry.value, (*path, "value"))
        _check_constant(value, arguments.names, problems)
    if entry.init is not None and trainable:
        init = InitReader(arguments, (), problems).rule(entry.init, (*path, "init"), ())
    if len(problems.found) > count:
        return None
    return TensorUse(
        trainable, shape, value, init, entry.dtype, entry.requires_grad, entry.persistent
    )


def _check_constant(value: Argument, names: Names, problems: Problems) -> None:
    """Reports a value that reads what only a run of the model has."""
    if isinstance(value.value, tuple):
        for item in value.value:
            _check_constant(item, names, problems)
        return
    for node in outside_shapes(value.bound):
        if isinstance(node, Value) and names.is_buffer(node.entry):
            continue
        if isinstance(node, Input | Value | State | LayerCall):
            problems.error(
                "not-constant",
                "the value of a tensor of one's own is computed once, from params and earlier"
                " Buffers, without inputs and values",
                value.path,
                within=node.at,
                help="write an expression entry instead",
            )


def _check_keys(entry: TensorEntry, path: Path, inside: bool, problems: Problems) -> None:
    trainable = entry.type == "Parameter"
    raw = problems.raw(path)
    written = raw if isinstance(raw, dict) else {}
    for key in entry.only["Buffer" if trainable else "Parameter"]:
        if key in written:
            problems.error(
                "unknown-argument", f"a {entry.type} has no {key}", (*path, key), part="key"
            )
    if not isinstance(entry.name, str) or inside:
        said = "can't stand in a container or a recurrence" if inside else "needs a name"
        problems.error("bad-name", f"a {entry.type} {said}", path)
    if (entry.value is None) == (entry.shape is None):
        needed = "a value or a shape, not both" if trainable else "a value"
        problems.error("missing-key", f"a {entry.type} needs {needed}", path)
    elif trainable and entry.value is None and entry.init is None:
        problems.error(
            "missing-key",
            "nothing fills this Parameter: it needs a value or an init",
            path,
            help='init = "zeros_"',
        )
