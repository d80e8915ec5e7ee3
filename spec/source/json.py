"""JSON text -> Document."""

from __future__ import annotations

from typing import Any

from ..diagnostic import Diagnostic, Label, Span, SpecError
from .document import Document, Path, path_text
from .json_scan import Scan
from .plain import check_values
from .prescan import check_json_text
from .slip import Slip

# More digits than a 64-bit integer has; what they say doesn't matter, and Python may refuse them.
_LONGEST_INTEGER = 20


def parse_json(text: str, file: str) -> Document:
    """The document written in `text`; `file` names it in messages.

    Raises `SpecError` for text that is not JSON and for values that are not the language's.
    """
    import json

    check_json_text(text, file)
    try:
        value = json.loads(text, parse_int=_integer)
    except json.JSONDecodeError as error:
        from .json_syntax import explain

        raise SpecError([explain(text, file, error.msg, error.pos)]) from None
    scan = Scan(text, file)
    scan.run()
    problems = _scan_problems(scan, value)
    document = Document(value if isinstance(value, dict) else {}, scan.places, {file: text})
    try:
        check_values(document)
    except SpecError as error:
        problems += error.diagnostics
    if problems:
        raise SpecError(problems)
    return document


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else 2**64


def _scan_problems(scan: Scan, value: Any) -> list[Diagnostic]:
    problems = [_duplicate(*duplicate) for duplicate in scan.duplicates]
    for span in scan.constants:
        from .json_syntax import non_finite

        problems.append(non_finite(Slip(scan.text, scan.file, span.start)))
    if not isinstance(value, dict):
        message = "a spec is an object of keys and values; expected `{`"
        problems.append(Diagnostic("not-a-table", message, scan.places[()].value))
    return problems


def _duplicate(path: Path, first: Span, second: Span) -> Diagnostic:
    name = path_text(path)
    message = f"`{name}` is given twice; expected it once"
    return Diagnostic("duplicate-key", message, second, name, (Label(first, "first given here"),))
