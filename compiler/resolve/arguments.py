"""Reads the values of a spec as arguments: numbers, and expressions in strings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from ...spec import registry
from ...spec.expression.nodes import Constant, Expression, Name, walk
from ...spec.expression.parser import ExpressionError, parse
from ...spec.kinds import Boolean, Kind
from ...spec.source import Path
from .bind import Names
from .bound import BROKEN, Bound
from .graph import Argument
from .problems import Problems

_WORD: Final = re.compile(r"[A-Za-z_][\w-]*")


class ArgumentReader:
    """Reads arguments in one scope. An unreadable one is reported, and gives nothing.

    is_lost: whether what was meant somewhere can't be guessed, so that nothing is surely unread.
    called: the blocks that expressions call as functions, with the place of the first call.
    """

    def __init__(self, names: Names, problems: Problems) -> None:
        self.names = names
        self.problems = problems
        self.is_lost = False
        self.called: dict[str, Path] = {}

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

    def overlook(self, value: object) -> None:
        """Takes what a value speaks of for read, though the value has no use here."""
        inner = value.values() if isinstance(value, dict) else value
        for item in inner if isinstance(inner, Iterable) and not isinstance(inner, str) else ():
            self.overlook(item)
        if isinstance(value, str):
            with suppress(ExpressionError):
                for node in walk(parse(value)):
                    if isinstance(node, Name):
                        self.names.mark_name(node.id)

    def plain(self, value: object, path: Path) -> Argument:
        """A value that stands for itself."""
        if isinstance(value, dict):
            self.problems.error("wrong-type", "a table is not expected here", path)
            return Argument(path, BROKEN)
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
            self.is_lost = True
            self.problems.error("syntax", error.message, path, within=error.at, help=error.help)
            return None

    def _expression(self, text: str, path: Path, kind: Kind | None) -> Bound:
        expression = self.parse(text, path)
        if expression is None:
            return BROKEN
        self.names.errors.clear()
        bound = self.names.bind(expression)
        for name in self.names.called:
            self.called.setdefault(name, path)
        self.names.called.clear()
        if not self.names.errors:
            return bound
        if kind is not None and self._is_slip_of_word(text, kind):
            self._unknown_word(text, path, kind)
            return BROKEN
        if text in ("true", "false"):
            self._quoted_truth(text, path)
            return BROKEN
        for error in self.names.errors:
            self.problems.error(
                error.code,
                error.message,
                path,
                within=error.at,
                help=error.help,
                labels=[(error.other, None, "this one")] if error.other else [],
                replacement=error.replacement,
            )
            # What it may have meant is not unread for that.
            if error.replacement is None:
                self.is_lost = True
            else:
                self.names.mark_name(error.replacement)
        return BROKEN

    def _quoted_truth(self, text: str, path: Path) -> None:
        said, help = f"nothing is called {text} here", f"write {text} without quotes"
        self.problems.error("unknown-name", said, path, help=help, replacement=text)

    def _is_slip_of_word(self, text: str, kind: Kind) -> bool:
        """Whether an unknown word was meant to stand for itself, and not for a value."""
        if not _WORD.fullmatch(text):
            return False
        is_flag = isinstance(getattr(kind, "kind", kind), Boolean)
        is_quoted = text in ("true", "false")
        is_name = is_quoted or registry.closest(text, self.names.known()) is not None
        return bool(kind.strings) or (is_flag and not is_name)

    def _unknown_word(self, text: str, path: Path, kind: Kind) -> None:
        close = registry.closest(text, kind.strings)
        self.problems.error(
            "invalid-value",
            f'{path[-1]} must be {kind.expects}, not "{text}"',
            path,
            help=f"did you mean {close}?" if close else None,
            replacement=f'"{close}"' if registry.slip(text, kind.strings) else None,
        )
