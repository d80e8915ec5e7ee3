"""For tests of your own: `specc.testing.verify("model.toml", against=MyNetwork)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .interface import Format, Source, checked_spec


def verify(
    source: Source,
    *,
    against: str | Callable[[], Any] | None = None,
    format: Format | None = None,
    settings: Sequence[str] = (),
) -> None:
    """Hold a spec to its promises on the installed torch, as `specc verify` does.

    source, format, settings: as `specc.check` takes them.
    against: a module written by hand that must be equal: a class, a function that makes one, or
        where it is, as "package.module:Class".
    Raises AssertionError with what failed, SpecError for a spec with problems.
    """
    from .verify.verify import verify as examine

    checked, document = checked_spec(source, format, settings)
    name = Path(next(iter(document.texts), "a dict")).name
    found = examine(checked, document, name, against)
    wrong = [f for f in found if f.verdict == "failed"]
    lines = [line for f in wrong for line in (f"{f.examination}: {f.says}", *f.details)]
    if lines:
        raise AssertionError("\n".join(lines))
