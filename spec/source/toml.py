"""TOML 1.1 text -> Document."""

from __future__ import annotations

from .document import Document
from .plain import check_values
from .toml_scan import Scan


def parse_toml(text: str, file: str) -> Document:
    """The document written in `text`; `file` names it in messages.

    Raises `SpecError` for text that is not TOML and for values that are not the language's.
    """
    import tomli

    value = tomli.loads(text)
    scan = Scan(text, file)
    scan.run()
    return check_values(Document(value, scan.places, {file: text}))
