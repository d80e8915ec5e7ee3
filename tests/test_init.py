"""`specc init`: a first spec that checks, never in the place of another file."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import specc
from specc.cli import main
from specc.cli.init import EXAMPLES

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit status of a command line."""
    monkeypatch.setattr(sys, "argv", ["specc", *arguments])
    try:
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    return 0


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_checks(example: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "init", "--example", example) == 0
    assert [path.name for path in folder.iterdir()] == ["model.toml"]
    assert (folder / "model.toml").read_bytes() == (
        ROOT / "examples" / EXAMPLES[example]
    ).read_bytes()
    assert specc.check("model.toml") == []


@pytest.mark.parametrize(
    ("name", "file", "model"),
    [
        ("Network", "network.toml", "Network"),
        ("MyNet", "my_net.toml", "MyNet"),
        ("my_net", "my_net.toml", "MyNet"),
        ("GPT", "gpt.toml", "GPT"),
        ("net2", "net2.toml", "Net2"),
    ],
)
@pytest.mark.parametrize("example", EXAMPLES)
def test_a_name_is_the_models_and_the_files(
    name: str,
    file: str,
    model: str,
    example: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "init", name, "--example", example) == 0
    assert [path.name for path in folder.iterdir()] == [file]
    said = capsys.readouterr()
    assert re.findall("^  (specc .*)$", said.out, re.MULTILINE) == [
        f"specc check {file}",
        f"specc run {file}",
    ]
    assert run(monkeypatch, "check", file) == 0
    original = (ROOT / "examples" / EXAMPLES[example]).read_text("utf-8").splitlines()
    written = (folder / file).read_text("utf-8").splitlines()
    changed = [new for old, new in zip(original, written, strict=True) if old != new]
    assert changed == ([] if f'name = "{model}"' in original else [f'name = "{model}"'])


def test_an_existing_file_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "model.toml").write_text("mine")
    assert run(monkeypatch, "init") == 1
    assert (folder / "model.toml").read_text() == "mine"
    said = capsys.readouterr()
    assert said.out == ""
    assert "model.toml" in said.err


@pytest.mark.parametrize(
    ("example", "meant"), [("digit", "digits"), ("Classifer", "classifier"), ("zzz", None)]
)
def test_an_unknown_example_names_the_known(
    example: str,
    meant: str | None,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "init", "--example", example) == 2
    said = capsys.readouterr().err
    assert example in said
    assert all(known in said for known in EXAMPLES)
    assert (f"Did you mean {meant}?" in said) == (meant is not None)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["class", "torch", "9lives", "a-b", "../up", "a b", "", "__x"])
def test_what_cannot_be_a_name_writes_nothing(
    name: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "init", name) == 2
    assert capsys.readouterr().err.startswith("specc: ")
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gone").mkdir()
    monkeypatch.chdir(folder / "gone")
    (folder / "gone").rmdir()
    assert run(monkeypatch, "init") == 2
    assert "model.toml" in capsys.readouterr().err
