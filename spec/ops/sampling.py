"""Values of an image between its places.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#vision-functions
"""

from typing import Annotated

from ..kinds import Choice, Integer
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import Flag, OptionalFlag, Sizes, Tensor, function
from .matrix import need_same_dtype
from .pointwise import floating

GridMode = Annotated[str, Choice("bilinear", "nearest", "bicubic")]
GridPadding = Annotated[str, Choice("zeros", "border", "reflection")]
Numbered = Annotated[int, Integer(0, 2)]
_BICUBIC = 2


@function("F")
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: GridMode = "bilinear",
    padding_mode: GridPadding = "zeros",
    align_corners: OptionalFlag = None,
) -> TensorType:
    """(N, C, *), (N, *, places' coordinates) -> (N, C, *)"""
    return _sampled(input, grid, (4,) if mode == "bicubic" else (4, 5))


@function("torch")
def grid_sampler(
    input: Tensor,
    grid: Tensor,
    interpolation_mode: Numbered,
    padding_mode: Numbered,
    align_corners: Flag,
) -> TensorType:
    """(N, C, *), (N, *, places' coordinates) -> (N, C, *)"""
    return _sampled(input, grid, (4,) if interpolation_mode == _BICUBIC else (4, 5))


@function("torch")
def grid_sampler_2d(
    input: Tensor,
    grid: Tensor,
    interpolation_mode: Numbered,
    padding_mode: Numbered,
    align_corners: Flag,
) -> TensorType:
    """(N, C, H, W), (N, H_out, W_out, 2) -> (N, C, H_out, W_out)"""
    return _sampled(input, grid, (4,))


@function("torch")
def grid_sampler_3d(
    input: Tensor,
    grid: Tensor,
    interpolation_mode: Numbered,
    padding_mode: Numbered,
    align_corners: Flag,
) -> TensorType:
    """(N, C, D, H, W), (N, D_out, H_out, W_out, 3) -> (N, C, D_out, H_out, W_out)"""
    if interpolation_mode == _BICUBIC:
        raise Refusal("torch interpolates no volumes bicubically", argument="interpolation_mode")
    return _sampled(input, grid, (5,))


def _sampled(input: TensorType, grid: TensorType, ranks: tuple[int, ...]) -> TensorType:
    layouts = {4: "(N, C, H, W)", 5: "(N, C, D, H, W)"}
    need_rank(input, ranks, "input", " or ".join(layouts[rank] for rank in ranks))
    need_rank(grid, (input.rank,), "grid", "(N, *, coordinates), as many dimensions as input")
    need_same_dtype("grid", grid, "input", input)
    what = "grid and input must hold as many samples"
    need_equal(grid.shape[0], input.shape[0], what, argument="grid", other="input")
    what = f"a place in {input.rank - 2} dimensions has {input.rank - 2} coordinates"
    need_equal(grid.shape[-1], Dim.of(input.rank - 2), what, argument="grid")
    for size in input.shape[2:]:
        need_at_least(size, 1, "torch samples no empty image", argument="input")
    return TensorType((*input.shape[:2], *grid.shape[1:-1]), floating(input.dtype))


@function("F")
def affine_grid(theta: Tensor, size: Sizes, align_corners: OptionalFlag = None) -> TensorType:
    """(N, 2, 3) -> (N, H, W, 2), or (N, 3, 4) -> (N, D, H, W, 3); size is that of the image"""
    if len(size) not in (4, 5):
        raise Refusal(
            f"size is (N, C, H, W) or (N, C, D, H, W), {len(size)} sizes are given", argument="size"
        )
    spatial = len(size) - 2
    layout = f"(N, {spatial}, {spatial + 1}) for {spatial} dimensions"
    need_rank(theta, (3,), "theta", layout)
    expected = (Dim.of(size[0]), Dim.of(spatial), Dim.of(spatial + 1))
    for seen, wanted in zip(theta.shape, expected, strict=True):
        need_equal(seen, wanted, f"theta is {layout}", argument="theta")
    for length in size:
        need_at_least(length, 1, "the image's sizes must be at least 1", argument="size")
    return TensorType((size[0], *size[2:], Dim.of(spatial)), floating(theta.dtype))
