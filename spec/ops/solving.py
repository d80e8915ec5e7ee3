"""Systems of linear equations.

Names of arguments are those that torch takes, which are not always the documented ones.
Source: https://docs.pytorch.org/docs/stable/linalg.html#solvers
"""

from typing import Annotated

from ..kinds import Choice, Integer, Optional, Repeated
from ..refusal import Refusal
from ..tensor.check import broadcast, dimension, need_equal, need_shape, same, smaller
from ..tensor.dim import Dim
from ..tensor.dtype import category, complex_to_real
from ..tensor.prove import Proved, at_least
from ..tensor.type import Shape, TensorType, product, shape_text
from .base import Flag, OptionalAnyNumber, Result, Tensor, function
from .matrix import need_matrix, need_same_dtype, need_solvable, need_square

# torch's own names of arguments.
# ruff: noqa: N803
LeastSquares = Annotated[str | None, Optional(Choice("gels", "gelsy", "gelsd", "gelss"))]
Axes = Annotated[tuple[int, ...] | None, Optional(Repeated(Integer(), single=False))]


@function("torch.linalg")
def linalg_solve(A: Tensor, B: Tensor, *, left: Flag = True) -> TensorType:
    """(*, n, n), (*, n, k) -> (*, n, k); B may be a vector, or a batch of them as large as A's."""
    return _solved(A, B, left)


@function("torch.linalg")
def linalg_solve_ex(
    A: Tensor, B: Tensor, *, left: Flag = True, check_errors: Flag = False
) -> Result:
    """(*, n, n), (*, n, k) -> result (*, n, k), info (*)"""
    return _solved(A, B, left), TensorType(A.shape[:-2], "int32")


def _solved(A: TensorType, B: TensorType, left: bool) -> TensorType:
    need_square(A, "A")
    need_same_dtype("B", B, "A", A)
    if not B.rank:
        raise Refusal("B has at least one dimension", code="shape-mismatch", argument="B")
    if B.rank > 1 and not _holds_vectors(A, B):
        return _with_sides(A, B, left, "A", "B")
    if not left:
        raise Refusal("left = false takes matrices B", argument="left", other="B")
    what = "A and B must have equally many rows"
    need_equal(A.shape[-1], B.shape[-1], what, argument="B", other="A")
    batch = broadcast(A.shape[:-2], B.shape[:-1], names=("A", "B"))
    return B.with_shape((*batch, B.shape[-1]))


def _holds_vectors(A: TensorType, B: TensorType, argument: str = "B") -> bool:
    """Whether torch takes B for a batch of vectors: its shape is that of A but for the last size.

    Refuses where that hangs on sizes that vary.
    """
    if A.rank - 1 != B.rank:
        return False
    pairs = list(zip(A.shape, B.shape, strict=False))
    if all(same(left, right) for left, right in pairs):
        return True
    if any(_differ(left, right) for left, right in pairs):
        return False
    raise Refusal(
        f"whether {argument} {shape_text(B.shape)} holds vectors or matrices hangs on sizes that"
        " vary",
        code="shape-depends-on-size",
        argument=argument,
        help=f"give {argument} a dimension more: {argument}.unsqueeze(-1)",
    )


def _differ(left: Dim, right: Dim) -> bool:
    """Whether two sizes differ whatever their symbols are."""
    return any(isinstance(at_least(gap, 1), Proved) for gap in (left - right, right - left))


def _with_sides(A: TensorType, B: TensorType, left: bool, a: str, b: str) -> TensorType:
    """X of A X = B, or of X A = B."""
    need_matrix(B, b)
    what = f"{shape_text(A.shape)} and {shape_text(B.shape)} don't fit"
    need_equal(A.shape[-1], B.shape[-2 if left else -1], what, argument=b, other=a)
    batch = broadcast(A.shape[:-2], B.shape[:-2], names=(a, b))
    return B.with_shape((*batch, *B.shape[-2:]))


@function("torch.linalg")
def linalg_solve_triangular(
    input: Tensor, B: Tensor, *, upper: Flag, left: Flag = True, unitriangular: Flag = False
) -> TensorType:
    """(*, n, n), (*, n, k) -> (*, n, k)"""
    need_square(input)
    need_same_dtype("B", B, "input", input)
    return _with_sides(input, B, left, "input", "B")


@function("torch", method=True)
def triangular_solve(
    input: Tensor,
    A: Tensor,
    upper: Flag = True,
    transpose: Flag = False,
    unitriangular: Flag = False,
) -> Result:
    """b (*, n, k), A (*, n, n) -> solution (*, n, k), A (*, n, n)"""
    need_square(A, "A")
    need_same_dtype("input", input, "A", A)
    solution = _with_sides(A, input, True, "A", "input")
    return solution, A.with_shape((*solution.shape[:-2], *A.shape[-2:]))


@function("torch", method=True)
def cholesky_solve(input: Tensor, input2: Tensor, upper: Flag = False) -> TensorType:
    """B (*, n, k), L (*, n, n) -> (*, n, k)"""
    need_square(input2, "input2")
    need_same_dtype("input", input, "input2", input2)
    return _with_sides(input2, input, True, "input2", "input")


@function("torch.linalg")
def linalg_lu_solve(
    LU: Tensor, pivots: Tensor, B: Tensor, *, left: Flag = True, adjoint: Flag = False
) -> TensorType:
    """(*, n, n), (*, n), (*, n, k) -> (*, n, k)"""
    return _solved_with_pivots(LU, pivots, B, left, ("LU", "pivots", "B"))


