"""Convolutions.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#convolution-functions
"""

from collections.abc import Sequence
from typing import Annotated, Final

from ..kinds import Choice, Either, Integer, Repeated, each
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_multiple, need_rank
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.dtype import category
from ..tensor.type import Shape, TensorType, product
from .base import OptionalTensor, Positive, Tensor, function
from .matrix import need_number, need_same_dtype

Along1 = Annotated[int | tuple[int, ...], Repeated(Integer(1), 1)]
Along2 = Annotated[int | tuple[int, ...], Repeated(Integer(1), 2)]
Along3 = Annotated[int | tuple[int, ...], Repeated(Integer(1), 3)]
Padding1 = Annotated[int | tuple[int, ...], Repeated(Integer(0), 1)]
Padding2 = Annotated[int | tuple[int, ...], Repeated(Integer(0), 2)]
Padding3 = Annotated[int | tuple[int, ...], Repeated(Integer(0), 3)]
_NAMED = Choice("same", "valid")
ConvPadding1 = Annotated[str | int | tuple[int, ...], Either(_NAMED, Repeated(Integer(0), 1))]
ConvPadding2 = Annotated[str | int | tuple[int, ...], Either(_NAMED, Repeated(Integer(0), 2))]
ConvPadding3 = Annotated[str | int | tuple[int, ...], Either(_NAMED, Repeated(Integer(0), 3))]

LAYOUTS: Final = {
    1: "(N, C, L) or (C, L)",
    2: "(N, C, H, W) or (C, H, W)",
    3: "(N, C, D, H, W) or (C, D, H, W)",
}


@function("F")
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: OptionalTensor = None,
    stride: Along1 = 1,
    padding: ConvPadding1 = 0,
    dilation: Along1 = 1,
    groups: Positive = 1,
) -> TensorType:
    return convolved(1, input, weight, bias, stride, padding, dilation, groups)


@function("F")
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: OptionalTensor = None,
    stride: Along2 = 1,
    padding: ConvPadding2 = 0,
    dilation: Along2 = 1,
    groups: Positive = 1,
) -> TensorType:
    return convolved(2, input, weight, bias, stride, padding, dilation, groups)


@function("F")
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: OptionalTensor = None,
    stride: Along3 = 1,
    padding: ConvPadding3 = 0,
    dilation: Along3 = 1,
    groups: Positive = 1,
) -> TensorType:
    return convolved(3, input, weight, bias, stride, padding, dilation, groups)


@function("F")
def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: OptionalTensor = None,
    stride: Along1 = 1,
    padding: Padding1 = 0,
    output_padding: Padding1 = 0,
    groups: Positive = 1,
    dilation: Along1 = 1,
) -> TensorType:
    return unconvolved(
        1, input, weight, bias, stride, padding, each(output_padding, 1), groups, dilation
    )


@function("F")
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: OptionalTensor = None,
    stride: Along2 = 1,
    padding: Padding2 = 0,
    output_padding: Padding2 = 0,
    groups: Positive = 1,
    dilation: Along2 = 1,
) -> TensorType:
    return unconvolved(
        2, input, weight, bias, stride, padding, each(output_padding, 2), groups, dilation
    )


@function("F")
def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: OptionalTensor = None,
    stride: Along3 = 1,
    padding: Padding3 = 0,
    output_padding: Padding3 = 0,
    groups: Positive = 1,
    dilation: Along3 = 1,
) -> TensorType:
    return unconvolved(
        3, input, weight, bias, stride, padding, each(output_padding, 3), groups, dilation
    )


def convolved(
    spatial: int,
    input: TensorType,
    weight: TensorType,
    bias: TensorType | None,
    stride: int | tuple[int, ...],
    padding: str | int | tuple[int, ...],
    dilation: int | tuple[int, ...],
    groups: int,
) -> TensorType:
    """(N, in, *), (out, in / groups, *kernel) -> (N, out, *); N may be missing."""
    _need_operands(spatial, input, weight, bias, weight.shape[0] if weight.rank else None)
    need_at_least(weight.shape[0], 1, "there must be an output channel", argument="weight")
    need_divisible(weight.shape[0], groups, "out_channels")
    need_equal(
        input.shape[-spatial - 1],
        weight.shape[1] * groups,
        "the channels of input must be in_channels",
        argument="input",
        other="in_channels",
    )
    strides, dilations = each(stride, spatial), each(dilation, spatial)
    for size in input.shape[-spatial - 1 :]:
        need_at_least(size, 1, "torch convolves nothing that is empty", argument="input")
    if padding == "same":
        if any(step != 1 for step in strides):
            raise Refusal('padding "same" needs stride 1', argument="padding", other="stride")
        sizes: Shape = input.shape[-spatial:]
    else:
        pads = each(0 if isinstance(padding, str) else padding, spatial)
        sizes = tuple(
            window_count(size, kernel, step, pad, spread)
            for size, kernel, step, pad, spread in zip(
                input.shape[-spatial:], weight.shape[2:], strides, pads, dilations, strict=True
            )
        )
    batch = input.shape[: -spatial - 1]
    spend(_cost(product((*batch, *sizes)), weight))
    return input.with_shape((*batch, weight.shape[0], *sizes))


