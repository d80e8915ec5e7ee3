"""TOML texts become tomli's values, each with its place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from specc.spec.diagnostic import Diagnostic, SpecError
from specc.spec.source import Document, Path, Place, line_and_column, parse_toml
from specc.spec.source.toml_scan import Scan

# Random TOML: statements that tomli accepts one after the other.

BLANK = st.sampled_from(["", " ", "\t", "  "])
GAP = st.sampled_from(["", " ", "\n", "\n  ", " # a [comment] = \"'\n", "\n\n# }\n"])
PLAIN = st.text(st.sampled_from("ab cé€😀#[]{}=,.-\t"), max_size=5)
SHORT_ESCAPE = st.sampled_from([rf"\{c}" for c in 'btnfre"\\'])
HEX_ESCAPE = st.one_of(
    st.sampled_from([0x41, 0xE9, 0x00]).map(lambda c: f"\\x{c:02x}"),
    st.sampled_from([0x41, 0x20AC, 0x5D]).map(lambda c: f"\\u{c:04X}"),
    st.sampled_from([0x41, 0x1F600]).map(lambda c: f"\\U{c:08x}"),
)
BASIC = st.lists(st.one_of(PLAIN, st.just("'"), SHORT_ESCAPE, HEX_ESCAPE), max_size=5).map(
    lambda pieces: '"' + "".join(pieces) + '"'
)
LITERAL = st.lists(st.one_of(PLAIN, st.sampled_from(['"', "\\", "\\n"])), max_size=5).map(
    lambda pieces: "'" + "".join(pieces) + "'"
)
LINES = st.sampled_from(["\n", "\n\n", '"x', '""x', "'x", "''x"])
LINE_END = st.sampled_from(["\\\n", "\\\n  \n\t", "\\  \n"])
LONG_BASIC = st.tuples(
    st.sampled_from(["", "\n"]),
    st.lists(st.one_of(PLAIN, LINES, LINE_END, SHORT_ESCAPE, HEX_ESCAPE), max_size=6),
    st.sampled_from(["", 'x"', 'x""']),
).map(lambda parts: '"""' + parts[0] + "".join(parts[1]) + parts[2] + '"""')
LONG_LITERAL = st.tuples(
    st.sampled_from(["", "\n"]),
    st.lists(st.one_of(PLAIN, LINES, st.just("\\")), max_size=6),
    st.sampled_from(["", "x'", "x''"]),
).map(lambda parts: "'''" + parts[0] + "".join(parts[1]) + parts[2] + "'''")
STRING = st.one_of(BASIC, LITERAL, LONG_BASIC, LONG_LITERAL)
INTEGER = st.sampled_from(["0", "-1", "+7", "1_000", "0xDEAD_beef", "0o17", "0b1_0"])
FLOAT = st.sampled_from(["1.5", "-0.0", "6.6e-34", "1e1_0", "5E+2", "inf", "-inf", "+inf", "nan"])
DATE = st.sampled_from(
    ["1979-05-27", "1979-05-27 07:32:00", "1979-05-27T07:32Z", "07:32:00.5", "07:32"]
)
SCALAR = st.one_of(STRING, INTEGER, FLOAT, DATE, st.sampled_from(["true", "false"]))
KEY_PART = st.one_of(
    st.sampled_from(["a", "b", "c", "1", "-_"]),
    st.sampled_from(['"a"', "'b'", '"a.b"', '"é\\t\\u0041"', "'[#]'", '""']),
)


@st.composite
def keys(draw: st.DrawFn) -> str:
    parts = draw(st.lists(KEY_PART, min_size=1, max_size=3))
    return (draw(BLANK) + "." + draw(BLANK)).join(parts)


@st.composite
def arrays(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    text = "[" + draw(GAP)
    for item in draw(st.lists(items, max_size=3)):
        text += item + draw(GAP) + "," + draw(GAP)
    if draw(st.booleans()):
        text += draw(items) + draw(GAP)
    return text + "]"


@st.composite
def inline_tables(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    pairs: list[str] = []
    for _ in range(draw(st.integers(0, 3))):
        pair = draw(keys()) + draw(BLANK) + "=" + draw(BLANK) + draw(items)
        if accepted("x = {" + ",".join([*pairs, pair]) + "}"):
            pairs.append(pair + draw(GAP))
    trailing = "," + draw(GAP) if draw(st.booleans()) and pairs else ""
    return "{" + draw(GAP) + ("," + draw(GAP)).join(pairs) + trailing + "}"


VALUE = st.recursive(
    SCALAR, lambda items: st.one_of(arrays(items), inline_tables(items)), max_leaves=6
)


@st.composite
def statements(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["pair", "pair", "table", "array"]))
    end = draw(BLANK) + draw(st.sampled_from(["", "# [x] = ' \" {"])) + "\n"
    if kind == "pair":
        return draw(keys()) + draw(BLANK) + "=" + draw(BLANK) + draw(VALUE) + end
    key = draw(BLANK) + draw(keys()) + draw(BLANK)
    return draw(BLANK) + ("[[" + key + "]]" if kind == "array" else "[" + key + "]") + end


@st.composite
def toml_texts(draw: st.DrawFn) -> str:
    text = ""
    for statement in draw(st.lists(statements(), max_size=8)):
        if accepted(text + statement):
            text += statement
    return draw(st.sampled_from([text, text.replace("\n", "\r\n"), text.rstrip("\n")]))


def accepted(text: str) -> bool:
    try:
        tomli.loads(text)
    except tomli.TOMLDecodeError:
        return False
    return True


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from 1.0 and True, and knows nan and -0.0."""
    return type(left) is type(right) and repr(left) == repr(right)


