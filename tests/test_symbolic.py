"""Rules on symbolic sizes against the same rules on numbers, which other tests hold to torch.

What is accepted for all sizes must hold at each, and exactly where the needs hold; what is refused
must fail somewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from drawn import call
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st
from layer_cases import CASES, Case
from op_calls import CALLS, Call
from torch_reference import (
    Accepted,
    Input,
    Refused,
    Signature,
    given,
    layer_of,
    of_type,
    our_call,
    our_module,
    signatures_in,
    tensor_type,
    without_time,
)

from specc.spec.ops.base import Function
from specc.spec.registry import families, load
from specc.spec.tensor.check import Need, collecting_needs
from specc.spec.tensor.dim import Dim, Symbol
from specc.spec.tensor.type import PackedType, TensorType, tensors

ROUNDS = 4
SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16]
SQUEEZED = {"squeeze", "expand", "expand_as"}  # what 1 means is decided by the number alone
seeds = st.integers(0, 2**32)
Symbols = Mapping[int, Dim]


def symbols_for(inputs: Sequence[Input], random: Random) -> Symbols:
    """A symbol for some of the numbers; equal numbers get the same symbol."""
    numbers = sorted({size for shape, _ in signatures_in(inputs) for size in shape if size > 0})
    chosen = [number for number in numbers if random.random() < 0.6]
    return {number: Dim.of(Symbol(f"n{number}")) for number in chosen}


def with_symbols(value: Any, symbols: Symbols, sizes: Mapping[str, int] | None = None) -> Any:
    """Tensor types with symbols in the place of numbers, or with the sizes chosen for them."""
    if isinstance(value, list | tuple):
        return type(value)(with_symbols(item, symbols, sizes) for item in value)
    if isinstance(value, PackedType):
        # The lengths change as sizes do.
        known = TensorType(value.lengths) if value.lengths is not None else None
        lengths = with_symbols(known, symbols, sizes)
        padded = with_symbols(value.padded, symbols, sizes)
        return PackedType(padded, lengths.shape if lengths is not None else None)
    if not isinstance(value, TensorType):
        return value
    shape = [symbols.get(int(size), size) for size in value.shape]
    return value.with_shape(shape if sizes is None else [d.evaluate(sizes) for d in shape])


def at(result: Any, sizes: Mapping[str, int]) -> tuple[Signature, ...]:
    if isinstance(result, PackedType):
        return at(without_time(result), sizes)
    return tuple(
        (tuple(size.evaluate(sizes) for size in one.shape), one.dtype) for one in tensors([result])
    )


def drawn_sizes(symbols: Symbols, random: Random) -> dict[str, int]:
    return {str(dim): random.choice(SIZES) for dim in symbols.values()}


def hold(needs: list[Need], sizes: Mapping[str, int]) -> bool:
    return all(need.bound.holds(sizes) for need in needs)


def check(
    symbolic: Callable[[], Any],
    concrete: Callable[[Mapping[str, int]], Accepted | Refused],
    symbols: Symbols,
    random: Random,
    *,
    exact: bool,
) -> bool:
    """Compares at random sizes; says whether the symbolic call was accepted."""
    results: list[Any] = []
    with collecting_needs() as needs:
        verdict = our_call(lambda: (results.append(symbolic()), ())[1])  # type: ignore[func-returns-value]
    trials = [drawn_sizes(symbols, random) for _ in range(8 if results else 60)]
    if isinstance(verdict, Refused):
        if verdict.code == "shape-depends-on-size":
            return False
        assert any(isinstance(concrete(sizes), Refused) for sizes in trials), verdict
        return False
    for sizes in trials:
        number = concrete(sizes)
        if hold(needs, sizes):
            assert isinstance(number, Accepted), (sizes, number)
            assert number.outputs == at(results[0], sizes), sizes
        elif exact:
            assert isinstance(number, Refused), (sizes, [str(need.bound) for need in needs])
    return True


@pytest.mark.parametrize("name", sorted(CASES))
def test_layers(name: str) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @drawn(CASES[name], seeds)
    def sound(case: Case, seed: int) -> None:
        random = Random(seed)
        arguments, inputs = case
        if isinstance(our_module(name, arguments, inputs), Refused):
            return
        symbols = symbols_for(inputs, random)
        types = [given(each, tensor_type) for each in inputs]
        layer = layer_of(name, arguments).adapted(*types)

        def concrete(sizes: Mapping[str, int]) -> Accepted | Refused:
            return our_call(lambda: layer.output(*with_symbols(types, symbols, sizes)))

        varied = with_symbols(types, symbols)
        if check(lambda: layer.output(*varied), concrete, symbols, random, exact=True):
            flops = layer.flops(*varied)
            sizes = drawn_sizes(symbols, random)
            if isinstance(concrete(sizes), Accepted):
                fixed = layer.flops(*with_symbols(types, symbols, sizes))
                assert flops.evaluate(sizes) == fixed

    sound()


@pytest.mark.parametrize("strategy", CALLS, ids=lambda function: function.__name__[1:])
def test_functions(strategy: Callable[..., Call]) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @drawn(st.composite(strategy)(), seeds)
    def sound(drawn: Call, seed: int) -> None:
        check_call(*drawn, Random(seed))

    sound()


@pytest.mark.parametrize("name", families("ops"))
def test_all_functions(name: str) -> None:
    function = load("ops", name)
    assert isinstance(function, Function)
    random = Random(name)
    for _ in range(ROUNDS):
        check_call(name, *call(function, random), random)


def check_call(name: str, args: list[Any], keywords: Mapping[str, Any], random: Random) -> None:
    """Compares a call that is taken with the same call on symbolic sizes."""
    function = load("ops", name)
    assert isinstance(function, Function)
    if isinstance(our_call(lambda: function.bind(name, args, keywords)), Refused):
        return
    types = list(tensors([*args, *keywords.values()]))
    symbols = symbols_for([of_type(one) for one in types], random)

    def bound(sizes: Mapping[str, int] | None = None) -> Any:
        named = {key: with_symbols(one, symbols, sizes) for key, one in keywords.items()}
        return function.bind(name, with_symbols(args, symbols, sizes), named)

    if name not in SQUEEZED:
        check(bound, lambda sizes: our_call(lambda: bound(sizes)), symbols, random, exact=False)
