"""Normalization functions.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#normalization-functions
"""

from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least, need_equal, need_multiple
from ..tensor.dim import Dim
from ..tensor.dtype import DType
from ..tensor.type import TensorType, product, shape_text
from .base import (
    AnyNumber,
    Flag,
    Int,
    OptionalAnyNumber,
    OptionalTensor,
    Positive,
    Sizes,
    Tensor,
    function,
)
from .pointwise import floating, fraction, inexact, need_storable


@function("F")
def layer_norm(
    input: Tensor,
    normalized_shape: Sizes,
    weight: OptionalTensor = None,
    bias: OptionalTensor = None,
    eps: AnyNumber = 1e-5,
) -> TensorType:
    """(*, *normalized_shape) -> same"""
    _need_ending(input, normalized_shape)
    floating(input.dtype)
    for name, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None:
            _need_shape(tensor, normalized_shape, name, "normalized_shape")
    need_scale_dtype(input, weight, bias)
    return input


@function("F")
def rms_norm(
    input: Tensor,
    normalized_shape: Sizes,
    weight: OptionalTensor = None,
    eps: OptionalAnyNumber = None,
) -> TensorType:
    """(*, *normalized_shape) -> same"""
    _need_ending(input, normalized_shape)
    inexact(input.dtype)
    if weight is not None:
        _need_shape(weight, normalized_shape, "weight", "normalized_shape")
    return input