def at(text: str, span: Any) -> str:
    return text[span.start : span.end]


@settings(max_examples=300, deadline=None)
@given(toml_texts())
def test_places_are_those_of_tomlis_tree(text: str) -> None:
    scan = Scan(text, "m.toml")
    scan.run()
    tree = dict(leaves(tomli.loads(text)))
    assert set(scan.places) == set(tree)
    for path in scan.places:
        check_place(text, path, scan.places, tree[path])


def check_place(text: str, path: Path, places: Mapping[Path, Place], value: Any) -> None:
    """The text at a place, read on its own, says the same."""
    if not path:
        return
    place = places[path]
    if isinstance(path[-1], int):
        assert place.key is None
    else:
        assert place.key is not None
        assert list(tomli.loads(at(text, place.key) + " = 0")) == [path[-1]]
    if not (is_header(place) or (isinstance(path[-1], int) and is_header(places[path[:-1]]))):
        assert same(tomli.loads("x = " + at(text, place.value))["x"], value)
    if isinstance(value, str):
        check_offsets(text, path, place, value)


def is_header(place: Place) -> bool:
    """Whether a table's or an array's place holds its own key: a header or a dotted key."""
    key, value = place.key, place.value
    return key is not None and value.start <= key.start and key.end <= value.end


def check_offsets(text: str, path: Path, place: Place, value: str) -> None:
    """Each decoded code point points at the characters that write it, in order."""
    document = document_of(text, path, place, value)
    end = place.value.start + 1
    for index, character in enumerate(value):
        span = document.span(path, within=(index, index + 1))
        assert span is not None
        assert end <= span.start < span.end < place.value.end
        end = span.end
        source = at(text, span)
        if source.startswith("\\") and at(text, place.value).startswith('"'):
            assert tomli.loads(f'x = "{source}"')["x"] == character
        else:
            assert source.replace("\r\n", "\n") == character
    last = document.span(path, within=(len(value), len(value)))
    assert last is not None
    assert text[last.start : place.value.end] in ('"', "'", '"""', "'''")


def document_of(text: str, path: Path, place: Place, value: Any) -> Document:
    for key in reversed(path):
        value = {key: value}
    return Document(value, {path: place}, {"m.toml": text})


# What a reader of a document sees.


def test_a_string_within_the_text_of_several_lines_is_pointed_at() -> None:
    text = 'a = """\r\n  one \\\r\n   two\\tthree\r\nfour"""\r\n'
    document = parse_toml(text, "m.toml")
    decoded = document.value["a"]
    assert isinstance(decoded, str)
    for word in ("one", "two", "three", "four"):
        start = decoded.index(word)
        span = document.span(("a",), within=(start, start + len(word)))
        assert at(text, span) == word
    start = decoded.index("\t")
    assert at(text, document.span(("a",), within=(start, start + 1))) == "\\t"
    assert at(text, document.span(("a",), within=(start - 1, start + 2))) == "o\\tt"


