"""`torch.linalg`: each function is named `linalg_` and its name there.

Source: https://docs.pytorch.org/docs/stable/linalg.html
"""

from typing import Annotated

from ..kinds import Choice
from ..refusal import Refusal
from ..tensor.check import broadcast, dimension, need_equal, same
from ..tensor.dim import Dim
from ..tensor.dtype import complex_to_real, real_to_complex
from ..tensor.prove import Proved, at_least
from ..tensor.type import TensorType, shape_text
from .base import AnyNumber, Flag, Int, OptionalDType, OptionalInts, Result, Tensor, function
from .matrix import need_same_dtype, need_solvable, need_square
from .pointwise import inexact
from .reduction import reduction

# torch's own names of arguments.
# ruff: noqa: N803
Triangle = Annotated[str, Choice("L", "U")]


@function("torch.linalg")
def linalg_det(A: Tensor) -> TensorType:
    """(*, n, n) -> (*)"""
    need_square(A, "A")
    return A.with_shape(A.shape[:-2])


@function("torch.linalg")
def linalg_inv(A: Tensor) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_square(A, "A")
    return A


@function("torch.linalg")
def linalg_slogdet(A: Tensor) -> Result:
    """(*, n, n) -> sign (*), logabsdet (*)"""
    need_square(A, "A")
    sign = A.with_shape(A.shape[:-2])
    return sign, sign.with_dtype(complex_to_real(A.dtype))


@function("torch.linalg")
def linalg_cholesky(A: Tensor, *, upper: Flag = False) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    need_square(A, "A")
    return A


@function("torch.linalg")
def linalg_eigh(A: Tensor, UPLO: Triangle = "L") -> Result:
    """(*, n, n) -> eigenvalues (*, n), eigenvectors (*, n, n)"""
    need_square(A, "A")
    values = A.with_shape(A.shape[:-1])
    return values.with_dtype(complex_to_real(A.dtype)), A


@function("torch.linalg")
def linalg_eigvalsh(A: Tensor, UPLO: Triangle = "L") -> TensorType:
    """(*, n, n) -> (*, n)"""
    need_square(A, "A")
    return A.with_shape(A.shape[:-1]).with_dtype(complex_to_real(A.dtype))


@function("torch.linalg")
def linalg_eig(A: Tensor) -> Result:
    """(*, n, n) -> eigenvalues (*, n), eigenvectors (*, n, n), both complex"""
    need_square(A, "A")
    dtype = A.dtype if A.dtype.startswith("complex") else real_to_complex(A.dtype)
    vectors = A.with_dtype(dtype)
    return vectors.with_shape(A.shape[:-1]), vectors


def _holds_vectors(A: TensorType, B: TensorType) -> bool:
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
        f"whether B {shape_text(B.shape)} holds vectors or matrices hangs on sizes that vary",
        code="shape-depends-on-size",
        argument="B",
        other="A",
        help="give B a dimension more: B.unsqueeze(-1)",
    )


def _differ(left: Dim, right: Dim) -> bool:
    """Whether two sizes differ whatever their symbols are."""
    return any(isinstance(at_least(gap, 1), Proved) for gap in (left - right, right - left))


@function("torch.linalg")
def linalg_solve(A: Tensor, B: Tensor, *, left: Flag = True) -> TensorType:
    """(*, n, n), (*, n, k) -> (*, n, k); B may be a vector, or a batch of them as large as A's."""
    need_square(A, "A")
    need_same_dtype("B", B, "A", A)
    if not B.rank:
        raise Refusal("B has at least one dimension", code="shape-mismatch", argument="B")
    if B.rank == 1 or _holds_vectors(A, B):
        batch = broadcast(A.shape[:-2], B.shape[:-1], names=("A", "B"))
        what = "A and B must have equally many rows"
        need_equal(A.shape[-1], B.shape[-1], what, argument="B", other="A")
        return B.with_shape((*batch, B.shape[-1]))
    batch = broadcast(A.shape[:-2], B.shape[:-2], names=("A", "B"))
    side = -2 if left else -1
    need_equal(A.shape[-1], B.shape[side], "A and B don't fit", argument="B", other="A")
    return B.with_shape((*batch, *B.shape[-2:]))


@function("torch.linalg")
def linalg_matrix_power(A: Tensor, n: Int) -> TensorType:
    """(*, n, n) -> (*, n, n)"""
    if A.rank < 2:
        raise Refusal(f"A is (*, n, n), seen is {shape_text(A.shape)}", argument="A")
    need_equal(A.shape[-2], A.shape[-1], "the matrices must be square", argument="A")
    if n < 0:
        need_solvable(A.dtype, "A")
    return A


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
    inexact(x.dtype)
    result = dtype or x.dtype
    inexact(result)
    return reduction(x, lambda _: complex_to_real(result), dim, keepdim)


@function("torch.linalg")
def linalg_cross(input: Tensor, other: Tensor, *, dim: Int = -1) -> TensorType:
    """(*, 3, *), (*, 3, *) -> (*, 3, *)"""
    need_same_dtype("other", other, "input", input)
    if input.rank != other.rank:
        raise Refusal(
            "input and other must have equally many dimensions", argument="other", other="input"
        )
    shape = broadcast(input.shape, other.shape, names=("input", "other"))
    place = dimension(dim, input.rank)
    if not input.rank:
        raise Refusal("input has no dimension of 3", code="shape-mismatch", argument="input")
    for name, tensor in (("input", input), ("other", other)):
        if tensor.shape[place] != 3:
            raise Refusal(
                f"dimension {dim} must be 3, seen is {tensor.shape[place]}", argument=name
            )
    return input.with_shape(shape)
