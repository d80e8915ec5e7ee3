"""JSON texts become the json module's values, each with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specc.spec.diagnostic import Diagnostic, Span, SpecError
from specc.spec.source import Document, Path, line_and_column, parse_json

TEXT = st.text(st.sampled_from('ab"\\/\n\té€😀[]{},:'), max_size=6)
SCALAR = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
VALUE = st.recursive(
    SCALAR,
    lambda items: st.one_of(st.lists(items, max_size=3), st.dictionaries(TEXT, items, max_size=3)),
    max_leaves=8,
)
BLANK = st.sampled_from(["", " ", "\n", "\r\n  ", "\t"])


class Written:
    """A JSON text that is written piece by piece, and the places that it is known to have."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.text = ""
        self.values: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, tuple[int, int]] = {}
        self.characters: dict[Path, list[tuple[int, int]]] = {}
        self._draw = draw

    def blank(self) -> None:
        self.text += self._draw(BLANK)

    def value(self, path: Path, value: Any) -> None:
        start = len(self.text)
        if isinstance(value, dict):
            self._items("{}", [(key, (*path, key), item) for key, item in value.items()])
        elif isinstance(value, list):
            self._items("[]", [(None, (*path, i), item) for i, item in enumerate(value)])
        elif isinstance(value, str):
            self.characters[path] = self._string(value)
        else:
            self.text += json.dumps(value)
        self.values[path] = (start, len(self.text))

    def _items(self, brackets: str, items: list[tuple[str | None, Path, Any]]) -> None:
        self.text += brackets[0]
        self.blank()
        for number, (key, path, item) in enumerate(items):
            if number:
                self.text += ","
                self.blank()
            if key is not None:
                start = len(self.text)
                self._string(key)
                self.keys[path] = (start, len(self.text))
                self.blank()
                self.text += ":"
                self.blank()
            self.value(path, item)
            self.blank()
        self.text += brackets[1]

    def _string(self, value: str) -> list[tuple[int, int]]:
        self.text += '"'
        places = []
        for character in value:
            start = len(self.text)
            self.text += self._character(character)
            places.append((start, len(self.text)))
        self.text += '"'
        return places

    def _character(self, character: str) -> str:
        short = {'"': r"\"", "\\": r"\\", "/": r"\/", "\n": r"\n", "\t": r"\t"}
        escaped = json.dumps(character)[1:-1]
        if character in short:
            return self._draw(st.sampled_from([short[character], f"\\u{ord(character):04x}"]))
        return self._draw(st.sampled_from([character, escaped, escaped.replace("d8", "D8")]))


@st.composite
def written(draw: st.DrawFn) -> tuple[Written, dict[str, Any]]:
    value = draw(st.dictionaries(TEXT, VALUE, max_size=4))
    result = Written(draw)
    result.blank()
    result.value((), value)
    result.blank()
    return result, value


@settings(max_examples=200, deadline=None)
@given(written())
def test_places_are_where_the_values_were_written(case: tuple[Written, dict[str, Any]]) -> None:
    known, value = case
    document = parse_json(known.text, "m.json")
    assert repr(document.value) == repr(value)
    assert set(document.places) == set(known.values)
    for path in known.values:
        place = document.places[path]
        if path:
            assert (place.value.start, place.value.end) == known.values[path]
        key = place.key and (place.key.start, place.key.end)
        assert key == known.keys.get(path)
        for index, (start, end) in enumerate(known.characters.get(path, [])):
            span = document.span(path, within=(index, index + 1))
            assert span == Span("m.json", start, end)


def test_a_missing_key_of_the_root_points_at_its_brace() -> None:
    document = parse_json('\n{\n "a": 1\n}', "m.json")
    assert document.span(("model",)) == Span("m.json", 1, 2)


def problems(text: str) -> list[Diagnostic]:
    with pytest.raises(SpecError) as caught:
        parse_json(text, "m.json")
    return caught.value.diagnostics


