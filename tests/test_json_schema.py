"""The language's JSON Schema says what `check` says, as far as a schema can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from structural import CODES, ROOT, places, refused, specs, trees, validator

import specc
from specc.spec import registry
from specc.spec.data.keys import DataKeys
from specc.spec.initializers import initializers
from specc.spec.json_schema import of_type
from specc.spec.kinds import Kind, Reader
from specc.spec.language_schema import language_schema
from specc.spec.layers.base import ModuleArgument
from specc.spec.model import Entry, ExpressionEntry, Section, entry_class
from specc.spec.names import snake_case
from specc.spec.parametrizations import parametrizations
from specc.spec.schema import Form, Schema
from specc.spec.source import parse_json, parse_toml

COMMITTED: Final = ROOT / "docs" / "specc-1.schema.json"
ERRORS: Final = sorted(p for p in (ROOT / "tests/errors").iterdir() if p.suffix != ".txt")
OF_MEANING: Final = frozenset(
    """block_takes_a_flag block_where budget_training_alone called_again
    data_prepare_without_columns lists_of_nothing lists_without_target
    missing_argument_of_block missing_size module_param module_param_uses params_by_expression
    random_without_target recompute sections_of_none training_csv_without_target
    training_named_columns_of_generator training_schedulers_without_until
    training_two_optimizers unknown_argument_of_block unknown_argument_of_paramless_block
    where_wrong wrong_inputs wrong_param_types wrong_type_param""".split()
)
"""Cases whose codes speak of the spec's own blocks, params and values, or of several sections."""
LOOSE: Final = frozenset(["RelativePath", "Numbers", "Epsilons", "TokenizerName", "Query"])
"""Kinds of which a schema can't say all."""
VALUES: Final[tuple[Any, ...]] = (
    *(True, False, 0, 1, -1, 2, 3, 70, 10**6, 0.0, 0.5, -0.5, 1.0, 1.5, 2.5),
    *("", "x", "None", "zeros", "mean", "all", "cpu", "cuda:1", "float32", "int64", "sqlite:///a"),
    *([], [0], [1], [1, 2], [1, 2, 3], [0.5, 0.5], [0.9, 0.999], [True], ["x"], ["x", 1], [[1], 2]),
    *([1, 2, 3, 4], [[1.0, 2.0]], {}, {"a": 1}, {"type": "ReLU"}),
)


def test_is_a_schema_that_refers_to_nothing_else() -> None:
    schema = language_schema()
    Draft202012Validator.check_schema(schema)
    references = {value for path, value in places(schema) if path[-1:] == ("$ref",)}
    assert references <= {f"#/$defs/{name}" for name in schema["$defs"]}
    assert {f"#/$defs/{name}" for name in schema["$defs"]} <= references


def test_the_committed_schema_is_fresh() -> None:
    said = "out of date: specc schema > docs/specc-1.schema.json"
    assert json.loads(COMMITTED.read_text("utf-8")) == language_schema(), said


@pytest.mark.parametrize("path", specs(), ids=lambda path: path.name)
def test_takes_what_check_takes(path: Path) -> None:
    assert [*map(refused, trees(path))] == [None] * len(trees(path))


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.name)
def test_refuses_what_has_a_structural_problem(path: Path) -> None:
    text = path.read_text("utf-8")
    format: Any = path.suffix[1:]
    try:
        document = (parse_json if format == "json" else parse_toml)(text, path.name)
    except specc.SpecError:
        return  # no tree: nothing for a schema to look at
    # What an expression, which stands in quotes, speaks of is beyond a schema.
    found = [
        problem
        for problem in specc.check(text, format=format)
        if problem.code in CODES
        and problem.span is not None
        and not _is_in_string(text, problem.span.start)
    ]
    if found and path.stem not in OF_MEANING:
        assert refused(document.value) is not None, found


def _is_in_string(text: str, place: int) -> bool:
    """Whether a place lies within a string of its line, or begins one."""
    start = text.rfind("\n", 0, place) + 1
    return text[start : place + 1].count('"') % 2 == 1 or text[place] == '"'


