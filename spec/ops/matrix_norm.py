"""Norms of vectors and matrices in `torch.linalg`, and condition numbers.

Source: https://docs.pytorch.org/docs/stable/linalg.html#matrix-properties
"""

from math import inf, isinf
from typing import Annotated, Final

from ..kinds import Choice, Either, Integer, Optional, Real, Repeated
from ..refusal import Refusal
from ..tensor.check import dimension, need_equal
from ..tensor.dtype import DType, category, complex_to_real, promote
from ..tensor.type import TensorType
from .base import AnyNumber, Flag, OptionalDType, OptionalInts, Tensor, function
from .matrix import need_matrix, need_solvable
from .pointwise import inexact
from .reduction import Order, need_choosable, reduced_places, reduction

OptionalOrder = Annotated[
    str | float | None, Optional(Either(Choice("fro", "nuc"), Real(finite=False)))
]
Axes = Annotated[tuple[int, ...], Repeated(Integer(), single=False)]
_OF_VALUES: Final = (2, -2, "nuc")
"""Orders of a matrix norm that are found by its singular values."""
_ORDERS: Final = (*_OF_VALUES, 1, -1, inf, -inf, "fro")


def _measured(input: TensorType, dtype: DType | None, argument: str) -> DType:
    """The dtype of a norm: real, of the dtype that the input is converted to before."""
    inexact(input.dtype)
    result = dtype or input.dtype
    alike = category(result) == category(input.dtype)
    if not alike or promote(input.dtype, result) != result:
        raise Refusal(
            f"dtype must hold {input.dtype}, {result} does not",
            code="dtype-mismatch",
            argument="dtype",
            other=argument,
        )
    return complex_to_real(result)


@function("torch", method=True)
def norm(
    input: Tensor,
    p: Order = "fro",
    dim: OptionalInts = None,
    keepdim: Flag = False,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    need_choosable(input.rank)
    places = reduced_places(dim, input.rank)
    nuclear = p == "nuc" and (len(places) != 2 or dim == ())
    if nuclear or (dim not in (None, ()) and p == "fro" and len(places) > 2):
        raise Refusal(f'p = "{p}" takes two dimensions', argument="dim", other="p")
    result = _measured(input, dtype, "input")
    if p == "nuc":
        need_solvable(input.dtype, "input")
    endless = not isinstance(p, str) and (isinf(p) or p < 0)
    return reduction(input, lambda _: result, dim, keepdim, filled=endless)


@function("torch.linalg")
def linalg_vector_norm(
    x: Tensor,
    ord: AnyNumber = 2,
    dim: OptionalInts = None,
    keepdim: Flag = False,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    """The norm of vectors along dimensions, or of all elements."""
    result = _measured(x, dtype, "x")
    return reduction(x, lambda _: result, dim, keepdim, filled=ord < 0 or ord == inf)


@function("torch.linalg")
def linalg_matrix_norm(
    input: Tensor,
    ord: Order = "fro",
    dim: Axes = (-2, -1),
    keepdim: Flag = False,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    """(*, n, m) -> (*), or along other two dimensions"""
    if ord not in _ORDERS:
        raise Refusal(f"matrices have no norm of order {ord}", argument="ord")
    need_matrix(input)
    if len(dim) != 2 or dimension(dim[0], input.rank) == dimension(dim[1], input.rank):
        raise Refusal(f"dim names two dimensions, not {dim}", argument="dim")
    if ord in _OF_VALUES:
        need_solvable(input.dtype, "input")
    result = _measured(input, dtype, "input")
    return reduction(input, lambda _: result, dim, keepdim, filled=ord not in ("fro", "nuc"))


@function("torch.linalg")
def linalg_norm(
    input: Tensor,
    ord: OptionalOrder = None,
    dim: OptionalInts = None,
    keepdim: Flag = False,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    """The norm of vectors along one dimension, of matrices along two, or of all elements."""
    dims = dim if dim is None or isinstance(dim, tuple) else (dim,)
    if dims is not None and len(dims) not in (1, 2):
        raise Refusal(f"dim names one or two dimensions, not {dims}", argument="dim")
    if dims is None and ord is not None:
        if input.rank not in (1, 2):
            raise Refusal(
                f"an order is for vectors and matrices: give dim for {input.rank} dimensions",
                argument="dim",
                other="ord",
            )
        dims = tuple(range(input.rank))
    if ord is not None and (isinstance(ord, str) or len(dims or ()) == 2):
        return linalg_matrix_norm(input, ord, dims or (), keepdim, dtype=dtype)
    try:
        return linalg_vector_norm(input, 2 if ord is None else ord, dims, keepdim, dtype=dtype)
    except Refusal as refusal:
        raise refusal.renamed(x="input") from None


@function("torch.linalg")
def linalg_cond(input: Tensor, p: OptionalOrder = None) -> TensorType:
    """(*, n, n) -> (*); (*, n, m) -> (*) for p = 2, -2 or none"""
    need_matrix(input)
    if p is not None and p not in _ORDERS:
        raise Refusal(f"matrices have no norm of order {p}", argument="p")
    need_solvable(input.dtype, "input")
    if p not in (None, 2, -2):
        what = f"the matrices must be square for p = {p}"
        need_equal(input.shape[-2], input.shape[-1], what, argument="input", other="p")
    return TensorType(input.shape[:-2], complex_to_real(input.dtype))