def test_a_range_at_or_beyond_the_end_of_a_string_stays_within_its_quotes() -> None:
    text = 'a = "x\\n"'
    document = parse_toml(text, "m.toml")
    end = document.span(("a",), within=(2, 2))
    assert end is not None
    assert (end.start, end.end) == (8, 8)
    beyond = document.span(("a",), within=(7, 90))
    assert beyond is not None
    assert 4 <= beyond.start <= beyond.end <= len(text)


TABLES = """\
[model]
name = "N"
inputs.x = [1, 2]

[[model.layers]]
type = "Linear"

[[model.layers]]
type = "ReLU"
[model.layers.deeper]
y = { z = 1 }
"""


@pytest.mark.parametrize(
    ("path", "key", "source"),
    [
        (("model",), False, "[model]"),
        (("model",), True, "model"),
        (("model", "name"), False, '"N"'),
        (("model", "name"), True, "name"),
        (("model", "inputs"), True, "inputs"),
        (("model", "inputs", "x"), False, "[1, 2]"),
        (("model", "inputs", "x", 1), False, "2"),
        (("model", "layers"), True, "layers"),
        (("model", "layers", 1), False, "[[model.layers]]"),
        (("model", "layers", 1, "type"), False, '"ReLU"'),
        (("model", "layers", 1, "deeper"), True, "deeper"),
        # What is absent is pointed at where it should stand.
        (("model", "nmae"), False, "model"),
        (("model", "layers", 0, "out_features"), False, "[[model.layers]]"),
        (("model", "layers", 1, "deeper", "y", "q", "r"), False, "y"),
        (("optimizer",), False, ""),
    ],
)
def test_span(path: Path, key: bool, source: str) -> None:
    document = parse_toml(TABLES, "m.toml")
    assert at(TABLES, document.span(path, key=key)) == source


def test_the_second_item_of_an_array_of_tables_has_a_header_of_its_own() -> None:
    document = parse_toml(TABLES, "m.toml")
    first = document.span(("model", "layers", 0))
    second = document.span(("model", "layers", 1))
    assert first is not None
    assert second is not None
    assert line_and_column(TABLES, first.start) == (5, 1)
    assert line_and_column(TABLES, second.start) == (8, 1)


def test_a_table_has_the_place_of_its_own_header_even_after_one_of_its_children() -> None:
    text = "[a.b.c]\n[a]\n"
    document = parse_toml(text, "m.toml")
    assert at(text, document.span(("a",))) == "[a]"
    assert at(text, document.span(("a", "b"))) == "[a.b.c]"
    assert at(text, document.span(("a", "b"), key=True)) == "b"


# Broken texts. «» marks the span in the text.


def problems(text: str) -> list[Diagnostic]:
    with pytest.raises(SpecError) as caught:
        parse_toml(text, "m.toml")
    return caught.value.diagnostics


