"""Determinants, inverses, powers and ranks of matrices.

A function of `torch.linalg` is written with its namespace, `linalg.inv(x)`. Names of arguments are
those that torch takes, which are not always the documented ones.
Source: https://docs.pytorch.org/docs/stable/linalg.html
"""

from typing import Annotated

from ..kinds import Either, Integer
from ..refusal import Refusal
from ..tensor.check import broadcast, need_at_least, need_equal, need_rank
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.dtype import category, complex_to_real
from ..tensor.type import TensorType, product, shape_text
from .base import (
    LEFT_OUT,
    AnyNumber,
    Flag,
    Int,
    LeftOut,
    Numeric,
    OptionalOperand,
    OptionalSize,
    Result,
    Tensor,
    TensorKind,
    alias,
    function,
)
from .diagonals import diagonal
from .matrix import need_matrix, need_number, need_solvable, need_square
from .pointwise import inexact, widened

# torch's own names of arguments.
# ruff: noqa: N803
Index = Annotated[int, Integer(1)]


@function("torch.linalg")
def linalg_det(A: Tensor) -> TensorType:
    """(*, n, n) -> (*)"""
    need_square(A, "A")
    return A.with_shape(A.shape[:-2])


@function("torch", method=True)
def det(input: Tensor) -> TensorType:
    """(*, n, n) -> (*)"""
    need_square(input)
    return input.with_shape(input.shape[:-2])


logdet = alias(det, method=True)


@function("torch.linalg")
def linalg_slogdet(A: Tensor) -> Result:
    """(*, n, n) -> sign (*), logabsdet (*)"""
    need_square(A, "A")
    return _sign_and_log(A)


@function("torch", method=True)
def slogdet(input: Tensor) -> Result:
    """(*, n, n) -> sign (*), logabsdet (*)"""
    need_square(input)
    return _sign_and_log(input)


def _sign_and_log(matrices: TensorType) -> Result:
    sign = matrices.with_shape(matrices.shape[:-2])
    return sign, sign.with_dtype(complex_to_real(matrices.dtype))


@function("torch.linalg")
def linalg_inv(A: Tensor) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_square(A, "A")
    return A


@function("torch.linalg")
def linalg_inv_ex(A: Tensor, *, check_errors: Flag = False) -> Result:
    """(*, n, n) -> inverse (*, n, n), info (*)"""
    need_square(A, "A")
    return A, info(A)


@function("torch", method=True)
def inverse(input: Tensor) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_square(input)
    return input


def info(matrices: TensorType) -> TensorType:
    """What LAPACK says of each matrix: 0 where all went well."""
    return TensorType(matrices.shape[:-2], "int32")


Cutoff = Annotated[TensorType | bool | int | float | Dim | LeftOut, Either(TensorKind(), Numeric())]


@function("torch.linalg")
def linalg_pinv(
    input: Tensor,
    rcond: Cutoff = LEFT_OUT,
    hermitian: Flag = False,
    *,
    atol: OptionalOperand = None,
    rtol: OptionalOperand = None,
) -> TensorType:
    """(*, n, m) -> (*, m, n)"""
    cutoff = None if isinstance(rcond, LeftOut) else rcond
    batch = _tolerated(input, hermitian, {"rcond": cutoff, "atol": atol, "rtol": rtol})
    rows, columns = input.shape[-2:]
    return input.with_shape((*batch, columns, rows))


@function("torch", method=True)
def pinverse(input: Tensor, rcond: AnyNumber = 1e-15) -> TensorType:
    """(*, n, m) -> (*, m, n)"""
    need_matrix(input)
    need_solvable(input.dtype, "input")
    return input.with_shape((*input.shape[:-2], input.shape[-1], input.shape[-2]))


@function("torch.linalg")
def linalg_matrix_rank(
    input: Tensor,
    tol: OptionalOperand = None,
    hermitian: Flag = False,
    *,
    atol: OptionalOperand = None,
    rtol: OptionalOperand = None,
) -> TensorType:
    """(*, n, m) -> (*)"""
    batch = _tolerated(input, hermitian, {"tol": tol, "atol": atol, "rtol": rtol})
    return TensorType(batch, "int64")


