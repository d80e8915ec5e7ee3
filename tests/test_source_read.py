"""Files and dicts become documents; whatever they hold, only the promised errors come out."""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specc.spec.diagnostic import Diagnostic, Span, SpecError
from specc.spec.source import (
    Unreadable,
    decoded,
    from_dict,
    line_and_column,
    parse_json,
    parse_toml,
    path_text,
    read,
)

SPEC = """\
# é
[model]
name = "N"
layers = [
  { name = "fc", type = "Linear", out_features = 8 },  # [
  { expr = \"\"\"
    relu(fc) \\
      + "x" \"\"\" },
]
[[loss]]
type = 'L1Loss'
scale = 0x1F
[[loss]]
scale = -1.5e-3
"""


# read


@pytest.mark.parametrize("name", ["a.toml", "b.TOML"])
def test_a_toml_file_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(SPEC.encode())
    document = read(path)
    assert document.value == parse_toml(SPEC, "any").value
    assert document.texts == {str(path): SPEC}
    span = document.span(("model", "name"))
    assert span is not None
    assert span.file == str(path)


def test_a_json_file_holds_the_same_tree(tmp_path: Path) -> None:
    value = parse_toml(SPEC, "any").value
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert read(path).value == value


def test_the_format_may_be_said(tmp_path: Path) -> None:
    path = tmp_path / "spec.txt"
    path.write_text("a = 1", encoding="utf-8")
    assert read(path, format="toml").value == {"a": 1}
    with pytest.raises(Unreadable, match=r"expected a file that ends in \.toml or \.json"):
        read(path)


