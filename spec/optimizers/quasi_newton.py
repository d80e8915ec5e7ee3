"""Steps that follow from the curvature of the loss.

Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
"""

from collections.abc import Sequence
from functools import reduce
from typing import Annotated, Any, ClassVar

from ..kinds import AnyNumber, Choice, Integer, Optional, Positive, Whole
from ..refusal import Refusal
from ..tensor.dim import Dim
from ..tensor.dtype import complex_to_real, itemsize, promote
from ..tensor.type import TensorType
from .base import NonNegative, Optimizer


class LBFGS(Optimizer):
    """Limited-memory BFGS: a step computes the loss up to `max_eval` times.

    `max_eval` left out is 1.25 times `max_iter`.
    """

    lr: NonNegative = 1
    max_iter: Whole = 20
    max_eval: Annotated[int | None, Optional(Integer())] = None
    tolerance_grad: AnyNumber = 1e-7
    tolerance_change: AnyNumber = 1e-9
    history_size: Positive = 100
    line_search_fn: Annotated[str | None, Optional(Choice("strong_wolfe"))] = None

    takes_sparse: ClassVar[bool] = True
    takes_groups: ClassVar[bool] = False
    takes_closure: ClassVar[bool] = True

    def model_post_init(self, _: Any) -> None:
        if self.line_search_fn is None:
            return
        if self.max_eval is not None and self.max_eval < 1:
            raise Refusal(
                f"a line search computes the loss at least once, max_eval is {self.max_eval}",
                argument="max_eval",
                other="line_search_fn",
            )
        if self.lr == 0:
            raise Refusal(
                "a line search starts at a step of lr, which must be above 0",
                argument="lr",
                other="line_search_fn",
            )

    def kept(self) -> tuple[int, int]:
        # A direction, the gradient before, and the history: steps and changes of the gradient.
        return 2 + 2 * self.history_size, 0

    def shared_bytes(self, parameters: Sequence[TensorType]) -> Dim:
        # All gradients make one vector; complex numbers are pairs of real ones in it.
        elements = [complex_to_real(one.dtype) for one in parameters]
        if not elements:
            return Dim.of(0)
        element = itemsize(reduce(promote, elements))
        tensors, _ = self.kept()
        total = Dim.of((1 + 2 * self.history_size) * element)
        for one, own in zip(parameters, elements, strict=True):
            total = total + tensors * (element // itemsize(own) - 1) * one.nbytes()
        return total