@function("torch", method=True)
def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> TensorType:
    """b (*, n, k), (*, n, n), (*, n) -> (*, n, k)"""
    return _solved_with_pivots(LU_data, LU_pivots, input, True, ("LU_data", "LU_pivots", "input"))


def _solved_with_pivots(
    LU: TensorType, pivots: TensorType, B: TensorType, left: bool, names: tuple[str, str, str]
) -> TensorType:
    factors, places, given = names
    need_square(LU, factors)
    need_same_dtype(given, B, factors, LU)
    if pivots.dtype != "int32":
        raise Refusal(f"{places} must be int32", code="dtype-mismatch", argument=places)
    need_shape(pivots, LU.shape[:-1], places, factors)
    return _with_sides(LU, B, left, factors, given)


@function("torch.linalg")
def linalg_ldl_solve(
    LD: Tensor, pivots: Tensor, B: Tensor, *, hermitian: Flag = False
) -> TensorType:
    """(*, n, n), (*, n), (*, n, k) -> (*, n, k)"""
    need_square(LD, "LD")
    need_same_dtype("B", B, "LD", LD)
    if category(pivots.dtype) != "integer":
        raise Refusal("pivots are whole numbers", code="dtype-mismatch", argument="pivots")
    need_shape(pivots, LD.shape[:-1], "pivots", "LD")
    solution = _with_sides(LD, B, True, "LD", "B")
    if LD.rank > 2:
        # torch does not broadcast the pivots, and reads beyond them.
        need_shape(solution, (*LD.shape[:-2], *B.shape[-2:]), "B", "LD")
    return solution


@function("torch.linalg")
def linalg_lstsq(
    input: Tensor, b: Tensor, rcond: OptionalAnyNumber = None, *, driver: LeastSquares = None
) -> Result:
    """(*, m, n), (*, m, k) -> solution (*, n, k), residuals (*, k), rank (*), singular values (*);
    a driver leaves those of the last three empty that it does not find"""
    need_matrix(input)
    need_solvable(input.dtype, "input")
    need_same_dtype("b", b, "input", input)
    if not b.rank or not 0 <= input.rank - b.rank <= 1:
        raise Refusal(
            f"b is (*, m, k) or (*, m), seen is {shape_text(b.shape)}",
            code="shape-mismatch",
            argument="b",
            other="input",
        )
    vectors = b.rank == 1 or _holds_vectors(input, b, "b")
    rows, columns = input.shape[-2:]
    what = "input and b must have equally many rows"
    need_equal(rows, b.shape[-1 if vectors else -2], what, argument="b", other="input")
    # torch broadcasts the rows of b, too, where b has a dimension less than input.
    batch = broadcast(input.shape[:-2], b.shape[: input.rank - 2], names=("input", "b"))
    kept = () if vectors else b.shape[-1:]
    empty = TensorType.of((0,), complex_to_real(input.dtype))
    missing: Shape = (*batch, *(kept or (Dim.of(1),)))
    residuals = empty.with_shape(missing) if _has_residuals(rows, columns, driver) else empty
    rank = TensorType((Dim.of(0),) if driver == "gels" else input.shape[:-2], "int64")
    values = empty
    if driver in ("gelsd", "gelss"):
        least = smaller(rows, columns, "the number of singular values", argument="input")
        values = empty.with_shape((*input.shape[:-2], least))
    return b.with_shape((*batch, columns, *kept)), residuals, rank, values


def _has_residuals(rows: Dim, columns: Dim, driver: str | None) -> bool:
    """Whether a driver tells residuals: of systems with more equations than unknowns."""
    if driver in (None, "gelsy") or isinstance(at_least(columns - rows, 0), Proved):
        return False
    if driver != "gels":
        raise Refusal(
            "whether there are residuals depends on the rank of the matrices",
            code="shape-depends-on-data",
            argument="driver",
            help='driver = "gels" always gives them, driver = "gelsy" never',
        )
    if isinstance(at_least(rows - columns, 1), Proved):
        return True
    raise Refusal(
        f"whether there are residuals hangs on whether {rows} is more than {columns}",
        code="shape-depends-on-size",
        argument="input",
        help=f'say it: where = "{rows} > {columns}"',
    )


@function("torch.linalg")
def linalg_tensorsolve(input: Tensor, other: Tensor, dims: Axes = None) -> TensorType:
    """X of tensordot(input, X, X.ndim) = other; dims of input are moved to its end before."""
    shape = input.shape
    if dims is not None:
        places = [dimension(dim, input.rank, "dims") for dim in dims]
        if len(set(places)) < len(places):
            raise Refusal(f"dims names a dimension twice: {dims}", argument="dims")
        rest = [size for place, size in enumerate(shape) if place not in places]
        shape = (*rest, *(shape[place] for place in places)) if shape else ()
    if other.rank > input.rank:
        raise Refusal("other has more dimensions than input", argument="other", other="input")
    known, unknown = shape[: other.rank], shape[other.rank :]
    what = "there must be as many equations as unknowns"
    need_equal(product(known), product(unknown), what, argument="input", other="other")
    what = "other must hold a number for each equation"
    need_equal(other.numel(), product(known), what, argument="other", other="input")
    need_solvable(input.dtype, "input")
    need_same_dtype("other", other, "input", input)
    return input.with_shape(unknown)
