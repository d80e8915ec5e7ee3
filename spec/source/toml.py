"""TOML 1.1 text -> Document."""

from __future__ import annotations

from ..diagnostic import SpecError
from .document import Document
from .plain import check_values
from .prescan import check_toml_text
from .toml_scan import Scan


def parse_toml(text: str, file: str) -> Document:
    """The document written in `text`; `file` names it in messages.

    Raises `SpecError` for text that is not TOML and for values that are not the language's.
    """
    import tomli

    check_toml_text(text, file)
    try:
        value = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        from .toml_syntax import explain

        raise SpecError([explain(text, file, error.msg, error.pos)]) from None
    except ValueError:
        from .toml_syntax import huge_integer

        raise SpecError([huge_integer(text, file)]) from None
    scan = Scan(text, file)
    scan.run()
    return check_values(Document(value, scan.places, {file: text}))
