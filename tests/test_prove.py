"""What is proved holds, what is refuted fails at the smallest sizes, what is needed is exact."""

from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from size_trees import Node, box, compute, sizes, symbols, trees

from specc.spec.tensor.dim import Dim, Symbol
from specc.spec.tensor.prove import (
    Needs,
    Proved,
    Refuted,
    Undecided,
    at_least,
    equal,
    multiple_of,
    quotient,
)

H, W, B, C, G = (Dim.of(Symbol(n)) for n in ("height", "width", "batch", "channels", "groups"))
REACH = 12
FAR = 10**7


def restricted(sizes: dict[str, int], *dims: Dim) -> dict[str, int]:
    """The sizes of the dims' own symbols."""
    names = {symbol.name for dim in dims for symbol in dim.symbols}
    return {name: size for name, size in sizes.items() if name in names}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two trees that are often equal, or nearly."""
    left = draw(trees(max_leaves=6))
    kind = draw(st.sampled_from(["other", "ceiling", "split", "remainder"]))
    k = draw(st.integers(2, 4))
    if kind == "other":
        return left, draw(trees(max_leaves=4))
    part = draw(trees(max_leaves=4))
    near = {
        "ceiling": (
            Node("-", 0, Node("//", Node("-", 0, part), k)),
            Node("//", Node("+", part, k - 1), k),
        ),
        "split": (
            Node("//", part, k),
            Node("+", Node("//", part, 2 * k), Node("//", Node("+", part, k), 2 * k)),
        ),
        "remainder": (Node("%", part, k), Node("-", part, Node("*", k, Node("//", part, k)))),
    }[kind]
    return Node("*", left, near[0]), Node("*", left, near[1])


@settings(max_examples=300, deadline=None)
@given(pairs(), symbols())
def test_equality_agrees_with_enumeration(pair: tuple[Any, Any], found: dict[str, Symbol]) -> None:
    left, right = (Dim.of(compute(tree, sizes(found))) for tree in pair)
    verdict = equal(left, right)
    points = box(found, REACH)
    fails = (at for at in points if compute(pair[0], at) != compute(pair[1], at))
    first = next(fails, None)
    if isinstance(verdict, Proved):
        assert first is None
    elif isinstance(verdict, Refuted):
        assert left.evaluate(verdict.witness) != right.evaluate(verdict.witness)
        if first is not None:
            assert verdict.witness == restricted(first, left, right)
    assert not isinstance(verdict, Undecided) or first is None


@settings(max_examples=300, deadline=None)
@given(trees(), symbols(), st.integers(-8, 30))
def test_inequalities_agree_with_enumeration(
    tree: Any, found: dict[str, Symbol], bound: int
) -> None:
    dim = Dim.of(compute(tree, sizes(found)))
    verdict = at_least(dim, bound)
    points = box(found, REACH)
    failing = [at for at in points if compute(tree, at) < bound]
    far = {n: s.maximum if s.maximum is not None else FAR for n, s in found.items()}
    if isinstance(verdict, Proved):
        assert not failing
        assert compute(tree, far) >= bound
    elif isinstance(verdict, Refuted):
        assert dim.evaluate(verdict.witness) < bound
        if failing:
            assert verdict.witness == restricted(failing[0], dim)
        if all(symbol.maximum is not None for symbol in dim.symbols):
            assert compute(tree, far) < bound
    elif isinstance(verdict, Needs):
        check_needs(verdict, tree, bound, points)
        for step in range(7):
            grown = {n: size + step * (found[n].maximum is None) for n, size in far.items()}
            assert compute(tree, grown) >= bound


def check_needs(needs: Needs, tree: Any, bound: int, points: list[dict[str, int]]) -> None:
    """Its two forms, text and test, and its threshold say the same as the tree."""
    for at in points:
        expected = compute(tree, at) >= bound
        assert needs.holds(at) == expected
        assert eval(str(needs), dict(at)) == expected
        if needs.threshold is not None:
            symbol, least = needs.threshold
            assert (at[symbol.name] >= least) == expected


@settings(max_examples=200, deadline=None)
@given(trees(("height",)), symbols(("height",)), st.integers(-8, 60))
def test_inequalities_of_one_symbol_are_decided(
    tree: Any, found: dict[str, Symbol], bound: int
) -> None:
    dim = Dim.of(compute(tree, sizes(found)))
    verdict = at_least(dim, bound)
    assert not isinstance(verdict, Undecided)
    high = found["height"].maximum
    ends = range(FAR, FAR + 720) if high is None else [high]  # 720 = 6!: all residues
    eventually = all(compute(tree, {"height": at}) >= bound for at in ends)
    assert isinstance(verdict, Refuted) == (not eventually)


@settings(max_examples=200, deadline=None)
@given(trees(), symbols(), st.integers(1, 6))
def test_divisibility_agrees_with_enumeration(tree: Any, found: dict[str, Symbol], k: int) -> None:
    dim = Dim.of(compute(tree, sizes(found)))
    verdict = multiple_of(dim, k)
    first = next((at for at in box(found, REACH) if compute(tree, at) % k), None)
    if isinstance(verdict, Proved):
        assert first is None
    elif isinstance(verdict, Refuted):
        assert dim.evaluate(verdict.witness) % k != 0
        if first is not None:
            assert verdict.witness == restricted(first, dim)


@settings(max_examples=200, deadline=None)
@given(trees(max_leaves=5), trees(max_leaves=3), symbols(), st.booleans())
def test_quotients_agree_with_enumeration(
    top: Any, by: Any, found: dict[str, Symbol], exact: bool
) -> None:
    tree = Node("*", top, by) if exact else top
    dividend, divisor = (Dim.of(compute(part, sizes(found))) for part in (tree, by))
    if divisor.constant is not None and divisor.constant < 1:
        with pytest.raises(ValueError, match="cannot divide"):
            quotient(dividend, divisor)
        return
    result = quotient(dividend, divisor)
    points = [at for at in box(found, 6) if compute(by, at) != 0]
    if isinstance(result, Dim):
        assert all(result.evaluate(at) * compute(by, at) == compute(tree, at) for at in points)
    elif isinstance(result, Refuted):
        assert not exact
        assert dividend.evaluate(result.witness) % divisor.evaluate(result.witness) != 0


def test_resnet_strides() -> None:
    size = (H + 2 * 3 - 7) // 2 + 1
    size = (size + 2 - 3) // 2 + 1
    for _ in range(3):
        size = (size + 2 - 3) // 2 + 1
    assert size == (H + 31) // 32
    shortcut = (H - 1) // 2 + 1
    assert equal((H + 2 - 3) // 2 + 1, shortcut) == Proved()
    assert at_least(size, 1) == Proved()


def test_skips_of_a_u_net() -> None:
    def down_and_up(size: Dim) -> Dim:
        return 2 * (2 * (size // 2 // 2))

    assert equal(down_and_up(H), H) == Refuted({"height": 1})
    assert equal(down_and_up(16 * H), 16 * H) == Proved()
    shape = (B * C * H * W, B * C * down_and_up(H) * W)
    assert equal(*shape) == Refuted({"batch": 1, "channels": 1, "height": 1, "width": 1})


def test_needs_are_stated_in_sizes() -> None:
    pooled = H // 2 // 2 // 2 // 2
    assert str(at_least(pooled, 1)) == "height >= 16"
    assert at_least(H + 2 - 3, 0) == Proved()
    assert str(at_least(H * W, 10)) == "height * width >= 10"
    few = Dim.of(Symbol("few", 1, 3))
    assert str(at_least(H - 2 * few, 1)) == "height >= 2 * few + 1"
    assert at_least(H - 2 * W, 1) == Refuted({"height": 1, "width": 1})
    assert str(at_least((H - 3) // 2 + 1, 1)) == "height >= 3"
    assert at_least(10 - H, 1) == Refuted({"height": 10})
    assert at_least(H % 2, 1) == Refuted({"height": 2})
    assert at_least(H - W, 0) == Refuted({"height": 1, "width": 2})
    assert at_least(H - H // 2, 1) == Proved()
    assert at_least(H * W - H - W + 1, 0) == Proved()
    assert at_least(Dim.of(3), 4) == Refuted({})


def test_needs_that_hold_in_between_keep_the_inequality() -> None:
    needs = at_least(H * H - 10 * H + 24, 0)  # fails at 5 alone
    assert isinstance(needs, Needs)
    assert needs.threshold is None
    assert [at for at in range(1, 20) if not needs.holds({"height": at})] == [5]
    assert eval(str(needs), {"height": 4})
    assert not eval(str(needs), {"height": 5})


def test_thresholds_far_away_are_exact() -> None:
    assert str(at_least(H // 16_000 - 7, 1)) == "height >= 128000"
    assert str(at_least(H * H - 10**12, 0)) == "height >= 1000000"
    assert str(at_least(H * H - 3 * H, 10**12)) == "height >= 1000002"


def test_bounded_symbols_are_taken_at_their_word() -> None:
    few = Dim.of(Symbol("few", 1, 2))
    assert equal(few * few + 2, 3 * few) == Proved()  # at 1 and 2, though not at 3
    assert equal(few // 3, Dim.of(0)) == Proved()
    assert at_least(10 - few, 8) == Proved()
    assert at_least(few, 2) == Needs(few, 2, (Symbol("few", 1, 2), 2))
    assert at_least(2 - few, 1) == Refuted({"few": 2})
    assert multiple_of(few * (few - 1), 2) == Proved()
    assert equal(Dim.of(Symbol("one", 1, 1)), Dim.of(1)) == Proved()


def test_rearrangements() -> None:
    assert quotient(B * C * H * W, B * H * W) == C
    assert quotient(B * 16 * (H // 16) * W, 16 * W) == B * (H // 16)
    assert quotient(B * H * (H + 1), 2 * B) == (H * (H + 1)) // 2
    assert quotient(B * (H - H // 2) * 3, (H + 1) // 2) == 3 * B
    assert quotient(H * W, 4 * W) == Refuted({"height": 1, "width": 1})
    assert quotient(H * W, C) == Refuted({"channels": 2, "height": 1, "width": 1})
    patches = ((H // 16) * 16) * ((W // 16) * 16)
    assert quotient(patches, Dim.of(256)) == (H // 16) * (W // 16)
    windows = B * (8 * H // 8) * (8 * W // 8) * 64
    assert quotient(windows, 64 * H * W) == B
    assert quotient(B * (C // G) * G * H, B * G * H) == C // G


def test_identities_that_the_normal_form_does_not_see() -> None:
    assert equal(H - H // 2, (H + 1) // 2) == Proved()
    assert equal(H // 4 + (H + 1) // 4 + (H + 2) // 4 + (H + 3) // 4, H) == Proved()
    up, down = (H + 1) // 2 * ((W + 1) // 2), (H - H // 2) * (W - W // 2)
    assert equal(B * C * down, B * C * up) == Proved()
    deep = (H - H // 2 + 63) // 64 * ((W - W // 2 + 63) // 64)
    assert equal(deep * B, (H + 127) // 128 * ((W + 127) // 128) * B) == Proved()
    assert equal(H % 8 + (W - W // 2), (W + 1) // 2 + H % 4 + 4 * (H // 4 % 2)) == Proved()
    assert multiple_of(H * (H + 1), 2) == Proved()
    assert multiple_of(H * (H + 1) * (H + 2), 6) == Proved()
    assert multiple_of(12 * W + 8 * H, 4) == Proved()
    assert multiple_of(12 * W + 8 * H, 8) == Refuted({"height": 1, "width": 1})


def test_opaque_quotients_are_undecided_or_refuted() -> None:
    shared = C // G
    assert equal(shared * B, B * shared) == Proved()
    assert equal(shared * (H - H // 2), shared * ((H + 1) // 2)) == Proved()
    assert equal(shared * G, C) == Refuted({"channels": 1, "groups": 2})
    assert equal((C + G) // G, shared + 1) == Proved()
    assert equal((3 * G * H + 2 * C) // (2 * G * H), 1 + (G * H + 2 * C) // (2 * G * H)) == Proved()
    assert isinstance(equal(shared // H, C // (G * H)), Undecided)
    assert at_least(shared, 0) == Proved()
    assert equal((2 * C) // (2 * G + 1), (4 * C) // (4 * G + 2)) == Proved()
    few = Dim.of(Symbol("few", 1, 4))
    assert equal((few * few + few) // (few + 1), few) == Proved()
    assert equal((few + 7) // (few + 7) + few // (few + 1), Dim.of(1)) == Proved()


def test_too_complex_is_said_quickly() -> None:
    odd = H
    for k in (7, 11, 13, 17):
        odd = (odd * W + 1) // k
    start = monotonic()
    assert isinstance(equal(odd - odd // 2, (odd + 1) // 2), Undecided)
    assert isinstance(multiple_of(odd * (odd + 1), 2), Undecided)
    assert isinstance(at_least(odd * odd - 2 * odd * H + H * H, 0), Undecided)
    assert monotonic() - start < 5


def test_witnesses_name_all_symbols_of_both_sides() -> None:
    assert equal(B * H, B * W) == Refuted({"batch": 1, "height": 1, "width": 2})
    assert equal(B + 2, B + 3) == Refuted({"batch": 1})
