"""Losses of distributions: how likely the target is by what the output says.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import Annotated, Any, ClassVar

from ..kinds import AnyNumber, Choice, Flag
from ..ops.base import Function
from ..ops.loss_likelihood import gaussian_nll_loss, kl_div, poisson_nll_loss
from ..refusal import Refusal
from ..tensor.type import TensorType
from .base import Loss, Meaning, Reduction, Targets


class KLDivLoss(Loss):
    """Kullback-Leibler divergence of log-probabilities from a distribution. Shape: (*), (*) -> ().

    A mean is over all numbers; "batchmean" is the divergence of mathematics.
    """

    reduction: Annotated[str, Choice("none", "mean", "sum", "batchmean")] = "mean"
    log_target: Flag = False

    example: ClassVar[str] = (
        '{ type = "KLDivLoss", inputs = ["log_softmax(output, dim=1)", "target"] }'
    )
    function: ClassVar[Function[TensorType]] = kl_div

    @property
    def meaning(self) -> Meaning:
        return "log-probabilities"

    def targets(self, output: TensorType) -> Targets:
        if self.log_target:
            return Targets("the logarithm of a probability, at most 0", high=0)
        return Targets("a probability, from 0 to 1", low=0, high=1)


class PoissonNLLLoss(Loss):
    """Negative log-likelihood of counts, of their rate or its logarithm. Shape: (*), (*) -> ()."""

    log_input: Flag = True
    full: Flag = False
    eps: AnyNumber = 1e-08
    reduction: Reduction = "mean"

    forward_inputs: ClassVar[tuple[str, ...]] = ("log_input", "target")
    example: ClassVar[str] = '{ type = "PoissonNLLLoss", inputs = ["output", "target"] }'
    function: ClassVar[Function[TensorType]] = poisson_nll_loss

    @property
    def meaning(self) -> Meaning:
        return "log rate" if self.log_input else "rate"

    def targets(self, output: TensorType) -> Targets:
        return Targets("a count, at least 0", low=0)

    def output(self, *inputs: Any, **by_name: Any) -> TensorType:
        try:
            return super().output(*inputs, **by_name)
        except Refusal as refusal:
            raise refusal.renamed(input="log_input") from None


class GaussianNLLLoss(Loss):
    """Negative log-likelihood of a mean and a variance.

    Shape: (N, *), (N, *), (N, *) or with 1 in one dimension -> ().
    """

    full: Flag = False
    eps: AnyNumber = 1e-06
    reduction: Reduction = "mean"

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "target", "var")
    example: ClassVar[str] = (
        '{ type = "GaussianNLLLoss", inputs = ["output", "target", "exp(log_variance)"] }'
    )
    function: ClassVar[Function[TensorType]] = gaussian_nll_loss