def test_knows_every_name_of_the_catalogues() -> None:
    definitions = language_schema()["$defs"]
    style = {"data": snake_case, "preparations": snake_case}
    sections = {
        "layers": ["layer"],
        "losses": ["loss", "layer"],
        "optimizers": ["optimizer"],
        "schedulers": ["scheduler"],
        "data": ["data"],
        "preparations": ["preparation", "augmentation"],
    }
    for package, names in sections.items():
        known = {name for section in names for name in _types(definitions[section])}
        assert {style.get(package, str)(name) for name in registry.families(package)} <= known
    assert set(_types(definitions["initializer"])) == {*initializers()}
    assert set(_types(definitions["parametrization"])) == {*parametrizations()}


def _types(schema: dict[str, Any]) -> Iterator[str]:
    for form in schema["anyOf"]:
        kind = form.get("properties", {}).get("type", {})
        yield from [kind["const"]] if "const" in kind else []


def test_data_has_the_keys_that_are_read() -> None:
    from specc.compiler.training.read_data import OWN

    assert [*DataKeys.model_fields] == [*OWN]


@cache
def classes() -> tuple[type[Schema], ...]:
    """All classes whose fields are written in specs, but for the tables of `check` itself."""
    packages = ("layers", "losses", "optimizers", "schedulers", "data", "preparations")
    found = [registry.load(p, name) for p in packages for name in registry.families(p)]
    found += [*initializers().values(), *parametrizations().values(), *_below(Section)]
    return tuple(one for one in found if isinstance(one, type) and issubclass(one, Schema))


def _below(base: type[Schema]) -> Iterator[type[Schema]]:
    for derived in base.__subclasses__():
        yield derived
        yield from _below(derived)


def kinds() -> list[Any]:
    """Every kind of a field, with where it is from."""
    found = []
    for owner in classes():
        for name, field in owner.model_fields.items():
            marks = field.metadata
            kind = next((mark for mark in marks if isinstance(mark, Kind)), None)
            # What a later pass looks into may be more than the kind's; modules are read before.
            is_told = any(isinstance(mark, Form) for mark in marks)
            is_read = not isinstance(getattr(kind, "kind", kind), Reader | ModuleArgument)
            if kind is not None and is_read and not is_told:
                found.append(pytest.param(kind, field, id=f"{owner.__name__}.{name}"))
    return found


@pytest.mark.parametrize(("kind", "field"), kinds())
def test_a_kind_says_what_it_takes(kind: Kind, field: Any) -> None:
    schema = of_type(field.annotation, field.metadata)
    takes = validator().evolve(schema=schema).is_valid
    is_loose = type(getattr(kind, "kind", kind)).__name__ in LOOSE
    for value in (*VALUES, *kind.strings):
        assert not _reads(kind, value) or takes(value), f"{schema} refuses {value!r}"
        if not is_loose:
            said = f"{type(kind).__name__}.json_schema takes {value!r}, which read refuses"
            assert _reads(kind, value) or not takes(value), said


def _reads(kind: Kind, value: object) -> bool:
    try:
        kind.read(value)
    except ValueError:
        return False
    return True


@cache
def sound() -> tuple[dict[str, Any], ...]:
    """Specs that are not large, as trees."""
    known = [tree for path in specs() for tree in trees(path)]
    small = [tree for tree in known if len(repr(tree)) < 3_000 and not specc.check(tree)]
    assert len(small) > 20
    return tuple(small)


