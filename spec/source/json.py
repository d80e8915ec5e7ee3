"""JSON text -> Document."""

from __future__ import annotations

from .document import Document
from .json_scan import Scan
from .plain import check_values


def parse_json(text: str, file: str) -> Document:
    """The document written in `text`; `file` names it in messages.

    Raises `SpecError` for text that is not JSON and for values that are not the language's.
    """
    import json

    value = json.loads(text)
    scan = Scan(text, file)
    scan.run()
    return check_values(Document(value, scan.places, {file: text}))
