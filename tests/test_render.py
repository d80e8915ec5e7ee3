"""Diagnostics as a reader and as other programs see them."""

from __future__ import annotations

import json
import re
import unicodedata
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specc.render import as_github, as_json, as_sarif, as_text
from specc.snippet import WIDTH
from specc.spec.diagnostic import Diagnostic, Fix, Label, Severity, Span
from specc.spec.source import line_and_column

FILE = "model.toml"
SPEC = """\
[model]
name = "N"
inputs.features = ["batch", 5]
layers = [
  { name = "hidden1", type = "Linear", out_feature = 8 },
  { name = "relu1", type = "ReLU" },
]
outputs = ["hidden1", "relu1"]
"""


def span(part: str, text: str = SPEC, file: str = FILE) -> Span:
    start = text.index(part)
    return Span(file, start, start + len(part))


def problem(
    at: Span | None, message: str = "wrong", *labels: Label, code: str = "some-code",
    help: str | None = None, fix: Fix | None = None, where: str = "",
    severity: Severity = "error",
) -> Diagnostic:  # fmt: skip
    return Diagnostic(code, message, at, where, labels, help, fix, severity)


def shown(*problems: Diagnostic, text: str = SPEC, color: bool = False) -> str:
    return as_text(problems, {FILE: text}, color=color)


def test_a_problem_with_all_its_parts() -> None:
    found = problem(
        span("out_feature"),
        "Linear has no argument `out_feature`; expected one of in_features, out_features, bias",
        Label(span('"hidden1"', SPEC), "the layer"),
        Label(span("inputs.features"), "its input comes from here"),
        code="unknown-argument",
        help="arguments have torch's own names",
        fix=Fix(span("out_feature"), "out_features"),
    )
    assert shown(found) == dedent("""\
        model.toml:5:40: error[unknown-argument]: Linear has no argument `out_feature`; expected one of in_features, out_features, bias
          |
        3 | inputs.features = ["batch", 5]
          | --------------- its input comes from here
        4 | layers = [
        5 |   { name = "hidden1", type = "Linear", out_feature = 8 },
          |                                        ^^^^^^^^^^^
          |            --------- the layer
          = help: arguments have torch's own names
          = fix: replace `out_feature` with `out_features`
        """)  # noqa: E501


def test_problems_come_in_reading_order_each_once() -> None:
    later, earlier = problem(span("relu1"), "later"), problem(span("name"), "earlier")
    assert shown(later, earlier, later) == dedent("""\
        model.toml:2:1: error[some-code]: earlier
          |
        2 | name = "N"
          | ^^^^

        model.toml:6:13: error[some-code]: later
          |
        6 |   { name = "relu1", type = "ReLU" },
          |             ^^^^^
        """)


def test_no_problem_is_no_text() -> None:
    assert shown() == ""


def test_line_numbers_are_aligned_and_a_gap_is_shown() -> None:
    text = "first = 1\n" * 9 + "tenth = 2\n"
    found = problem(span("tenth", text), "wrong", Label(Span(FILE, 0, 5), "because of this"))
    assert shown(found, text=text) == dedent("""\
        model.toml:10:1: error[some-code]: wrong
           |
         1 | first = 1
           | ----- because of this
        ...
        10 | tenth = 2
           | ^^^^^
        """)


def test_a_span_of_several_lines_shows_its_ends() -> None:
    start, end = SPEC.index("[\n  {"), SPEC.index("]\noutputs") + 1
    found = problem(Span(FILE, start, end), "a list", Label(Span(FILE, start, end), "all of it"))
    assert shown(found) == dedent("""\
        model.toml:4:10: error[some-code]: a list
          |
        4 | layers = [
          |          ^
          |          -
        ...
        7 | ]
          | ^
          | - all of it
        """)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_place_at_the_end_of_a_line_has_a_caret_after_it(newline: str) -> None:
    text = f"a ={newline}b = 1{newline}"
    expected = dedent("""\
        model.toml:1:4: error[some-code]: wrong
          |
        1 | a =
          |    ^
        """)
    assert shown(problem(Span(FILE, 3, 3)), text=text) == expected
    assert shown(problem(Span(FILE, 3, 3 + len(newline))), text=text) == expected
    assert shown(problem(Span(FILE, len(text), len(text))), text=text) == dedent("""\
        model.toml:3:1: error[some-code]: wrong
          |
        3 |
          | ^
        """)


