"""Functions that resize images.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#vision-functions
"""

from fractions import Fraction
from math import isfinite
from typing import Annotated, TypeVar

from ..kinds import Choice, Optional, Real, Repeated, each
from ..refusal import Refusal
from ..tensor.check import divided, need_at_least, need_multiple
from ..tensor.dim import Dim
from ..tensor.type import TensorType, shape_text
from .base import Flag, OptionalFlag, Positive, SizeKind, Tensor, function
from .pointwise import floating

T = TypeVar("T")
RESIZE_MODES = ("nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact")
ResizeMode = Annotated[str, Choice(*RESIZE_MODES)]
OptionalTargets = Annotated[Dim | tuple[Dim, ...] | None, Optional(Repeated(SizeKind()))]
OptionalFactors = Annotated[float | tuple[float, ...] | None, Optional(Repeated(Real()))]
_RANKS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "trilinear": (5,)}


@function("F")
def interpolate(
    input: Tensor,
    size: OptionalTargets = None,
    scale_factor: OptionalFactors = None,
    mode: ResizeMode = "nearest",
    align_corners: OptionalFlag = None,
    recompute_scale_factor: OptionalFlag = None,
    antialias: Flag = False,
) -> TensorType:
    """(N, C, *) -> (N, C, *), each spatial size to `size` or times `scale_factor`"""
    ranks = _RANKS.get(mode, (3, 4, 5))
    if input.rank not in ranks:
        raise Refusal(
            f'mode "{mode}" takes {ranks[0]}{" to 5" if len(ranks) > 1 else ""} dimensions, seen is'
            f" {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
            other="mode",
        )
    _need_consistent(size, scale_factor, mode, align_corners, recompute_scale_factor)
    if antialias and (mode not in ("bilinear", "bicubic") or input.rank != 4):
        raise Refusal('antialias needs mode "bilinear" or "bicubic"', argument="antialias")
    if input.dtype != "uint8" or mode in ("linear", "trilinear", "area"):
        floating(input.dtype)
    for length in input.shape[1:]:
        need_at_least(length, 1, "torch resizes nothing that is empty", argument="input")
    sizes = _targets(input, size, scale_factor)
    for target in sizes:
        need_at_least(target, 1, "nothing would be left", argument="input", other="size")
    return input.with_shape((*input.shape[:2], *sizes))


@function("F")
def upsample(
    input: Tensor,
    size: OptionalTargets = None,
    scale_factor: OptionalFactors = None,
    mode: ResizeMode = "nearest",
    align_corners: OptionalFlag = None,
) -> TensorType:
    """torch's older name of interpolate"""
    return interpolate(input, size, scale_factor, mode, align_corners)


@function("F")
def upsample_nearest(
    input: Tensor, size: OptionalTargets = None, scale_factor: OptionalFactors = None
) -> TensorType:
    """(N, C, *) -> (N, C, *), each place from its nearest"""
    return interpolate(input, size, scale_factor)


@function("F")
def upsample_bilinear(
    input: Tensor, size: OptionalTargets = None, scale_factor: OptionalFactors = None
) -> TensorType:
    """(N, C, H, W) -> (N, C, H_out, W_out), each place from its four nearest"""
    return interpolate(input, size, scale_factor, "bilinear", True)


def _need_consistent(
    size: object,
    scale_factor: object,
    mode: str,
    align_corners: bool | None,
    recompute_scale_factor: bool | None,
) -> None:
    if (size is None) == (scale_factor is None):
        raise Refusal(
            "either size or scale_factor must be given", argument="size", other="scale_factor"
        )
    if align_corners is not None and mode in ("nearest", "area", "nearest-exact"):
        raise Refusal(
            f'align_corners has no meaning with mode "{mode}"',
            argument="align_corners",
            other="mode",
        )
    if recompute_scale_factor and size is not None:
        raise Refusal(
            "recompute_scale_factor needs scale_factor",
            argument="recompute_scale_factor",
            other="size",
        )


def _targets(
    input: TensorType,
    size: Dim | tuple[Dim, ...] | None,
    scale_factor: float | tuple[float, ...] | None,
) -> tuple[Dim, ...]:
    spatial = input.rank - 2
    if size is not None:
        return _for_each(size, spatial, "size")
    assert scale_factor is not None
    factors = _for_each(scale_factor, spatial, "scale_factor")
    return tuple(
        scaled(length, factor) for length, factor in zip(input.shape[2:], factors, strict=True)
    )


def _for_each(value: T | tuple[T, ...], spatial: int, argument: str) -> tuple[T, ...]:
    values = each(value, spatial)
    if len(values) != spatial:
        raise Refusal(
            f"{argument} must hold {spatial} numbers, not {len(values)}", argument=argument
        )
    return values


def scaled(size: Dim, factor: float, argument: str = "scale_factor") -> Dim:
    """floor(size * factor), as torch computes it in double precision; for a size that varies, the
    factor must be a fraction that doubles hold exactly."""
    if not isfinite(factor) or factor <= 0:
        raise Refusal(f"{argument} must be above 0, not {factor}", argument=argument)
    number = float(factor)
    if size.constant is not None:
        target = int(size.constant * number)
        if target >= 2**63:
            raise Refusal(f"{factor} * {size} is no size that fits 64 bits", argument=argument)
        return Dim.of(target)
    exact = Fraction(number)
    if exact.denominator > 1024:
        raise Refusal(
            f"{factor} * {size} is rounded, so the size can't be told for all sizes",
            code="shape-depends-on-size",
            argument=argument,
            help=f"give {'size' if argument == 'scale_factor' else 'output_size'}",
        )
    return size * exact.numerator // exact.denominator


@function("F")
def pixel_shuffle(input: Tensor, upscale_factor: Positive) -> TensorType:
    """(*, C * r^2, H, W) -> (*, C, H * r, W * r)"""
    _need_image(input)
    factor = int(upscale_factor)
    *batch, channels, height, width = input.shape
    fewer = divided(
        channels,
        Dim.of(factor**2),
        "the channels must be a multiple of upscale_factor squared",
        argument="input",
        other="upscale_factor",
    )
    return input.with_shape((*batch, fewer, height * factor, width * factor))


@function("F")
def pixel_unshuffle(input: Tensor, downscale_factor: Positive) -> TensorType:
    """(*, C, H * r, W * r) -> (*, C * r^2, H, W)"""
    _need_image(input)
    factor = int(downscale_factor)
    *batch, channels, height, width = input.shape
    sizes = [
        divided(
            length,
            Dim.of(factor),
            "height and width must be multiples of downscale_factor",
            argument="input",
            other="downscale_factor",
        )
        for length in (height, width)
    ]
    return input.with_shape((*batch, channels * factor**2, *sizes))


@function("F")
def channel_shuffle(input: Tensor, groups: Positive) -> TensorType:
    """(N, C, *) -> same"""
    _need_image(input)
    what = "the channels must be a multiple of groups"
    need_multiple(input.shape[1], int(groups), what, argument="input", other="groups")
    return input


def _need_image(input: TensorType) -> None:
    if input.rank < 3:
        raise Refusal(
            f"input is (*, C, H, W), seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    for size in input.shape:
        need_at_least(size, 1, "there must be something to move", argument="input")
