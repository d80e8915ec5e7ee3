"""`include`: blocks of further files, read only beneath the spec's folder, told at their places."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import specc
from specc.spec.source import line_and_column

MODEL = """
[model]
name = "Net"
inputs.x = ["batch", 8]
layers = [
  { name = "up", type = "Wide", width = 16 },
  { type = "Linear", out_features = 3 },
]
"""
WIDE = """
[blocks.Wide]
params.width = "int"
layers = ["Half", { type = "Linear", out_features = "width" }]
"""
HALF = """
[blocks.Half]
layers = [{ type = "Linear", out_features = 4 }, "ReLU"]
"""
HALF_JSON = json.dumps(
    {"blocks": {"Half": {"layers": [{"type": "Linear", "out_features": 4}, "ReLU"]}}}
)


def write(folder: Path, files: dict[str, str]) -> str:
    """The files in a folder; gives the path of the first."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return str(folder / next(iter(files)))


def problems(spec: str, folder: Path) -> list[str]:
    """What `check` says, as `file:line:column code: message`, with files from the folder on."""
    found = []
    for one in specc.check(spec):
        assert one.span is not None
        name = Path(one.span.file)
        line, column = line_and_column(name.read_text("utf-8"), one.span.start)
        place = f"{name.relative_to(folder)}:{line}:{column}"
        found.append(f"{place} {one.code}: {one.message}".replace(f"{folder}{os.sep}", ""))
    return found


def include(*paths: str) -> str:
    return f"include = {json.dumps(paths)}\n"


DIVIDED = [
    {"net.toml": include("blocks.toml") + MODEL, "blocks.toml": WIDE + HALF},
    {
        "net.toml": include("wide.toml", "half.json") + MODEL,
        "wide.toml": WIDE,
        "half.json": HALF_JSON,
    },
    {
        "net.toml": include("parts/wide.toml") + MODEL,
        "parts/wide.toml": include("inner/half.toml") + WIDE,
        "parts/inner/half.toml": "specc = 1\n" + HALF,
    },
    {
        "net.toml": include("parts/wide.toml") + MODEL,
        "parts/wide.toml": include("../half.toml") + WIDE,
        "half.toml": HALF,
    },
    # One file that two others include is read once.
    {
        "net.toml": include("a.toml", "b.toml") + MODEL,
        "a.toml": include("half.toml") + WIDE,
        "b.toml": include("half.toml"),
        "half.toml": HALF,
    },
    {"net.toml": include("wide.toml") + MODEL + HALF, "wide.toml": WIDE},
]


@pytest.mark.parametrize("files", DIVIDED)
def test_blocks_in_several_files_are_as_in_one(files: dict[str, str], tmp_path: Path) -> None:
    spec = write(tmp_path, files)
    whole = write(tmp_path / "whole", {"net.toml": MODEL + WIDE + HALF})
    assert specc.check(spec) == []
    assert specc.compile(spec).files == specc.compile(whole).files


def test_paths_do_not_hang_on_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "specs", DIVIDED[0])
    monkeypatch.chdir(tmp_path)
    assert specc.check("specs/net.toml") == []
    monkeypatch.chdir(tmp_path / "specs")
    assert specc.check("net.toml") == []


def test_a_link_beneath_the_folder_is_followed(tmp_path: Path) -> None:
    spec = write(tmp_path, {"net.toml": include("link.toml") + MODEL, "real/b.toml": WIDE + HALF})
    (tmp_path / "link.toml").symlink_to(tmp_path / "real" / "b.toml")
    assert specc.check(spec) == []


def test_a_spec_may_be_reached_by_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", DIVIDED[0])
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert specc.check(tmp_path / "link" / "net.toml") == []


def test_included_blocks_may_stay_unused(tmp_path: Path) -> None:
    more = '[blocks.More]\nlayers = ["Tanh"]\n'
    spec = write(tmp_path, {"net.toml": include("b.toml") + MODEL, "b.toml": WIDE + HALF + more})
    assert specc.check(spec) == []
    assert "More" not in specc.compile(spec).files["model.py"]
    spec = write(tmp_path, {"net.toml": include("b.toml") + MODEL + more, "b.toml": WIDE + HALF})
    assert problems(spec, tmp_path) == ["net.toml:10:9 unused-block: the block More is never used"]


def test_settings_reach_included_blocks(tmp_path: Path) -> None:
    spec = write(tmp_path, DIVIDED[2])
    files = specc.compile(spec, settings=["blocks.Half.layers.0.out_features=6"]).files
    assert "nn.Linear(8, 6)" in files["model.py"]
    [problem] = specc.check(spec, settings=["include.0=other.toml"])
    assert problem.message == "include can't be set: the files have been read before"


