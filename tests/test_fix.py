"""`specc check --fix` mends what is sure, and touches nothing else.

A case is a spec in `fixes/`; `NAME.fixed.EXT` beside it is what `--fix` makes of it.
"""

from __future__ import annotations

import json
import os
import random
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import specc
from specc.cli import main
from specc.compiler.write import rewrite
from specc.fix import Fixed, Texts, fixed
from specc.spec.diagnostic import Diagnostic, SpecError
from specc.spec.source import Document, parse_json, parse_toml

HERE = Path(__file__).parent
CASES = sorted(path for path in (HERE / "fixes").iterdir() if ".fixed." not in path.name)
ERRORS = sorted(path for path in (HERE / "errors").iterdir() if path.suffix in (".toml", ".json"))
EXAMPLES = sorted((HERE.parent / "examples").glob("*.toml"))


def fix(text: str, format: str = "toml") -> tuple[str, Fixed]:
    """A text with its fixes made, and what was done."""

    def check(edited: Texts) -> tuple[Sequence[Diagnostic], Texts]:
        written = edited.get("a.spec", text)
        parse = parse_json if format == "json" else parse_toml
        try:
            document = parse(written, "a.spec")
        except SpecError as error:
            return error.diagnostics, {"a.spec": written}
        return _checked(document), document.texts

    result = fixed(check)
    return result.after.get("a.spec", text), result


def _checked(document: Document) -> list[Diagnostic]:
    from specc.compiler.compile import check

    return check(document)[1]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_mends_what_is_sure(path: Path, end: str) -> None:
    expected = path.with_name(f"{path.stem}.fixed{path.suffix}").read_bytes().decode()
    text = path.read_bytes().decode()
    assert "\r" not in text + expected
    assert fix(text.replace("\n", end), path.suffix[1:])[0] == expected.replace("\n", end)


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.name)
def test_makes_no_more_errors(path: Path) -> None:
    format: Any = path.suffix[1:]
    text = path.read_text("utf-8")
    before = specc.check(text, format=format)
    mended, result = fix(text, format)
    assert len(result.left[0]) <= len(before) or "syntax" in {problem.code for problem in before}
    assert (mended == text) == (not result.made)
    # What may be mended has been.
    assert all(problem.fix is None for problem in result.left[0])


WORDS = frozenset(
    """name inputs layers outputs params type expr when repeat shared out_features kernel_size
    out_channels stride padding lr momentum epochs batch_size columns target bias data loss model
    optimizer training scheduler metrics blocks seed split""".split()
)


def misspellings(text: str, draw: random.Random) -> Iterator[tuple[str, str]]:
    """The text with one known word misspelt, each with the word."""
    document = parse_toml(text, "a.spec")
    places = [
        (place.key if isinstance(path[-1], str) else None, path[-1])
        for path, place in document.places.items()
        if path and path[-1] in WORDS and "params" not in path[:-1] and "inputs" not in path[:-1]
    ]
    places += [
        (document.span(path, within=(0, len(str(value)))), value)
        for path, value in _types(document.value, ())
    ]
    draw.shuffle(places)
    for span, word in places:
        if span is None or not isinstance(word, str) or text[span.start : span.end] != word:
            continue
        at = draw.randrange(len(word))
        letter = draw.choice("abcdefghijklmnopqrstuvwxyz_")
        wrong = draw.choice(
            [
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
                word.swapcase(),
            ]
        )
        if wrong and wrong != word:
            yield text[: span.start] + wrong + text[span.end :], word


