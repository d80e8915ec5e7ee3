"""The pages of `specc explain`: each example gives exactly its code, at the place that it marks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

import specc
from specc.cli.explain import command
from specc.explain import codes, page
from specc.spec.source import line_and_column

ROOT: Final = Path(__file__).parent.parent
_BLOCK: Final = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CARETS: Final = re.compile(r"# *(\^+)")
_CODE: Final = re.compile(r"[a-z]+(-[a-z]+)*")
_HERE: Final = re.compile(r".*  # <- here")


_FIRST: Final = ("error", "Diagnostic", "BindError", "Unknown")
"""What is called with a code as its first argument; elsewhere it is called code."""
SHOWN: Final = [code for code in codes() if _BLOCK.search(page(code) or "")]
"""The codes whose pages show an example: those of files and encodings can't."""


@cache
def reported() -> frozenset[str]:
    """The codes that stand in the compiler's source."""
    files = [file for folder in ("spec", "compiler") for file in (ROOT / folder).rglob("*.py")]
    trees = [ast.parse(file.read_text("utf-8")) for file in files]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    written = [part for call in calls for value in _values(call) for part in ast.walk(value)]
    texts = {part.value for part in written if isinstance(part, ast.Constant)}
    return frozenset(text for text in texts if isinstance(text, str) and _CODE.fullmatch(text))


def _values(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that are codes."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    yield from call.args[:1] if name in _FIRST else call.args[2:3] if name == "_problem" else ()
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "code")


def test_every_code_has_a_page() -> None:
    missing = sorted(reported() - {*codes()})
    assert not missing, f"write specc/codes/CODE.md for {', '.join(missing)}"


@pytest.mark.parametrize("code", codes())
def test_a_page_is_of_a_code(code: str) -> None:
    text = page(code) or ""
    assert text.startswith(f"# {code}\n\n")
    assert code in reported() or code in SHOWN


@pytest.mark.parametrize("code", SHOWN)
def test_an_example_is_true(code: str) -> None:
    wrong, mended = _BLOCK.findall(page(code) or "")
    assert {problem.code for problem in specc.check(wrong, format="toml")} == {code}
    assert specc.check(mended, format="toml") == []


@pytest.mark.parametrize("code", SHOWN)
def test_an_example_marks_the_place(code: str) -> None:
    wrong, _ = _BLOCK.findall(page(code) or "")
    lines = wrong.split("\n")
    # Carets below the place; a place at the beginning of a line is marked at its end.
    under = [(line, mark.start(1) + 1) for line, mark in _marks(lines, _CARETS)]
    beside = [(line + 1, 1) for line, _ in _marks(lines, _HERE)]
    span = specc.check(wrong, format="toml")[0].span
    assert span is not None
    assert [line_and_column(wrong, span.start)] == under + beside


def _marks(lines: list[str], pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    for line, text in enumerate(lines):
        mark = pattern.fullmatch(text)
        if mark is not None:
            yield line, mark


def test_the_command_prints_a_page() -> None:
    run = CliRunner().invoke
    assert run(command, ["shape-mismatch"]).output == page("shape-mismatch")
    assert run(command, []).output.split() == codes()
    assert page("../explain") is None


def test_pages_hold_no_other_files() -> None:
    folder = Path(specc.__file__).parent / "codes"
    assert sorted(file.name for file in folder.iterdir()) == [f"{code}.md" for code in codes()]
