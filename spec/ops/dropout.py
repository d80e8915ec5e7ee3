"""Dropout functions.

Without `training` torch would draw even in eval mode, so it must be given.
Source: https://docs.pytorch.org/docs/stable/nn.functional.html#dropout-functions
"""

from ..refusal import Refusal
from ..tensor.check import need_rank
from ..tensor.type import TensorType
from .base import Flag, OptionalFlag, Probability, Tensor, function
from .pointwise import floating


@function("F")
def dropout(
    input: Tensor, p: Probability = 0.5, training: OptionalFlag = None, inplace: Flag = False
) -> TensorType:
    return dropped(input, p, training)


@function("F")
def alpha_dropout(
    input: Tensor, p: Probability = 0.5, training: OptionalFlag = None, inplace: Flag = False
) -> TensorType:
    return dropped(input, p, training)


@function("F")
def dropout1d(
    input: Tensor, p: Probability = 0.5, training: OptionalFlag = None, inplace: Flag = False
) -> TensorType:
    """(N, C, L) or (C, L) -> same"""
    need_rank(input, (2, 3), "input", "(N, C, L) or (C, L)")
    return dropped(input, p, training)


@function("F")
def dropout2d(
    input: Tensor, p: Probability = 0.5, training: OptionalFlag = None, inplace: Flag = False
) -> TensorType:
    """(N, C, H, W) or (N, C, L) -> same"""
    return dropped(input, p, training, least_rank=2)


@function("F")
def dropout3d(
    input: Tensor, p: Probability = 0.5, training: OptionalFlag = None, inplace: Flag = False
) -> TensorType:
    """(N, C, D, H, W) or (C, D, H, W) -> same"""
    return dropped(input, p, training, least_rank=1)


@function("F")
def feature_alpha_dropout(
    input: Tensor, p: Probability = 0.5, training: OptionalFlag = None, inplace: Flag = False
) -> TensorType:
    return dropped(input, p, training, least_rank=2)


def dropped(
    input: TensorType, p: float, training: bool | None, *, least_rank: int = 0
) -> TensorType:
    """The input's type. Where nothing is drawn (p is 0 or 1), torch looks at nothing else."""
    need_training(training)
    if not training or p in (0, 1) or any(size.constant == 0 for size in input.shape):
        return input
    if input.rank < least_rank:
        raise Refusal(
            f"whole features are dropped, so input needs {least_rank} dimensions, seen"
            f" {input.rank}",
            code="shape-mismatch",
            argument="input",
        )
    return input.with_dtype(floating(input.dtype))


def need_training(training: bool | None) -> None:
    """Refuses a call that leaves `training` to torch, which drops unless told otherwise."""
    if training is None:
        raise Refusal(
            "training must be given: without it torch drops in eval mode too",
            code="missing-argument",
            argument="training",
            help="training=training",
        )
