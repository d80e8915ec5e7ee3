"""JSON text -> Document."""

from __future__ import annotations

from ..diagnostic import SpecError
from .document import Document
from .plain import check_values
from .prescan import check_json_text

# More digits than a 64-bit integer has; what they say doesn't matter, and Python may refuse them.
_LONGEST_INTEGER = 20


def parse_json(text: str, file: str) -> Document:
    """The document written in `text`; `file` names it in messages.

    Raises `SpecError` for text that is not JSON and for values that are not the language's.
    """
    import json

    from .json_scan import Scan
    from .json_syntax import explain, scan_problems

    check_json_text(text, file)
    try:
        value = json.loads(text, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise SpecError([explain(text, file, error.msg, error.pos)]) from None
    scan = Scan(text, file)
    scan.run()
    problems = scan_problems(scan, is_object=isinstance(value, dict))
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
