"""Sizes behave like the integers that they stand for, and print as such."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from size_trees import NAMES, Node, compute, trees

from specc.spec.tensor.dim import Dim, SizeTooComplexError, Symbol

H, W, B, C = (Dim.of(Symbol(name)) for name in ("height", "width", "batch", "channels"))
PLAIN = {name: Dim.of(Symbol(name)) for name in NAMES}
values = st.fixed_dictionaries({name: st.integers(-3, 60) for name in NAMES})


@settings(max_examples=400, deadline=None)
@given(trees(), values)
def test_arithmetic_and_text_agree_with_integers(tree: Any, at: dict[str, int]) -> None:
    dim = Dim.of(compute(tree, PLAIN))
    expected = compute(tree, at)
    assert dim.evaluate(at) == expected
    assert eval(str(dim), dict(at)) == expected


@settings(max_examples=200, deadline=None)
@given(trees(), trees(), values)
def test_division_by_any_size_agrees_with_integers(top: Any, by: Any, at: dict[str, int]) -> None:
    divisor = Dim.of(compute(by, PLAIN))
    assume(compute(by, at) != 0 and (divisor.constant is None or divisor.constant > 0))
    for op in ("//", "%"):
        tree = Node(op, top, by)
        dim = Dim.of(compute(tree, PLAIN))
        assert dim.evaluate(at) == compute(tree, at)
        assert eval(str(dim), dict(at)) == compute(tree, at)


@settings(max_examples=200, deadline=None)
@given(trees(), st.fixed_dictionaries({name: trees(max_leaves=3) for name in NAMES}), values)
def test_substitution_is_evaluation_of_the_parts(
    tree: Any, parts: dict[str, Any], at: dict[str, int]
) -> None:
    dim = Dim.of(compute(tree, PLAIN))
    put_in = {name: Dim.of(compute(part, PLAIN)) for name, part in parts.items()}
    inner = {name: compute(part, at) for name, part in parts.items()}
    assert dim.substitute(put_in).evaluate(at) == compute(tree, inner)


@settings(max_examples=200, deadline=None)
@given(trees(max_leaves=5), trees(max_leaves=5))
def test_equal_sizes_have_equal_hashes_and_texts(first: Any, second: Any) -> None:
    left, right = Dim.of(compute(first, PLAIN)), Dim.of(compute(second, PLAIN))
    assert left + right == right + left
    assert hash(left + right) == hash(right + left)
    assert str(left + right) == str(right + left)
    assert str(left * right) == str(right * left)
    assert (left + right) - right == left
    assert left * (right + 1) == left * right + left


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(*[st.integers(1, 7)] * 3, st.integers(0, 3)), max_size=6), st.data())
def test_convolutions_and_upsampling_agree_with_integers(
    layers: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    def chain(size: Any) -> Any:
        for kernel, stride, scale, padding in layers:
            size = (size + 2 * padding - kernel) // stride + 1
            size = size * scale // 2
        return size

    at = data.draw(st.integers(1, 10_000))
    assert chain(H).evaluate({"height": at}) == chain(at)
    assert eval(str(chain(H)), {"height": at}) == chain(at)


def test_normal_form_meets_along_different_ways() -> None:
    assert (H + 2 * 3 - 7) // 2 + 1 == (H + 1) // 2
    assert ((H + 1) // 2 + 1) // 2 == (H + 3) // 4
    assert -(-H // 8) == (H + 7) // 8
    assert (4 * H * W + 6) // 4 == H * W + 1
    assert (H * W * 6) // 4 == (3 * H * W) // 2
    assert (16 * H) % 16 == 0
    assert H % 16 + 16 * (H // 16) == H
    assert (C * H) // H == C
    assert (C * C - 1) // (C - 1) == C + 1
    assert (6 * B * H) // (4 * B) == (3 * H) // 2


@pytest.mark.parametrize(
    ("dim", "text"),
    [
        ((H + 1) // 2, "(height + 1) // 2"),
        (16 * H, "16 * height"),
        (B * W, "batch * width"),
        (C * (H // 4) * (W // 4), "channels * (height // 4) * (width // 4)"),
        ((H + 1) * (W + 1), "(height + 1) * (width + 1)"),
        (B * (H - 2) * (W - 2), "batch * (height - 2) * (width - 2)"),
        ((H - 2) * (H - 2), "(height - 2) ** 2"),
        (((H + 1) // 2) ** 2 * C, "channels * ((height + 1) // 2) ** 2"),
        (H * H, "height**2"),
        ((H - 7) // 2 + 1, "(height - 5) // 2"),
        (H // 2 + 1, "height // 2 + 1"),
        (H % 16, "height % 16"),
        (-H % 8, "-height % 8"),
        (H + -H % 8, "8 * ((height + 7) // 8)"),
        ((3 * H) // 4, "(3 * height) // 4"),
        ((H - W) // 2, "(height - width) // 2"),
        (10 - H, "10 - height"),
        (H * W + W + 5, "height * width + width + 5"),
        (H % 3 + H % 5, "height % 3 + height % 5"),
        (H % C, "height % channels"),
        ((H * W + 1) // (C + 1), "(height * width + 1) // (channels + 1)"),
        (-(H // 2) * W, "-(height // 2) * width"),
        (Dim.of(0), "0"),
        (Dim.of(-3), "-3"),
    ],
)
def test_text_is_what_a_person_would_write(dim: Dim, text: str) -> None:
    assert str(dim) == text


@settings(max_examples=30, deadline=None)
@given(st.lists(trees(), min_size=60, max_size=60))
def test_formatter_finds_nothing_in_texts(many: list[Any]) -> None:
    # Each as an argument: there the formatter leaves parentheses alone, as it does in comments.
    source = "".join(f"f({Dim.of(compute(tree, PLAIN))})\n" for tree in many)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=320", "-"]
    formatted = subprocess.run(command, input=source, capture_output=True, text=True, check=True)
    assert formatted.stdout == source


@pytest.mark.parametrize(
    ("name", "doubled", "alone_in_floor"),
    [
        ("max(1, c // 4)", "2 * max(1, c // 4)", "max(1, c // 4) // 3"),
        ("depths[index]", "2 * depths[index]", "depths[index] // 3"),
        ("config.width", "2 * config.width", "config.width // 3"),
        ("b - a", "2 * (b - a)", "(b - a) // 3"),
        ("(b - a)", "2 * (b - a)", "(b - a) // 3"),
        ("(b) - (a)", "2 * ((b) - (a))", "((b) - (a)) // 3"),
        ("c // 4", "2 * (c // 4)", "(c // 4) // 3"),
        ("a if a else b", "2 * (a if a else b)", "(a if a else b) // 3"),
    ],
)
def test_symbols_of_any_text_are_put_in_parentheses(
    name: str, doubled: str, alone_in_floor: str
) -> None:
    dim = Dim.of(Symbol(name))
    assert str(dim) == name
    assert str(2 * dim) == doubled
    assert str(dim // 3) == alone_in_floor
    assert dim.evaluate({name: 9}) == 9


@pytest.mark.parametrize("name", ["b - a", "a if a - b else b", "(a) - (b)", "a"])
def test_symbols_of_any_text_keep_their_value_in_sums(name: str) -> None:
    dim = Dim.of(Symbol(name))
    at = {"a": 5, "b": 12, "height": 7}
    env = {**at, name: eval(name, dict(at))}
    for made in (H - dim, H + dim, -dim, dim**2, dim % 3, H * dim - 1, H // dim, (H - dim) // 4):
        assert eval(str(made), dict(at)) == made.evaluate(env)


def test_constants_act_as_integers() -> None:
    three = Dim.of(3)
    assert three == 3
    assert [3].index(three) == 0  # type: ignore[arg-type]
    assert hash(three) == hash(3)
    assert {3: "x"}[three] == "x"  # type: ignore[index]
    assert three != 4
    assert list(range(10))[three] == 3
    assert int(three) == 3
    assert bool(three)
    assert not Dim.of(0)
    assert three < 4
    assert three <= Dim.of(3)
    assert three > 2
    assert three >= 3
    assert (H - H).constant == 0
    assert H.constant is None
    assert Dim.of(H) is H
    assert 7 // Dim.of(2) == 3
    assert 7 % Dim.of(4) == 3
    assert 7 - H == -(H - 7)


@pytest.mark.parametrize(
    "use",
    [
        lambda: int(H),
        lambda: bool(H),
        lambda: H < 3,
        lambda: H >= W,
        lambda: Dim.of(3) > H,
        lambda: [1][H],
    ],
)
def test_open_sizes_are_no_integers(use: Any) -> None:
    with pytest.raises(TypeError):
        use()


@pytest.mark.parametrize("divisor", [0, -2, Dim.of(0), H - H - 1])
def test_no_division_by_zero_or_negative_constants(divisor: Any) -> None:
    with pytest.raises(ValueError, match="cannot divide"):
        H // divisor
    with pytest.raises(ValueError, match="cannot divide"):
        H % divisor


def test_symbols_of_a_size() -> None:
    names = {symbol.name for symbol in (H * (W // 2) + B // C - B // C).symbols}
    assert names == {"height", "width"}
    with pytest.raises(ValueError, match="no sizes"):
        Symbol("h", 3, 2)


def test_origins_follow_the_arithmetic() -> None:
    model, heads = Dim.of(Symbol("d_model")), Dim.of(Symbol("heads"))
    width = Dim.of(64).with_origin(model)
    inner = 3 * width
    assert inner == 192
    assert str(inner.origin) == "3 * d_model"
    assert str((inner // Dim.of(4).with_origin(heads)).origin) == "(3 * d_model) // heads"
    assert str((width * H + 1).origin) == "d_model * height + 1"
    assert str((width // 2).origin) == "d_model // 2"
    assert str((width % 5).origin) == "d_model % 5"
    assert str((2 - width).origin) == "2 - d_model"
    assert str((width**2).origin) == "d_model**2"
    assert (H + 1).origin is None
    assert width == 64
    assert hash(width) == hash(64)
    assert width.with_origin(None).origin is None


def test_substitution_maps_origins() -> None:
    size = (Dim.of(64).with_origin(Dim.of(Symbol("d_model")))) * H
    moved = size.substitute({"height": 16 * W, "d_model": 2 * C})
    assert str(moved) == "1024 * width"
    assert str(moved.origin) == "32 * channels * width"


def test_growth_is_capped() -> None:
    def square(times: int) -> Dim:
        size = H + W + 1
        for _ in range(times):
            size = size * size
        return size

    def nest(times: int) -> Dim:
        size = H
        for _ in range(times):
            size = (size * size + W) // 3
        return size

    def power(times: int) -> Dim:
        size = Dim.of(3)
        for _ in range(times):
            size = size * size
        return size

    for grow in (square, nest, power):
        with pytest.raises(SizeTooComplexError):
            grow(40)
