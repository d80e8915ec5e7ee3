"""`type = "./data.py:function"`: a function of the user's own as the source of rows."""

from __future__ import annotations

import ast

from ...spec.data.own import OwnFunction
from ...spec.diagnostic import Span
from ...spec.names import is_identifier, refused_as_name, shown
from ...spec.refusal import Refusal
from ...spec.source import OwnFile, Path
from ...spec.source.python import PythonError, check_alone, parsed
from ..emit.render import runtime_modules
from ..resolve.problems import Problems

_PATH: Path = ("data", "type")
_WRITTEN = ("model", "train", "data", "predict")


def read_own_source(type: str, problems: Problems) -> OwnFunction | None:
    """The function that a type names, looked at and never run; None after a report."""
    file = problems.document.files.get(_PATH)
    try:
        if isinstance(file, Refusal):
            raise file
        if file is None:
            raise Refusal("a file of one's own can't be named here", code="not-supported")
        name = type.rpartition(":")[2]
        _check_names(file, name, problems)
        text = problems.document.texts[file.name]
        check_alone(text)
        _check_function(text, name)
    except Refusal as refusal:
        labels = []
        said = refusal.message
        if isinstance(refusal, PythonError) and isinstance(file, OwnFile):
            said = f"{file.path}: {said}"
            if refusal.at is not None:
                labels.append((Span(file.name, *refusal.at), None, "here"))
        problems.error(refusal.code, said, _PATH, labels=labels, help=refusal.help)
        return None
    return OwnFunction(file=file, name=name)


def _check_names(file: OwnFile, name: str, problems: Problems) -> None:
    refused = refused_as_name(name)
    if refused is not None:
        raise Refusal(f"{shown(name)} can't be the function of rows: {refused}", code="bad-name")
    module = file.module
    taken = {*_WRITTEN, *runtime_modules()}
    if not is_identifier(module) or module.startswith(("_", "test_")) or module.lower() in taken:
        said = f"{shown(module)}.py can't be a file of the package: it may have one called so"
        raise Refusal(said, code="bad-name", help="rename it, such as to rows_of_mine.py")
    for other in problems.document.files.values():
        is_other = isinstance(other, OwnFile) and other.path != file.path
        if isinstance(other, OwnFile) and is_other and other.module.lower() == module.lower():
            said = f"the package would have two of {module}.py: {file.path} and {other.path}"
            raise Refusal(said, code="name-clash", help="rename one of them")


def _check_function(text: str, name: str) -> None:
    """Raises `PythonError` where a file has no such function, or one that needs arguments."""
    functions = {n.name: n for n in parsed(text).body if isinstance(n, ast.FunctionDef)}
    found = functions.get(name)
    if found is None:
        has = f"it has {', '.join(functions)}" if functions else "it has no functions"
        raise PythonError(f"it has no function {name} at its top level", help=has)
    arguments = found.args
    by_place = len(arguments.posonlyargs) + len(arguments.args)
    if by_place > len(arguments.defaults) or None in arguments.kw_defaults:
        raise PythonError(f"{name} is called without arguments, and needs some")