OTHER: Final = st.sampled_from(
    [
        *(True, 0, -1, 3, 0.5, "x", "batch", "relu", '"a"', "zeros_", [], [1], ["x"], [[1]], {}),
        *({"type": "ReLU"}, {"type": "Linear"}, {"a": 1}, {"shape": ["b"]}, {"expr": "x"}),
    ]
)
KEYS: Final = st.sampled_from("zzz type name inputs shape layers expr default bias".split())


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """A sound spec with something else, more or less in one or two of its places."""
    tree: dict[str, Any] = deepcopy(draw(st.sampled_from(sound())))
    for _ in range(draw(st.integers(1, 2))):
        path, value = draw(st.sampled_from([*places(tree)][1:]))
        owner = _at(tree, path[:-1])
        match draw(st.sampled_from(["replace", "remove", "wrap", "add"])):
            case "add" if isinstance(value, dict):
                value[draw(KEYS)] = deepcopy(draw(OTHER))
            case "wrap":
                owner[path[-1]] = [value]
            case "remove":
                del owner[path[-1]]
            case _:
                owner[path[-1]] = deepcopy(draw(OTHER))
        if not tree:
            break
    return tree


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


@settings(max_examples=150, deadline=None)
@given(changed())
def test_what_the_schema_refuses_check_refuses(tree: dict[str, Any]) -> None:
    said = refused(tree)
    assert said is None or specc.check(tree), said


@st.composite
def misshapen(draw: st.DrawFn) -> dict[str, Any]:
    """A sound spec with a mistake of structure: where the schema knows every key."""
    tree: dict[str, Any] = deepcopy(draw(st.sampled_from(sound())))
    closed = [(path, value) for path, value in places(tree) if _is_closed(path, value)]
    _, table = draw(st.sampled_from(closed))
    written = [key for key in table if not isinstance(table[key], dict | list) and key != "type"]
    # A table as `inputs` gives arguments by their names, which a schema need not know.
    no_tables = [key for key in written if key != "inputs"]
    match draw(st.sampled_from(["unknown", "table", "tables"])):
        case "table" if no_tables:
            table[draw(st.sampled_from(no_tables))] = {"zzz": 1}
        case "tables" if written:
            table[draw(st.sampled_from(written))] = [{"zzz": 1}]
        case _:
            table[draw(st.sampled_from(["zzz", "lears", "out_channel"]))] = draw(OTHER)
    return tree


SECTIONS: Final = ("optimizer", "scheduler", "training", "budget", "plot")


def _is_closed(path: tuple[Any, ...], value: Any) -> bool:
    """Whether a value is a table that has no keys but those that classes tell."""
    if not isinstance(value, dict) or "params" in path:
        return False
    if path in ((), ("model",)) or (path[:1] == ("blocks",) and len(path) == 2):
        return True
    if path[-2:-1] == ("layers",) and isinstance(path[-1], int):
        return _is_known_entry(value)
    if path[0] == "loss":
        return "inputs" not in path
    is_section = len(path) == 1 or (len(path) == 2 and isinstance(path[1], int))
    return path[0] in SECTIONS and is_section


def _is_known_entry(value: dict[str, Any]) -> bool:
    form = entry_class(value)
    assert form is not None
    assert issubclass(form, Entry)
    return "type" not in value or registry.has("layers", value["type"]) or form is ExpressionEntry


@settings(max_examples=150, deadline=None)
@given(misshapen())
def test_structural_mistakes_are_found_by_both(tree: dict[str, Any]) -> None:
    codes = {problem.code for problem in specc.check(tree)}
    # Sections of training call a value of another type an invalid one.
    assert codes & {*CODES, "invalid-value"}, codes
    assert refused(tree) is not None, codes


@pytest.mark.parametrize("key", ["model", "data", "optimizer", "training"])
def test_what_is_missing_is_missed_by_both(key: str) -> None:
    tree = parse_toml((ROOT / "examples/network.toml").read_text("utf-8"), "network.toml").value
    del tree[key]
    assert {problem.code for problem in specc.check(tree)} & CODES
    assert refused(tree) is not None


@pytest.mark.parametrize("owner", classes(), ids=lambda owner: owner.__name__)
def test_every_field_has_a_schema(owner: type[Schema]) -> None:
    for field in owner.model_fields.values():
        assert isinstance(of_type(field.annotation, field.metadata), dict)
