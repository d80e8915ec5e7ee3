"""Whatever is written is answered, and what is accepted holds: a budgeted run of the fuzzer.

`make fuzz` runs as long as one likes, and keeps what it finds; the seeds here are fixed, so that
what fails is the change and not the dice.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz import oracle
from fuzz.cases import case
from fuzz.corpus import lay_out, seeds, tree_of
from fuzz.oracle import Fault, Verdict, examine
from fuzz.shrink import smallest_text, smallest_tree
from fuzz.trees import as_json, as_toml, fits_both

from specc.spec.diagnostic import Diagnostic, Span

TESTS = Path(__file__).parent
KEPT = sorted((TESTS / "fuzz" / "kept").iterdir())
"""The smallest specs of faults that were found, and are mended."""
SOUND = '[model]\nname = "Net"\ninputs.x = ["batch", 4]\nlayers = ["ReLU"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lay_out(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_a_fault_that_was_found_is_gone(path: Path, folder: Path) -> None:
    verdict = examine(path.read_bytes(), path.suffix[1:], folder)
    assert verdict.faults == []
    if verdict.checked is not None:
        from fuzz.torch_oracle import run

        outcome = run(verdict)
        assert verdict.faults == [], outcome


def _campaign(*options: str) -> str:
    command = [sys.executable, "-m", "fuzz", *options]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_some_specs_are_answered() -> None:
    assert "faults: none" in _campaign("--count", "100")


@pytest.mark.slow
def test_many_specs_are_answered() -> None:
    assert "faults: none" in _campaign("--count", "2500", "--seed", "1")


@pytest.mark.slow
def test_what_is_accepted_runs_with_torch() -> None:
    assert "faults: none" in _campaign("--count", "100", "--seed", "2", "--torch")


def test_the_same_number_gives_the_same_spec() -> None:
    cases = [case(number, seed=5) for number in range(200)]
    assert cases == [case(number, seed=5) for number in range(200)]
    assert len({one.data for one in cases}) > 150
    assert {one.way for one in cases} == {"tree", "random", "text", "bytes", "training"}


def test_trees_survive_both_formats() -> None:
    for one in seeds():
        if one.tree is not None and fits_both(one.tree):
            assert tree_of(as_json(one.tree), "json") == one.tree
            assert tree_of(as_toml(one.tree), "toml") == one.tree


def _kinds(folder: Path, text: str = SOUND) -> set[str]:
    return {fault.kind for fault in examine(text.encode(), "toml", folder).faults}


def test_the_oracle_sees_an_exception(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(oracle, "check_document", broken)
    assert any(kind.startswith("KeyError in ") for kind in _kinds(folder))


def test_the_oracle_sees_what_hangs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(oracle, "_WALL", 1)
    monkeypatch.setattr(oracle, "check_document", slow)
    assert any(kind.startswith("Hang in ") for kind in _kinds(folder))


def test_the_oracle_sees_a_poor_message(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = (
        Diagnostic("zzz", "this is bad", Span("spec.toml", 0, 1)),
        Diagnostic("wrong-type", f"this is {object()}", Span("spec.toml", 0, 1)),
        Diagnostic("wrong-type", "this is elsewhere", Span("spec.toml", 5, 5_000)),
        Diagnostic("wrong-type", "this is nowhere"),
    )
    monkeypatch.setattr(oracle, "check_document", lambda _: (None, list(poor)))
    kinds = _kinds(folder)
    assert {"code without a page: zzz", "no place: wrong-type"} <= kinds
    assert "a place outside of the file: wrong-type" in kinds
    assert any(kind.startswith("words of Python") for kind in kinds)


def test_the_oracle_sees_code_that_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = iter([{"model.py": "x = = 1"}, {"model.py": "x = 1"}, {"model.py": "x = 1"}])
    monkeypatch.setattr(oracle, "_built", lambda *_: next(files))
    monkeypatch.setattr(oracle, "_shown", lambda _: set())
    kinds = _kinds(folder)
    assert "Python refuses model.py: SyntaxError" in kinds
    assert "not the same bytes twice" in kinds


def test_the_torch_oracle_sees_what_does_not_run(folder: Path) -> None:
    from fuzz.torch_oracle import run

    def outcome(old: str, new: str) -> Verdict:
        verdict = examine(SOUND.encode(), "toml", folder)
        verdict.files = {
            path: text.replace(old, new) if path == "model.py" else text
            for path, text in verdict.files.items()
        }
        run(verdict)
        return verdict

    assert outcome("", "").faults == []
    assert outcome("nn.ReLU()", "nn.Linear(5, 5)").faults
    assert outcome("nn.ReLU()", "nn.Flatten(0)").faults
    assert outcome("nn.ReLU()", "nn.ReLu()").faults


def test_what_fails_is_made_small() -> None:
    tree = {"a": [1, {"b": 2, "c": 3}], "d": {"e": 4}}
    small = smallest_tree(tree, lambda other: "'c': 3" in str(other))
    assert small == {"a": [{"c": 3}]}
    assert smallest_text("a\nb\nc", lambda text: "b" in text) == "b"


def test_a_fault_is_found_in_its_own_file() -> None:
    try:
        raise LookupError("here")
    except LookupError as error:
        found = oracle.fault_of(error)
    assert found == Fault(
        "LookupError in test_fuzz.py:test_a_fault_is_found_in_its_own_file", found.text
    )