def test_line_ends_are_no_part_of_the_values(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(SPEC.replace("\n", "\r\n").encode())
    document = read(path)
    assert document.value == parse_toml(SPEC, "any").value
    assert document.texts[str(path)].count("\r\n") == SPEC.count("\n")


def test_what_is_no_readable_text_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no such file"):
        read(tmp_path / "none.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(Unreadable, match="folder"):
        read(tmp_path / "folder.toml")
    with pytest.raises(Unreadable):
        read("a\0b.toml")
    with pytest.raises(Unreadable):
        read("x" * 5000 + ".toml")
    (tmp_path / "latin.toml").write_bytes(b"a = 1\nb = '\xe9'\n")
    with pytest.raises(Unreadable, match="not UTF-8: byte 0xe9 in line 2"):
        read(tmp_path / "latin.toml")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs file permissions")
def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("a = 1", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(Unreadable, match="can't be read"):
        read(path)


def test_the_largest_file_has_four_mebibytes(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"#" * 4 * 2**20)
    assert read(path).value == {}
    path.write_bytes(b"#" * (4 * 2**20 + 1))
    with pytest.raises(Unreadable, match="larger than 4 MiB"):
        read(path)


def test_a_special_file_does_not_hang() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("needs /dev/zero")
    with pytest.raises(Unreadable, match="larger than 4 MiB"):
        read("/dev/zero", format="toml")


# Whatever comes in.


def only_promised_errors(text: str) -> None:
    """Both parsers give a document or diagnostics whose places lie within the text."""
    for parse in (parse_toml, parse_json):
        found: list[Diagnostic] = []
        document = None
        try:
            document = parse(text, "m")
        except SpecError as error:
            found = error.diagnostics
        assert (document is None) == bool(found)
        for problem in found:
            check_diagnostic(problem, text)


def check_diagnostic(problem: Diagnostic, text: str) -> None:
    assert problem.span is not None
    fixes = [problem.fix.span] if problem.fix else []
    for span in [problem.span, *(label.span for label in problem.labels), *fixes]:
        assert 0 <= span.start <= span.end <= len(text)
        line, column = line_and_column(text, span.start)
        assert 1 <= line <= text.count("\n") + 1
        assert column >= 1


LONG = 200_000


@pytest.mark.parametrize(
    "text",
    [
        "# " * LONG + "x",
        "#" + "a" * LONG + "\né = 1",
        "[" + "a" * LONG,
        "a = [1\n[" + "a" * LONG,
        "a" * LONG + " = x",
        'a = "' + "\\" * LONG,
        'a = """' + "\\" + " " * LONG + "x",
        "a = [1, \n" + "# c\n" * LONG + "2 3]",
        "a = [1 \n" + "# c\n" * LONG + "2]",
        "a = 1" + "." * LONG,
        "a = " + "1_" * LONG,
        "a = '" + "x" * LONG + "\n" + "x" * LONG,
        '{"a": "' + "1" * LONG + '", "b": 1x}',
        '{"a": 1' + " " * LONG + "}x",
        '{"a": ' + "1" * LONG + "x}",
        '{"a": "' + "\\" * LONG,
        '{"a": [' + "1," * LONG + "]}",
        "a = {" + "b = 1, " * LONG + "}",
        "a = 1\r\n" * LONG,
        "".join(f"k{i}.a.b.c = 1\n" for i in range(LONG // 20)) + "x",
    ],
    ids=range(20),
)
def test_time_grows_with_the_length_of_a_text_and_no_faster(text: str) -> None:
    start = time.perf_counter()
    only_promised_errors(text)
    assert time.perf_counter() - start < 20


PUNCTUATION = ['"', "'", '"""', "'''", *"[]{}=:,.#\\", "[[", "\\u", "\\x4", "//", "a = ", '"a": ']
WORDS = ["a", "é", "1", "0", "-", "e", "nan", "true", "null", "1979-05-27", "07:32", "1_0", "0x"]
BLANKS = ["\n", "\r\n", "\r", "\t", " ", "\ufeff", "\x00", "\ud800", "😀"]
FRAGMENTS = st.sampled_from(PUNCTUATION + WORDS + BLANKS)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=25).map("".join)))
def test_any_text_gives_a_document_or_diagnostics(text: str) -> None:
    only_promised_errors(text)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_slip_in_a_spec_gives_a_document_or_diagnostics(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([SPEC, json.dumps(parse_toml(SPEC, "m").value, indent=1)]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.sampled_from([0, 0, 1, 1, 2, 30]))
        text = text[:start] + data.draw(st.one_of(st.just(""), FRAGMENTS)) + text[end:]
    only_promised_errors(text)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(), st.sampled_from(["a.toml", "a.json"]))
def test_any_bytes_give_a_document_or_a_promised_error(
    tmp_path: Path, data: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with contextlib.suppress(SpecError, Unreadable):
        assert read(tmp_path / name).texts[str(tmp_path / name)].encode() == data


# from_dict


def test_plain_data_is_copied_without_places() -> None:
    inner = {"c": [1, 2.5, "x", True]}
    value = {"a": inner, "b": (1, (2,)), "shared": [inner, inner]}
    document = from_dict(value)
    assert document.value == {"a": inner, "b": [1, [2]], "shared": [inner, inner]}
    inner["c"].append(3)
    assert document.value["a"] == {"c": [1, 2.5, "x", True]}
    assert not document.places
    assert document.span(("a",)) is None
    assert document.span(("a", "missing"), within=(0, 1)) is None


class Text(str):
    __slots__ = ()


def problems(value: Any) -> list[tuple[str, str]]:
    with pytest.raises(SpecError) as caught:
        from_dict(value)
    assert all(problem.span is None for problem in caught.value.diagnostics)
    return [(problem.code, problem.where) for problem in caught.value.diagnostics]


def test_all_that_is_not_plain_data_is_reported_at_once() -> None:
    value = {
        "null": {"a": None, "b": [1, None]},
        "date": date(2020, 1, 1),
        "huge": [2**63, -(2**63) - 1, 2**63 - 1, -(2**63)],
        "set": {"x", "y"},
        "complex": [1j, b"bytes", Text("x"), object],
        "float": [math.inf, math.nan, 1e308],
        "keys": {1: "x", "\ud800": 1},
        "text": "\udc00",
    }
    assert sorted(problems(value)) == sorted(
        [
            ("null", "null.a"),
            ("null", "null.b[1]"),
            ("date", "date"),
            ("huge-integer", "huge[0]"),
            ("huge-integer", "huge[1]"),
            ("not-plain", "set"),
            ("not-plain", "complex[0]"),
            ("not-plain", "complex[1]"),
            ("not-plain", "complex[2]"),
            ("not-plain", "complex[3]"),
            ("key-type", "keys"),
            ("lone-surrogate", 'keys."\ud800"'),
            ("lone-surrogate", "text"),
        ]
    )


def test_a_value_that_contains_itself_is_refused() -> None:
    value: dict[str, Any] = {"a": [1]}
    value["a"].append(value)
    assert problems(value) == [("cycle", "a[1]")]


def test_deep_values_are_refused() -> None:
    value: Any = {}
    for _ in range(100_000):
        value = {"a": value}
    assert [code for code, _ in problems(value)] == ["too-deep"]


@pytest.mark.parametrize("value", [None, 3, [1], "a = 1", object()])
def test_a_spec_is_a_table(value: Any) -> None:
    assert problems(value) == [("not-a-table", "")]


# Places in words and numbers.


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("model", "layers", 2, "out_features"), "model.layers[2].out_features"),
        (("tie", "lm_head.weight"), 'tie."lm_head.weight"'),
        (("a", 0, 1, 'say "é"\\'), 'a[0][1]."say \\"é\\"\\\\"'),
        (("",), '""'),
    ],
)
def test_path_text(path: tuple[str | int, ...], text: str) -> None:
    assert path_text(path) == text


@given(st.text(st.sampled_from("a😀\n\r\t"), max_size=12))
def test_line_and_column_count_code_points(text: str) -> None:
    line, column = 1, 1
    for offset in range(len(text) + 1):
        assert line_and_column(text, offset) == (line, column)
        if text[offset : offset + 1] == "\n":
            line, column = line + 1, 1
        else:
            column += 1


def test_decoded_refuses_what_read_refuses() -> None:
    assert decoded("é".encode(), "-") == "é"
    with pytest.raises(Unreadable, match="not UTF-8"):
        decoded(b"\xff", "-")


def test_reading_a_spec_imports_only_what_it_needs() -> None:
    code = (
        "import sys\n"
        "from specc.spec.source import parse_toml\n"
        "parse_toml('a = 1', 'm')\n"
        "print(sorted({'json', 'pydantic', 'torch', 'jinja2', 'tomllib'} & set(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_spans_know_their_file() -> None:
    assert parse_toml("a = 1", "x.toml").span(("a",)) == Span("x.toml", 4, 5)
