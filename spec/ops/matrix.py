"""Products of matrices and vectors.

Source: https://docs.pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
"""

from typing import Final

from ..refusal import Refusal
from ..tensor.check import Fault, broadcast, need_equal, need_rank
from ..tensor.cost import spend
from ..tensor.dtype import DType, category
from ..tensor.type import TensorType, shape_text
from .base import OptionalTensor, Tensor, function

_INNER: Final = "the inner sizes must be equal"


def need_same_dtype(argument: str, input: TensorType, other: str, weight: TensorType) -> None:
    """Refuses two tensors of different dtypes, which torch's products do not promote."""
    if input.dtype != weight.dtype:
        raise Refusal(
            f"{argument} is {input.dtype}, but {other} is {weight.dtype}: torch doesn't convert"
            " here",
            code="dtype-mismatch",
            argument=argument,
            other=other,
            help=f'convert it: {argument}.to("{weight.dtype}")',
        )


def need_number(dtype: DType, argument: str) -> None:
    """Refuses true and false, which torch's products do not take."""
    if category(dtype) == "bool":
        raise Refusal("torch multiplies no bool tensors", code="dtype-mismatch", argument=argument)


@function("F")
def linear(input: Tensor, weight: Tensor, bias: OptionalTensor = None) -> TensorType:
    """(*, in_features), (out_features, in_features) -> (*, out_features)"""
    need_rank(weight, (1, 2), "weight", "(out_features, in_features)")
    if input.rank == 0:
        raise Refusal(
            "linear needs at least one dimension", code="shape-mismatch", argument="input"
        )
    need_equal(
        input.shape[-1],
        weight.shape[-1],
        f"the last size of {shape_text(input.shape)} must be in_features",
        argument="input",
        other="in_features",
    )
    need_same_dtype("input", input, "weight", weight)
    need_number(input.dtype, "input")
    if bias is not None:
        _need_bias(bias, weight)
    result = input.with_shape((*input.shape[:-1], *weight.shape[:-1]))
    spend(2 * result.numel() * weight.shape[-1])
    return result


def _need_bias(bias: TensorType, weight: TensorType) -> None:
    need_rank(bias, (weight.rank - 1,), "bias", "(out_features,)")
    need_same_dtype("bias", bias, "weight", weight)
    for size, wanted in zip(bias.shape, weight.shape[:1], strict=True):
        need_equal(size, wanted, "bias has out_features numbers", argument="bias", other="weight")


@function("F")
def bilinear(
    input1: Tensor, input2: Tensor, weight: Tensor, bias: OptionalTensor = None
) -> TensorType:
    """(*, in1), (*, in2), (out, in1, in2) -> (*, out)"""
    need_rank(weight, (3,), "weight", "(out_features, in1_features, in2_features)")
    if not input1.rank == input2.rank != 0:
        raise Refusal(
            f"input1 and input2 differ only in their last size, seen are"
            f" {shape_text(input1.shape)} and {shape_text(input2.shape)}",
            code="shape-mismatch",
            argument="input2",
            other="input1",
        )
    for left, right in zip(input1.shape[:-1], input2.shape[:-1], strict=True):
        what = "input1 and input2 differ only in their last size"
        need_equal(left, right, what, argument="input2", other="input1")
    for number, input in ((1, input1), (2, input2)):
        name = f"input{number}"
        need_equal(
            input.shape[-1],
            weight.shape[number],
            f"the last size of {name} must be in{number}_features",
            argument=name,
            other=f"in{number}_features",
        )
        need_same_dtype(name, input, "weight", weight)
    need_number(weight.dtype, "input1")
    if bias is not None:
        need_rank(bias, (1,), "bias", "(out_features,)")
        need_same_dtype("bias", bias, "weight", weight)
        need_equal(bias.shape[0], weight.shape[0], "bias has out_features", argument="bias")
    return input1.with_shape((*input1.shape[:-1], weight.shape[0]))


@function("torch", method=True)
def matmul(input: Tensor, other: Tensor) -> TensorType:
    """(*, n, k), (*, k, m) -> (*, n, m); a vector is a row on the left, a column on the right."""
    return multiplied(input, other, "input", "other")


def multiplied(left: TensorType, right: TensorType, argument: str, other: str) -> TensorType:
    """The type of `left @ right`."""
    fault: Fault = {"code": "shape-mismatch", "argument": other, "other": argument}
    if not left.rank or not right.rank:
        raise Refusal("@ takes vectors and matrices, not single numbers", **fault)
    need_same_dtype(other, right, argument, left)
    need_number(left.dtype, argument)
    what = f"{shape_text(left.shape)} @ {shape_text(right.shape)}: {_INNER}"
    need_equal(left.shape[-1], right.shape[max(right.rank - 2, 0)], what, **fault)
    rows = left.shape[-2:-1]
    columns = right.shape[-1:] if right.rank > 1 else ()
    batch = broadcast(left.shape[:-2], right.shape[:-2], names=(argument, other))
    result = left.with_shape((*batch, *rows, *columns))
    spend(2 * result.numel() * left.shape[-1])
    return result


@function("torch", method=True)
def mm(input: Tensor, mat2: Tensor) -> TensorType:
    """(n, k), (k, m) -> (n, m)"""
    need_rank(input, (2,), "input", "(n, k)")
    need_rank(mat2, (2,), "mat2", "(k, m)")
    return multiplied(input, mat2, "input", "mat2")


@function("torch", method=True)
def bmm(input: Tensor, mat2: Tensor) -> TensorType:
    """(b, n, k), (b, k, m) -> (b, n, m)"""
    need_rank(input, (3,), "input", "(b, n, k)")
    need_rank(mat2, (3,), "mat2", "(b, k, m)")
    what = "the batches must be equal"
    need_equal(input.shape[0], mat2.shape[0], what, argument="mat2", other="input")
    return multiplied(input, mat2, "input", "mat2")


@function("torch", method=True)
def mv(input: Tensor, vec: Tensor) -> TensorType:
    """(n, k), (k,) -> (n,)"""
    need_rank(input, (2,), "input", "(n, k)")
    need_rank(vec, (1,), "vec", "(k,)")
    return multiplied(input, vec, "input", "vec")


@function("torch", method=True)
def dot(input: Tensor, tensor: Tensor) -> TensorType:
    """(n,), (n,) -> ()"""
    need_rank(input, (1,), "input", "(n,)")
    need_rank(tensor, (1,), "tensor", "(n,)")
    return multiplied(input, tensor, "input", "tensor")


def need_matrix(input: TensorType, argument: str = "input") -> None:
    """Refuses what is not a batch of matrices."""
    if input.rank < 2:
        raise Refusal(
            f"{argument} is (*, n, m), seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument=argument,
        )


def need_square(input: TensorType, argument: str = "input") -> None:
    """Refuses what is not a batch of square matrices of floating-point or complex numbers."""
    need_matrix(input, argument)
    need_equal(input.shape[-2], input.shape[-1], "the matrices must be square", argument=argument)
    need_solvable(input.dtype, argument)


def need_solvable(dtype: DType, argument: str) -> None:
    """Refuses dtypes that torch's linear algebra does not know."""
    if dtype not in ("float32", "float64", "complex64", "complex128"):
        raise Refusal(
            f"torch's linear algebra takes no {dtype}", code="dtype-mismatch", argument=argument
        )
