"""Every mistake of a spec is told in one run, each at its place, and nothing else is.

In a file of `mistakes/`, `#! COLUMN CODE` stands behind each mistake.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import specc
from specc.spec.source import line_and_column

FILES = sorted((Path(__file__).parent / "mistakes").glob("*.toml"))
_MARK = re.compile(r"#! (\d+) ([a-z-]+)")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_told_and_nothing_else(path: Path) -> None:
    text = path.read_text("utf-8")
    marked = [
        (line, int(column), code)
        for line, written in enumerate(text.splitlines(), 1)
        for column, code in _MARK.findall(written)
    ]
    assert len({code for *_, code in marked}) >= 10
    assert len(marked) >= 15
    told = []
    for problem in specc.check(text, format="toml"):
        assert problem.span is not None
        told.append((*line_and_column(text, problem.span.start), problem.code))
    assert sorted(told) == marked


def test_there_are_more_than_twenty_in_one_file() -> None:
    assert max(len(_MARK.findall(path.read_text("utf-8"))) for path in FILES) >= 35