SLIPS = [
    ("a «:» 1", "found `:` after a key, expected `=`", "a = 1"),
    ("name«:» 'x'", "found `:` after a key, expected `=`", "name = 'x'"),
    ("a = «»", "expected a value, found the end of the file", None),
    ("a = «»\nb = 1", "expected a value, found the end of the line", None),
    ("a = [1,«,» 2]", "expected a value, found `,`", None),
    ("a = «True»", "found `True`, expected `true`", "a = true"),
    ("a = «-Infinity»", "found `-Infinity`, expected `-inf`", "a = -inf"),
    ("a = «None»", "`None` is not a value of the language", None),
    ("a = «.5»", "found `.5`, expected a digit before the point", "a = 0.5"),
    ("a = «5.»", "found `5.`, expected a digit after the point", "a = 5.0"),
    ("a = «012»", "an integer doesn't begin with 0; octal is written 0o17", None),
    ("a = [1, «02»]", "an integer doesn't begin with 0; octal is written 0o17", None),
    ("a =«=» 1", "found a second `=`, expected a value", "a = 1"),
    ("a = «(»1, 2)", "found `(`, expected a value", None),
    (
        "a = «relu»",
        "`relu` is not a value of TOML; strings and expressions are written in quotes",
        'a = "relu"',
    ),
    (
        "a = «4 * d_model» # c",
        "`4 * d_model` is not a value of TOML; strings and expressions are written in quotes",
        'a = "4 * d_model" # c',
    ),
    (
        "a = [1, { b = «d // f(4, 2)», c = 2 }]",
        "`d // f(4, 2)` is not a value of TOML; strings and expressions are written in quotes",
        'a = [1, { b = "d // f(4, 2)", c = 2 }]',
    ),
    (
        "a = [«4 * d», 3]",
        "`4 * d` is not a value of TOML; strings and expressions are written in quotes",
        'a = ["4 * d", 3]',
    ),
    ("a = [«b» = 1]", "found the key `b`, expected a value", None),
    ("a = «“x”»", "found the quote `“`", None),
    ("a = 1«,»\nb = 2", "found `,` after a value, expected the end of the line", "a = 1\nb = 2"),
    ("a = 1«]»", "found `]`, but nothing is open that it closes", None),
    ("a = 1 «b» = 2", "expected the end of the line, found `b`", None),
    ('a = "x"«y»"', "expected the end of the line after a string, found `y`", None),
    ("a = «[»1, 2", "this `[` is never closed; expected `]` before the end of the file", None),
    (
        "a = «[»1,\nb = [3]",
        "this `[` is never closed; expected `]` before the next statement",
        None,
    ),
    (
        "a = «[»\n  { b = 1 },\n\n[data]\nc = [1]",
        "this `[` is never closed; expected `]` before the next statement",
        None,
    ),
    (
        "a = [\n  «{» b = 1,\n  { c = 2 },\n]",
        "this `{` is never closed; expected `}` before the next statement",
        None,
    ),
    ("a = [\n  { b = 1 # c\n«]»", "found `]`, expected `}`", "a = [\n  { b = 1} # c\n]"),
    ("a = { b = [2, 3 «}»", "found `}`, expected `]`", "a = { b = [2, 3] }"),
    (
        "a = [\n  { b = 1 }«»  # one\n  { c = 2 }\n]",
        "expected `,` or `]`, found `{`",
        "a = [\n  { b = 1 },  # one\n  { c = 2 }\n]",
    ),
    (
        "a = [\n  1«» # one\n  # two\n\n  2\n]",
        "expected `,` or `]`, found `2`",
        "a = [\n  1, # one\n  # two\n\n  2\n]",
    ),
    ("a = { b = 'x'«» c = 2 }", "expected `,` or `}`, found `c`", "a = { b = 'x', c = 2 }"),
    ('a = «"abc»\nb = "c"', 'this string is not closed on its line; expected "', None),
    ("a = «'abc»\nb = 1", "this string is not closed on its line; expected '", None),
    ('a = «"""abc»\nb = 1', 'this string is never closed; expected """', None),
    (
        r'a = "C:«\d»ata"',
        r"`\d` is not an escape of a double-quoted string",
        r'a = "C:\\data"',
    ),
    ('a = «"x \\»\n  y"', 'this string is not closed on its line; expected "', None),
    (
        'a = """x «\\ »y"""',
        "`\\ ` is not an escape of a double-quoted string",
        'a = """x \\\\ y"""',
    ),
    (r'a = "«\u»12"', "expected 4 hexadecimal digits of a character after this", None),
    (r'a = "«\u»d800"', "expected 4 hexadecimal digits of a character after this", None),
    ("«//» c\na = 1", "a comment begins with `#`", "# c\na = 1"),
    ("«=» 1", "there is no key before this `=`", None),
    ("«größe» = 1", "the key `größe` needs quotes", '"größe" = 1'),
    ("«数» = 1", "the key `数` needs quotes", '"数" = 1'),
    ("a «b» = 1", "expected `=` and a value after the key, found `b`", None),
    ("a«»\nb = 1", "expected `=` and a value after the key, found the end of the line", None),
    ("[a«»\nb = 1", "expected the end of the table's header, found the end of the line", None),
    ("[«]»", "expected a key, found `]`", None),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("marked", "message", "mended"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_explained_at_its_place(
    marked: str, message: str, mended: str | None, newline: str
) -> None:
    marked = "ok = 1\n# é 😀\n" + marked
    marked = marked.replace("\n", newline)
    text = marked.replace("«", "").replace("»", "")
    [problem] = problems(text)
    assert problem.message == message
    assert problem.span is not None
    start, end = problem.span.start, problem.span.end
    assert text[:start] + "«" + text[start:end] + "»" + text[end:] == marked
    assert (problem.fix is not None) == (mended is not None)
    if problem.fix and mended:
        repaired = text[: problem.fix.span.start] + problem.fix.text + text[problem.fix.span.end :]
        assert repaired.replace(newline, "\n") == "ok = 1\n# é 😀\n" + mended
        parse_toml(repaired, "m.toml")


def test_json_in_a_toml_file_is_recognised() -> None:
    [problem] = problems('\n{\n "a": 1\n}')
    assert problem.message == "found `{`: this looks like JSON, expected TOML"
    assert problem.span is not None
    assert problem.span.start == 1


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("⟦a⟧ = 1\n«a» = 2", "a"),
        ("[⟦a⟧]\n[b]\nx = 1\n[«a»]", "a"),
        ("[m]\nx = { ⟦b⟧ = 1, c = [2], «b» = 3 }", "m.x.b"),
        ("⟦a⟧ = 1\na.«b» = 2", "a"),
        ("⟦a⟧ = [{}]\n[[«a»]]", "a"),
        ("[[l]]\nx = 1\n[[l]]\n⟦x⟧ = 1\ny = 2\n«x» = 3", "l[1].x"),
        ("[a.⟦b⟧]\n[a]\nb.«c» = 1", "a.b"),
    ],
)
def test_a_key_given_twice_shows_the_first(marked: str, name: str) -> None:
    text = marked
    for mark in "«»⟦⟧":
        text = text.replace(mark, "")
    [problem] = problems(text)
    assert problem.code == "duplicate-key"
    assert f"`{name}`" in problem.message
    [label] = problem.labels
    assert problem.span is not None
    shown = list(text)
    shown[problem.span.start] = "«" + shown[problem.span.start]
    shown[problem.span.end - 1] += "»"
    shown[label.span.start] = "⟦" + shown[label.span.start]
    shown[label.span.end - 1] += "⟧"
    assert "".join(shown) == marked


