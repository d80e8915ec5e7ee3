"""Distances and similarities of vectors.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#distance-functions
"""

from math import inf
from typing import Annotated

from ..kinds import Choice
from ..refusal import Refusal
from ..tensor.check import broadcast, dimension, need_at_least, need_equal, need_rank
from ..tensor.dtype import complex_to_real, promote
from ..tensor.type import TensorType, shape_text
from .base import AnyNumber, Flag, Int, Tensor, function
from .matrix import need_same_dtype
from .pointwise import elementwise, floating, fraction, need_computable
from .reduction import reduction

_MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)
ComputeMode = Annotated[str, Choice(*_MODES)]


@function("F")
def cosine_similarity(x1: Tensor, x2: Tensor, dim: Int = 1, eps: AnyNumber = 1e-08) -> TensorType:
    """(*, n, *), (*, n, *) -> (*, *)"""
    if not eps >= 0:
        raise Refusal(f"eps must not be negative, seen is {eps}", argument="eps")
    joint = elementwise(floating, x1, x2, names=("x1", "x2"))
    # torch broadcasts before it looks for the common type, so that every dtype counts.
    joint = joint.with_dtype(promote(x1.dtype, x2.dtype))
    need_computable(eps, joint.dtype, "eps")
    dimension(dim, joint.rank)
    return reduction(joint, floating, dim, False)


@function("F")
def pairwise_distance(
    x1: Tensor, x2: Tensor, p: AnyNumber = 2.0, eps: AnyNumber = 1e-06, keepdim: Flag = False
) -> TensorType:
    """(N, n) or (n,), the same -> (N,) or ()"""
    for name, tensor in (("x1", x1), ("x2", x2)):
        if tensor.dtype == "bool":
            raise Refusal("torch doesn't subtract bools", code="dtype-mismatch", argument=name)
    joint = elementwise(fraction, x1, x2, names=("x1", "x2"))
    if joint.rank and (p < 0 or p == inf):
        what = f"the {p} norm of nothing does not exist"
        need_at_least(joint.shape[-1], 1, what, argument="x1", other="p")
    return reduction(joint, complex_to_real, -1, keepdim)


@function("torch")
def cdist(
    x1: Tensor, x2: Tensor, p: AnyNumber = 2.0, compute_mode: ComputeMode = _MODES[0]
) -> TensorType:
    """(*, n, k), (*, m, k) -> (*, n, m)"""
    for name, tensor in (("x1", x1), ("x2", x2)):
        if tensor.rank < 2:
            raise Refusal(
                f"{name} is (*, n, k), seen is {shape_text(tensor.shape)}",
                code="shape-mismatch",
                argument=name,
            )
    need_same_dtype("x2", x2, "x1", x1)
    _need_measurable(x1, p, "x1")
    what = "x1 and x2 must be equally wide"
    need_equal(x1.shape[-1], x2.shape[-1], what, argument="x2", other="x1")
    batch = broadcast(x1.shape[:-2], x2.shape[:-2], names=("x1", "x2"))
    return x1.with_shape((*batch, x1.shape[-2], x2.shape[-2]))


@function("F")
def pdist(input: Tensor, p: AnyNumber = 2.0) -> TensorType:
    """(n, k) -> (n * (n - 1) // 2,)"""
    need_rank(input, (2,), "input", "(n, k)")
    _need_measurable(input, p, "input")
    count = input.shape[0]
    return input.with_shape((count * (count - 1) // 2,))


def _need_measurable(input: TensorType, p: float, argument: str) -> None:
    if not p >= 0:
        raise Refusal(f"p must not be negative, seen is {p}", argument="p")
    if input.dtype not in ("float32", "float64"):
        raise Refusal(f"torch measures no {input.dtype}", code="dtype-mismatch", argument=argument)
