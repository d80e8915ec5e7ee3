"""No text of a spec becomes code: hostile texts in the place of every text and every key.

Whatever is not refused is looked for in each file of the package: it may stand in literals and
comments alone, a literal must be the text itself, the shape of the syntax tree must be that of a
harmless text in the same place, and what the text would do must not have been done.
"""

from __future__ import annotations

import ast
import io
import os
import tokenize
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from hostile_strings import MARK, hostile_strings

import specc
from specc.spec.diagnostic import SpecError

PLACES = Path(__file__).parent / "hostile"
SPECS: Final = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in PLACES.glob("*.toml")}
HARMLESS: Final = "harmless"


def fields(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], bool]]:
    """The place of each text, and of each key, which is told by True."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield (*path, key), True
            yield from fields(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from fields(value, (*path, index))
    elif isinstance(tree, str):
        yield path, False


def replaced(tree: Any, path: tuple[Any, ...], text: str, *, key: bool) -> Any:
    made = deepcopy(tree)
    held = made
    for part in path[:-1]:
        held = held[part]
    if not key:
        held[path[-1]] = text
        return made
    # In the place where it was, as order matters.
    items = [(text if name == path[-1] else name, value) for name, value in held.items()]
    held.clear()
    held.update(items)
    return made


def files_of(tree: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The package of a spec, None where it is refused."""
    try:
        return specc.compile(tree).files
    except SpecError:
        return None


def shape(text: str) -> str:
    """The syntax tree without what its literals and names are."""

    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.Constant:
            return ast.Constant(type(node.value).__name__)

        def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
            return node

    return ast.dump(Blank().visit(ast.parse(text)), annotate_fields=False)


def escapes(files: Mapping[str, str], text: str) -> Iterator[str]:
    """Where a text stands outside of literals and comments; an ASCII identifier may be a name."""
    is_name = text.isidentifier() and text.isascii()
    for path, content in files.items():
        if MARK in path and not is_name:
            yield f"the name of {path}"
        if not path.endswith(".py") or MARK not in content:
            continue
        compile(content, path, "exec")
        for token in tokenize.generate_tokens(io.StringIO(content).readline):
            inside = token.type in (tokenize.STRING, tokenize.COMMENT)
            if token.type == tokenize.NAME and not token.string.isascii():
                yield f"{path}:{token.start[0]}: {token.string}"
            if MARK in token.string and not inside and not is_name:
                yield f"{path}:{token.start[0]}: {token.string}"


def examine(name: str, place: tuple[tuple[Any, ...], bool], texts: list[str]) -> int:
    """How many texts were taken in a place; fails where one escapes."""
    (path, key), taken = place, 0
    tree = SPECS[name]
    harmless = files_of(replaced(tree, path, HARMLESS, key=key))
    for text in texts:
        files = files_of(replaced(tree, path, text, key=key))
        if files is None:
            continue
        taken += 1
        found = list(escapes(files, text))
        assert not found, (path, text, found)
        if harmless is not None and not text.isidentifier() and files.keys() == harmless.keys():
            for file, content in files.items():
                if file.endswith(".py"):
                    assert shape(content) == shape(harmless[file]), (path, text, file)
    return taken


@cache
def places() -> list[tuple[str, tuple[tuple[Any, ...], bool]]]:
    """One place of each kind: the same key in the same tables, wherever in a list."""
    kinds: dict[object, tuple[str, tuple[tuple[Any, ...], bool]]] = {}
    for name, tree in sorted(SPECS.items()):
        for path, is_key in fields(tree):
            words = [part for part in path if isinstance(part, str)]
            kind = ([word for word in words if word != "layers"][-3:], is_key)
            kinds.setdefault(str(kind), (name, (path, is_key)))
    return list(kinds.values())


def test_the_specs_are_sound() -> None:
    for name, tree in SPECS.items():
        assert specc.check(tree) == [], name
    assert len(places()) > 100
    assert len(hostile_strings()) >= 1000


def test_some_hostile_texts_in_every_place() -> None:
    texts = hostile_strings()
    for number, (name, place) in enumerate(places()):
        examine(name, place, texts[number % 151 :: 151])


@pytest.mark.slow
def test_more_hostile_texts_in_every_place() -> None:
    texts = hostile_strings()
    for number, (name, place) in enumerate(places()):
        examine(name, place, texts[number % 11 :: 11])


@pytest.mark.skipif("HOSTILE" not in os.environ, reason="takes half an hour: make hostile")
@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_all_hostile_texts_in_every_place(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = hostile_strings()
    taken = sum(examine(name, place, texts) for name, place in places()[part::4])
    print(f"{len(places()[part::4])} places, {len(texts)} texts, {taken} taken, none escaped")
    assert not list(tmp_path.iterdir())
