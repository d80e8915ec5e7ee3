"""Reads what an entry declares of the shapes that a layer takes and gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...spec import registry
from ...spec.expression.nodes import Name, walk
from ...spec.names import refused_as_name, refused_as_output, shown
from ...spec.record import Record
from ...spec.source import Path
from .arguments import ArgumentReader
from .bind import Names
from .graph import Argument, DeclaredShape
from .problems import Problems

INPUT: Final = "input"
OUTPUT: Final = "output"

Shapes = dict[str, DeclaredShape]


class _Written(Record):
    """A shape as it is written. path: of the whole. place: of the list of sizes."""

    path: Path
    place: Path
    sizes: list[int | str]
    dtype: str | None


class ShapeReader:
    """Reads them in one entry. type: what messages call its class. path: of the entry."""

    def __init__(
        self, type: str, path: Path, names: Names, arguments: ArgumentReader, problems: Problems
    ) -> None:
        self.type = type
        self.path = path
        self.names = names
        self.arguments = arguments
        self.problems = problems

    def read(
        self, given: Mapping[str, object], inputs: list[str], arguments: Mapping[str, Argument]
    ) -> tuple[Shapes, tuple[str, ...], Shapes] | None:
        """What it takes by name, the sizes that this binds, and what it gives by name.

        inputs: the names of forward's arguments. arguments: the constructor's, whose names are
        sizes here. None after a report.
        """
        taken = self._shapes(given.get(INPUT), INPUT, inputs)
        outputs = self._shapes(given.get(OUTPUT), OUTPUT, None)
        if taken is None or outputs is None:
            self.arguments.overlook([given.get(INPUT), given.get(OUTPUT)])
            return None
        sizes = tuple(dict.fromkeys(self._bound_sizes(taken, arguments)))
        outer = self.names.sizes
        own = (key for key in arguments if key not in self.names.known())
        self.names.sizes = (*outer, *sizes, *own)
        read_inputs = {name: self._declared(shape) for name, shape in taken.items()}
        read_outputs = {name: self._declared(shape) for name, shape in outputs.items()}
        self.names.sizes = outer
        self._check_clashes((*taken.values(), *outputs.values()), arguments)
        return read_inputs, sizes, read_outputs

    def _shapes(
        self, written: object, key: str, names: list[str] | None
    ) -> dict[str, _Written] | None:
        """The shapes of an `input` or `output`, by name. names: of forward's arguments."""
        path: Path = (*self.path, key)
        if written is None:
            if names is None:
                self.problems.error(
                    "missing-argument",
                    f"{self.type} needs output: the shape of what it gives",
                    self.path,
                    help='output = ["batch", 16], say',
                )
            return {} if names is not None else None
        if isinstance(written, list) or (isinstance(written, dict) and "shape" in written):
            first = OUTPUT if names is None else next(iter(names), INPUT)
            shape = self._shape(written, path)
            return {first: shape} if shape is not None else None
        if not isinstance(written, dict) or not written:
            hint = "; what it is called with is inputs" if key == INPUT else ""
            said = f"{key} must be a shape, or a table of shapes by name{hint}"
            self.problems.error("wrong-type", said, path, help=f'{key} = ["batch", 16]')
            return None
        found: dict[str, _Written] = {}
        for name, value in written.items():
            refused = self._refused_name(name, names, list(found))
            if refused is not None:
                self.problems.error("bad-name", refused, (*path, name), part="key")
            shape = self._shape(value, (*path, name))
            if refused is None and shape is not None:
                found[name] = shape
        return found if len(found) == len(written) else None

    def _refused_name(self, name: str, names: list[str] | None, earlier: list[str]) -> str | None:
        """Why a name is none of what forward takes or gives."""
        if names is not None:
            has = f"it takes {', '.join(names) or 'nothing'}"
            return None if name in names else f"{self.type} has no input {shown(name)}: {has}"
        if name in ("shape", "dtype"):
            return f"{name} can't be an output's name: every tensor has one"
        refused = refused_as_name(name)
        if refused is not None:
            return f"{shown(name)} can't be an output's name: {refused}"
        return refused_as_output(name, earlier)

    def _shape(self, written: object, path: Path) -> _Written | None:
        table = {"shape": written} if isinstance(written, list) else written
        sizes = table.get("shape") if isinstance(table, dict) else None
        dtype = table.get("dtype") if isinstance(table, dict) else None
        if (
            not isinstance(table, dict)
            or not isinstance(sizes, list)
            or not set(table) <= {"shape", "dtype"}
            or not all(type(size) in (int, str) for size in sizes)
            or not isinstance(dtype, str | None)
        ):
            said = "this must be a shape, or a table of shape and dtype"
            self.problems.error(
                "wrong-type", said, path, help='{ shape = ["batch", 16], dtype = "int64" }'
            )
            return None
        place = path if isinstance(written, list) else (*path, "shape")
        return _Written(path, place, sizes, dtype)

    def _bound_sizes(
        self, taken: Mapping[str, _Written], arguments: Mapping[str, Argument]
    ) -> Iterator[str]:
        """The names that stand alone in the inputs' shapes and mean nothing yet."""
        known = {*self.names.known(), *arguments}
        params = [*self.names.params, *arguments]
        for shape in taken.values():
            for index, size in enumerate(shape.sizes):
                if not isinstance(size, str) or not size.isidentifier() or size in known:
                    continue
                refused = refused_as_name(size)
                close = registry.slip(size, params)
                if refused is not None:
                    said = f"{shown(size)} can't be a size: {refused}"
                    self.problems.error("bad-name", said, (*shape.place, index))
                elif close is not None:
                    self.problems.error(
                        "unknown-name",
                        f"{size} is a new size here, and nearly the param {close}",
                        (*shape.place, index),
                        help="give it a name that is less alike",
                        replacement=f'"{close}"',
                    )
                yield size

    def _declared(self, shape: _Written) -> DeclaredShape:
        sizes = self.arguments.read(shape.sizes, shape.place).value
        assert isinstance(sizes, tuple)
        return DeclaredShape(shape.path, sizes, shape.dtype)

    def _check_clashes(
        self, shapes: tuple[_Written, ...], arguments: Mapping[str, Argument]
    ) -> None:
        """Reports names in shapes that are an argument's of the entry, and another thing's too."""
        known = self.names.known()
        for shape in shapes:
            for index, size in enumerate(shape.sizes):
                place = (*shape.place, index)
                parsed = self.arguments.parse(size, place) if isinstance(size, str) else None
                for node in walk(parsed) if parsed is not None else ():
                    if not isinstance(node, Name) or node.id not in known:
                        continue
                    argument = arguments.get(node.id)
                    if argument is None or getattr(argument.value, "name", None) == node.id:
                        continue
                    self.problems.error(
                        "name-clash",
                        f"{node.id} is an argument of this entry, and another value here too",
                        place,
                        within=node.at,
                        labels=[(argument.path, None, "the argument")],
                        help="write the size in another way",
                    )
