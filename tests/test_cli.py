"""The contracts of the command line and of the Python interface."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import specc
from specc.cli import main
from specc.spec.diagnostic import Span

SOUND = """\
[model]
name = "Small"
params.width = 4
inputs.x = ["batch", 3]
layers = [{ name = "fc", type = "Linear", out_features = "width" }, "ReLU"]
"""
WRONG = SOUND.replace("out_features", "out_featurs")
COLUMN = WRONG.splitlines()[4].index("out_featurs") + 1
PLACE = f"5:{COLUMN}: error[unknown-argument]"
TRAINED = (
    SOUND.replace("width = 4", "width = 1")
    + """
[data]
type = "make_regression"
n_features = 3
random_state = 0
[loss]
type = "MSELoss"
[optimizer]
type = "SGD"
lr = 0.1
[training]
epochs = 1
batch_size = 8
"""
)


class Result:
    """How a command ended, and what it said."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own, with a sound spec and a wrong one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sound.toml").write_text(SOUND, "utf-8")
    (tmp_path / "wrong.toml").write_text(WRONG, "utf-8")
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process."""

    def run_command(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["specc", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = _status()
        captured = capfd.readouterr()
        assert "Traceback" not in captured.out + captured.err
        assert "\x1b" not in captured.out + captured.err
        return Result(status, captured.out, captured.err)

    return run_command


def _status() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_sound_spec_is_silence(run: Run) -> None:
    result = run("check", "sound.toml")
    assert (result.status, result.out, result.err) == (0, "", "")


def test_findings_are_results(run: Run) -> None:
    result = run("check", "wrong.toml")
    assert (result.status, result.err) == (1, "")
    assert result.out.startswith(f"wrong.toml:{PLACE}: ")
    assert result.out.endswith("\n")
    assert not result.out.endswith("\n\n")


@pytest.mark.parametrize(
    ("file", "data", "said"),
    [
        ("absent.toml", None, "there is no such file"),
        (".", None, "expected a file that ends in .toml or .json"),
        ("folder.toml", "folder", "this is a folder"),
        ("latin.toml", b'name = "gr\xfc\xdfe"', "not UTF-8"),
        ("spec.yaml", b"model: 1", "expected a file that ends in .toml or .json"),
        ("large.toml", b"#" * 5_000_000, "larger than 4 MiB"),
        ("steered\x1b[31m.toml", None, "there is no such file"),
    ],
)
@pytest.mark.parametrize("command", ["check", "build", "summary"])
def test_unreadable_input_is_status_2(
    run: Run, folder: Path, command: str, file: str, data: object, said: str
) -> None:
    if data == "folder":
        (folder / file).mkdir()
    elif isinstance(data, bytes):
        (folder / file).write_bytes(data)
    result = run(command, file)
    assert (result.status, result.out) == (2, "")
    assert said in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["chekc", "sound.toml"],
        ["check", "--formt", "json", "sound.toml"],
        ["check", "--format", "xml", "sound.toml"],
        ["summary"],
        ["summary", "sound.toml", "sound.toml"],
        ["summary", "sound.toml", "--at", "batch"],
        ["summary", "sound.toml", "--at", "batch=x"],
        ["summary", "sound.toml", "--at", "batch=²"],
        ["summary", "sound.toml", "--at", "batch=-1"],
        ["summary", "sound.toml", "--at", "batch=" + "9" * 5_000],
        ["summary", "sound.toml", "--at", "bacth=1"],
        ["build", "sound.toml", "--check", "--diff"],
        ["--nonsense"],
    ],
)
def test_usage_errors_are_status_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert result.err


def test_a_misspelt_command_is_recognised(run: Run) -> None:
    assert "Did you mean check?" in run("chekc", "sound.toml").err


def test_several_files(run: Run, folder: Path) -> None:
    (folder / "second.toml").write_text(WRONG, "utf-8")
    result = run("check", "wrong.toml", "sound.toml", "second.toml")
    assert result.status == 1
    assert result.out.index(f"second.toml:{PLACE}") < result.out.index(f"wrong.toml:{PLACE}")
    mixed = run("check", "absent.toml", "wrong.toml")
    assert mixed.status == 2
    assert "absent.toml" in mixed.err
    assert f"wrong.toml:{PLACE}" in mixed.out


@pytest.mark.parametrize("spec", [SOUND, WRONG])
def test_standard_input(run: Run, spec: str) -> None:
    import tomllib

    expected = int(spec == WRONG)
    by_toml = run("check", "-", stdin=spec.encode())
    by_json = run("check", "-", stdin=json.dumps(tomllib.loads(spec)).encode())
    assert (by_toml.status, by_json.status) == (expected, expected)
    if expected:
        assert by_toml.out.startswith(f"<stdin>:{PLACE}")
        assert by_json.out.startswith("<stdin>:1:")
    assert run("check", "-", stdin=b"\xff").status == 2


def test_check_as_json(run: Run) -> None:
    result = run("check", "--format", "json", "wrong.toml")
    assert (result.status, result.err) == (1, "")
    told = json.loads(result.out)
    assert list(told) == ["diagnostics"]
    (problem,) = told["diagnostics"]
    assert list(problem) == [
        *("code", "severity", "message", "file", "range", "labels", "help", "fix")
    ]
    assert (problem["code"], problem["severity"]) == ("unknown-argument", "error")
    assert problem["file"] == "wrong.toml"
    assert problem["range"] == {
        "start": {"line": 5, "column": COLUMN},
        "end": {"line": 5, "column": COLUMN + 11},
    }
    assert problem["labels"] == []
    assert problem["help"] == "did you mean out_features?"
    assert problem["fix"]["text"] == "out_features"
    assert json.loads(run("check", "--format", "json", "sound.toml").out) == {"diagnostics": []}


def test_check_for_github(run: Run) -> None:
    result = run("check", "--format", "github", "wrong.toml")
    assert result.status == 1
    (line,) = result.out.splitlines()
    place = f"line=5,endLine=5,col={COLUMN},endColumn={COLUMN + 11}"
    assert line.startswith(f"::error file=wrong.toml,{place},title=")
    assert run("check", "--format", "github", "sound.toml").out == ""


def test_check_as_sarif(run: Run) -> None:
    log = json.loads(run("check", "--format", "sarif", "wrong.toml").out)
    assert log["version"] == "2.1.0"
    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == "unknown-argument"
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (5, COLUMN)
    clean = json.loads(run("check", "--format", "sarif", "sound.toml").out)
    assert clean["runs"][0]["results"] == []


def test_summary_as_json(run: Run) -> None:
    result = run("summary", "sound.toml", "--format", "json")
    assert (result.status, result.err) == (0, "")
    summary = json.loads(result.out)
    assert list(summary)[:10] == [
        *("model", "package", "parameters", "trainable_parameters", "flops", "memory"),
        *("inputs", "outputs", "layers", "state_dict"),
    ]
    assert (summary["model"], summary["package"]) == ("Small", "small")
    assert (summary["parameters"], summary["trainable_parameters"]) == (16, 16)
    assert summary["flops"] == {"expr": "24 * batch", "value": None}
    assert summary["memory"] == {
        "parameters_bytes": 64,
        "activations_bytes": {"expr": "32 * batch", "value": None},
    }
    assert summary["inputs"] == [{"name": "x", "shape": ["batch", 3], "dtype": "float32"}]
    assert summary["outputs"] == [{"name": "output", "shape": ["batch", 4], "dtype": "float32"}]
    assert summary["layers"][0] == {
        "path": "fc",
        "type": "Linear",
        "inputs": [["batch", 3]],
        "output": ["batch", 4],
        "dtype": "float32",
        "parameters": 16,
    }
    assert list(summary["layers"][0]) == ["path", "type", "inputs", "output", "dtype", "parameters"]
    assert summary["state_dict"] == [
        {"name": "fc.weight", "shape": [4, 3], "dtype": "float32"},
        {"name": "fc.bias", "shape": [4], "dtype": "float32"},
    ]


def test_summary_at_sizes(run: Run) -> None:
    result = run("summary", "sound.toml", "--format", "json", "--at", "batch=10")
    summary = json.loads(result.out)
    assert summary["flops"] == {"expr": "24 * batch", "value": 240}
    assert summary["memory"]["activations_bytes"]["value"] == 320
    assert summary["inputs"][0]["shape"] == [10, 3]
    assert summary["layers"][0]["output"] == [10, 4]


def test_summary_as_text(run: Run) -> None:
    result = run("summary", "sound.toml")
    assert (result.status, result.err) == (0, "")
    for said in ("Small", "fc", "Linear", "(batch, 4)", "16"):
        assert said in result.out


def test_summary_as_text_shows_expressions(run: Run, folder: Path) -> None:
    (folder / "mixed.toml").write_text(
        """\
