"""A few singular values or eigenvalues of large matrices, found from random vectors.

Source: https://docs.pytorch.org/docs/stable/generated/torch.svd_lowrank.html
and https://docs.pytorch.org/docs/stable/generated/torch.lobpcg.html
"""

from typing import Annotated

from ..kinds import Choice, Integer, Optional
from ..refusal import Refusal
from ..tensor.check import broadcast, need_at_least, need_equal, need_shape, smaller
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.dtype import complex_to_real
from ..tensor.prove import Proved, at_least
from ..tensor.type import TensorType, product, shape_text
from .base import (
    Flag,
    Int,
    OptionalAnyNumber,
    OptionalFlag,
    OptionalInt,
    OptionalTensor,
    Result,
    Tensor,
    function,
)
from .matrix import need_matrix, need_same_dtype, need_solvable, need_square

# torch's own names of arguments.
# ruff: noqa: N803
Count = Annotated[int | None, Optional(Integer(1))]
Method = Annotated[str | None, Optional(Choice("basic", "ortho"))]


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
        joint = M.with_shape(broadcast(A.shape, M.shape, names=("A", "M")))
        need_shape(joint, A.shape, "M", other="A")
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


@function("torch")
def lobpcg(
    A: Tensor,
    k: Count = None,
    B: OptionalTensor = None,
    X: OptionalTensor = None,
    n: Count = None,
    iK: OptionalTensor = None,
    niter: OptionalInt = None,
    tol: OptionalAnyNumber = None,
    largest: OptionalFlag = None,
    method: Method = None,
) -> Result:
    """(*, m, m) -> k eigenvalues (*, k), eigenvectors (*, m, k); X (*, m, n) are first guesses"""
    need_square(A, "A")
    if A.dtype not in ("float32", "float64"):
        raise Refusal("lobpcg takes real matrices", code="dtype-mismatch", argument="A")
    rows = A.shape[-1]
    wanted = Dim.of(k or 1) if X is None or k is not None else X.shape[-1]
    guesses = Dim.of(n or wanted) if X is None else X.shape[-1]
    need_at_least(guesses - wanted, 0, f"k = {wanted} of {guesses} vectors", argument="k")
    what = f"A needs three rows for each of {guesses} vectors"
    need_at_least(rows - 3 * guesses, 0, what, argument="A", other="k")
    if X is not None:
        need_same_dtype("X", X, "A", A)
        _need_guesses(A, X)
    if B is not None:
        need_same_dtype("B", B, "A", A)
        need_shape(B, A.shape, "B")
    if iK is not None and method == "basic":
        need_same_dtype("iK", iK, "A", A)
        need_shape(iK, (rows, rows), "iK")
    batch = A.shape[:-2]
    return A.with_shape((*batch, wanted)), A.with_shape((*batch, rows, wanted))


def _need_guesses(A: TensorType, X: TensorType) -> None:
    """One matrix of guesses for each of A."""
    need_matrix(X, "X")
    if A.rank == 2:
        need_shape(X, (A.shape[-1], X.shape[-1]), "X")
        return
    what = "X has as many rows as A"
    need_equal(X.shape[-2], A.shape[-1], what, argument="X", other="A")
    what = "X has as many matrices as A"
    need_equal(product(X.shape[:-2]), product(A.shape[:-2]), what, argument="X", other="A")
