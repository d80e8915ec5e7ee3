"""The order of imports: standard library, other libraries, the package itself, as isort has it."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from .code import Import, ImportFrom


def section(statement: Import | ImportFrom) -> int:
    """0: `__future__`, 1: the standard library, 2: another library, 3: the package itself."""
    head = statement.module.split(".")[0]
    if not head:
        return 3
    if head == "__future__":
        return 0
    return 1 if head in sys.stdlib_module_names else 2


def arranged(statements: Iterable[Import | ImportFrom]) -> tuple[Import | ImportFrom, ...]:
    """Imports sorted, each module once."""
    plain: dict[tuple[str, str | None], None] = {}
    members: dict[str, set[str]] = {}
    for statement in statements:
        if isinstance(statement, Import):
            plain[(statement.module, statement.alias)] = None
        else:
            members.setdefault(statement.module, set()).update(statement.names)
    made: list[Import | ImportFrom] = [
        *(Import(module, alias) for module, alias in plain),
        *(ImportFrom(module, tuple(sorted(names, key=_rank))) for module, names in members.items()),
    ]
    return tuple(sorted(made, key=lambda s: (section(s), isinstance(s, ImportFrom), s.module)))


def _rank(name: str) -> tuple[int, str]:
    """Constants before classes before functions."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name
