"""Losses of vectors that are to be near or far, and of scores that are to be in order.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import Annotated, ClassVar

from ..kinds import AnyNumber, Flag, Nothing
from ..ops.base import Function
from ..ops.loss_embedding import (
    cosine_embedding_loss,
    margin_ranking_loss,
    need_margin,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from ..tensor.type import TensorType
from .base import SIGNS, Loss, Reduction, Targets


class CosineEmbeddingLoss(Loss):
    """The angle of two vectors: small where the target is 1, large where it is -1.

    Shape: (N, D), (N, D), (N,) -> (); N may be missing.
    """

    margin: AnyNumber = 0.0
    reduction: Reduction = "mean"

    forward_inputs: ClassVar[tuple[str, ...]] = ("input1", "input2", "target")
    example: ClassVar[str] = '{ type = "CosineEmbeddingLoss", inputs = ["left", "right", "signs"] }'
    function: ClassVar[Function[TensorType]] = cosine_embedding_loss

    def targets(self, output: TensorType) -> Targets:
        return SIGNS

    def target_type(self, output: TensorType) -> TensorType:
        return output.with_shape(output.shape[:-1])


class MarginRankingLoss(Loss):
    """The order of two scores: the first higher where the target is 1, lower where it is -1.

    Shape: (*), (*), (*) -> ().
    """

    margin: AnyNumber = 0.0
    reduction: Reduction = "mean"

    forward_inputs: ClassVar[tuple[str, ...]] = ("input1", "input2", "target")
    example: ClassVar[str] = '{ type = "MarginRankingLoss", inputs = ["first", "second", "signs"] }'
    function: ClassVar[Function[TensorType]] = margin_ranking_loss

    def targets(self, output: TensorType) -> Targets:
        return SIGNS


class TripletMarginLoss(Loss):
    """The anchor nearer to the positive vector than to the negative one, by `margin`.

    Shape: (N, D), (N, D), (N, D) -> (); N may be missing.
    """

    margin: AnyNumber = 1.0
    p: AnyNumber = 2.0
    eps: AnyNumber = 1e-06
    swap: Flag = False
    reduction: Reduction = "mean"

    forward_inputs: ClassVar[tuple[str, ...]] = ("anchor", "positive", "negative")
    example: ClassVar[str] = (
        '{ type = "TripletMarginLoss", inputs = ["anchor", "positive", "negative"] }'
    )
    function: ClassVar[Function[TensorType]] = triplet_margin_loss
    target: ClassVar[str | None] = None

    def model_post_init(self, context: object) -> None:
        need_margin(self.margin)


class TripletMarginWithDistanceLoss(Loss):
    """As TripletMarginLoss, with the Euclidean distance: a function of one's own is not written.

    Shape: (N, D), (N, D), (N, D) -> (); N may be missing.
    """

    distance_function: Annotated[None, Nothing()] = None
    margin: AnyNumber = 1.0
    swap: Flag = False
    reduction: Reduction = "mean"

    forward_inputs: ClassVar[tuple[str, ...]] = ("anchor", "positive", "negative")
    example: ClassVar[str] = (
        '{ type = "TripletMarginWithDistanceLoss", inputs = ["anchor", "positive", "negative"] }'
    )
    function: ClassVar[Function[TensorType]] = triplet_margin_with_distance_loss
    target: ClassVar[str | None] = None

    def model_post_init(self, context: object) -> None:
        need_margin(self.margin)
