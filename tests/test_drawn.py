"""Layers and functions with arguments drawn from their own kinds, against the installed torch."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest
from drawn import call, careless_call, layer_use, speaks_of_values, within
from torch_reference import (
    Refused,
    as_tensor,
    assert_agree,
    for_torch,
    of_type,
    our_call,
    our_module,
    torch_call,
    torch_function,
    torch_module,
)

from specc.spec.layers.base import Layer
from specc.spec.ops.base import Function
from specc.spec.ops.refused import RefusedFunction
from specc.spec.refusal import Refusal
from specc.spec.registry import families, load
from specc.spec.tensor.type import tensors

ROUNDS = 6
SLOW_ROUNDS = 100
CRASHING = {"native_batch_norm", "segment_reduce", "linalg_ldl_solve", "lu_unpack"}
"""Functions that read beyond memory where torch should refuse."""


def check_layer(name: str, rounds: int, seed: str) -> None:
    cls = load("layers", name)
    assert isinstance(cls, type)
    assert issubclass(cls, Layer)
    random = Random(f"{seed} {name}")
    for _ in range(rounds):
        use = layer_use(cls, random)
        if use is None:
            continue
        arguments, inputs = use
        ours = our_module(name, arguments, inputs)
        with within(10):
            theirs = torch_module(name, arguments, inputs)
        if not speaks_of_values(ours, theirs):
            assert_agree(name, ours, theirs, inputs)


def check_function(name: str, rounds: int, seed: str) -> None:
    function = load("ops", name)
    assert isinstance(function, Function)
    random = Random(f"{seed} {name}")
    run = torch_function(name, function.namespace)
    for _ in range(rounds):
        args, keywords = call(function, random)
        types = list(tensors([*args, *keywords.values()]))
        if any(int(one.numel()) > 20_000 for one in types):
            continue
        ours = our_call(lambda: function.bind(name, args, keywords))  # noqa: B023 - called at once
        zero = random.random() < 0.5
        given = [as_tensor(arg, zero=zero) for arg in args]
        # None where it is the default is not written into the code.
        written = {
            key: one
            for key, one in keywords.items()
            if one is not None or function.parameters[key].default is not None
        }
        named = {key: for_torch(key, as_tensor(one, zero=zero)) for key, one in written.items()}
        if name in CRASHING and isinstance(ours, Refused):
            continue
        with within(10):
            theirs = torch_call(lambda: run(*given, **named))  # noqa: B023 - called at once
        if not speaks_of_values(ours, theirs):
            assert_agree(name, ours, theirs, [of_type(one) for one in types])


FUNCTIONS = [n for n in families("ops") if not isinstance(load("ops", n), RefusedFunction)]


@pytest.mark.parametrize("name", families("layers"))
def test_layers(name: str) -> None:
    check_layer(name, ROUNDS, "a few")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    check_function(name, ROUNDS, "a few")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_refuse_whatever_they_do_not_take(name: str) -> None:
    function = load("ops", name)
    assert isinstance(function, Function)
    random = Random(name)
    for _ in range(40):
        keywords = careless_call(function, random)
        with suppress(Refusal):
            function.bind(name, [], keywords)


@pytest.mark.slow
@pytest.mark.parametrize("name", families("layers"))
def test_layers_at_length(name: str) -> None:
    check_layer(name, SLOW_ROUNDS, "many")


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_at_length(name: str) -> None:
    check_function(name, SLOW_ROUNDS, "many")