[model]
name = "Mixed"
inputs.x = ["batch", 4]
layers = [
  { name = "fc", type = "Linear", out_features = 4 },
  { name = "both", expr = "fc + x" },
  { name = ["left", "right"], expr = "chunk(both, 2, dim=1)" },
  { name = "part", type = "Part", inputs = "left" },
  { name = "joined", expr = "cat([part, right], dim=1)" },
]
[blocks.Part]
inputs.x = ["batch", "width"]
layers = [{ name = "twice", expr = "2 * x" }]
""",
        "utf-8",
    )
    result = run("summary", "mixed.toml", "--at", "batch=3")
    assert result.status == 0, result.err
    lines = [re.split(r"  +", line.strip()) for line in result.out.splitlines()]
    start = lines.index(["layer", "type", "output", "dtype", "parameters"])
    assert lines[start + 1 : start + 7] == [
        ["fc", "Linear", "(3, 4)", "float32", "20"],
        ["both", "expr", "(3, 4)", "float32", "0"],
        ["left", "expr", "(3, 2)", "float32", "0"],
        ["right", "expr", "(3, 2)", "float32", "0"],
        ["part.twice", "expr", "(3, 2)", "float32", "0"],
        ["joined", "expr", "(3, 4)", "float32", "0"],
    ]
    told = json.loads(run("summary", "mixed.toml", "--format", "json").out)
    assert [layer["path"] for layer in told["layers"]] == ["fc"]


def test_summary_of_a_wrong_spec_speaks_on_stderr(run: Run) -> None:
    for command in ("summary", "build"):
        result = run(command, "wrong.toml")
        assert (result.status, result.out) == (1, "")
        assert f"wrong.toml:{PLACE}" in result.err


def test_set(run: Run, folder: Path) -> None:
    def width(*settings: str) -> int:
        result = run("summary", "sound.toml", "--format", "json", *settings)
        assert result.status == 0
        shape = json.loads(result.out)["outputs"][0]["shape"]
        assert isinstance(shape[1], int)
        return shape[1]

    assert width() == 4
    assert width("--set", "width=7") == 7
    assert width("--set", "model.params.width=7") == 7
    (folder / "trained.toml").write_text(TRAINED, "utf-8")
    assert run("check", "trained.toml", "--set", "loss.type=L1Loss").status == 0
    assert run("check", "trained.toml", "--set", "loss.type=L1Losss").status == 1


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("widht=7", "did you mean width?"),
        ("model.nam=Net", "did you mean name?"),
        ("model.layers.7.type=ReLU", "the spec has no model.layers.7"),
        ("model.layers=5", "only one value can be set"),
        ("width", "write key.path=value"),
        ("=5", "write key.path=value"),
        ("model.name.x=5", "the spec has no model.name.x"),
    ],
)
def test_wrong_settings_are_findings(run: Run, setting: str, said: str) -> None:
    result = run("check", "sound.toml", "--set", setting)
    assert result.status == 1
    assert said in result.out


def test_a_setting_is_checked_like_what_it_replaces(run: Run) -> None:
    for setting in ("width=true", "width=wide", "width=-1", "model.name=two words", "width=1e400"):
        result = run("check", "sound.toml", "--set", setting)
        assert result.status == 1, setting
        assert result.out


@pytest.mark.parametrize("setting", ["optimizer.lr=abc", "width=wide", "training.epochs=0"])
def test_a_wrong_setting_is_told_as_the_setting_that_it_is(
    run: Run, folder: Path, setting: str
) -> None:
    (folder / "trained.toml").write_text(TRAINED, "utf-8")
    told = json.loads(run("check", "trained.toml", "--format", "json", "--set", setting).out)[
        "diagnostics"
    ]
    assert told
    for problem in told:
        assert (problem["file"], problem["range"]) == (None, None)
        assert problem["message"].startswith(f"--set {setting}: ")
    assert run("check", "trained.toml", "--set", setting).out.startswith(f"--set {setting}: error[")


def test_a_key_keeps_its_place_under_a_setting(run: Run, folder: Path) -> None:
    text = SOUND.replace("params.width = 4", "params.width = 4\nparams.depth = 2")
    (folder / "unread.toml").write_text(text, "utf-8")
    for more in ([], ["--set", "depth=3"]):
        assert "unread.toml:4:" in run("check", "unread.toml", *more).out


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours are for terminals alone, and not where NO_COLOR is set."""
    pty = pytest.importorskip("pty")
    command = [sys.executable, "-m", "specc", "check", "wrong.toml"]

    def shown(**more: str) -> bytes:
        ours, theirs = pty.openpty()
        subprocess.run(command, stdout=theirs, env={**os.environ, **more}, check=False)
        os.close(theirs)
        return os.read(ours, 10_000)

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert b"\x1b[" in shown()
    assert b"\x1b[" not in shown(NO_COLOR="1")
    piped = subprocess.run(command, capture_output=True, check=False)
    assert b"\x1b[" not in piped.stdout