def test_tabs_and_wide_and_combining_characters_keep_the_carets_in_place() -> None:
    text = 'a\t= "数e\u0301😀" x'
    assert shown(problem(span("x", text)), text=text) == (
        "model.toml:1:12: error[some-code]: wrong\n"
        "  |\n"
        '1 | a    = "数e\u0301😀" x\n'
        "  |                ^\n"
    )
    assert shown(problem(span("数", text)), text=text).endswith("  |         ^^\n")


def test_what_would_steer_a_terminal_is_made_visible() -> None:
    text = "a = '\x1b[31m\u202e\u0085'"
    found = problem(span("a", text), "saw \x1b[2J\r", code="x", help="\x07")
    output = shown(found, text=text)
    assert output == (
        "model.toml:1:1: error[x]: saw ␛[2J␍\n"
        "  |\n"
        "1 | a = '␛[31m\ufffd\ufffd'\n"
        "  | ^\n"
        "  = help: ␇\n"
    )


def test_a_long_line_is_cut_around_what_is_underlined() -> None:
    text = "a = [" + '"xxxxxxxx", ' * 50 + "relu, " + '"yyyyyyyy", ' * 50 + "]"
    found = problem(span("relu", text), "wrong", Label(span("[", text), "the list"))
    rows = shown(found, text=text).splitlines()
    assert len(rows) == 6
    for source, underline, word in ((rows[2], rows[3], "relu"), (rows[4], rows[5], "[")):
        assert len(source) <= len("1 | ") + WIDTH
        start = source.index(word)
        assert re.match(rf" *\| {' ' * (start - 4)}[-^]{{{len(word)}}}", underline)
    assert rows[2].startswith("1 | …")
    assert rows[2].endswith("…")


def test_a_problem_without_a_place_says_where_it_is() -> None:
    assert shown(problem(None, "missing", where="model.layers[2]"), problem(None, "odd")) == dedent(
        """\
        error[some-code]: odd

        model.layers[2]: error[some-code]: missing
        """
    )


def test_other_files_have_a_section_of_their_own() -> None:
    other = "[blocks.B]\nlayers = []\n"
    found = problem(
        span("relu1"),
        "two\nlines",
        Label(span("layers", other, "blocks.toml"), "the block"),
        Label(Span("gone.toml", 3, 4), "not at hand"),
        help="try\nthis",
        fix=Fix(span("[]", other, "blocks.toml"), ""),
    )
    assert as_text([found], {FILE: SPEC, "blocks.toml": other}) == dedent("""\
        model.toml:6:13: error[some-code]: two
          lines
          |
        6 |   { name = "relu1", type = "ReLU" },
          |             ^^^^^
         --> blocks.toml:2:1
          |
        2 | layers = []
          | ------ the block
          = note: gone.toml: not at hand
          = help: try
                  this
          = fix: remove `[]` at blocks.toml:2:10
        """)
    assert as_text([problem(Span("gone.toml", 3, 4))], {}) == "gone.toml: error[some-code]: wrong\n"


def test_a_fix_that_inserts_says_where() -> None:
    end = SPEC.index("\nname")
    fix = Fix(Span(FILE, end, end), "\n" + "x" * 80)
    assert shown(problem(span("relu1"), fix=fix)).endswith(
        "  = fix: insert `\\n" + "x" * 59 + "…` at model.toml:1:8\n"
    )


