"""What stands behind functions of other families, where torch's namespace has it too.

Source: the signatures in https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/native_functions.yaml
"""

from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_multiple
from ..tensor.dim import Dim
from ..tensor.dtype import DType
from ..tensor.type import TensorType, product, shape_text
from .base import (
    AnyNumber,
    AnySize,
    Flag,
    OptionalFlag,
    OptionalTensor,
    Positive,
    Probability,
    Result,
    Scalar,
    Sizes,
    Tensor,
    Wholes,
    alias,
    function,
)
from .conv import Along1, Padding1
from .dropout import dropped
from .normalization import layer_norm, need_channels, need_scale_dtype
from .padding import pad as padded
from .pointwise import floating, inexact, need_storable, real
from .pooling import OptionalAlong1, pooled, with_indices
from .resizing import channel_shuffle

Three = tuple[TensorType, TensorType, TensorType]
native_channel_shuffle = alias(channel_shuffle)


@function("torch")
def native_layer_norm(
    input: Tensor,
    normalized_shape: Sizes,
    weight: OptionalTensor,
    bias: OptionalTensor,
    eps: AnyNumber,
) -> Three:
    """As layer_norm, with the mean and the reciprocal deviation: (*, 1, …, 1) each."""
    output = layer_norm(input, normalized_shape, weight, bias, eps)
    kept = len(input.shape) - len(normalized_shape)
    shape = (*input.shape[:kept], *[Dim.of(1)] * len(normalized_shape))
    statistic = TensorType(shape, _statistic(input, weight, bias))
    return output, statistic, statistic


def _statistic(input: TensorType, *scales: TensorType | None) -> DType:
    """The element type of means: that of the scales, where there are any."""
    return next((scale.dtype for scale in scales if scale is not None), input.dtype)


@function("torch")
def native_batch_norm(
    input: Tensor,
    weight: OptionalTensor,
    bias: OptionalTensor,
    running_mean: OptionalTensor,
    running_var: OptionalTensor,
    training: Flag,
    momentum: AnyNumber,
    eps: AnyNumber,
) -> Three:
    """As batch_norm, with the batch's means and reciprocal deviations, (channels) each, or
    nothing, (0) each, where running ones are used."""
    if input.rank < 2:
        raise Refusal("the input is (N, channels, *)", code="shape-mismatch", argument="input")
    if (running_mean is None) != (running_var is None):
        raise Refusal(
            "running_mean and running_var are both given or both left out",
            argument="running_mean",
            other="running_var",
        )
    if running_mean is None and not training:
        raise Refusal("without training there must be running_mean", argument="running_mean")
    floating(input.dtype)
    need_at_least(input.numel(), 1, "the input must hold something", argument="input")
    scales = {"weight": weight, "bias": bias}
    running = {"running_mean": running_mean, "running_var": running_var}
    need_channels(input.shape[1], **scales, **running)
    need_scale_dtype(input, *scales.values(), *running.values())
    shape = (input.shape[1],) if training else (Dim.of(0),)
    statistic = TensorType(shape, _statistic(input, weight, bias, running_mean))
    return input, statistic, statistic


@function("torch")
def native_group_norm(
    input: Tensor,
    weight: OptionalTensor,
    bias: OptionalTensor,
    N: AnySize,  # noqa: N803 - torch's name
    C: AnySize,  # noqa: N803 - torch's name
    HxW: AnySize,  # noqa: N803 - torch's name
    group: Positive,
    eps: AnyNumber,
) -> Three:
    """As group_norm of the input read as (N, C, HxW), with the means and the reciprocal deviations:
    (N, group) each."""
    for name, size in (("N", N), ("C", C), ("HxW", HxW)):
        need_at_least(size, 1, f"{name} must be at least 1", argument=name)
    need_multiple(C, int(group), "C must fall into equal groups", argument="C", other="group")
    need_equal(
        input.numel(),
        product((N, C, HxW)),
        f"{shape_text(input.shape)} must hold N * C * HxW elements",
        argument="input",
        other="N",
    )
    floating(input.dtype)
    need_channels(C, weight=weight, bias=bias)
    need_scale_dtype(input, weight, bias)
    statistic = TensorType((N, Dim.of(group)), _statistic(input, weight, bias))
    return input, statistic, statistic


@function("torch")
def native_dropout(
    input: Tensor, p: AnyNumber, train: OptionalFlag
) -> tuple[TensorType, TensorType]:
    """As dropout, with the mask of what stays."""
    if train is not False:
        if not 0 <= p <= 1:
            raise Refusal(f"p must lie from 0 to 1, seen is {p}", argument="p", other="train")
        inexact(input.dtype)
    for size in input.shape:
        # Of nothing, torch's mask has the type of the input.
        need_at_least(size, 1, "there must be something to drop", argument="input")
    return input, input.with_dtype("bool")


@function("torch")
def feature_dropout(input: Tensor, p: Probability, train: Flag) -> TensorType:
    """Whole channels set to zero: (N, channels, *) -> same"""
    return dropped(input, p, train, least_rank=2)


@function("torch")
def constant_pad_nd(input: Tensor, pad: Wholes, value: Scalar = 0) -> TensorType:
    """As pad with the mode "constant"."""
    if isinstance(value, bool | int | float) and any(amount > 0 for amount in pad):
        need_storable(value, input.dtype, "value")
    return padded(input, pad)


@function("torch")
def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Along1,
    stride: OptionalAlong1 = None,
    padding: Padding1 = 0,
    dilation: Along1 = 1,
    ceil_mode: Flag = False,
) -> Result:
    """As max_pool1d, with the places of the largest elements."""
    output = pooled(1, real, input, kernel_size, stride, padding, dilation, ceil_mode)
    return with_indices(output, True)
