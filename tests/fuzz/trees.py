"""Trees of specs: their places, and their texts in TOML and JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

Path = tuple[Any, ...]
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value below a tree, with its path."""
    if path:
        yield path, value
    if isinstance(value, dict | list):
        items: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from places(inner, (*path, key))


def at(tree: Any, path: Path) -> Any:
    """The value at a path."""
    for key in path:
        tree = tree[key]
    return tree


def as_json(tree: Any) -> str:
    """A tree as JSON; what JSON can't say, such as nan, stands there as Python writes it."""
    return json.dumps(tree, indent=1)


def as_toml(tree: dict[str, Any]) -> str:
    """A tree as TOML, its last tables as sections: the order stays, as messages may follow it.

    Null, which TOML can't say, stands there as it is.
    """
    items = [*tree.items()]
    count = next((i for i, (_, one) in enumerate(reversed(items)) if not _is_section(one)), None)
    plain = 0 if count is None else len(items) - count
    lines = [f"{_key(key)} = {_value(one)}" for key, one in items[:plain]]
    for key, one in items[plain:]:
        head = f"[{_key(key)}]" if isinstance(one, dict) else f"[[{_key(key)}]]"
        for table in [one] if isinstance(one, dict) else one:
            lines += ["", head]
            lines += [f"{_key(inner)} = {_lines(item)}" for inner, item in table.items()]
    return "\n".join(lines) + "\n"


def fits_both(tree: Any) -> bool:
    """Whether TOML and JSON can both say a tree."""
    return all(
        math.isfinite(inner) if isinstance(inner, float) else inner is not None
        for _, inner in places(tree)
    )


def _is_section(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, dict) for one in value)
    return isinstance(value, dict)


def _lines(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return "[\n" + "".join(f"  {_value(one)},\n" for one in value) + "]"
    return _value(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
        return "{ " + inner + " }" if inner else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, default=str)
