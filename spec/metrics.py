"""Metrics: what is measured of a model besides its loss, one class each.

Names and arguments are torchmetrics', and so are the values, but for `accuracy`: of classes, too,
it is the share of right rows.
Source: https://lightning.ai/docs/torchmetrics/stable/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

from .arguments import Arguments
from .kinds import Choice, Integer, Real
from .names import snake_case

if TYPE_CHECKING:
    from .losses.base import Meaning

Threshold = Annotated[float, Real(above=0.0, below=1.0)]
_YES_OR_NO: Final[tuple[Meaning, ...]] = ("probability", "logit")
_LOGITS: Final[tuple[Meaning, ...]] = ("class logits", "class features")
_LIKELY: Final[tuple[Meaning, ...]] = (*_LOGITS, "class log-probabilities")
_CLASSES: Final[tuple[Meaning, ...]] = (*_LIKELY, "class scores")
_QUANTITIES: Final[tuple[Meaning, ...]] = ("value", "rate")


def _modules(of: Mapping[Iterable[Meaning], str]) -> Mapping[str, str]:
    return {meaning: module for meanings, module in of.items() for meaning in meanings}


class Metric(Arguments):
    """A number that is measured over all rows of a part of the data.

    Its class's name in snake_case is what a spec calls it, and the function that computes it.
    modules: the runtime module that has the function, by what the output means.
    better: whether a high or a low value is good.
    combined: how its values of batches give that of all rows; "whole" where they do not.
    of_classes, of_yes: the arguments that only one class among several has, or only yes and no.
    takes_probability: whether it wants probabilities of classes rather than logits.
    """

    modules: ClassVar[Mapping[str, str]]
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    combined: ClassVar[Literal["mean", "root", "exponential", "whole"]] = "whole"
    of_classes: ClassVar[frozenset[str]] = frozenset({"average", "top_k"})
    of_yes: ClassVar[frozenset[str]] = frozenset({"threshold"})
    takes_probability: ClassVar[bool] = False

    @classmethod
    def type_name(cls) -> str:
        """What a spec calls it."""
        return snake_case(cls.__name__)

    def function(self, meaning: Meaning) -> tuple[str, str]:
        """The runtime module, and the function in it, that compute it."""
        return self.modules[meaning], self.type_name()

    def needs(self) -> tuple[str, ...]:
        """Further runtime modules that its own one imports."""
        return ()

    def read(self, meaning: Meaning) -> str:
        """What it takes of the output: "output", "output.sigmoid()" or "output.softmax(dim=1)"."""
        if meaning == "logit":
            return "output.sigmoid()"
        if self.takes_probability and meaning in _LOGITS:
            return "output.softmax(dim=1)"
        return "output"


class Accuracy(Metric):
    """The share of right answers; with `top_k`, of those among whose likeliest is the right one."""

    combined = "mean"
    modules = _modules(
        {
            ("probability",): "probability_accuracy",
            ("logit",): "logit_accuracy",
            _CLASSES: "class_accuracy",
            ("score",): "sign_accuracy",
        }
    )
    threshold: Threshold = 0.5
    top_k: Annotated[int, Integer(1)] = 1

    def function(self, meaning: Meaning) -> tuple[str, str]:
        if "threshold" in self.given():
            return "threshold_accuracy", "threshold_accuracy"
        if "top_k" in self.given():
            return "top_k_accuracy", "top_k_accuracy"
        return super().function(meaning)

    def read(self, meaning: Meaning) -> str:
        return super().read(meaning) if "threshold" in self.given() else "output"


class _Counted(Metric):
    """What follows from how many answers are right and wrong."""

    threshold: Threshold = 0.5

    def needs(self) -> tuple[str, ...]:
        return ("binary_counts", "class_counts")


class _Averaged(_Counted):
    """What follows from them for each class."""

    average: Annotated[str, Choice("micro", "macro", "weighted")] = "macro"


class Precision(_Averaged):
    """How many of those called a yes, or a class, are one."""

    modules = _modules({_YES_OR_NO: "binary_precision", _CLASSES: "class_precision"})


class Recall(_Averaged):
    """How many of those that are a yes, or of a class, are called so."""

    modules = _modules({_YES_OR_NO: "binary_recall", _CLASSES: "class_recall"})


class Specificity(_Averaged):
    """How many of those that are not a yes, or not of a class, are not called so."""

    modules = _modules({_YES_OR_NO: "binary_specificity", _CLASSES: "class_specificity"})


class F1(_Averaged):
    """The harmonic mean of precision and recall."""

    modules = _modules({_YES_OR_NO: "binary_f1", _CLASSES: "class_f1"})


class MatthewsCorrcoef(_Counted):
    """How what is said correlates with what is: 1 for always right, 0 for chance."""

    modules = _modules(
        {_YES_OR_NO: "binary_matthews_corrcoef", _CLASSES: "class_matthews_corrcoef"}
    )


class _Ranked(Metric):
    """What follows from the order of the rows by probability."""

    takes_probability = True
    average: Annotated[str, Choice("macro", "weighted")] = "macro"

    def needs(self) -> tuple[str, ...]:
        return ("ranks",)


class Auroc(_Ranked):
    """The area under the receiver operating characteristic."""

    modules = _modules({_YES_OR_NO: "binary_auroc", _LIKELY: "class_auroc"})


class AveragePrecision(_Ranked):
    """The area under the curve of precision over recall."""

    modules = _modules({_YES_OR_NO: "binary_average_precision", _LIKELY: "class_average_precision"})


class Perplexity(Metric):
    """The exponential of the mean negative log-probability of the right class."""

    better = "lower"
    combined = "exponential"
    modules = _modules({_LIKELY: "perplexity"})


class Mae(Metric):
    """The mean absolute error."""

    better = "lower"
    combined = "mean"
    modules = _modules({_QUANTITIES: "mean_absolute_error"})


class Mse(Metric):
    """The mean squared error."""

    better = "lower"
    combined = "mean"
    modules = _modules({_QUANTITIES: "mean_squared_error"})


class Rmse(Metric):
    """The root of the mean squared error."""

    better = "lower"
    combined = "root"
    modules = _modules({_QUANTITIES: "root_mean_squared_error"})


class R2(Metric):
    """How much of the spread of the target is explained: 1 for all of it."""

    modules = _modules({_QUANTITIES: "coefficient_of_determination"})


_ALL: Final[tuple[type[Metric], ...]] = (
    *(Accuracy, Precision, Recall, Specificity, F1, MatthewsCorrcoef),
    *(Auroc, AveragePrecision, Perplexity, Mae, Mse, Rmse, R2),
)
METRICS: Final[Mapping[str, type[Metric]]] = {metric.type_name(): metric for metric in _ALL}