def test_a_closed_pipe_is_no_error(folder: Path) -> None:
    lines = "".join(f'  {{ name = "n{i}", type = "Nothing{i}" }},\n' for i in range(2_000))
    (folder / "long.toml").write_text(
        f'[model]\nname = "Long"\ninputs.x = [3]\nlayers = [\n{lines}]\n', "utf-8"
    )
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "specc", "check", "long.toml"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert ended.returncode in (1, 2)
    assert ended.stderr == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_a_terminal_will_do(folder: Path, encoding: str) -> None:
    (folder / "wrong.toml").write_text(SOUND.replace("ReLU", "ReL\u017d\u2028"), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "specc", "check", "wrong.toml"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, b"")
    assert b"error[unknown-type]" in ended.stdout


def test_a_bug_shows_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr("specc.compiler.compile.resolve", fails)
    result = run("check", "sound.toml")
    assert (result.status, result.out) == (2, "")
    assert "internal error: KeyError" in result.err
    assert "report it" in result.err


def test_help_and_version(run: Run) -> None:
    for arguments in (["--help"], ["-h"], ["--version"], ["check", "--help"]):
        result = run(*arguments)
        assert (result.status, result.err) == (0, "")
        assert result.out


def test_build_writes_where_it_says(run: Run, folder: Path) -> None:
    result = run("build", "sound.toml")
    assert (result.status, result.out.strip()) == (0, os.path.join("generated", "small"))
    assert (folder / "generated" / "small" / "model.py").exists()
    assert run("build", "sound.toml", "--check").status == 0
    assert run("build", "sound.toml", "--check", "--set", "width=5").status == 1
    assert run("build", "sound.toml", "-o", "elsewhere").status == 0
    assert (folder / "elsewhere" / "model.py").exists()


