"""Every mistake is reported once, at its place, in words that help.

A case is a spec in `errors/`. What `check` says of it stands in its first comment lines (for JSON
in a file beside it): place, code and message of each problem, its labels, help and fix.
`python tests/test_errors.py --write` writes what `check` says now; read it before committing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import specc
from specc.spec.diagnostic import Diagnostic, Span
from specc.spec.source import line_and_column

FOLDER = Path(__file__).parent / "errors"
CASES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".toml", ".json"))
_LEAD = "# "


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_says_what_is_expected(path: Path) -> None:
    expected, _ = split(path)
    assert expected, f"{path.name} expects no problem"
    assert report(path.read_text("utf-8"), path.suffix[1:]) == expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_spans_lie_in_the_text(path: Path) -> None:
    text = path.read_text("utf-8")
    format: Any = path.suffix[1:]
    for problem in specc.check(text, format=format):
        places = [problem.span, *(label.span for label in problem.labels)]
        for span in places:
            assert span is not None
            assert 0 <= span.start <= span.end <= len(text)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_fixes_mend(path: Path) -> None:
    text = path.read_text("utf-8")
    format: Any = path.suffix[1:]
    found = specc.check(text, format=format)
    for problem in found:
        if problem.fix is None:
            continue
        span = problem.fix.span
        mended = text[: span.start] + problem.fix.text + text[span.end :]
        left = [(other.code, other.message) for other in specc.check(mended, format=format)]
        said = (problem.code, problem.message)
        before = [(other.code, other.message) for other in found].count(said)
        assert left.count(said) < before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"height", "width"', '"2*h", "2*w"'),
        (
            '["batch", 3, "height", "width"]',
            '{ shape = ["batch", 3, "height", "width"],'
            ' where = ["width % 2 == 0", "height % 2 == 0"] }',
        ),
    ],
)
def test_the_help_for_a_skip_connection_settles_it(old: str, new: str) -> None:
    text = (FOLDER / "skip_connection.toml").read_text("utf-8")
    assert "% 2 == 0" in str(specc.check(text, format="toml")[0].help)
    assert specc.check(text.replace(old, new), format="toml") == []


def split(path: Path) -> tuple[list[str], str]:
    """What a case expects, and its text without that."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        beside = path.with_suffix(".txt")
        return beside.read_text("utf-8").splitlines() if beside.exists() else [], text
    lines = text.split("\n")
    count = next(i for i, line in enumerate(lines) if not line.startswith(_LEAD))
    return [line.removeprefix(_LEAD) for line in lines[:count]], "\n".join(lines[count:])


def report(text: str, format: str) -> list[str]:
    """What `check` says of a text, as lines."""
    return [
        _visible(line)
        for problem in specc.check(text, format=format)  # type: ignore[arg-type]
        for line in _lines(problem, text)
    ]


def _lines(problem: Diagnostic, text: str) -> Iterator[str]:
    yield f"{_place(problem.span, text)} {problem.code}: {problem.message}"
    for label in problem.labels:
        yield f"  {_place(label.span, text)}: {label.message}"
    if problem.help:
        yield f"  help: {problem.help}"
    if problem.fix:
        yield f"  fix: {text[problem.fix.span.start : problem.fix.span.end]} -> {problem.fix.text}"


def _place(span: Span | None, text: str) -> str:
    return ":".join(map(str, line_and_column(text, span.start))) if span else "nowhere"


def _visible(line: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def write(path: Path) -> None:
    """Makes a case expect what `check` says now."""
    _, body = split(path)
    found = report(body, path.suffix[1:])
    if path.suffix == ".json":
        path.with_suffix(".txt").write_text("".join(f"{line}\n" for line in found), "utf-8")
        return
    # The lines above the spec count too, so it is read again below as many of them.
    found = report(f"{_LEAD}\n" * len(found) + body, "toml")
    path.write_text("".join(f"{_LEAD}{line}\n" for line in found) + body, "utf-8")


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    for case in CASES:
        write(case)
