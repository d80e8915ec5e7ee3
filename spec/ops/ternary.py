"""Functions of three operands, element by element, and bounds.

Source: https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from collections.abc import Mapping

from ..refusal import Refusal
from ..tensor.dtype import category
from ..tensor.type import TensorType
from .base import Operand, OptionalOperand, Scalar, Tensor, alias, function, result_type
from .matrix import need_same_dtype
from .pointwise import (
    elementwise,
    inexact,
    keep,
    need_computable,
    need_storable,
    need_storable_bounds,
    number,
    ordered,
)

_NAMES = ("input", "other")


@function("torch")
def where(condition: Tensor, input: Operand, other: Operand) -> TensorType:
    """Elements of input where the condition holds, else of other."""
    if condition.dtype not in ("bool", "uint8"):
        raise Refusal(
            f"condition must be bool, not {condition.dtype}",
            code="dtype-mismatch",
            argument="condition",
        )
    shape = elementwise(keep, condition, input, other, names=("condition", *_NAMES))
    dtype = result_type(input, other)
    for name, operand in zip(_NAMES, (input, other), strict=True):
        if not isinstance(operand, TensorType) and dtype not in ("float16", "bfloat16"):
            need_storable(operand, dtype, name)
    return TensorType(shape.shape, dtype)


@function("method")
def method_where(input: Tensor, condition: Tensor, other: Operand) -> TensorType:
    return where(condition, input, other)


@function("torch", method=True)
def clamp(input: Tensor, min: OptionalOperand = None, max: OptionalOperand = None) -> TensorType:
    bounds = {name: bound for name, bound in (("min", min), ("max", max)) if bound is not None}
    if not bounds:
        raise Refusal("clamp needs min or max", code="missing-argument", argument="min")
    if len({isinstance(bound, TensorType) for bound in bounds.values()}) > 1:
        raise Refusal("min and max must both be numbers or both tensors", argument="max")
    return _clamped(input, bounds)


clip = alias(clamp, method=True)


@function("torch", method=True)
def clamp_min(input: Tensor, min: Operand) -> TensorType:
    return _clamped(input, {"min": min})


@function("torch", method=True)
def clamp_max(input: Tensor, max: Operand) -> TensorType:
    return _clamped(input, {"max": max})


def _clamped(input: TensorType, bounds: Mapping[str, object]) -> TensorType:
    result = elementwise(ordered, input, *bounds.values(), names=("input", *bounds))
    for name, bound in bounds.items():
        if result.dtype == "bool" and isinstance(bound, bool):
            raise Refusal("torch bounds bools by tensors alone", argument=name)
    need_storable_bounds(bounds, result.dtype)
    return result


@function("torch", method=True)
def lerp(input: Tensor, end: Tensor, weight: Operand) -> TensorType:
    """input + weight * (end - input)"""
    need_same_dtype("end", end, "input", input)
    if isinstance(weight, TensorType) and weight.rank:
        need_same_dtype("weight", weight, "input", input)
    if not isinstance(weight, TensorType):
        need_computable(weight, inexact(input.dtype), "weight")
        weight = 0.0
    return elementwise(inexact, input, end, weight, names=("input", "end", "weight"))


@function("torch", method=True)
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Scalar = 1) -> TensorType:
    """input + value * tensor1 * tensor2"""
    result = elementwise(number, input, tensor1, tensor2, names=("input", "tensor1", "tensor2"))
    need_computable(value, result.dtype, "value")
    return result


@function("torch", method=True)
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Scalar = 1) -> TensorType:
    """input + value * tensor1 / tensor2"""
    if all(category(tensor.dtype) in ("bool", "integer") for tensor in (tensor1, tensor2)):
        raise Refusal(
            f"torch divides no {tensor1.dtype} by {tensor2.dtype} here",
            code="dtype-mismatch",
            argument="tensor1",
            other="tensor2",
            help="make one of them floating-point",
        )
    return addcmul(input, tensor1, tensor2, value=value)
