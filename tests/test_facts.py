"""Substitutions reach exactly the sizes that satisfy the conditions, and print in their names."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from size_trees import Node, box, compute, sizes, symbols, trees

from specc.spec.tensor.dim import Dim, Symbol
from specc.spec.tensor.facts import Condition, Contradiction, Facts, Unusable, assume
from specc.spec.tensor.prove import Proved, Refuted, at_least, equal

SYMBOLS = tuple(Symbol(name) for name in ("a", "b", "c", "height", "width", "k"))
A, B, C, H, W, K = (Dim.of(symbol) for symbol in SYMBOLS)
PAIR = ("height", "width")
OPERATORS = ("<", "<=", ">", ">=", "==", "!=")


@st.composite
def conditions(draw: st.DrawFn) -> list[tuple[Any, str, Any]]:
    """Conditions as people write them, and any others."""
    name, other = draw(st.permutations(PAIR))
    number = draw(st.integers(-1, 9))
    small = trees(PAIR, max_leaves=3)
    k = draw(st.integers(1, 6))
    kinds = [
        (name, draw(st.sampled_from(OPERATORS)), number),
        (Node("%", name, k), "==", draw(st.sampled_from([0, 0, 1]))),
        (Node("%", Node("+", name, number), k), draw(st.sampled_from(["==", "!="])), 0),
        (name, draw(st.sampled_from(["<=", "<", ">=", ">", "=="])), other),
        (name, "==", Node("+", Node("*", k, other), number)),
        (Node("*", 2, name), draw(st.sampled_from(["==", ">="])), Node("*", 3, other)),
        (Node("//", name, k), draw(st.sampled_from(OPERATORS)), number),
        (draw(small), draw(st.sampled_from(OPERATORS)), draw(small)),
    ]
    alone = draw(st.sampled_from([True, True, False]))
    return [draw(st.sampled_from(kinds)), *([] if alone else draw(conditions()))]


def as_conditions(written: list[tuple[Any, Any, Any]], found: Mapping[str, Dim]) -> list[Condition]:
    return [
        Condition(Dim.of(compute(left, found)), op, Dim.of(compute(right, found)))
        for left, op, right in written
    ]


def satisfied(written: list[tuple[Any, str, Any]], at: dict[str, int]) -> bool:
    """By Python itself."""
    return all(
        eval(f"left {op} right", {"left": compute(left, at), "right": compute(right, at)})
        for left, op, right in written
    )


def new_symbols(facts: Facts) -> dict[str, Symbol]:
    return {s.name: s for dim in facts.substitution.values() for s in dim.symbols}


@settings(max_examples=300, deadline=None)
@given(conditions(), symbols(PAIR))
def test_substitutions_reach_exactly_the_allowed_sizes(
    written: list[tuple[Any, str, Any]], found: dict[str, Symbol]
) -> None:
    facts = assume(list(found.values()), as_conditions(written, sizes(found)))
    points = box(found, 11)
    allowed = [at for at in points if satisfied(written, at)]
    if isinstance(facts, Contradiction):
        assert not allowed
    if not isinstance(facts, Facts):
        return
    made = new_symbols(facts)
    for at in box(made, 5):
        given_sizes = {name: dim.evaluate(at) for name, dim in facts.substitution.items()}
        assert facts.holds(given_sizes)
        assert satisfied(written, given_sizes)
    for at in points:
        assert facts.holds(at) == satisfied(written, at)
    for at in allowed:
        inner = facts.new_sizes(at)
        assert {name: dim.evaluate(inner) for name, dim in facts.substitution.items()} == at
        for name, size in inner.items():
            assert made[name].minimum <= size
            assert made[name].maximum is None or size <= made[name].maximum  # type: ignore[operator]
            assert eval(name, dict(at)) == size


@settings(max_examples=300, deadline=None)
@given(conditions(), symbols(PAIR), trees(PAIR))
def test_texts_are_in_the_given_names(
    written: list[tuple[Any, str, Any]], found: dict[str, Symbol], tree: Any
) -> None:
    facts = assume(list(found.values()), as_conditions(written, sizes(found)))
    if not isinstance(facts, Facts):
        return
    dim = Dim.of(compute(tree, facts.substitution))
    for at in box(found, 5):
        if satisfied(written, at):
            assert (
                eval(str(dim), dict(at)) == compute(tree, at) == dim.evaluate(facts.new_sizes(at))
            )


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        (
            [(H % 16, "==", 0)],
            {
                H: "height",
                H // 16: "height // 16",
                H // 8: "height // 8",
                (H // 16) * (W // 16) + 1: "(height // 16) * (width // 16) + 1",
                2 * H + 3: "2 * height + 3",
                C * H * H: "c * height**2",
                (H + 1) // 2: "height // 2",
                H // 32: "height // 32",
            },
        ),
        (
            [(A, "<=", B)],
            {B: "b", B - A: "b - a", 2 * (B - A): "2 * (b - a)", B + 1: "b + 1", B * C: "b * c"},
        ),
        (
            [(A % 4, "==", 0), (B % 4, "==", 0), (A, "<=", B)],
            {B: "b", B - A: "b - a", B // 4: "b // 4", (B - A) // 4: "(b - a) // 4"},
        ),
        ([(H % 4, "==", 3)], {H: "height", H // 4: "height // 4", 2 * H: "2 * height"}),
        ([(H, ">=", 8), (H, "<=", 512)], {H: "height", H // 2: "height // 2"}),
        ([(H, "==", 16 * K)], {H: "16 * k", H // 16: "k"}),
        ([(A, "<=", B), (B, "<=", C)], {C: "c", C - A: "c - a", C - B: "c - b"}),
    ],
)
def test_sizes_print_as_the_user_knows_them(
    written: list[tuple[Dim, Any, Any]], texts: dict[Dim, str]
) -> None:
    facts = assume(SYMBOLS, [Condition(left, op, Dim.of(right)) for left, op, right in written])
    assert isinstance(facts, Facts)
    for dim, text in texts.items():
        assert str(dim.substitute(facts.substitution)) == text


def test_a_u_net_on_multiples_of_sixteen() -> None:
    facts = assume([Symbol("height")], [Condition(H % 16, "==", Dim.of(0))])
    assert isinstance(facts, Facts)
    size = H.substitute(facts.substitution)
    assert equal(16 * (size // 16), size) == Proved()
    refuted = equal(32 * (size // 32), size)
    assert isinstance(refuted, Refuted)
    assert facts.given_sizes(refuted.witness) == {"height": 16}
    assert str(at_least(size - 40, 1)) == "height >= 48"
    assert str(at_least(size // 64, 1)) == "height >= 64"


def test_a_slice_within_the_context() -> None:
    facts = assume([Symbol("time"), Symbol("context")], [])
    time, context = Dim.of(Symbol("time")), Dim.of(Symbol("context"))
    assert isinstance(at_least(context - time, 0), Refuted)
    facts = assume([Symbol("time"), Symbol("context")], [Condition(time, "<=", context)])
    assert isinstance(facts, Facts)
    inside = (context - time).substitute(facts.substitution)
    assert at_least(inside, 0) == Proved()
    assert str(at_least(inside, 3)) == "context >= time + 3"
    witness = at_least(-inside, 0)
    assert isinstance(witness, Refuted)
    assert facts.given_sizes(witness.witness) == {"time": 1, "context": 2}


def test_witnesses_are_given_for_the_names_that_they_concern() -> None:
    facts = assume(SYMBOLS, [Condition(A, "<=", B), Condition(H % 2, "==", Dim.of(0))])
    assert isinstance(facts, Facts)
    assert facts.given_sizes({"height // 2": 3}) == {"height": 6}
    assert facts.given_sizes({"a": 5}) == {"a": 5, "b": 5}


@pytest.mark.parametrize(
    ("written", "at_fault"),
    [
        ([(H % 2, "==", 0), (W, "<=", 9), (H % 4, "==", 1)], [0, 2]),
        ([(H, "<", 4), (H, ">=", 2), (W, "<", 3), (W, ">", H)], [1, 2, 3]),
        ([(H, "<", 1)], [0]),
        ([(2 * H, "==", 7)], [0]),
        ([(A, "<", B), (B, "<", C), (C, "<", A)], [0, 1, 2]),
        ([(A, "==", B + 1), (A, "==", B)], [0, 1]),
        ([(H % 16, "==", 0), (H, "<", 16)], [0, 1]),
        ([(H, "!=", H)], [0]),
    ],
)
def test_contradictions_name_the_conditions_at_fault(
    written: list[tuple[Dim, Any, Any]], at_fault: list[int]
) -> None:
    made = [Condition(left, op, Dim.of(right)) for left, op, right in written]
    assert assume(SYMBOLS, made) == Contradiction(tuple(made[index] for index in at_fault))


@pytest.mark.parametrize(
    ("left", "op", "right"),
    [
        (H * W, ">=", 10),
        (H, "!=", 5),
        (H * H, "==", W * W + 1),
        ((H + W) % 4, "==", 0),
        ((H - 3) * (H - 9), ">=", 0),
        ((H // 2) % 2, "==", 0),
    ],
)
def test_other_forms_are_refused(left: Dim, op: Any, right: Any) -> None:
    bad = Condition(left, op, Dim.of(right))
    good = Condition(K, ">=", Dim.of(2))
    answer = assume(SYMBOLS, [good, bad])
    assert isinstance(answer, Unusable)
    assert answer.condition == bad


def test_divisors_may_be_sizes() -> None:
    facts = assume(SYMBOLS, [Condition(C % K, "==", Dim.of(0))])
    assert isinstance(facts, Facts)
    assert equal((C % K).substitute(facts.substitution), Dim.of(0)) == Proved()
    for inner in product(range(1, 5), repeat=2):
        at = dict(zip(("c // k", "k"), inner, strict=True))
        given_sizes = facts.given_sizes(at)
        assert given_sizes["c"] % given_sizes["k"] == 0
        others = dict.fromkeys(("a", "b", "height", "width"), 1)
        assert facts.new_sizes(others | given_sizes) == others | at


def test_no_conditions_are_no_substitution() -> None:
    facts = assume(SYMBOLS, [])
    assert isinstance(facts, Facts)
    assert facts.substitution == {symbol.name: Dim.of(symbol) for symbol in SYMBOLS}