def test_all_values_outside_the_language_are_reported_at_once() -> None:
    text = "a = 1979-05-27\nb = [07:32:00, 9223372036854775808]\nc = { d = -1e999 }\n"
    found = [(p.code, p.where, at(text, p.span)) for p in problems(text)]
    assert found == [
        ("date", "a", "1979-05-27"),
        ("date", "b[0]", "07:32:00"),
        ("huge-integer", "b[1]", "9223372036854775808"),
        ("huge-float", "c.d", "-1e999"),
    ]


@pytest.mark.parametrize(
    "literal", ["9223372036854775807", "-9223372036854775808", "0x7fffffffffffffff", "inf", "nan"]
)
def test_the_largest_numbers_are_values(literal: str) -> None:
    value = parse_toml(f"a = {literal}", "m.toml").value["a"]
    assert same(value, tomli.loads(f"a = {literal}")["a"])
    assert not isinstance(value, float) or not math.isfinite(value)


@pytest.mark.parametrize("literal", ["9" * 5000, "0x" + "f" * 5000, "-" + "9" * 20])
def test_a_huge_integer_is_refused_however_long(literal: str) -> None:
    [problem] = problems(f"b = 1\na = {literal}")
    assert problem.code == "huge-integer"
    assert problem.span is not None
    assert line_and_column(f"b = 1\na = {literal}", problem.span.start)[0] == 2
    assert len(problem.message) < 100


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\ufeffa = 1", "bom"),
        ("a = '\x00'", "control-character"),
        ("# \x1b[31m", "control-character"),
        ("a = 1\rb = 2", "control-character"),
        ("a = '\ud800'", "lone-surrogate"),
        ("a = " + "[" * 100_000, "too-deep"),
        ("a = " + "{ a = " * 100_000, "too-deep"),
        ("a." * 100_000 + "a = 1", "too-deep"),
        ("a = " + "[" * 65 + "]" * 65, "too-deep"),
        ("[" + ".".join("a" * 40) + "]\n" + ".".join("a" * 40) + " = 1", "too-deep"),
    ],
)
def test_a_text_that_no_parser_may_see_is_refused(text: str, code: str) -> None:
    [problem] = problems(text)
    assert problem.code == code


def test_nesting_up_to_the_bound_is_read() -> None:
    value: Any = parse_toml("a = " + "[" * 63 + "]" * 63, "m.toml").value["a"]
    depth = 0
    while value:
        value = value[0]
        depth += 1
    assert depth == 62
    text = "a = '" + "[" * 1000 + "' # " + "{" * 1000
    assert parse_toml(text, "m.toml").value == {"a": "[" * 1000}