def _tolerated(
    input: TensorType, hermitian: bool, tolerances: dict[str, object]
) -> tuple[Dim, ...]:
    """The batch: that of the matrices, broadcast with tolerances that are tensors.

    tolerances: first the deprecated one, which stands for the others.
    """
    need_matrix(input)
    need_solvable(input.dtype, "input")
    if hermitian:
        need_square(input)
    given = [name for name, value in tolerances.items() if value is not None]
    if len(given) > 1 and next(iter(tolerances)) in given:
        raise Refusal(f"{given[0]} and {given[1]} say the same", argument=given[0], other=given[1])
    tensors = {name: each for name, each in tolerances.items() if isinstance(each, TensorType)}
    if tensors and len(tensors) < len(given):
        raise Refusal(
            "atol and rtol are both numbers or both tensors", argument="atol", other="rtol"
        )
    for name, tensor in tensors.items():
        if category(tensor.dtype) == "complex":
            raise Refusal(f"{name} must be real", code="dtype-mismatch", argument=name)
    shapes = [tensor.shape for tensor in tensors.values()]
    return broadcast(input.shape[:-2], *shapes, names=("input", *tensors))


@function("torch", method=True)
def matrix_exp(input: Tensor) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_matrix(input)
    need_equal(input.shape[-2], input.shape[-1], "the matrices must be square", argument="input")
    inexact(input.dtype)
    return input


linalg_matrix_exp = alias(matrix_exp, "torch.linalg")


@function("torch", method=True)
def matrix_power(input: Tensor, n: Int) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_matrix(input)
    need_equal(input.shape[-2], input.shape[-1], "the matrices must be square", argument="input")
    if n < 0:
        need_solvable(input.dtype, "input")
    power = abs(int(n))
    if power > 1:
        need_number(input.dtype, "input")
    products = power.bit_length() + power.bit_count() - 2
    if products > 0:
        spend(2 * products * input.numel() * input.shape[-1])
    return input


linalg_matrix_power = alias(matrix_power, "torch.linalg")


@function("torch.linalg")
def linalg_diagonal(A: Tensor, *, offset: Int = 0, dim1: Int = -2, dim2: Int = -1) -> TensorType:
    """(*, n, n) -> (*, n): the diagonal of two dimensions, which stands last."""
    try:
        return diagonal(A, offset, dim1, dim2)
    except Refusal as refusal:
        raise refusal.renamed(input="A") from None


@function("torch.linalg")
def linalg_tensorinv(input: Tensor, ind: Index = 2) -> TensorType:
    """The inverse of a tensor whose first `ind` dimensions hold as much as the others."""
    if ind > input.rank:
        raise Refusal(
            f"ind = {ind}, but {shape_text(input.shape)} has {input.rank} dimensions",
            argument="ind",
            other="input",
        )
    first, rest = input.shape[:ind], input.shape[ind:]
    what = f"the first {ind} dimensions must hold as much as the others"
    need_equal(product(first), product(rest), what, argument="input", other="ind")
    need_solvable(input.dtype, "input")
    return input.with_shape((*rest, *first))


@function("torch.linalg")
def linalg_vander(x: Tensor, *, N: OptionalSize = None) -> TensorType:
    """(*, n) -> (*, n, N): powers from 0 to N - 1, or to n - 1"""
    if x.dtype in ("bool", "float16", "bfloat16"):
        raise Refusal(f"vander takes no {x.dtype}", code="dtype-mismatch", argument="x")
    bases = x if x.rank else x.with_shape((1,))
    count = bases.shape[-1] if N is None else N
    need_at_least(count, 2, "N must be at least 2", argument="x" if N is None else "N")
    return _powers(bases, count)


@function("torch")
def vander(x: Tensor, N: OptionalSize = None, increasing: Flag = False) -> TensorType:
    """(n,) -> (n, N): powers from N - 1, or n - 1, to 0"""
    need_rank(x, (1,), "x", "(n,)")
    count = x.shape[0] if N is None else N
    need_at_least(count, 0, "N must not be negative", argument="N")
    return _powers(x, count)


def _powers(bases: TensorType, count: Dim) -> TensorType:
    return TensorType((*bases.shape, count), widened(bases.dtype))
