"""Pictures of outputs over an input: what may be asked for, and what is drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from specc.compiler.compile import check
from specc.compiler.emit.render import render
from specc.compiler.plan_package import plan_package
from specc.compiler.resolve.problems import Problems
from specc.spec.diagnostic import Diagnostic
from specc.spec.source import parse_toml

SPEC = """
[model]
name = "Curves"
inputs.x = ["n"]
inputs.u = []
inputs.v = []
inputs.w = ["m", 3]
layers = [
  { name = "y", expr = "x ** 3 - 7 * x" },
  { name = "scaled", expr = "y * u" },
  { name = "again", expr = "scaled + x" },
  { name = "other", expr = "v * w.sum()" },
]
outputs = ["y", "again", "other"]

[[plot]]
x = { name = "x", from = -10.0, to = 10.0, points = 50 }
y = ["y", "again"]
inputs = { u = 2.0 }
"""
EDITS = [
    ("inputs = { u = 2.0 }", "", "missing-input", "plot[0]"),
    ("inputs = { u = 2.0 }", "inputs = { u = 2.0, t = 1.0 }", "unknown-name", "plot[0].inputs.t"),
    ('y = ["y", "again"]', 'y = ["y", "agian"]', "unknown-name", "plot[0].y[1]"),
    ('y = ["y", "again"]', 'y = ["y", "y"]', "duplicate-name", "plot[0].y[1]"),
    ('y = ["y", "again"]', "y = []", "no-curve", "plot[0].y"),
    ('name = "x", from', 'name = "xx", from', "unknown-name", "plot[0].x.name"),
    ('name = "x", from', 'name = "v", from', "wrong-axis", "plot[0].x.name"),
    ("points = 50", "points = 1", "invalid-value", "plot[0].x.points"),
    ("to = 10.0", "to = -10.0", "invalid-value", "plot[0].x"),
    ("to = 10.0, ", "", "missing-key", "plot[0].x"),
    ("to = 10.0", "till = 1.0, to = 10.0", "unknown-key", "plot[0].x.till"),
]


def compiled(text: str) -> tuple[list[Diagnostic], dict[str, str]]:
    """The problems of a spec's pictures, and its files where there are none."""
    problems = Problems(parse_toml(text, "spec.toml"))
    checked, found = check(problems.document)
    if checked is None:
        return found, {}
    plan = plan_package(checked.graph, checked.typed, checked.training, checked.curves, problems)
    return found, render(plan)


def test_outputs_that_do_not_depend_on_an_input_need_no_value_for_it() -> None:
    text = SPEC.replace('y = ["y", "again"]', 'y = ["y"]').replace("inputs = { u = 2.0 }", "")
    assert compiled(text)[0] == []


@pytest.mark.parametrize(("old", "new", "code", "where"), EDITS)
def test_each_mistake_is_reported_at_its_place(old: str, new: str, code: str, where: str) -> None:
    assert old in SPEC
    found, _ = compiled(SPEC.replace(old, new))
    assert (code, where) in [(problem.code, problem.where) for problem in found]


def test_the_picture_shows_the_values_of_the_model(tmp_path: Path) -> None:
    problems, files = compiled(SPEC)
    assert problems == []
    (tmp_path / "curves").mkdir()
    for path, content in files.items():
        (tmp_path / "curves" / path).write_text(content)
    # The module that draws is replaced by one that tells what it was given.
    (tmp_path / "curves/plot_curves.py").write_text(
        "def plot_curves(name, x, curves, path):\n"
        "    print(name, path, x[0].item(), x[-1].item(), len(x), sorted(curves))\n"
        "    print(bool((curves['y'] == x**3 - 7 * x).all()))\n"
        "    print(bool((curves['again'] == curves['y'] * 2 + x).all()))\n"
    )
    command = [sys.executable, "-m", "curves"]
    drawn = subprocess.run(
        [*command, "plot"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert drawn.stdout.splitlines() == [
        "x runs/curves/plot.png -10.0 10.0 50 ['again', 'y']",
        "True",
        "True",
    ]
    listed = subprocess.run(
        [*command, "summary"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert listed.stdout.splitlines()[-1].split() == ["total", "0"]