def test_color_paints_and_changes_no_text() -> None:
    found = problem(span("name"), "wrong", Label(span("layers"), "this"), help="so")
    painted = shown(found, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == shown(found)
    assert "\x1b[1;31merror[some-code]\x1b[0m" in painted
    assert "\x1b[1;31m^^^^\x1b[0m" in painted
    warning = shown(problem(span("name"), severity="warning"), color=True)
    assert "\x1b[1;33mwarning[some-code]\x1b[0m" in warning


CHARACTERS = st.text(st.sampled_from("ab =[]\t\n\r\x1b数😀\u0301\u202e"), max_size=300)


@settings(max_examples=200, deadline=None)
@given(CHARACTERS, st.data())
def test_any_span_of_any_text_is_shown_beneath_its_characters(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    label = Label(Span(FILE, data.draw(st.integers(0, len(text))), len(text)), "here")
    output = shown(problem(Span(FILE, start, end), "wrong", label), text=text)
    rows = output.splitlines()
    line, column = line_and_column(text, start)
    assert rows[0] == f"model.toml:{line}:{column}: error[some-code]: wrong"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", output)
    for row in rows[1:]:
        content = row.partition(" | ")[2]
        assert sum(map(cells, content)) <= WIDTH + len(" here") + 1
    assert any("^" in row for row in rows[1:])
    assert any(row.endswith("- here") for row in rows[1:])


def cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


PLACED = problem(
    span("relu1"),
    "50% wrong,\nsee: here",
    Label(span("name"), "first"),
    code="a-code",
    help="so",
    fix=Fix(span("relu1"), "relu"),
)
NOWHERE = problem(None, "missing", where="model.layers", severity="warning")
SEVERAL_LINES = problem(span("[\n  {"), "list")


def test_json() -> None:
    place: dict[str, object] = {
        "file": "model.toml",
        "range": {"start": {"line": 6, "column": 13}, "end": {"line": 6, "column": 18}},
    }
    assert json.loads(as_json([PLACED, NOWHERE], {FILE: SPEC})) == {
        "diagnostics": [
            {
                "code": "some-code",
                "severity": "warning",
                "message": "model.layers: missing",
                "file": None,
                "range": None,
                "labels": [],
                "help": None,
                "fix": None,
            },
            {
                "code": "a-code",
                "severity": "error",
                "message": "50% wrong,\nsee: here",
                **place,
                "labels": [
                    {
                        "message": "first",
                        "file": "model.toml",
                        "range": {
                            "start": {"line": 2, "column": 1},
                            "end": {"line": 2, "column": 5},
                        },
                    }
                ],
                "help": "so",
                "fix": {**place, "text": "relu"},
            },
        ]
    }
    assert json.loads(as_json([], {})) == {"diagnostics": []}


def test_github() -> None:
    assert as_github([PLACED, NOWHERE, SEVERAL_LINES], {FILE: SPEC}) == (
        "::warning title=specc some-code::model.layers: missing\n"
        "::error file=model.toml,line=4,endLine=5,title=specc some-code::list\n"
        "::error file=model.toml,line=6,endLine=6,col=13,endColumn=18,title=specc a-code"
        "::50%25 wrong,%0Asee: here%0Amodel.toml:2:1: first%0Ahelp: so"
        "%0Afix: replace `relu1` with `relu`\n"
    )
    odd = problem(Span("a,b:c%.toml", 0, 1), "x")
    assert as_github([odd], {"a,b:c%.toml": "x"}).startswith(
        "::error file=a%2Cb%3Ac%25.toml,line=1,endLine=1,col=1,endColumn=2,"
    )


def test_sarif() -> None:
    log = json.loads(as_sarif([PLACED, NOWHERE], {FILE: SPEC}))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["a-code", "some-code"]
    nowhere, placed = run["results"]
    assert nowhere == {
        "ruleId": "some-code",
        "ruleIndex": 1,
        "level": "warning",
        "message": {"text": "model.layers: missing"},
        "locations": [],
    }
    file = {"uri": "model.toml"}
    region = {"startLine": 6, "startColumn": 13, "endLine": 6, "endColumn": 18}
    assert placed == {
        "ruleId": "a-code",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "50% wrong,\nsee: here\nhelp: so"},
        "locations": [{"physicalLocation": {"artifactLocation": file, "region": region}}],
        "relatedLocations": [
            {
                "physicalLocation": {
                    "artifactLocation": file,
                    "region": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 5},
                },
                "message": {"text": "first"},
            }
        ],
        "fixes": [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": file,
                        "replacements": [
                            {"deletedRegion": region, "insertedContent": {"text": "relu"}}
                        ],
                    }
                ]
            }
        ],
    }


@pytest.mark.parametrize(
    ("file", "uri"),
    [("nets/my net.toml", "nets/my%20net.toml"), ("/abs/é.toml", "file:///abs/%C3%A9.toml")],
)
def test_sarif_names_files_by_uri(file: str, uri: str) -> None:
    log = json.loads(as_sarif([problem(Span(file, 0, 1))], {file: "x"}))
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == uri
