"""Decompositions of matrices: Cholesky, eigenvalues, singular values, QR, LU and LDL.

(*, m, n) are the matrices and k is the smaller of m and n. Names of arguments are those that torch
takes, which are not always the documented ones.
Source: https://docs.pytorch.org/docs/stable/linalg.html#matrix-decompositions
"""

from typing import Annotated

from ..kinds import Choice, Kind
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_shape, smaller
from ..tensor.dim import Dim
from ..tensor.dtype import category, complex_to_real, real_to_complex
from ..tensor.type import TensorType, shape_text
from .base import Flag, Result, Tensor, function
from .linalg import info
from .matrix import need_matrix, need_same_dtype, need_solvable, need_square

# torch's own names of arguments.
# ruff: noqa: N803


class CudaOnly(Kind):
    """An argument that torch takes on CUDA alone."""

    expects = "left out: torch has it on CUDA alone"


Triangle = Annotated[str, Choice("L", "U", "l", "u")]
Mode = Annotated[str, Choice("reduced", "complete", "r")]
Driver = Annotated[None, CudaOnly()]


@function("torch", method=True)
def cholesky(input: Tensor, upper: Flag = False) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_square(input)
    return input


@function("torch.linalg")
def linalg_cholesky(input: Tensor, *, upper: Flag = False) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_square(input)
    return input


@function("torch.linalg")
def linalg_cholesky_ex(input: Tensor, *, upper: Flag = False, check_errors: Flag = False) -> Result:
    """(*, n, n) -> L (*, n, n), info (*)"""
    need_square(input)
    return input, info(input)


@function("torch", method=True)
def cholesky_inverse(input: Tensor, upper: Flag = False) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_square(input)
    return input


@function("torch.linalg")
def linalg_eigh(input: Tensor, UPLO: Triangle = "L") -> Result:
    """(*, n, n) -> eigenvalues (*, n), eigenvectors (*, n, n)"""
    need_square(input)
    return _real_values(input), input


@function("torch.linalg")
def linalg_eigvalsh(input: Tensor, UPLO: Triangle = "L") -> TensorType:
    """(*, n, n) -> (*, n)"""
    need_square(input)
    return _real_values(input)


def _real_values(matrices: TensorType) -> TensorType:
    return TensorType(matrices.shape[:-1], complex_to_real(matrices.dtype))


@function("torch.linalg")
def linalg_eig(input: Tensor) -> Result:
    """(*, n, n) -> eigenvalues (*, n), eigenvectors (*, n, n), both complex"""
    need_square(input)
    dtype = input.dtype if category(input.dtype) == "complex" else real_to_complex(input.dtype)
    vectors = input.with_dtype(dtype)
    return vectors.with_shape(input.shape[:-1]), vectors


@function("torch.linalg")
def linalg_eigvals(input: Tensor) -> TensorType:
    """(*, n, n) -> (*, n) complex"""
    need_square(input)
    dtype = input.dtype if category(input.dtype) == "complex" else real_to_complex(input.dtype)
    return TensorType(input.shape[:-1], dtype)


def _ranked(matrices: TensorType, argument: str) -> Dim:
    """k of matrices that torch can decompose."""
    need_matrix(matrices, argument)
    need_solvable(matrices.dtype, argument)
    what = f"the rank of {shape_text(matrices.shape)}"
    rows, columns = matrices.shape[-2:]
    return smaller(rows, columns, what, argument=argument)


def _left(matrices: TensorType, columns: Dim | int) -> TensorType:
    """(*, m, columns)"""
    return matrices.with_shape((*matrices.shape[:-1], columns))


def _right(matrices: TensorType, rows: Dim) -> TensorType:
    """(*, rows, n)"""
    return matrices.with_shape((*matrices.shape[:-2], rows, matrices.shape[-1]))


