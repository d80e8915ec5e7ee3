"""Decompositions of low rank, found by random projections.

Source: https://docs.pytorch.org/docs/stable/generated/torch.svd_lowrank.html
"""

from ..refusal import Refusal
from ..tensor.check import broadcast, need_at_least, need_equal, smaller
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.dtype import complex_to_real
from ..tensor.prove import Proved, at_least
from ..tensor.type import TensorType, shape_text
from .base import Flag, Int, OptionalInt, OptionalTensor, Result, Tensor, function
from .matrix import need_matrix, need_same_dtype, need_solvable

# torch's own names of arguments.
# ruff: noqa: N803


@function("torch")
def svd_lowrank(
    A: Tensor, q: OptionalInt = 6, niter: OptionalInt = 2, M: OptionalTensor = None
) -> Result:
    """(*, m, n) -> U (*, m, k), S (*, k), V (*, n, k), where k is the smallest of q, m and n"""
    need_matrix(A, "A")
    need_solvable(A.dtype, "A")
    width = Dim.of(6 if q is None else q)
    need_at_least(width, 0, f"q must not be negative: {width}", argument="q")
    if M is not None:
        need_same_dtype("M", M, "A", A)
        joint = broadcast(A.shape, M.shape, names=("A", "M"))
        what = f"M must broadcast to {shape_text(A.shape)}"
        if len(joint) != A.rank:
            raise Refusal(what, code="shape-mismatch", argument="M", other="A")
        for seen, wanted in zip(joint, A.shape, strict=True):
            need_equal(seen, wanted, what, argument="M", other="A")
    return _decomposed(A, width, 2 if niter is None else int(niter), 1 if M is None else 2)


def _decomposed(A: TensorType, width: Dim, rounds: int, times: int) -> Result:
    """times: how often each product with A is done, once more for M."""
    rows, columns = A.shape[-2:]
    rank = _rank(A, width)
    tall = isinstance(at_least(rows - columns, 0), Proved)
    spend(2 * times * A.numel() * (width + rank * (1 + 2 * max(rounds, 0))))
    batch = A.shape[:-2]
    left, right = (A.with_shape((*batch, size, rank)) for size in (rows, columns))
    spend(2 * (left if tall else right).numel() * rank)
    return left, TensorType((*batch, rank), complex_to_real(A.dtype)), right


def _rank(A: TensorType, width: Dim) -> Dim:
    what = f"the rank of {shape_text(A.shape)}"
    rows, columns = A.shape[-2:]
    return smaller(smaller(rows, width, what, argument="A"), columns, what, argument="A")


@function("torch")
def pca_lowrank(A: Tensor, q: OptionalInt = None, center: Flag = True, niter: Int = 2) -> Result:
    """(*, m, n) -> U (*, m, q), S (*, q), V (*, n, q); q is at most 6 if it is not given"""
    need_matrix(A, "A")
    need_solvable(A.dtype, "A")
    if niter < 0:
        raise Refusal(f"niter must not be negative, seen is {niter}", argument="niter")
    if q is not None:
        for size in A.shape[-2:]:
            what = f"q must be from 0 to the smaller of {A.shape[-2]} and {A.shape[-1]}"
            need_at_least(Dim.of(q), 0, what, argument="q")
            need_at_least(size - q, 0, what, argument="q", other="A")
    width = _rank(A, Dim.of(6)) if q is None else Dim.of(q)
    return _decomposed(A, width, int(niter), 1)
