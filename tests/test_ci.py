"""What runs specc by itself: a project's settings, hooks, the action, watching, annotations."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from specc.render import as_github, as_sarif
from specc.spec.diagnostic import Diagnostic, Severity, Span

# It comes with libraries that tests need.
yaml: Any = pytest.importorskip("yaml")

ROOT: Final = Path(__file__).parent.parent
SPECC: Final = (sys.executable, "-m", "specc")
SPEC: Final = """\
[model]
name = "NAME"
inputs.x = ["batch", 3]
layers = [{ name = "fc", type = "Linear", out_features = 4 }]
"""
PROJECT: Final = """\
[tool.specc]
files = ["models/*.toml"]
output = "src/nets"
edition = 1
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two specs."""
    (tmp_path / "pyproject.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "models").mkdir()
    for name in ("First", "Second"):
        spec = tmp_path / "models" / f"{name.lower()}.toml"
        spec.write_text(SPEC.replace("NAME", name), "utf-8")
    return tmp_path


def specc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*SPECC, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done


def test_a_project_needs_no_arguments(project: Path) -> None:
    assert specc(project, "check").returncode == 0
    built = specc(project, "build")
    assert (built.returncode, built.stdout.split()) == (0, ["src/nets/first", "src/nets/second"])
    assert (project / "src/nets/second/model.py").exists()
    inner = project / "models"
    assert specc(inner, "build", "--check").returncode == 0
    assert specc(inner, "build", "first.toml").stdout.split() == ["../src/nets/first"]
    (inner / "first.toml").write_text(SPEC.replace("NAME", "First").replace("fc", "fc2"), "utf-8")
    (inner / "second.toml").write_text("model = 1", "utf-8")
    drift = specc(project, "build", "--check")
    assert (drift.returncode, "first/model.py: stale" in drift.stdout) == (1, True)
    assert "run specc build models/first.toml" in drift.stderr
    checked = specc(project, "check")
    assert (checked.returncode, checked.stdout.count("error[")) == (1, 1)
    assert "models/second.toml" in checked.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "name a spec"),
        ("[tool.specc]", "name a spec"),
        ("[tool.specc]\nfils = []", "has no key fils"),
        ("[tool.specc]\nfiles = 'a.toml'", "files must be a list"),
        ("[tool.specc]\nfiles = ['nets/*.toml']", "matches no file"),
        ("[tool.specc]\noutput = 1", "output must be a folder"),
        ("[tool.specc]\nedition = 2", "edition is 2"),
        ("[tool]\nspecc = 1", "must be a table"),
        ("[tool", "pyproject.toml"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    for command in ("check", "build"):
        done = specc(tmp_path, command)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr


def test_kinds_of_drift_have_their_own_advice(project: Path) -> None:
    specc(project, "build")
    folder = project / "src/nets/first"
    for name in ("model.py", "__init__.py"):
        text = (folder / name).read_text("utf-8")
        (folder / name).write_text(text + "# mine\n", "utf-8")
    (folder / "__init__.py").write_text("# mine alone\n", "utf-8")
    done = specc(project, "build", "--check", "models/first.toml")
    kinds = dict(line.rsplit("/", 1)[1].split(": ") for line in done.stdout.splitlines())
    assert kinds == {"model.py": "edited", "__init__.py": "foreign"}
    edited, foreign = done.stderr.splitlines()
    assert edited.endswith("then run specc build models/first.toml --force")
    assert "move them" in foreign
    assert specc(project, "build", "--diff", "models/first.toml").stdout.count("-# mine") == 2


def test_several_packages_have_no_one_folder(project: Path) -> None:
    done = specc(project, "build", "-o", "there")
    assert (done.returncode, "give one spec" in done.stderr) == (2, True)
    assert specc(project, "build", "--check", "--watch").returncode == 2


@pytest.fixture
def watching(project: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*SPECC, "build", "--watch", "models/first.toml"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=(project / "said.txt").open("w"),
        text=True,
    ) as process:
        yield process
        process.kill()


def test_watching_builds_again_and_outlives_mistakes(
    project: Path, watching: subprocess.Popen[str]
) -> None:
    spec, made = project / "models/first.toml", project / "src/nets/first/model.py"
    sound = spec.read_text("utf-8")
    _wait(lambda: "watching" in (project / "said.txt").read_text("utf-8"))
    assert "self.fc =" in made.read_text("utf-8")
    spec.write_text(sound.replace("Linear", "Linaer"), "utf-8")
    _wait(lambda: "unknown-type" in (project / "said.txt").read_text("utf-8"))
    spec.unlink()
    _wait(lambda: "no such file" in (project / "said.txt").read_text("utf-8"))
    spec.write_text('include = ["blocks.toml"]\n' + sound.replace('"fc"', '"dense"'), "utf-8")
    _wait(lambda: "blocks.toml" in (project / "said.txt").read_text("utf-8"))
    # What an earlier failure missed counts once it is there.
    (project / "models/blocks.toml").write_text("blocks = {}\n", "utf-8")
    _wait(lambda: "self.dense =" in made.read_text("utf-8"))
    assert watching.poll() is None


def _wait(is_so: Any) -> None:
    for _ in range(300):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it never came")


def test_the_action_checks_and_compares(project: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert action["runs"]["using"] == "composite"
    install, *steps = action["runs"]["steps"]
    assert "$GITHUB_ACTION_PATH" in install["run"]
    assert all(step["shell"] == "bash" for step in (install, *steps))
    # What a workflow says reaches a shell through its environment alone.
    assert "${{" not in "".join(step["run"] for step in steps)
    specc(project, "build")
    assert [_ran(step["run"], project, "") for step in steps] == [0, 0]
    assert [_ran(step["run"], project, "models/first.toml") for step in steps] == [0, 0]
    assert [_ran(step["run"], project, "a.toml models/first.toml") for step in steps] == [2, 2]
    (project / "src/nets/first/model.py").unlink()
    assert [_ran(step["run"], project, "") for step in steps] == [0, 1]


def _ran(script: str, folder: Path, files: str) -> int:
    """How a step of the action ends."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "FILES": files}
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        shell, cwd=folder, env=environment, capture_output=True, check=False
    ).returncode


