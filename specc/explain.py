"""What the codes of problems mean: a page for each, with an example and what mends it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "codes"


def codes() -> list[str]:
    """The codes that have a page."""
    return sorted(page.stem for page in _FOLDER.glob("*.md"))


def page(code: str) -> str | None:
    """The page of a code, in Markdown; None where there is none."""
    return (_FOLDER / f"{code}.md").read_text("utf-8") if code in codes() else None
