"""Losses of a quantity: how far the output is from it.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import Annotated, ClassVar

from ..kinds import Real
from ..ops.base import Function
from ..ops.loss import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from ..tensor.type import TensorType
from .base import Loss, Reduction


class MSELoss(Loss):
    """Mean squared error. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"

    example: ClassVar[str] = '{ type = "MSELoss", inputs = ["output", "target"] }'
    function: ClassVar[Function[TensorType]] = mse_loss


class L1Loss(Loss):
    """Mean absolute error. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"

    example: ClassVar[str] = '{ type = "L1Loss", inputs = ["output", "target"] }'
    function: ClassVar[Function[TensorType]] = l1_loss


class SmoothL1Loss(Loss):
    """Squared near zero, absolute beyond `beta`. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"
    beta: Annotated[float, Real(minimum=0.0, finite=False)] = 1.0

    example: ClassVar[str] = '{ type = "SmoothL1Loss", inputs = ["output", "target"] }'
    function: ClassVar[Function[TensorType]] = smooth_l1_loss


class HuberLoss(Loss):
    """Squared near zero, linear beyond `delta`. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"
    delta: Annotated[float, Real(above=0.0, finite=False)] = 1.0

    example: ClassVar[str] = '{ type = "HuberLoss", inputs = ["output", "target"] }'
    function: ClassVar[Function[TensorType]] = huber_loss
