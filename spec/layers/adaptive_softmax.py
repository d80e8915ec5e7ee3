"""Adaptive softmax: many classes, of which few are frequent.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar

from ..kinds import AnyNumber, Flag, Integer, OptionalParameterDType, Repeated, Size, Whole
from ..ops.matrix import linear
from ..refusal import Refusal
from ..tensor.check import need_equal
from ..tensor.dtype import DEFAULT, is_floating_point
from ..tensor.type import TensorType, shape_text
from .base import Inferred, Layer, StateEntry


class AdaptiveLogSoftmaxWithLoss(Layer):
    """The log-probability of the right class, and the mean loss: a small head for the classes
    before the first cutoff, a narrower cluster for each rarer group.

    What the clusters cost hangs on the targets: the head alone is counted.
    Shape: (N, in_features), (N,) int64 -> (N,), (); N may be missing.
    """

    in_features: Annotated[Size, Inferred(-1, "input_")]
    n_classes: Whole
    cutoffs: Annotated[tuple[int, ...], Repeated(Integer(1), single=False)]
    div_value: AnyNumber = 4.0
    head_bias: Flag = False
    dtype: OptionalParameterDType = None

    positional: ClassVar[int] = 2
    forward_inputs: ClassVar[tuple[str, ...]] = ("input_", "target_")
    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "loss")
    partial_outputs: ClassVar[tuple[str, ...]] = ("output", "loss")
    example: ClassVar[str] = (
        '{ type = "AdaptiveLogSoftmaxWithLoss", n_classes = 1000, cutoffs = [10, 100],'
        ' inputs = ["output", "classes"] }'
    )

    def model_post_init(self, context: object) -> None:
        ordered = all(one < other for one, other in pairwise((*self.cutoffs, self.n_classes)))
        if not self.cutoffs or not ordered:
            raise Refusal(
                "cutoffs must be a list of numbers that rise and stay below n_classes ="
                f" {self.n_classes}, not {list(map(int, self.cutoffs))}",
                argument="cutoffs",
                other="n_classes",
            )
        for _ in self._clusters():
            pass

    def _clusters(self) -> Iterator[tuple[int, int]]:
        """The inner width and the number of classes of each cluster."""
        for place, (low, high) in enumerate(pairwise((*self.cutoffs, self.n_classes)), 1):
            try:
                width = int(int(self.in_features) // self.div_value**place)
            except (ArithmeticError, ValueError):
                width = -1
            if width < 0:
                raise Refusal(
                    f"div_value = {self.div_value:g} leaves no width for cluster {place}:"
                    " in_features is divided by its powers",
                    argument="div_value",
                )
            yield width, int(high - low)

    def output(self, input_: TensorType, target_: TensorType) -> tuple[TensorType, TensorType]:
        if target_.rank > 1 or input_.rank != target_.rank + 1:
            raise Refusal(
                "the input is (batch, in_features) and the target (batch,), or (in_features,) and"
                f" (); seen are {shape_text(input_.shape)} and {shape_text(target_.shape)}",
                code="shape-mismatch",
                argument="target_",
                other="input_",
            )
        if target_.dtype != "int64":
            raise Refusal(
                f"class indices are int64, not {target_.dtype}",
                code="dtype-mismatch",
                argument="target_",
            )
        for rows, targets in zip(input_.shape[:-1], target_.shape, strict=True):
            what = "there is a target for each row of the input"
            need_equal(targets, rows, what, argument="target_", other="input_")
        weight = self.state()["head.weight"].type
        if not is_floating_point(weight.dtype):
            raise Refusal(
                f"torch takes floating-point numbers here, not {weight.dtype}",
                code="dtype-mismatch",
                argument="dtype",
            )
        try:
            linear(input_, weight)
        except Refusal as refusal:
            raise refusal.renamed(input="input_") from None
        return input_.with_shape(target_.shape), input_.with_shape(())

    def state(self) -> Mapping[str, StateEntry]:
        head = self.cutoffs[0] + len(self.cutoffs)
        shapes: dict[str, tuple[int, ...]] = {"head.weight": (head, self.in_features)}
        if self.head_bias:
            shapes["head.bias"] = (head,)
        for place, (width, classes) in enumerate(self._clusters()):
            shapes[f"tail.{place}.0.weight"] = (width, self.in_features)
            shapes[f"tail.{place}.1.weight"] = (classes, width)
        dtype = self.dtype or DEFAULT
        return {
            name: StateEntry(TensorType.of(shape, dtype), owner="Linear")
            for name, shape in shapes.items()
        }
