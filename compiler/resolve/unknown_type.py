"""What to say of a type that is no layer and no block."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from ...spec import registry
from ...spec.layers.absent import ABSENT, ALIASES, LAZY
from ...spec.layers.base import Layer
from ...spec.names import shown
from ...spec.record import Record

_CALL: Final = re.compile(r"\s*(?:torch\.)?(?:nn\.)?(\w+)\s*\(([^()]*)\)\s*")
_KEYWORD: Final = re.compile(r"\s*(\w+)\s*=\s*(.+)")


class Unknown(Record):
    """A problem with a type's name.

    meant: the name that may have been meant, None where there are several or none.
    is_slip: whether that name in its place is sure to mean the same.
    """

    code: str
    message: str
    help: str | None
    meant: str | None = None
    is_slip: bool = False


def unknown_type(name: str, blocks: Collection[str]) -> Unknown:
    """What is wrong with a name that neither a layer nor one of the blocks has."""
    known = [*registry.families("layers"), *blocks]
    call = _CALL.fullmatch(name)
    torch = call[1] if call else name.removeprefix("torch.").removeprefix("nn.")
    if torch in ABSENT:
        return Unknown("unknown-type", f"torch.nn.{torch} {ABSENT[torch]}", None)
    if call:
        said = f"{shown(name)} is a call: arguments are keys of a table"
        return Unknown("unknown-type", said, _as_table(torch, call[2]), torch)
    said = f"there is no module and no block {shown(name)}"
    alias = ALIASES.get(name.lower().replace("_", ""), ())
    for meant in (torch, torch.removeprefix(LAZY)):
        alias = (meant,) if meant != name and meant in known else alias
    if alias:
        help = f"torch calls it {_either(alias)}"
        return Unknown("unknown-type", said, help, alias[0] if len(alias) == 1 else None, True)
    close = registry.closest(name, known)
    if close is None:
        return Unknown("unknown-type", said, "a module's type is its name in torch.nn")
    help = f"did you mean {close}?"
    return Unknown("unknown-type", said, help, close, registry.slip(name, known) == close)


def _as_table(name: str, arguments: str) -> str:
    """A call written as an entry: `Dropout(0.2)` -> `{ type = "Dropout", p = 0.2 }`."""
    layer = registry.load("layers", name)
    names: list[str] = []
    if isinstance(layer, type) and issubclass(layer, Layer):
        names = list(layer.model_fields)
    items = [f'type = "{name}"']
    for index, argument in enumerate(filter(str.strip, arguments.split(","))):
        named = _KEYWORD.fullmatch(argument)
        if named is None and index >= len(names):
            return f'{{ type = "{name}", … }}'
        key, value = (named[1], named[2]) if named else (names[index], argument)
        items.append(f"{key} = {_value(value.strip())}")
    return f"{{ {', '.join(items)} }}" if len(items) > 1 else f'"{name}"'


def _value(text: str) -> str:
    """A plain value of Python in TOML; other expressions stand in quotes."""
    if text in ("True", "False"):
        return text.lower()
    is_plain = re.fullmatch(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?", text)
    bare = text.strip("'\"")
    return text if is_plain else f'"{bare}"'


def _either(names: Collection[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
