"""Max pooling over windows of varying width, drawn at random.

Source: https://arxiv.org/abs/1412.6071
"""

from typing import Annotated

from ..kinds import Optional, Real, Repeated, each
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import Flag, OptionalTensor, Result, SizeKind, Tensor, function
from .conv import LAYOUTS, Along2, Along3
from .matrix import need_same_dtype
from .pointwise import floating
from .pooling import with_indices
from .resizing import scaled

OptionalTarget2 = Annotated[Dim | tuple[Dim, ...] | None, Optional(Repeated(SizeKind(), 2))]
OptionalTarget3 = Annotated[Dim | tuple[Dim, ...] | None, Optional(Repeated(SizeKind(), 3))]
OptionalRatio2 = Annotated[
    tuple[float, ...] | None, Optional(Repeated(Real(), 2, single=False))  # torch takes its length
]
OptionalRatio3 = Annotated[float | tuple[float, ...] | None, Optional(Repeated(Real(), 3))]


@function("F")
def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Along2,
    output_size: OptionalTarget2 = None,
    output_ratio: OptionalRatio2 = None,
    return_indices: Flag = False,
    _random_samples: OptionalTensor = None,
) -> Result:
    output = _pooled(2, input, kernel_size, output_size, output_ratio, _random_samples)
    return with_indices(output, return_indices)


@function("F")
def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Along3,
    output_size: OptionalTarget3 = None,
    output_ratio: OptionalRatio3 = None,
    return_indices: Flag = False,
    _random_samples: OptionalTensor = None,
) -> Result:
    output = _pooled(3, input, kernel_size, output_size, output_ratio, _random_samples)
    return with_indices(output, return_indices)


def _pooled(
    spatial: int,
    input: TensorType,
    kernel_size: int | tuple[int, ...],
    output_size: Dim | tuple[Dim, ...] | None,
    output_ratio: float | tuple[float, ...] | None,
    samples: TensorType | None,
) -> TensorType:
    """(N, C, *) -> (N, C, *); N may be missing."""
    need_rank(input, (spatial + 1, spatial + 2), "input", LAYOUTS[spatial])
    if samples is not None:
        _need_samples(spatial, input, samples)
    for size in input.shape[-spatial - 1 :]:
        need_at_least(size, 1, "torch pools nothing that is empty", argument="input")
    places = input.shape[-spatial:]
    if output_size is not None:
        sizes = [Dim.of(size) for size in each(output_size, spatial)]
    elif output_ratio is None:
        raise Refusal("output_size or output_ratio must be given", argument="output_size")
    else:
        ratios = each(output_ratio, spatial)
        sizes = [
            scaled(size, ratio, "output_ratio") for size, ratio in zip(places, ratios, strict=True)
        ]
    # Of three dimensions torch wants one place more.
    spare = spatial - 2
    for size, place, kernel in zip(sizes, places, each(kernel_size, spatial), strict=True):
        need_at_least(size, 1, "nothing would be left", argument="output_size")
        need_at_least(
            place - size - kernel + 1 - spare,
            0,
            f"{size} windows of {kernel} need {size + kernel - 1 + spare}, the size is {place}",
            argument="output_size",
            other="kernel_size",
        )
    return TensorType((*input.shape[:-spatial], *sizes), floating(input.dtype))


def _need_samples(spatial: int, input: TensorType, samples: TensorType) -> None:
    """Refuses drawn numbers that are not (N, C, dimensions)."""
    name = "_random_samples"
    need_rank(samples, (3,), name, f"(N, C, {spatial})")
    need_same_dtype(name, samples, "input", input)
    batch = input.shape[0] if input.rank == spatial + 2 else Dim.of(1)
    what = f"{name} must have numbers for each sample"
    need_at_least(samples.shape[0] - batch, 0, what, argument=name, other="input")
    for seen, expected in zip(
        samples.shape[1:], (input.shape[-spatial - 1], Dim.of(spatial)), strict=True
    ):
        need_equal(seen, expected, f"{name} is (N, C, {spatial})", argument=name, other="input")
