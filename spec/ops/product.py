"""Products of vectors, of several matrices, and products that are added to something.

Source: https://docs.pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
"""

from itertools import pairwise
from typing import Annotated

from ..kinds import Either, Integer, Repeated
from ..refusal import Refusal
from ..tensor.check import Fault, broadcast, dimension, is_one, need_equal, need_rank, need_shape
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.dtype import DType, category, complex_to_real, promote
from ..tensor.type import Shape, TensorType, product, shape_text
from .base import Int, OptionalInt, Scalar, Tensor, Tensors, alias, function, result_type
from .matrix import bmm, matmul, mm, mv, need_number, need_same_dtype
from .pointwise import elementwise, inexact, keep, need_storable
from .reduction import reduction

_Axes = Repeated(Integer(), single=False)
Axes = Annotated[
    int | tuple[tuple[int, ...], tuple[int, ...]],
    Either(Integer(0), Repeated(_Axes, 2, single=False)),
]


linalg_matmul = alias(matmul, "torch.linalg")


@function("torch", method=True)
def outer(input: Tensor, vec2: Tensor) -> TensorType:
    """(n,), (m,) -> (n, m)"""
    need_rank(input, (1,), "input", "(n,)")
    need_rank(vec2, (1,), "vec2", "(m,)")
    return TensorType((*input.shape, *vec2.shape), result_type(input, vec2))


ger = alias(outer, method=True)


@function("torch", method=True)
def vdot(input: Tensor, other: Tensor) -> TensorType:
    """(n,), (n,) -> ()"""
    need_rank(input, (1,), "input", "(n,)")
    need_rank(other, (1,), "other", "(n,)")
    return _inner(input, other)


@function("torch", method=True)
def inner(input: Tensor, other: Tensor) -> TensorType:
    """(*, n), (+, n) -> (*, +), or a product with a single number"""
    if not input.rank or not other.rank:
        return elementwise(keep, input, other, names=("input", "other"))
    return _inner(input, other)


def _inner(input: TensorType, other: TensorType) -> TensorType:
    need_same_dtype("other", other, "input", input)
    need_number(input.dtype, "input")
    what = "input and other must be equally long"
    need_equal(input.shape[-1], other.shape[-1], what, argument="other", other="input")
    result = input.with_shape((*input.shape[:-1], *other.shape[:-1]))
    spend(2 * result.numel() * input.shape[-1])
    return result


@function("torch.linalg")
def linalg_vecdot(x: Tensor, y: Tensor, *, dim: Int = -1) -> TensorType:
    """(*, n, *), (*, n, *) -> (*, *)"""
    inexact(x.dtype)
    need_same_dtype("y", y, "x", x)
    if x.rank == y.rank == 1:
        need_equal(x.shape[0], y.shape[0], "x and y must be equally long", argument="y", other="x")
        dim = -1  # torch does not look at it
    joint = x.with_shape(broadcast(x.shape, y.shape, names=("x", "y")))
    spend(2 * joint.numel())
    return reduction(joint, keep, dim, False)


@function("torch", method=True)
def kron(input: Tensor, other: Tensor) -> TensorType:
    """(*, n), (*, m) -> (*, n * m), each dimension multiplied, counted from the last"""
    rank = max(input.rank, other.rank)
    left, right = ([Dim.of(1)] * (rank - one.rank) + [*one.shape] for one in (input, other))
    sizes = tuple(first * second for first, second in zip(left, right, strict=True))
    return TensorType(sizes, promote(input.dtype, other.dtype))


@function("torch", method=True)
def cross(input: Tensor, other: Tensor, dim: OptionalInt = None) -> TensorType:
    """(*, 3, *), (*, 3, *) -> (*, 3, *); without dim along the first dimension of size 3"""
    return linalg_cross(input, other, dim=_first_of_three(input.shape) if dim is None else dim)


def _first_of_three(shape: Shape) -> int:
    for place, size in enumerate(shape):
        if not size.is_constant:
            raise Refusal(
                f"whether dimension {place} of {shape_text(shape)} is the first of size 3 hangs on"
                " sizes that vary",
                code="shape-depends-on-size",
                argument="input",
                help="say which: dim=-1",
            )
        if size == 3:
            return place
    raise Refusal(f"no dimension of {shape_text(shape)} is 3", argument="input")