@function("torch.linalg")
def linalg_svd(A: Tensor, full_matrices: Flag = True, *, driver: Driver = None) -> Result:
    """(*, m, n) -> U (*, m, m), S (*, k), Vh (*, n, n); U (*, m, k), Vh (*, k, n) if not full"""
    rank = _ranked(A, "A")
    rows, columns = A.shape[-2:]
    left, right = (rows, columns) if full_matrices else (rank, rank)
    return _left(A, left), _singular(A, rank), _right(A, right)


def _singular(matrices: TensorType, rank: Dim) -> TensorType:
    return TensorType((*matrices.shape[:-2], rank), complex_to_real(matrices.dtype))


@function("torch.linalg")
def linalg_svdvals(A: Tensor, *, driver: Driver = None) -> TensorType:
    """(*, m, n) -> (*, k)"""
    return _singular(A, _ranked(A, "A"))


@function("torch", method=True)
def svd(input: Tensor, some: Flag = True, compute_uv: Flag = True) -> Result:
    """(*, m, n) -> U (*, m, k), S (*, k), V (*, n, k); U (*, m, m), V (*, n, n) if not some"""
    rank = _ranked(input, "input")
    rows, columns = input.shape[-2:]
    left, right = (rank, rank) if some and compute_uv else (rows, columns)
    vectors = input.with_shape((*input.shape[:-2], columns, right))
    return _left(input, left), _singular(input, rank), vectors


@function("torch.linalg")
def linalg_qr(A: Tensor, mode: Mode = "reduced") -> Result:
    """(*, m, n) -> Q (*, m, k), R (*, k, n); (*, m, m), (*, m, n) if complete; Q is empty if r"""
    if mode == "complete":
        need_matrix(A, "A")
        need_solvable(A.dtype, "A")
        return _left(A, A.shape[-2]), A
    rank = _ranked(A, "A")
    return _left(A, rank) if mode == "reduced" else A.with_shape((0,)), _right(A, rank)


@function("torch", method=True)
def qr(input: Tensor, some: Flag = True) -> Result:
    """(*, m, n) -> Q (*, m, k), R (*, k, n); Q (*, m, m), R (*, m, n) if not some"""
    try:
        return linalg_qr(input, "reduced" if some else "complete")
    except Refusal as refusal:
        raise refusal.renamed(A="input") from None


@function("torch", method=True)
def geqrf(input: Tensor) -> Result:
    """(*, m, n) -> a (*, m, n), tau (*, k)"""
    rank = _ranked(input, "input")
    return input, input.with_shape((*input.shape[:-2], rank))


@function("torch.linalg")
def linalg_householder_product(input: Tensor, tau: Tensor) -> TensorType:
    """(*, m, n), (*, k) -> (*, m, n), where m is at least n and n at least k"""
    return _of_reflectors(input, tau, "tau")


@function("torch", method=True)
def orgqr(input: Tensor, input2: Tensor) -> TensorType:
    """(*, m, n), tau (*, k) -> (*, m, n), where m is at least n and n at least k"""
    return _of_reflectors(input, input2, "input2")


def _of_reflectors(input: TensorType, tau: TensorType, name: str) -> TensorType:
    need_matrix(input)
    need_solvable(input.dtype, "input")
    _need_tau(input, tau, name)
    rows, columns = input.shape[-2:]
    need_at_least(rows - columns, 0, f"{rows} rows for {columns} columns", argument="input")
    what = f"{tau.shape[-1]} reflectors for {columns} columns"
    need_at_least(columns - tau.shape[-1], 0, what, argument=name, other="input")
    return input


def _need_tau(input: TensorType, tau: TensorType, name: str) -> None:
    need_same_dtype(name, tau, "input", input)
    count = tau.shape[-1] if tau.rank else input.shape[-1]
    need_shape(tau, (*input.shape[:-2], count), name, "input")