# «» marks the span in the text.
SLIPS = [
    ('{"a": 1«,»}', "found `,` before `}`; JSON has no comma after the last item", '{"a": 1}'),
    ('{"a": [1«,» ]}', "found `,` before `]`; JSON has no comma after the last item", None),
    ('{"a": [1, 2«» 3]}', "expected `,` or `]`, found `3`", '{"a": [1, 2, 3]}'),
    ('{"a": 1«»\n "b": 2}', 'expected `,` or `}`, found `"`', '{"a": 1,\n "b": 2}'),
    ("{\"a\": «'x'»}", "found `'`; JSON's strings are written in double quotes", '{"a": "x"}'),
    ("{«'a'»: 1}", "found `'`; JSON's strings are written in double quotes", '{"a": 1}'),
    ("{«a»: 1}", "the key `a` needs quotes", '{"a": 1}'),
    ('{"a" «=» 1}', "found `=` after a key, expected `:`", '{"a" : 1}'),
    ('{"a" «1»}', "expected `:` and a value after the key, found `1`", None),
    ('{"a": «True»}', "found `True`, expected `true`", '{"a": true}'),
    ('{"a": «None»}', "`None` is not a value of the language", None),
    ('{"a": «NaN»}', "`NaN` is not a number of JSON", None),
    ('{"a": «inf»}', "`inf` is not a number of JSON", None),
    ('{"a": «relu»}', "`relu` is not a value of JSON", None),
    ('{"a": «}»', "expected a value, found `}`", None),
    ('{"a": «(»1, 2)}', "found `(`, expected a value", None),
    ('{"a": «.5»}', "found `.5`, expected a digit before the point", '{"a": 0.5}'),
    ('{"a": «+1»}', "found `+1`; JSON's numbers have no plus sign", '{"a": 1}'),
    ('{"a": «5.»}', "`5.` is not a number of JSON", None),
    ('{"a": «01»}', "`01` is not a number of JSON", None),
    ('{"a": «0x1F»}', "`0x1F` is not a number of JSON", None),
    ('«{»"a": 1', "this `{` is never closed; expected `}` before the end of the file", None),
    ('{"a": [1, 2«}»', "found `}`, expected `]`", '{"a": [1, 2]}'),
    ('{"a": «"abc»\n}', 'this string is not closed on its line; expected "', None),
    ('{"a": "x«\t»y"}', r"a tab within a string is written \t", '{"a": "x\\ty"}'),
    (
        r'{"a": "C:«\d»ata"}',
        r"`\d` is not an escape of JSON; a backslash is written `\\`",
        r'{"a": "C:\\data"}',
    ),
    (r'{"a": "«\u»12"}', "expected 4 hexadecimal digits of a character after this", None),
    ('{"a": 1} «x»', "expected the end of the file after the object, found `x`", None),
    ('«//» c\n{"a": 1}', "JSON has no comments", None),
    ('{"a": 1 «//» c\n}', "JSON has no comments", None),
    ("[«model»]\na = 1", "this looks like TOML, expected JSON", None),
    ("«a» = 1", "this looks like TOML, expected JSON", None),
    ("«»", "the file is empty, expected a JSON object", None),
    ("«[»1, 2]", "a spec is an object of keys and values; expected `{`", None),
    ('«"»a"', "a spec is an object of keys and values; expected `{`", None),
]


@pytest.mark.parametrize(("marked", "message", "mended"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_explained_at_its_place(marked: str, message: str, mended: str | None) -> None:
    text = marked.replace("«", "").replace("»", "")
    [problem] = problems(text)
    assert problem.message == message
    assert problem.span is not None
    start, end = problem.span.start, problem.span.end
    assert text[:start] + "«" + text[start:end] + "»" + text[end:] == marked
    if mended is not None:
        assert problem.fix is not None
        repaired = text[: problem.fix.span.start] + problem.fix.text + text[problem.fix.span.end :]
        assert repaired == mended
        parse_json(repaired, "m.json")


def test_every_problem_of_the_values_is_reported_at_once() -> None:
    text = (
        '{"a": null, "b": [null, 12345678901234567890], "c": 1e999,\n'
        ' "d": NaN, "e": [-Infinity], "a": 2, "f": "\\ud800", "\\udc00": 1}'
    )
    found = [
        (problem.code, problem.where, text[problem.span.start : problem.span.end])
        for problem in problems(text)
        if problem.span
    ]
    assert found == [
        ("null", "b[0]", "null"),
        ("huge-integer", "b[1]", "12345678901234567890"),
        ("huge-float", "c", "1e999"),
        ("syntax", "", "NaN"),
        ("syntax", "", "-Infinity"),
        ("duplicate-key", "a", '"a"'),
        ("lone-surrogate", "f", '"\\ud800"'),
        ("lone-surrogate", '"\udc00"', '"\\udc00"'),
    ]


def test_a_key_given_twice_shows_the_first_and_keeps_its_place() -> None:
    text = '{"m": {"b": 1,\n "\\u0062": 2}}'
    [problem] = problems(text)
    assert problem.code == "duplicate-key"
    assert problem.message == "`m.b` is given twice; expected it once"
    assert problem.span is not None
    assert line_and_column(text, problem.span.start) == (2, 2)
    [label] = problem.labels
    assert line_and_column(text, label.span.start) == (1, 8)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\ufeff{}", "bom"),
        ('{"a": "\x00"}', "control-character"),
        ('{"a": "\x7f"}', "control-character"),
        ('{"a": "\ud800"}', "lone-surrogate"),
        ("[" * 100_000, "too-deep"),
        ('{"a":' * 100_000, "too-deep"),
        ('{"a": ' + "[" * 64 + "]" * 64 + "}", "too-deep"),
        ('{"a": ' + "9" * 5000 + "}", "huge-integer"),
    ],
)
def test_a_text_that_no_parser_may_see_is_refused(text: str, code: str) -> None:
    [problem] = problems(text)
    assert problem.code == code


def test_brackets_within_strings_are_not_nesting() -> None:
    text = json.dumps({"a": '[{\\"' * 100})
    assert parse_json(text, "m.json").value == json.loads(text)


def nested(document: Document) -> Iterator[int]:
    value: Any = document.value["a"]
    while isinstance(value, list):
        yield 1
        value = value[0] if value else None


def test_nesting_up_to_the_bound_is_read() -> None:
    assert sum(nested(parse_json('{"a": ' + "[" * 63 + "]" * 63 + "}", "m.json"))) == 63