def test_a_package_is_stale_when_an_included_file_has_changed(tmp_path: Path) -> None:
    spec = write(tmp_path, DIVIDED[2])
    out = tmp_path / "out"
    assert run("build", spec, "-o", str(out)).returncode == 0
    assert run("build", spec, "-o", str(out), "--check").returncode == 0
    half = tmp_path / "parts" / "inner" / "half.toml"
    half.write_text(HALF.replace("4", "5"), "utf-8")
    stale = run("build", spec, "-o", str(out), "--check")
    assert stale.returncode == 1
    assert f"{out / 'model.py'}: stale" in stale.stdout


def run(*arguments: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "specc", *arguments],
        capture_output=True,
        encoding="utf-8",
        input=input,
        check=False,
    )


# Problems


def test_problems_stand_in_their_own_files(tmp_path: Path) -> None:
    wide = WIDE.replace('out_features = "width"', 'out_features = "widht"')
    half = HALF_JSON.replace('"ReLU"', '"Relu"')
    files = {
        "net.toml": include("wide.toml", "half.json") + MODEL,
        "wide.toml": wide,
        "half.json": half,
    }
    assert problems(write(tmp_path, files), tmp_path) == [
        "half.json:1:72 unknown-type: there is no module and no block Relu",
        "wide.toml:4:54 unknown-name: nothing is called widht here",
    ]


def test_a_conflict_shows_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = '[blocks.Image]\ninputs.x = ["batch", 3, "size"]\nlayers = ["ReLU"]\n'
    model = MODEL.replace('type = "Wide", width = 16', 'type = "Image"')
    write(tmp_path, {"net.toml": include("b.toml") + model, "b.toml": block})
    monkeypatch.chdir(tmp_path)
    told = run("check", "net.toml")
    assert told.returncode == 1
    assert (
        told.stdout
        == """\
net.toml:7:3: error[shape-mismatch]: Image declares x with 3 dimensions, seen is (batch, 8)
  |
7 |   { name = "up", type = "Image" },
  |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
 --> b.toml:2:12
  |
2 | inputs.x = ["batch", 3, "size"]
  |            -------------------- declared here
"""
    )
    for form in ("json", "github", "sarif"):
        assert "b.toml" in run("check", "net.toml", "--format", form).stdout
    [problem] = json.loads(run("check", "net.toml", "--format", "json").stdout)["diagnostics"]
    [label] = problem["labels"]
    assert (label["file"], label["range"]["start"]) == ("b.toml", {"line": 2, "column": 12})