@function("torch", method=True)
def ormqr(
    input: Tensor, input2: Tensor, input3: Tensor, left: Flag = True, transpose: Flag = False
) -> TensorType:
    """(*, m, n), tau (*, k), other (*, m, l) -> (*, m, l), or other (*, l, m) if not left"""
    need_matrix(input)
    need_matrix(input3, "input3")
    need_solvable(input.dtype, "input")
    _need_tau(input, input2, "input2")
    need_same_dtype("input3", input3, "input", input)
    need_shape(input3, (*input.shape[:-2], *input3.shape[-2:]), "input3", "input")
    rows, columns = input.shape[-2:]
    side = input3.shape[-2 if left else -1]
    need_equal(side, rows, "input3 has no side as long as input", argument="input3", other="input")
    rank = smaller(rows, columns, "the number of reflectors", argument="input")
    need_equal(input2.shape[-1], rank, "input2 has k numbers", argument="input2", other="input")
    return input3


@function("torch.linalg")
def linalg_lu(A: Tensor, *, pivot: Flag = True) -> Result:
    """(*, m, n) -> P (*, m, m), L (*, m, k), U (*, k, n)"""
    _need_pivots(pivot)
    rank = _ranked(A, "A")
    return _left(A, A.shape[-2]), _left(A, rank), _right(A, rank)


def _need_pivots(pivot: bool) -> None:
    if not pivot:
        raise Refusal("torch factors without pivots on CUDA alone", argument="pivot")


@function("torch.linalg")
def linalg_lu_factor(A: Tensor, *, pivot: Flag = True) -> Result:
    """(*, m, n) -> LU (*, m, n), pivots (*, k)"""
    _need_pivots(pivot)
    return A, _pivots(A, "A")


def _pivots(matrices: TensorType, argument: str) -> TensorType:
    rank = _ranked(matrices, argument)
    return TensorType((*matrices.shape[:-2], rank), "int32")


@function("torch.linalg")
def linalg_lu_factor_ex(A: Tensor, *, pivot: Flag = True, check_errors: Flag = False) -> Result:
    """(*, m, n) -> LU (*, m, n), pivots (*, k), info (*)"""
    _need_pivots(pivot)
    return A, _pivots(A, "A"), info(A)


@function("torch", method=True)
def lu(A: Tensor, pivot: Flag = True, get_infos: Flag = False) -> Result:
    """(*, m, n) -> LU (*, m, n), pivots (*, k), and info (*) if get_infos"""
    _need_pivots(pivot)
    return (A, _pivots(A, "A"), info(A)) if get_infos else (A, _pivots(A, "A"))


@function("torch")
def lu_unpack(
    LU_data: Tensor, LU_pivots: Tensor, unpack_data: Flag = True, unpack_pivots: Flag = True
) -> Result:
    """(*, m, n), (*, k) -> P (*, m, m), L (*, m, k), U (*, k, n); what is not unpacked is empty"""
    need_matrix(LU_data, "LU_data")
    what = f"the rank of {shape_text(LU_data.shape)}"
    rows, columns = LU_data.shape[-2:]
    rank = smaller(rows, columns, what, argument="LU_data")
    none = LU_data.with_shape((0,))
    if unpack_pivots:
        if LU_pivots.dtype != "int32":
            raise Refusal("pivots are int32", code="dtype-mismatch", argument="LU_pivots")
        need_shape(LU_pivots, (*LU_data.shape[:-2], rank), "LU_pivots", "LU_data")
    return (
        _left(LU_data, rows) if unpack_pivots else none,
        *((_left(LU_data, rank), _right(LU_data, rank)) if unpack_data else (none, none)),
    )


@function("torch.linalg")
def linalg_ldl_factor(input: Tensor, *, hermitian: Flag = False) -> Result:
    """(*, n, n) -> LD (*, n, n), pivots (*, n)"""
    need_square(input)
    return input, TensorType(input.shape[:-1], "int32")


@function("torch.linalg")
def linalg_ldl_factor_ex(
    input: Tensor, *, hermitian: Flag = False, check_errors: Flag = False
) -> Result:
    """(*, n, n) -> LD (*, n, n), pivots (*, n), info (*)"""
    need_square(input)
    return input, TensorType(input.shape[:-1], "int32"), info(input)