@pytest.mark.parametrize("options", [[], ["-o", "here"]])
def test_files_in_the_way_are_findings_each_in_a_line(
    run: Run, folder: Path, options: list[str]
) -> None:
    written = folder / run("build", "sound.toml", *options).out.strip()
    edited = written / "model.py"
    edited.write_text(edited.read_text("utf-8") + "# mine\n", "utf-8")
    (written / "__init__.py").write_text("# mine\n", "utf-8")
    result = run("build", "sound.toml", *options)
    assert (result.status, result.out) == (1, "")
    first, *files, last = result.err.splitlines()
    assert first.startswith("specc: nothing is written")
    assert [file.rsplit(":")[-1].strip() for file in files] == [
        "not written by specc",
        "edited since specc wrote it",
    ]
    assert "--force" in last
    assert run("build", "sound.toml", "--force", *options).status == 0


def test_a_file_for_a_folder_is_a_finding_and_what_cannot_be_written_is_not(
    run: Run, folder: Path
) -> None:
    (folder / "taken").write_text("", "utf-8")
    for more in ([], ["--check"], ["--diff"]):
        result = run("build", "sound.toml", "-o", "taken", *more)
        assert (result.status, result.out) == (1, "")
        assert "a file is where the folder should be" in result.err
    unwritable = run("build", "sound.toml", "-o", os.path.join("taken", "below"))
    assert (unwritable.status, unwritable.out) == (2, "")
    too_long = run("build", "sound.toml", "-o", "long" * 1_000)
    assert (too_long.status, too_long.out) == (2, "")