def _types(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[Any, str]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items if isinstance(value, dict | list) else ():
        if key == "type" and isinstance(inner, str):
            yield (*path, key), inner
        yield from _types(inner, (*path, key)) if isinstance(inner, dict | list) else ()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_misspelling_is_mended_to_the_byte_or_left(path: Path) -> None:
    text = path.read_bytes().decode()
    draw = random.Random(path.stem)
    mended = tried = 0
    for wrong, word in list(misspellings(text, draw))[:12]:
        try:
            problems = _checked(parse_toml(wrong, "a.spec"))
        except SpecError:
            continue
        if not problems:
            # It means something else now, such as a name of its own.
            continue
        result = fix(wrong)[0]
        assert result in (text, wrong), word
        tried += 1
        mended += result == text
    assert mended >= tried * 0.6


class TestCommand:
    """`specc check --fix FILE`."""

    WRONG = b'# \xc3\xa9\r\n[model]\r\nname = "A"\r\ninput.x = ["b", 3]\r\nlayers = ["ReLU"]'
    RIGHT = WRONG.replace(b"input.", b"inputs.")

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        self.folder = tmp_path
        self.file = tmp_path / "a.toml"
        self.file.write_bytes(self.WRONG)
        self.monkeypatch = monkeypatch

    def run(self, *arguments: str) -> int:
        self.monkeypatch.setattr(sys, "argv", ["specc", "check", *arguments])
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0)
        return 0

    def test_writes_what_it_mends(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.file.chmod(0o640)
        assert self.run("--fix", "a.toml") == 0
        assert self.file.read_bytes() == self.RIGHT
        assert stat.S_IMODE(self.file.stat().st_mode) == 0o640
        assert [path.name for path in self.folder.iterdir()] == ["a.toml"]
        out, err = capsys.readouterr()
        assert out == ""
        assert err == "a.toml:4:1: fixed[unknown-key]: replaced `input` with `inputs`\n"

    def test_tells_what_is_left(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.file.write_bytes(self.WRONG.replace(b"ReLU", b"Nonsense"))
        assert self.run("--fix", "--format", "json", "a.toml") == 1
        out, err = capsys.readouterr()
        [problem] = json.loads(out)["diagnostics"]
        assert (problem["code"], problem["fix"]) == ("unknown-type", None)
        assert "fixed[unknown-key]" in err

    def test_shows_what_it_would_change(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.run("--diff", "a.toml") == 1
        assert self.file.read_bytes() == self.WRONG
        out, err = capsys.readouterr()
        assert "-input.x" in out
        assert "+inputs.x" in out
        assert err == ""

    def test_nothing_to_mend_writes_nothing(self) -> None:
        self.file.write_bytes(self.RIGHT)
        before = self.file.stat()
        assert self.run("--fix", "a.toml") == self.run("--diff", "a.toml") == 0
        assert self.file.stat().st_ino == before.st_ino
        assert self.file.stat().st_mtime_ns == before.st_mtime_ns

    def test_mends_included_files(self, capsys: pytest.CaptureFixture[str]) -> None:
        (self.folder / "b.toml").write_text('[blocks.Block]\nlayer = ["relu"]\n')
        self.file.write_bytes(
            b'include = ["b.toml"]\n' + self.WRONG.replace(b'"ReLU"', b'"Block", "Blok"')
        )
        assert self.run("--fix", "a.toml") == 0
        assert (self.folder / "b.toml").read_text() == '[blocks.Block]\nlayers = ["ReLU"]\n'
        assert b'"Block", "Block"' in self.file.read_bytes()

    def test_a_link_stays_a_link(self) -> None:
        (self.folder / "link.toml").symlink_to("a.toml")
        assert self.run("--fix", "link.toml") == 0
        assert (self.folder / "link.toml").is_symlink()
        assert self.file.read_bytes() == self.RIGHT

    def test_a_file_that_changed_meanwhile_stays(self, capsys: pytest.CaptureFixture[str]) -> None:
        def late(file: Path, before: str, after: str) -> None:
            file.write_bytes(b"newer")
            rewrite(file, before, after)

        self.monkeypatch.setattr("specc.cli.fix.rewrite", late)
        assert self.run("--fix", "a.toml") == 2
        assert self.file.read_bytes() == b"newer"
        assert "changed meanwhile" in capsys.readouterr().err
        assert [path.name for path in self.folder.iterdir()] == ["a.toml"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_that_is_read_only_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder.chmod(0o500)
        try:
            assert self.run("--fix", "a.toml") == 2
        finally:
            self.folder.chmod(0o700)
        assert "ermission" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments",
        [("--fix", "-"), ("--fix", "--diff", "a.toml"), ("--diff", "--format", "json", "a.toml")],
    )
    def test_refuses_what_makes_no_sense(self, arguments: tuple[str, ...]) -> None:
        assert self.run(*arguments) == 2
        assert self.file.read_bytes() == self.WRONG
