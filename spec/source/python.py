"""A Python file that a spec names: parsed, so that it can be looked at, and never run."""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from typing import Final

from ..record import Record
from ..refusal import Refusal
from .lines import line_starts

Range = tuple[int, int]

_CODING: Final = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_MODULE: Final = ("torch.nn.Module", "torch.nn.modules.Module", "torch.nn.modules.module.Module")
_MAX_BASES: Final = 20
_MAX_ANNOTATION: Final = 200


class PythonError(Refusal):
    """A file that can't be used, with the range at fault in its text."""

    def __init__(self, message: str, at: Range | None = None, help: str | None = None) -> None:
        super().__init__(message, code="own-file", help=help)
        self.at = at


class PythonParameter(Record):
    """A parameter of a method, without `self`."""

    name: str
    annotation: str | None
    is_required: bool


class Signature(Record):
    """What a method takes beside `self`.

    by_place: what it takes by place alone; else by place or name. by_name: by name alone.
    takes_more: whether further arguments are taken by place (`*args`), or by name (`**kwargs`).
    at: its name's line in the text.
    """

    by_place: tuple[PythonParameter, ...]
    usual: tuple[PythonParameter, ...]
    by_name: tuple[PythonParameter, ...]
    more_places: bool
    more_names: bool
    at: Range

    @property
    def is_plain(self) -> bool:
        """Whether all that it takes has a name, by which it can be given."""
        return not (self.by_place or self.more_places or self.more_names)

    @property
    def named(self) -> tuple[PythonParameter, ...]:
        """What can be given by name."""
        return (*self.usual, *self.by_name)


class PythonClass(Record):
    """A class of a file.

    init, forward: what its constructor and its `forward` take; None where that is not to be seen,
        since a base class from elsewhere or a decorator may have the last word.
    at: its first line in the text.
    """

    name: str
    init: Signature | None
    forward: Signature | None
    at: Range


@lru_cache(maxsize=64)
def parsed(text: str) -> ast.Module:
    """The file's syntax tree. Raises `PythonError`."""
    for line in text.split("\n", 2)[:2]:
        coding = _CODING.match(line)
        if coding and coding[1].lower().replace("_", "-") not in ("utf-8", "utf8"):
            raise PythonError(f"it says that it is in {coding[1]}", help="save it as UTF-8")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        at = _offset(text, error.lineno or 1, max(0, (error.offset or 1) - 1))
        raise PythonError(f"it is no valid Python: {error.msg}", at) from None
    except (ValueError, RecursionError, MemoryError):
        raise PythonError("it is no valid Python that can be read") from None


def _offset(text: str, line: int, column: int) -> Range:
    starts = line_starts(text)
    start = min(len(text), starts[min(line, len(starts)) - 1] + column)
    return start, min(len(text), start + 1)


def _range(text: str, node: ast.stmt | ast.expr) -> Range:
    """The first line of a node, as far as it reaches there."""
    start, _ = _offset(text, node.lineno, 0)
    end = text.find("\n", start)
    line = text[start : end if end >= 0 else len(text)]
    column = len(line.encode()[: node.col_offset].decode(errors="replace"))
    is_whole = node.end_lineno == node.lineno and node.end_col_offset is not None
    last = len(line.encode()[: node.end_col_offset].decode(errors="replace")) if is_whole else None
    return start + column, start + (last if last is not None else len(line.rstrip()))


def check_alone(text: str) -> None:
    """Raises `PythonError` where a file imports what stands beside it, which is not copied."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.ImportFrom) and node.level:
            said = "it imports what stands beside it, and only the file itself is copied"
            help = "put what it needs into the file, or into an installed package"
            raise PythonError(said, _range(text, node), help)


def find_class(text: str, name: str) -> PythonClass:
    """The class of a name. Raises `PythonError` where there is none, or none that is a module."""
    tree = parsed(text)
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found = classes.get(name)
    binding = next((node for node in reversed(tree.body) if name in _bound(node)), None)
    if found is None or binding is not found:
        raise _no_class(text, name, binding, list(classes))
    look = _Look(text, classes, _imported(tree))
    look.check_module(found)
    return PythonClass(
        name, look.method(found, "__init__"), look.method(found, "forward"), _range(text, found)
    )


def _no_class(text: str, name: str, binding: ast.stmt | None, classes: list[str]) -> PythonError:
    if binding is None:
        from ..registry import closest

        close = closest(name, classes)
        has = f"it has {', '.join(classes[:12])}" if classes else "it has no classes"
        help = f"did you mean {close}?" if close else has
        return PythonError(f"it has no class {name} at its top level", help=help)
    said = f"{name} is not plainly a class there"
    return PythonError(said, _range(text, binding), f"class {name}(nn.Module): at the top level")


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement at the top level gives a meaning, those inside it included."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
            found.add(inner.id)
        elif isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(inner.name)
        elif isinstance(inner, ast.alias):
            found.add((inner.asname or inner.name).split(".")[0])
    return found


def _imported(tree: ast.Module) -> dict[str, str]:
    """What the file's imports call things, each with its full name; without what is bound again."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.split(".")[0]
                found[alias.asname or head] = alias.name if alias.asname else head
        elif isinstance(node, ast.ImportFrom):
            found |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
        else:
            for name in _bound(node):
                found.pop(name, None)
    return found