def test_hooks_run_without_file_names(project: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in hooks} == {"specc-check", "specc-build", "specc-build-check"}
    specc(project, "build")
    for hook in hooks:
        assert not hook["pass_filenames"]
        name, *arguments = hook["entry"].split()
        assert (name, specc(project, *arguments).returncode) == ("specc", 0)


def problems(count: int, severity: Severity = "error") -> list[Diagnostic]:
    return [
        Diagnostic("a-code", f"wrong {place}", Span("a.toml", place, place + 1), severity=severity)
        for place in range(count)
    ]


def test_github_is_given_no_more_than_it_shows() -> None:
    found = [*problems(12), *problems(11, "warning")]
    said = as_github(found, {"a.toml": "x" * 20}).splitlines()
    assert sum(line.startswith("::error ") for line in said) == 10
    assert sum(line.startswith("::warning ") for line in said) == 10
    *rest, last = said[20:]
    assert all(line.startswith("- a.toml:1:1") for line in rest)
    assert len(rest) == 3
    assert last == "specc: 23 problems, of which GitHub marks 20 in the files"
    assert as_github(problems(10), {"a.toml": "x" * 20}).count("\n") == 10


def test_no_text_of_a_spec_is_a_command() -> None:
    hostile = "::set-output name=a::b\n::error::c\r%0A##[error]"
    found = [
        Diagnostic("a-code", hostile, Span("::warning,a:b%.toml", place, place), help=hostile)
        for place in range(12)
    ]
    for line in as_github(found, {"::warning,a:b%.toml": "x" * 20}).split("\n"):
        assert re.match(r"::error [^\r]*::|- |specc: |$", line)
        assert "\r" not in line


def test_sarif_has_the_structure_that_its_schema_asks_for() -> None:
    found = [*problems(2), Diagnostic("b-code", "no place", help="try this", severity="warning")]
    log = json.loads(as_sarif(found, {"a.toml": "xy"}))
    assert {*log} == {"$schema", "version", "runs"}
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["a-code", "b-code"]
    assert all({*rule} == {"id", "shortDescription", "help"} for rule in rules)
    assert rules[1]["help"] == {"text": "try this"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"]:
            place = location["physicalLocation"]
            assert not re.search(r"[\\ ]", place["artifactLocation"]["uri"])
            region = place["region"]
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1
            assert (region["endLine"], region["endColumn"]) >= (
                region["startLine"],
                region["startColumn"],
            )
