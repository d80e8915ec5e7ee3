"""Activations: arguments and inputs, legal and illegal."""

from __future__ import annotations

from hypothesis import strategies as st

from layer_cases.base import (
    DTYPES,
    FLOATS,
    Case,
    Draw,
    case,
    flags,
    floating_arguments,
    numbers,
    shapes,
    some,
)


@case(
    *("Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign", "Softmax2d", "Identity"),
)
def _plain(draw: Draw, spatial: int) -> Case:
    return {}, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid")
def _inplace(draw: Draw, spatial: int) -> Case:
    return some(draw, inplace=flags), [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("RReLU")
def _rrelu(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, lower=numbers, upper=numbers, inplace=flags)
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("LeakyReLU")
def _leaky(draw: Draw, spatial: int) -> Case:
    return some(draw, negative_slope=numbers), [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("ELU", "CELU")
def _alpha(draw: Draw, spatial: int) -> Case:
    return some(draw, alpha=numbers), [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Softplus")
def _softplus(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, beta=numbers, threshold=numbers)
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Softshrink", "Hardshrink")
def _shrink(draw: Draw, spatial: int) -> Case:
    return some(draw, lambd=numbers), [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Threshold")
def _threshold(draw: Draw, spatial: int) -> Case:
    arguments = {"threshold": draw(numbers), "value": draw(numbers)} | some(draw, inplace=flags)
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("GELU")
def _gelu(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, approximate=st.sampled_from(["none", "tanh", "erf"]))
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("GLU", "Softmax", "LogSoftmax", "Softmin")
def _along(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, dim=st.integers(-4, 4))
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("PReLU")
def _prelu(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, num_parameters=st.integers(-1, 4), init=numbers)
    return arguments | floating_arguments(draw), [(draw(shapes()), draw(st.sampled_from(FLOATS)))]


@case("Hardtanh")
def _hardtanh(draw: Draw, spatial: int) -> Case:
    arguments = some(
        draw,
        min_val=numbers,
        max_val=numbers,
        inplace=flags,
        min_value=numbers | st.none(),
        max_value=numbers | st.none(),
    )
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]