@function("torch.linalg")
def linalg_cross(input: Tensor, other: Tensor, *, dim: Int = -1) -> TensorType:
    """(*, 3, *), (*, 3, *) -> (*, 3, *)"""
    need_same_dtype("other", other, "input", input)
    need_number(input.dtype, "input")
    if input.rank != other.rank:
        raise Refusal(
            "input and other must have equally many dimensions", argument="other", other="input"
        )
    place = dimension(dim, input.rank)
    if not input.rank:
        raise Refusal("input has no dimension of 3", code="shape-mismatch", argument="input")
    for name, tensor in (("input", input), ("other", other)):
        if tensor.shape[place] != 3:
            raise Refusal(
                f"dimension {dim} must be 3, seen is {tensor.shape[place]}",
                code="shape-mismatch",
                argument=name,
            )
    return input.with_shape(broadcast(input.shape, other.shape, names=("input", "other")))


@function("torch", method=True)
def addmm(
    input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1
) -> TensorType:
    """beta * input + alpha * mat1 @ mat2, input broadcast to (n, m)"""
    try:
        result = mm(mat1, mat2)
    except Refusal as refusal:
        raise refusal.renamed(input="mat1") from None
    return _added(input, result, beta, alpha)


@function("torch", method=True)
def addmv(
    input: Tensor, mat: Tensor, vec: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1
) -> TensorType:
    """beta * input + alpha * mat @ vec, input broadcast to (n,)"""
    try:
        result = mv(mat, vec)
    except Refusal as refusal:
        raise refusal.renamed(input="mat") from None
    for name, number in (("beta", beta), ("alpha", alpha)):
        _need_storable(number, result.dtype, name)
    return _added(input, result, beta, alpha)


@function("torch", method=True)
def baddbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1
) -> TensorType:
    """beta * input + alpha * batch1 @ batch2, input broadcast to (b, n, m)"""
    return _added(input, _batched(batch1, batch2), beta, alpha)


@function("torch", method=True)
def addbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1
) -> TensorType:
    """beta * input + alpha * (batch1 @ batch2).sum(0), input broadcast to (n, m)"""
    products = _batched(batch1, batch2)
    return _added(input, products.with_shape(products.shape[1:]), beta, alpha)


def _batched(batch1: TensorType, batch2: TensorType) -> TensorType:
    try:
        return bmm(batch1, batch2)
    except Refusal as refusal:
        raise refusal.renamed(input="batch1", mat2="batch2") from None


@function("torch", method=True)
def addr(
    input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1
) -> TensorType:
    """beta * input + alpha * outer(vec1, vec2), input broadcast to (n, m)"""
    need_rank(vec1, (1,), "vec1", "(n,)")
    need_rank(vec2, (1,), "vec2", "(m,)")
    common = promote(promote(input.dtype, vec1.dtype), vec2.dtype)
    for name, number in (("beta", beta), ("alpha", alpha)):
        _need_category(number, common, name)
        _need_storable(number, common, name)
    result = TensorType((*vec1.shape, *vec2.shape), common)
    _need_expandable(input, result)
    return result


def _need_category(number: object, dtype: DType, argument: str) -> None:
    """Refuses a truth value for numbers, and a fraction for whole numbers."""
    kind = category(dtype)
    truth = isinstance(number, bool) and kind != "bool"
    if truth or (isinstance(number, float) and kind in ("bool", "integer")):
        raise Refusal(f"torch multiplies no {dtype} by {number}", argument=argument, other="input")


def _added(input: TensorType, result: TensorType, beta: object, alpha: object) -> TensorType:
    need_same_dtype("input", input, "the product", result)
    # Half precision is multiplied in float32.
    wide: DType = "float32" if result.dtype in ("float16", "bfloat16") else result.dtype
    for name, number in (("beta", beta), ("alpha", alpha)):
        _need_storable(number, wide, name)
    _need_expandable(input, result)
    return result


def _need_storable(number: object, dtype: DType, argument: str) -> None:
    if isinstance(number, bool | int | float) and category(dtype) != "bool":
        need_storable(number, complex_to_real(dtype), argument)


def _need_expandable(input: TensorType, result: TensorType) -> None:
    joint = broadcast(result.shape, input.shape, names=("input", "input"))
    need_shape(input.with_shape(joint), result.shape, "input")


