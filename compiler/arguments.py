"""Reads the values of a spec as arguments: numbers, and expressions in strings."""

from __future__ import annotations

from collections.abc import Sequence

from ..spec.expression.nodes import Constant, Expression
from ..spec.expression.parser import ExpressionError, parse
from ..spec.kinds import Kind
from ..spec.source import Path
from .bind import BindError, Names
from .graph import Argument
from .problems import Problems

NOTHING = Constant(None, (0, 0))
"""Stands for an expression that could not be read; its problem has been reported."""


class ArgumentReader:
    """Reads arguments in one scope. An unreadable one is reported and becomes None's argument."""

    def __init__(self, names: Names, problems: Problems) -> None:
        self.names = names
        self.problems = problems

    def read(self, value: object, path: Path, kind: Kind | None = None) -> Argument:
        """A number, an expression in a string, or a list of these.

        kind: of the argument that it is for; its own strings stand for themselves.
        """
        if isinstance(value, list | tuple):
            items = tuple(self.read(item, (*path, i), kind) for i, item in enumerate(value))
            return Argument(path, items)
        if isinstance(value, str) and not (kind and value in kind.strings):
            return Argument(path, self._expression(value, path, kind))
        return self.plain(value, path)

    def plain(self, value: object, path: Path) -> Argument:
        """A value that stands for itself."""
        if isinstance(value, dict):
            self.problems.error("wrong-type", "a table is not expected here", path)
            return Argument(path, NOTHING)
        if isinstance(value, list | tuple):
            return Argument(
                path, tuple(self.plain(item, (*path, i)) for i, item in enumerate(value))
            )
        return Argument(path, Constant(value, (0, 0)))  # type: ignore[arg-type]

    def formulas(self, values: Sequence[str], path: Path) -> tuple[Argument, ...]:
        """One expression, or a list of them."""
        if isinstance(self.problems.raw(path), str):
            return tuple(self.read(value, path) for value in values)
        return tuple(self.read(value, (*path, index)) for index, value in enumerate(values))

    def parse(self, text: str, path: Path) -> Expression | None:
        """The expression in a string; None after reporting that it is none."""
        try:
            return parse(text)
        except ExpressionError as error:
            self.problems.error("syntax", error.message, path, within=error.at, help=error.help)
            return None

    def _expression(self, text: str, path: Path, kind: Kind | None):  # type: ignore[no-untyped-def]
        expression = self.parse(text, path)
        if expression is None:
            return NOTHING
        try:
            return self.names.bind(expression)
        except BindError as error:
            help = error.help
            if kind is not None and kind.strings:
                help = f"it must be {kind.expects}"
            self.problems.error(
                error.code,
                error.message,
                path,
                within=error.at,
                help=help,
                labels=[(error.other, None, "here")] if error.other else [],
            )
            return NOTHING
