"""Rounding as quantization does, in floating-point numbers.

Source: https://docs.pytorch.org/docs/stable/quantization.html
"""

from typing import Annotated

from ..kinds import Either, Integer, Real
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.type import TensorType, shape_text
from .base import Int, Tensor, TensorKind, function
from .pointwise import floating

Scale = Annotated[TensorType | float, Either(TensorKind(), Real(finite=False))]
ZeroPoint = Annotated[TensorType | int, Either(TensorKind(), Integer())]
_ZERO_POINTS = ("int32", "float32", "float16")


@function("torch")
def fake_quantize_per_tensor_affine(
    input: Tensor, scale: Scale, zero_point: ZeroPoint, quant_min: Int, quant_max: Int
) -> TensorType:
    """(*) -> (*); scale and zero_point are numbers, or tensors of one."""
    _need_order(quant_min, quant_max)
    for name, given in (("scale", scale), ("zero_point", zero_point)):
        if isinstance(given, TensorType):
            need_equal(given.numel(), Dim.of(1), f"{name} is one number", argument=name)
    if isinstance(scale, TensorType) != isinstance(zero_point, TensorType):
        raise Refusal(
            "scale and zero_point must both be numbers or both tensors",
            argument="zero_point",
            other="scale",
        )
    if isinstance(zero_point, int) and not quant_min <= zero_point <= quant_max:
        raise Refusal(
            f"zero_point must lie from {quant_min} to {quant_max}, seen is {zero_point}",
            argument="zero_point",
        )
    return input.with_dtype(floating(input.dtype))


@function("torch")
def fake_quantize_per_channel_affine(
    input: Tensor, scale: Tensor, zero_point: Tensor, axis: Int, quant_min: Int, quant_max: Int
) -> TensorType:
    """(*, n, *), (n,), (n,) -> (*, n, *), n along the axis"""
    _need_order(quant_min, quant_max)
    if not 0 <= axis < input.rank:
        raise Refusal(
            f"axis = {axis} is no dimension of {shape_text(input.shape)}, counted from 0",
            argument="axis",
            code="dimension-out-of-range",
        )
    allowed = {"scale": (scale, ("float32",)), "zero_point": (zero_point, _ZERO_POINTS)}
    for name, (given, dtypes) in allowed.items():
        if given.dtype not in dtypes:
            raise Refusal(
                f"{name} is {' or '.join(dtypes)}, not {given.dtype}",
                code="dtype-mismatch",
                argument=name,
            )
        need_rank(given, (1,), name, "(n,)")
        what = f"{name} has a number for each slice"
        need_equal(given.shape[0], input.shape[axis], what, argument=name, other="input")
    need_at_least(scale.shape[0], 1, "torch looks for the least zero point", argument="scale")
    return input.with_dtype(floating(input.dtype))


def _need_order(quant_min: int, quant_max: int) -> None:
    if quant_min > quant_max:
        raise Refusal(
            f"quant_min = {quant_min} is more than quant_max = {quant_max}",
            argument="quant_min",
            other="quant_max",
        )