class _Look:
    """Looks at the classes of one file."""

    def __init__(
        self, text: str, classes: dict[str, ast.ClassDef], imported: dict[str, str]
    ) -> None:
        self.text = text
        self.classes = classes
        self.imported = imported

    def check_module(self, found: ast.ClassDef) -> None:
        """Raises `PythonError` for what is surely no module of torch."""
        if not found.bases and not found.keywords and not found.decorator_list:
            help = f"class {found.name}(nn.Module):"
            raise PythonError(f"{found.name} is no nn.Module", _range(self.text, found), help)
        line = self._line_of_bases(found)
        if self._is_module(line[-1]) and all(self._own(one, "forward") is None for one in line):
            said = f"{found.name} has no method forward"
            raise PythonError(said, _range(self.text, found))

    def method(self, found: ast.ClassDef, name: str) -> Signature | None:
        """What a method takes; None where that is not to be seen."""
        line = self._line_of_bases(found)
        for one in line:
            own = self._own(one, name)
            if isinstance(own, ast.FunctionDef) and not own.decorator_list:
                return self._signature(own)
            if own is not None or one.decorator_list or one.keywords or len(one.bases) > 1:
                return None
            if name == "__init__" and self._own(one, "__new__") is not None:
                return None
        if name == "__init__" and self._is_module(line[-1]):
            # What nn.Module itself takes.
            return Signature((), (), (), False, False, _range(self.text, found))
        return None

    def _line_of_bases(self, found: ast.ClassDef) -> list[ast.ClassDef]:
        """A class, its base, the base's base, as far as they stand in this file."""
        line = [found]
        while len(line) < _MAX_BASES and len(line[-1].bases) == 1:
            base = line[-1].bases[0]
            inner = self.classes.get(base.id) if isinstance(base, ast.Name) else None
            if inner is None or inner in line:
                break
            line.append(inner)
        return line

    def _is_module(self, last: ast.ClassDef) -> bool:
        """Whether the last class of a line is derived from `nn.Module` and nothing else."""
        if len(last.bases) != 1 or last.keywords or last.decorator_list:
            return False
        head, dot, rest = _dotted(last.bases[0]).partition(".")
        return f"{self.imported.get(head)}{dot}{rest}" in _MODULE

    def _own(self, one: ast.ClassDef, name: str) -> ast.stmt | None:
        """The last statement of a class's body that gives a name its meaning."""
        return next((node for node in reversed(one.body) if name in _bound(node)), None)

    def _signature(self, function: ast.FunctionDef) -> Signature | None:
        args = function.args
        places = [*args.posonlyargs, *args.args]
        if not places:
            # `self` is among what it takes by `*args`.
            return None
        needed = len(places) - len(args.defaults)
        read = [_parameter(arg, place < needed) for place, arg in enumerate(places)]
        by_name = (
            _parameter(arg, default is None)
            for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        )
        first = max(1, len(args.posonlyargs))
        return Signature(
            tuple(read[1:first]),
            tuple(read[first:]),
            tuple(by_name),
            args.vararg is not None,
            args.kwarg is not None,
            _range(self.text, function),
        )


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _parameter(arg: ast.arg, is_required: bool) -> PythonParameter:
    node = arg.annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text: str | None = node.value
    else:
        text = _unparsed(node) if node is not None else None
    return PythonParameter(arg.arg, text, is_required)


def _unparsed(node: ast.expr) -> str | None:
    try:
        text = ast.unparse(node)
    except RecursionError:
        return None
    return text if len(text) <= _MAX_ANNOTATION else None