def test_a_failed_build_check_says_what_to_type(run: Run, folder: Path) -> None:
    run("build", "sound.toml")
    (folder / "generated" / "small" / "model.py").unlink()
    result = run("build", "sound.toml", "--check")
    assert (result.status, result.out.strip().endswith("model.py: missing")) == (1, True)
    assert result.err == "run specc build sound.toml\n"
    options = ["-o", "my folder", "--set", "width=5"]
    told = run("build", "sound.toml", "--check", *options).err
    assert told == "run specc build sound.toml -o 'my folder' --set width=5\n"
    assert run(*shlex.split(told)[2:]).status == 0
    assert run("build", "sound.toml", "--check", *options).err == ""


def test_check_in_python(folder: Path) -> None:
    layer = {"type": "Linaer", "out_features": 4}
    tree: dict[str, Any] = {
        "model": {"name": "Small", "inputs": {"x": ["batch", 3]}, "layers": [layer]}
    }
    assert specc.check("sound.toml") == []
    assert specc.check(folder / "sound.toml") == []
    assert specc.check(SOUND, format="toml") == []
    (problem,) = specc.check(WRONG, format="toml")
    assert problem.span == Span("<toml>", *_at(WRONG, "out_featurs"))
    (problem,) = specc.check(json.dumps(tree), format="json")
    assert problem.code == "unknown-type"
    (problem,) = specc.check(tree)
    assert (problem.span, problem.where) == (None, "model.layers[0].type")
    assert specc.check("sound.toml", settings=["width=7"]) == []
    (problem,) = specc.check("sound.toml", settings=["widht=7"])
    assert problem.code == "unknown-setting"


def test_what_cannot_be_read_in_python(folder: Path) -> None:
    assert issubclass(specc.Unreadable, OSError)
    for use in (specc.check, specc.compile, specc.build, specc.load):
        with pytest.raises(specc.Unreadable, match="there is no such file"):
            use("absent.toml")
        for text in (SOUND, '{"model": {}}'):
            with pytest.raises(specc.Unreadable, match='a text needs format="toml"'):
                use(text)
    (folder / "spec.yaml").write_text("model: 1", "utf-8")
    with pytest.raises(OSError, match="expected a file that ends in"):
        specc.check(folder / "spec.yaml")


def _at(text: str, part: str) -> tuple[int, int]:
    return text.index(part), text.index(part) + len(part)


def test_compile_in_python(folder: Path) -> None:
    compiled = specc.compile("sound.toml")
    assert {"__init__.py", "model.py"} <= set(compiled.files)
    assert compiled.summary["parameters"] == 16
    assert list(compiled.diagnostics) == []
    assert list(folder.glob("**/*.py")) == []
    with pytest.raises(specc.SpecError) as raised:
        specc.compile("wrong.toml")
    assert [problem.code for problem in raised.value.diagnostics] == ["unknown-argument"]
    assert "out_featurs" in str(raised.value)


def test_problems_and_packages_read_well_when_printed(folder: Path) -> None:
    (problem,) = specc.check("wrong.toml")
    place = "wrong.toml: model.layers[0].out_featurs"
    line = f"{place}: error[unknown-argument]: Linear has no argument out_featurs"
    assert str(problem) == line
    with pytest.raises(specc.SpecError) as raised:
        specc.compile("wrong.toml")
    assert str(raised.value) == f"{line} (did you mean out_features?)"
    with pytest.raises(specc.SpecError) as raised:
        specc.compile("sound.toml", settings=["widht=7", "=5"])
    assert len(str(raised.value).splitlines()) == 2
    compiled = specc.compile("sound.toml")
    assert repr(compiled) == str(compiled)
    assert len(repr(compiled)) < 80
    assert "small" in repr(compiled)


def test_build_in_python(folder: Path) -> None:
    assert specc.build("sound.toml") == Path("generated") / "small"
    assert specc.build("sound.toml", folder / "there") == folder / "there"
    assert (folder / "there" / "model.py").exists()
    with pytest.raises(specc.SpecError):
        specc.build("wrong.toml", folder / "nowhere")
    assert not (folder / "nowhere").exists()


def test_load_in_python() -> None:
    module = specc.load(SOUND, format="toml", settings=["width=6"])
    model = module.Small()
    assert sum(parameter.numel() for parameter in model.parameters()) == 24