@function("F")
def group_norm(
    input: Tensor,
    num_groups: Positive,
    weight: OptionalTensor = None,
    bias: OptionalTensor = None,
    eps: AnyNumber = 1e-5,
) -> TensorType:
    """(N, channels, *) -> same"""
    if input.rank < 2:
        raise Refusal(
            f"group_norm takes (N, channels, *), seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    batch, channels, *places = input.shape
    need_multiple(
        channels,
        num_groups,
        "the channels must fall into equal groups",
        argument="input",
        other="num_groups",
    )
    _need_several(product((batch, channels // num_groups, *places)), training=False)
    floating(input.dtype)
    need_channels(channels, weight=weight, bias=bias)
    need_scale_dtype(input, weight, bias)
    return input


@function("F")
def batch_norm(
    input: Tensor,
    running_mean: OptionalTensor,
    running_var: OptionalTensor,
    weight: OptionalTensor = None,
    bias: OptionalTensor = None,
    training: Flag = False,
    momentum: AnyNumber = 0.1,
    eps: AnyNumber = 1e-5,
) -> TensorType:
    """(N, channels, *) -> same"""
    statistics = running_mean is None or running_var is None
    if training or statistics:
        if not eps > 0:
            raise Refusal(f"eps must be above 0, not {eps}", argument="eps")
    elif eps < 0:
        raise Refusal(f"eps must not be negative, seen is {eps}", argument="eps")
    if input.rank < 2:
        raise Refusal("batch_norm takes (N, channels, *)", code="shape-mismatch", argument="input")
    floating(input.dtype)
    batch, channels, *places = input.shape
    need_at_least(channels, 1, "there must be a channel", argument="input")
    if statistics and not training:
        raise Refusal(
            "without training, running_mean and running_var must be given",
            argument="running_mean",
            other="training",
        )
    if training:
        _need_several(product((batch, *places)), training=not statistics)
    need_channels(
        channels, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var
    )
    need_scale_dtype(input, weight, bias, running_mean, running_var)
    return input


@function("F")
def instance_norm(
    input: Tensor,
    running_mean: OptionalTensor = None,
    running_var: OptionalTensor = None,
    weight: OptionalTensor = None,
    bias: OptionalTensor = None,
    use_input_stats: Flag = True,
    momentum: AnyNumber = 0.1,
    eps: AnyNumber = 1e-5,
) -> TensorType:
    """(N, channels, *) -> same"""
    if input.rank < 3:
        raise Refusal(
            "instance_norm takes (N, channels, *)", code="shape-mismatch", argument="input"
        )
    floating(input.dtype)
    batch, channels, *places = input.shape
    if weight is not None or running_mean is not None:
        need_at_least(batch * channels, 1, "there must be a channel", argument="input")
    if use_input_stats:
        _need_several(product(places), training=running_mean is not None, what="spatial element")
    need_channels(
        channels, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var
    )
    need_scale_dtype(input, weight, bias)
    return input


@function("F")
def local_response_norm(
    input: Tensor,
    size: Positive,
    alpha: AnyNumber = 1e-4,
    beta: AnyNumber = 0.75,
    k: AnyNumber = 1.0,
) -> TensorType:
    """(N, channels, *) -> same"""
    if input.rank < 3:
        raise Refusal(
            "local_response_norm takes (N, channels, *)", code="shape-mismatch", argument="input"
        )
    if any(length.constant == 0 for length in input.shape):
        return input
    if input.dtype != "int64":
        floating(input.dtype)
    if input.dtype in ("float16", "bfloat16"):
        need_storable(beta, input.dtype, "beta")
        if input.rank > 3:
            raise Refusal(
                f"torch averages no {input.dtype} in 3 dimensions on CPU",
                code="dtype-mismatch",
                argument="input",
            )
    return input.with_dtype(fraction(input.dtype))


@function("F")
def normalize(
    input: Tensor, p: AnyNumber = 2.0, dim: Int = 1, eps: AnyNumber = 1e-12
) -> TensorType:
    """Divides by the p-norm along `dim`: (*) -> (*)"""
    dimension(dim, input.rank)
    return input.with_dtype(inexact(input.dtype))


def _need_ending(input: TensorType, ending: tuple[Dim, ...]) -> None:
    if not ending:
        raise Refusal("normalized_shape holds at least one size", argument="normalized_shape")
    seen = input.shape[-len(ending) :]
    if len(seen) < len(ending):
        raise Refusal(
            f"input must end with {shape_text(ending)}, seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
            other="normalized_shape",
        )
    for size, wanted in zip(seen, ending, strict=True):
        need_equal(
            size,
            wanted,
            f"{shape_text(input.shape)} must end with {shape_text(ending)}",
            argument="input",
            other="normalized_shape",
        )


def _need_shape(tensor: TensorType, shape: tuple[Dim, ...], name: str, other: str) -> None:
    if tensor.rank != len(shape):
        raise Refusal(
            f"{name} must be {shape_text(shape)}, seen is {shape_text(tensor.shape)}",
            code="shape-mismatch",
            argument=name,
            other=other,
        )
    for seen, wanted in zip(tensor.shape, shape, strict=True):
        need_equal(seen, wanted, f"{name} must be {shape_text(shape)}", argument=name, other=other)


def need_channels(channels: Dim, **tensors: TensorType | None) -> None:
    """Refuses per-channel tensors of another length."""
    for name, tensor in tensors.items():
        if tensor is not None:
            if tensor.rank != 1:
                raise Refusal(f"{name} is a vector", code="shape-mismatch", argument=name)
            need_equal(
                channels,
                tensor.shape[0],
                f"{name} has one number a channel",
                argument="input",
                other=name,
            )


def need_scale_dtype(input: TensorType, *scales: TensorType | None) -> None:
    """Refuses scales of another dtype; half precision may go with float32 scales."""
    dtypes: set[DType] = {scale.dtype for scale in scales if scale is not None}
    mixed = input.dtype in ("float16", "bfloat16") and dtypes == {"float32"}
    if dtypes and dtypes != {input.dtype} and not mixed:
        raise Refusal(
            f"input is {input.dtype}, but weight and bias are {', '.join(sorted(dtypes))}",
            code="dtype-mismatch",
            argument="input",
            other="weight",
        )


def _need_several(count: Dim, *, training: bool, what: str = "value per channel") -> None:
    """A single value has no spread; none at all is fine."""
    if count.constant != 0:
        need_at_least(
            count,
            2,
            f"normalizing needs more than one {what}",
            training=training,
            argument="input",
        )