def window_count(size: Dim, kernel: Dim | int, stride: int, padding: int, dilation: int) -> Dim:
    """How many places a kernel takes; it must fit at least once."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    need_at_least(
        room,
        0,
        f"the kernel covers {dilation * (kernel - 1) + 1}, more than the padded size"
        f" {size + 2 * padding}",
        argument="input",
        other="kernel_size",
    )
    return room // stride + 1


def unconvolved(
    spatial: int,
    input: TensorType,
    weight: TensorType,
    bias: TensorType | None,
    stride: int | tuple[int, ...],
    padding: int | tuple[int, ...],
    output_padding: Sequence[int | Dim],
    groups: int,
    dilation: int | tuple[int, ...],
) -> TensorType:
    """(N, in, *), (in, out / groups, *kernel) -> (N, out, *); N may be missing."""
    channels = weight.shape[1] * groups if weight.rank > 1 else None
    _need_operands(spatial, input, weight, bias, channels)
    need_divisible(weight.shape[0], groups, "in_channels")
    need_equal(
        input.shape[-spatial - 1],
        weight.shape[0],
        "the channels of input must be in_channels",
        argument="input",
        other="in_channels",
    )
    for size in input.shape[-spatial:]:
        need_at_least(size, 1, "torch convolves nothing that is empty", argument="input")
    strides, dilations = each(stride, spatial), each(dilation, spatial)
    sizes = [
        least + extra
        for least, extra in zip(
            least_unconvolved(spatial, input, weight, strides, padding, dilations),
            output_padding,
            strict=True,
        )
    ]
    _need_small(output_padding, strides, dilations)
    for size in sizes:
        need_at_least(size, 1, "nothing is left after padding", argument="input", other="padding")
    assert channels is not None
    spend(_cost(product((*input.shape[: -spatial - 1], *input.shape[-spatial:])), weight))
    return input.with_shape((*input.shape[: -spatial - 1], channels, *sizes))


def _need_small(
    output_padding: Sequence[int | Dim], strides: Sequence[int], dilations: Sequence[int]
) -> None:
    """Refuses output padding that a larger input would rather give."""
    for extra, step, spread in zip(output_padding, strides, dilations, strict=True):
        need_at_least(
            max(int(step), int(spread)) - 1 - Dim.of(extra),
            0,
            f"output_padding must be smaller than stride or dilation, {extra} is not",
            code="invalid-value",
            argument="output_padding",
            other="stride",
        )


def least_unconvolved(
    spatial: int,
    input: TensorType,
    weight: TensorType,
    stride: int | tuple[int, ...],
    padding: int | tuple[int, ...],
    dilation: int | tuple[int, ...],
) -> list[Dim]:
    """The sizes that a transposed convolution gives without output padding."""
    return [
        (size - 1) * step - 2 * before + spread * (kernel - 1) + 1
        for size, kernel, step, before, spread in zip(
            input.shape[-spatial:],
            weight.shape[2:],
            each(stride, spatial),
            each(padding, spatial),
            each(dilation, spatial),
            strict=True,
        )
    ]


def need_divisible(channels: Dim | int, groups: int, argument: str) -> None:
    """Refuses channels that don't fall into equal groups."""
    what = f"{argument} must be a multiple of groups"
    code = "invalid-value"
    need_multiple(Dim.of(channels), int(groups), what, code=code, argument=argument, other="groups")


def _need_operands(
    spatial: int,
    input: TensorType,
    weight: TensorType,
    bias: TensorType | None,
    out_channels: Dim | None,
) -> None:
    need_rank(input, (spatial + 1, spatial + 2), "input", LAYOUTS[spatial])
    need_rank(
        weight, (spatial + 2,), "weight", "(out_channels, in_channels / groups, *kernel_size)"
    )
    need_same_dtype("input", input, "weight", weight)
    need_number(input.dtype, "input")
    if bias is not None and out_channels is not None:
        need_rank(bias, (1,), "bias", "(out_channels,)")
        need_same_dtype("bias", bias, "weight", weight)
        need_equal(bias.shape[0], out_channels, "bias has one number a channel", argument="bias")


def _cost(places: Dim, weight: TensorType) -> Dim:
    """A multiply and an add for each weight at each place of each sample; complex numbers take
    three real convolutions."""
    return places * weight.numel() * (6 if category(weight.dtype) == "complex" else 2)