WRONG = {
    "a text that is no TOML": (
        {"net.toml": include("b.toml") + MODEL, "b.toml": "[blocks.Wide\n"},
        ["b.toml:1:13 syntax: expected the end of the table's header, found the end of the line"],
    ),
    "a value of no spec": (
        {"net.toml": include("b.toml") + MODEL, "b.toml": "[blocks]\nX = 1979-05-27\n"},
        [
            "b.toml:2:5 date: dates and times are not values of the language;"
            " expected a string or a number"
        ],
    ),
    "a model": (
        {"net.toml": include("b.toml") + MODEL, "b.toml": MODEL},
        ['b.toml:2:2 unknown-key: "model" is not a key of a file that is included'],
    ),
    "a slip": (
        {"net.toml": include("b.toml") + MODEL, "b.toml": WIDE.replace("blocks", "block")},
        ['b.toml:2:2 unknown-key: "block" is not a key of a file that is included'],
    ),
    "another edition": (
        {"net.toml": include("b.toml") + MODEL, "b.toml": "specc = 2\n" + WIDE},
        ["b.toml:1:9 invalid-value: specc must be 1"],
    ),
    "blocks that are none": (
        {"net.toml": include("b.toml") + MODEL, "b.toml": "blocks = 3\n"},
        ["b.toml:1:10 wrong-type: blocks must be a table of blocks by their names"],
    ),
    "a block twice": (
        {"net.toml": include("a.toml", "b.toml") + MODEL, "a.toml": WIDE + HALF, "b.toml": HALF},
        ['b.toml:2:9 duplicate-key: the block "Half" stands in two files; expected it in one'],
    ),
    "a block of the spec again": (
        {"net.toml": include("b.toml") + MODEL + WIDE, "b.toml": WIDE + HALF},
        ['b.toml:2:9 duplicate-key: the block "Wide" stands in two files; expected it in one'],
    ),
    "a file twice": (
        {"net.toml": include("b.toml", "b.toml") + MODEL, "b.toml": WIDE + HALF},
        ['net.toml:1:22 duplicate-key: "b.toml" stands here twice'],
    ),
    "itself": (
        {"net.toml": include("net.toml") + MODEL},
        ["net.toml:1:12 include-cycle: a file can't include itself: net.toml includes net.toml"],
    ),
    "a circle": (
        {
            "net.toml": include("a.toml") + MODEL,
            "a.toml": include("parts/b.toml") + WIDE,
            "parts/b.toml": include("../a.toml") + HALF,
        },
        [
            "parts/b.toml:1:12 include-cycle: a file can't include itself:"
            " a.toml includes parts/b.toml includes a.toml"
        ],
    ),
    "no list": (
        {"net.toml": 'include = "b.toml"\n' + MODEL, "b.toml": WIDE},
        ['net.toml:1:11 wrong-type: include must be a list of files, such as ["blocks.toml"]'],
    ),
    "a list of numbers": (
        {"net.toml": "include = [1]\n" + MODEL},
        ['net.toml:1:11 wrong-type: include must be a list of files, such as ["blocks.toml"]'],
    ),
    "no file": (
        {"net.toml": include("b.toml") + MODEL},
        ['net.toml:1:12 unreadable: "b.toml": there is no such file'],
    ),
    "a folder": (
        {"net.toml": include("b.toml") + MODEL, "b.toml/c.toml": WIDE},
        ['net.toml:1:12 unreadable: "b.toml": this is a folder'],
    ),
    "another suffix": (
        {"net.toml": include("b.yaml") + MODEL, "b.yaml": WIDE},
        ['net.toml:1:12 bad-path: "b.yaml" must end in .toml or .json'],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_at_its_place(case: str, tmp_path: Path) -> None:
    files, expected = WRONG[case]
    assert problems(write(tmp_path, files), tmp_path) == expected


def test_a_circle_is_shown_link_by_link(tmp_path: Path) -> None:
    files, _ = WRONG["a circle"]
    [problem] = specc.check(write(tmp_path, files))
    assert [(Path(label.span.file).name, label.message) for label in problem.labels] == [
        ("a.toml", f"includes {tmp_path / 'parts' / 'b.toml'}")
    ]


OUTSIDE = [
    ("/etc/hosts.toml", "relative"),
    ("../secret.toml", "leads out of the spec's folder"),
    ("parts/../../secret.toml", "leads out of the spec's folder"),
    ("..", "leads out of the spec's folder"),
    ("~/secret.toml", "relative"),
    ("C:/secret.toml", "relative"),
    ("file:secret.toml", "relative"),
    ("parts\\b.toml", "separated by /"),
    ("//host/share.toml", "relative"),
    ("parts//b.toml", "empty"),
    ("", "empty"),
    ("b.toml\0.toml", "can't be seen"),
    ("b\n.toml", "can't be seen"),
    ("b\u202e.toml", "can't be seen"),
    ("b\u200b.toml", "can't be seen"),
    ("con.toml", "device"),
    ("parts/NUL", "device"),
    ("com1.json", "device"),
    ("lpt\u00b9.toml", "device"),
    ("aux .toml", "device"),
    ("b.toml ", "space"),
    ("b.toml.", "dot"),
    ("b?.toml", "not every system"),
    ("*.toml", "not every system"),
    ("a" * 300 + ".toml", "at most 200"),
]


@pytest.mark.parametrize(("path", "why"), OUTSIDE)
def test_paths_that_are_refused(path: str, why: str, tmp_path: Path) -> None:
    write(tmp_path, {"secret.toml": WIDE + HALF})
    spec = write(tmp_path / "specs", {"net.toml": include(path) + MODEL, "parts/b.toml": WIDE})
    [problem] = specc.check(spec)
    assert problem.code == "bad-path"
    assert why in problem.message
    assert problem.message.isprintable()
    assert problem.span is not None


@pytest.mark.parametrize("hop", ["file", "folder", "chain"])
def test_links_that_lead_out_are_refused(hop: str, tmp_path: Path) -> None:
    write(tmp_path, {"outside/b.toml": WIDE + HALF})
    spec = write(tmp_path / "specs", {"net.toml": include("in/b.toml") + MODEL})
    inner = tmp_path / "specs" / "in"
    if hop == "folder":
        inner.symlink_to(tmp_path / "outside")
    else:
        inner.mkdir()
        (inner / "b.toml").symlink_to("next.toml" if hop == "chain" else "../../outside/b.toml")
        (inner / "next.toml").symlink_to(tmp_path / "outside" / "b.toml")
    [problem] = specc.check(spec)
    assert problem.message == '"in/b.toml" is a symbolic link that leads out of the spec\'s folder'


def test_a_folder_whose_name_begins_alike_is_outside(tmp_path: Path) -> None:
    write(tmp_path, {"specs2/b.toml": WIDE + HALF})
    spec = write(tmp_path / "specs", {"net.toml": include("b.toml") + MODEL})
    (tmp_path / "specs" / "b.toml").symlink_to(tmp_path / "specs2" / "b.toml")
    assert [one.code for one in specc.check(spec)] == ["bad-path"]


def test_a_link_to_itself_is_unreadable(tmp_path: Path) -> None:
    spec = write(tmp_path, {"net.toml": include("b.toml") + MODEL})
    (tmp_path / "b.toml").symlink_to("b.toml")
    assert [one.code for one in specc.check(spec)] == ["unreadable"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    spec = write(tmp_path, {"net.toml": include("b.toml") + MODEL})
    os.mkfifo(tmp_path / "b.toml")
    assert problems(spec, tmp_path) == [
        'net.toml:1:12 unreadable: "b.toml": this is no ordinary file'
    ]


def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    spec = write(tmp_path, {"net.toml": include("b.toml") + MODEL, "b.toml": WIDE + HALF})
    (tmp_path / "b.toml").chmod(0)
    if os.access(tmp_path / "b.toml", os.R_OK):
        pytest.skip("this user may read everything")
    assert problems(spec, tmp_path) == [
        'net.toml:1:12 unreadable: "b.toml": it can\'t be read: Permission denied'
    ]


def test_a_text_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    spec = write(tmp_path, {"net.toml": include("b.toml") + MODEL})
    (tmp_path / "b.toml").write_bytes(b"# ok\n# \xff\n")
    assert problems(spec, tmp_path) == [
        'net.toml:1:12 unreadable: "b.toml": it is not UTF-8: byte 0xff in line 2'
    ]


def test_all_files_together_are_bounded(tmp_path: Path) -> None:
    padding = "# " + "x" * (3 * 2**20) + "\n"
    files = {"net.toml": include("a.toml", "b.toml") + MODEL, "a.toml": padding + WIDE}
    spec = write(tmp_path, files | {"b.toml": padding + HALF})
    assert [one.code for one in specc.check(spec)] == ["too-large"]


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    names = [f"b{index}.toml" for index in range(101)]
    spec = write(tmp_path, {"net.toml": include(*names) + MODEL} | dict.fromkeys(names, ""))
    assert [one.message for one in specc.check(spec)] == ["a spec includes at most 100 files"]


def test_the_depth_of_files_is_bounded(tmp_path: Path) -> None:
    chain = {f"b{index}.toml": include(f"b{index + 1}.toml") for index in range(30)}
    spec = write(tmp_path, {"net.toml": include("b0.toml") + MODEL} | chain)
    assert [one.message for one in specc.check(spec)] == [
        "files include each other at most 16 deep"
    ]


def test_a_spec_without_a_folder_includes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, DIVIDED[0])
    monkeypatch.chdir(tmp_path)
    text = DIVIDED[0]["net.toml"]
    from_text = specc.check(text, format="toml")
    from_dict = specc.check({"include": ["blocks.toml"], "model": {}})
    assert [one.code for one in (*from_text, *from_dict)] == ["no-folder", "no-folder"]
    assert "this spec is no file" in from_text[0].message
    with pytest.raises(specc.SpecError, match="no-folder"):
        specc.compile(text, format="toml")
    told = run("check", "-", input=text)
    assert (told.returncode, told.stdout.split(": ")[0]) == (1, "<stdin>:1:1")


names = st.sampled_from(["..", ".", "b.toml", "secret.toml", "link", "sub", "", "~", "C:", "NUL"])
paths = st.lists(names | st.text(max_size=3), min_size=1, max_size=5).map("/".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(paths, max_size=3))
def test_nothing_outside_is_ever_read(tmp_path: Path, written: list[str]) -> None:
    canary = '[blocks.Canary]\nlayers = ["Canary"]\n'
    spec = write(tmp_path / "specs", {"net.toml": include(*written) + MODEL, "b.toml": WIDE + HALF})
    write(tmp_path, {"secret.toml": canary, "b.toml": canary, "specs/sub/b.toml": HALF})
    link = tmp_path / "specs" / "link"
    if not link.is_symlink():
        link.symlink_to(tmp_path)
    assert "Canary" not in str(specc.check(spec))