@function("torch")
def tensordot(a: Tensor, b: Tensor, dims: Axes = 2) -> TensorType:
    """The sum over dims: the last of a with the first of b where dims is their number."""
    if isinstance(dims, tuple):
        first, second = dims
    else:
        count = int(dims)
        if count > min(a.rank, b.rank):
            raise Refusal(f"dims = {count} is more than a or b has", argument="dims", other="a")
        first, second = tuple(range(-count, 0)), tuple(range(count))
    if len(first) != len(second):
        raise Refusal("dims names equally many dimensions of both", argument="dims")
    need_same_dtype("b", b, "a", a)
    need_number(a.dtype, "a")
    left, right = _summed(a, first), _summed(b, second)
    summed = Dim.of(1)
    for one, other in zip(left, right, strict=True):
        fault: Fault = {"argument": "b", "other": "a"}
        if not is_one(a.shape[one]) and not is_one(b.shape[other]):
            what = "the sizes that are summed must be equal"
            need_equal(a.shape[one], b.shape[other], what, **fault)
            summed = summed * a.shape[one]
    rows = [size for place, size in enumerate(a.shape) if place not in left]
    columns = [size for place, size in enumerate(b.shape) if place not in right]
    result = a.with_shape((*rows, *columns))
    spend(2 * result.numel() * summed)
    return result


def _summed(tensor: TensorType, dims: tuple[int, ...]) -> tuple[int, ...]:
    places = tuple(dimension(dim, tensor.rank, "dims") for dim in dims)
    if len(set(places)) < len(places) or (places and not tensor.rank):
        raise Refusal(f"dims names a dimension twice: {dims}", argument="dims")
    return places


@function("torch.linalg")
def linalg_multi_dot(tensors: Tensors) -> TensorType:
    """(n, k), (k, l), ..., (l, m) -> (n, m); the first and the last may be vectors"""
    if len(tensors) < 2:
        raise Refusal("multi_dot takes two tensors or more", argument="tensors")
    last = len(tensors) - 1
    for place, tensor in enumerate(tensors):
        need_rank(tensor, (1, 2) if place in (0, last) else (2,), "tensors", "(n, m)")
    return _chained(tensors, "tensors")


@function("torch")
def chain_matmul(*matrices: Tensor) -> TensorType:
    """(n, k), (k, l), ..., (l, m) -> (n, m)"""
    if not matrices:
        raise Refusal("chain_matmul takes a matrix or more", argument="matrices")
    for matrix in matrices:
        need_rank(matrix, (2,), "matrices", "(n, m)")
    return matrices[0] if len(matrices) == 1 else _chained(matrices, "matrices")


def _chained(tensors: tuple[TensorType, ...], argument: str) -> TensorType:
    """The product of a chain, in the order that takes the fewest operations."""
    first, last = tensors[0], tensors[-1]
    sizes = [first.shape[0]] if first.rank > 1 else [Dim.of(1)]
    for tensor in tensors:
        need_same_dtype(argument, tensor, argument, first)
        need_number(tensor.dtype, argument)
    for before, after in pairwise(tensors):
        what = f"{shape_text(before.shape)} @ {shape_text(after.shape)} doesn't fit"
        need_equal(before.shape[-1], after.shape[0], what, argument=argument)
        sizes.append(before.shape[-1])
    sizes.append(last.shape[1] if last.rank > 1 else Dim.of(1))
    spend(2 * _fewest(sizes))
    rows = first.shape[:1] if first.rank > 1 else ()
    return first.with_shape((*rows, *(last.shape[1:] if last.rank > 1 else ())))


def _fewest(sizes: list[Dim]) -> Dim:
    """Multiplications of the cheapest order of a chain; where it hangs on sizes which that is,
    those of the order that is cheapest once they are large."""
    large = {symbol.name: 2**20 for size in sizes for symbol in size.symbols}
    best: dict[tuple[int, int], Dim] = {(i, i + 1): Dim.of(0) for i in range(len(sizes) - 1)}
    for length in range(2, len(sizes)):
        for start in range(len(sizes) - length):
            end = start + length
            costs = [
                best[start, cut] + best[cut, end] + product((sizes[start], sizes[cut], sizes[end]))
                for cut in range(start + 1, end)
            ]
            best[start, end] = min(costs, key=lambda cost: cost.evaluate(large))
    return best[0, len(sizes) - 1]


@function("torch")
def block_diag(*tensors: Tensor) -> TensorType:
    """(n1, m1), (n2, m2), ... -> (n1 + n2 + ..., m1 + m2 + ...); a vector is a row"""
    rows, columns = Dim.of(0 if tensors else 1), Dim.of(0)
    for tensor in tensors:
        need_rank(tensor, (0, 1, 2), "tensors", "(n, m)")
        rows = rows + (tensor.shape[0] if tensor.rank == 2 else 1)
        columns = columns + (tensor.shape[-1] if tensor.rank else 1)
    return TensorType((rows, columns), result_type(*tensors))
