"""Metrics: what is measured of a model besides its loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from .record import Record

if TYPE_CHECKING:
    from .losses.base import Meaning


class Metric(Record):
    """A number that is measured over all rows of a part of the data.

    function: what computes it from the output and the target; the same in each of its modules.
    modules: the runtime module that holds the function, by what the output means.
    better: whether a high or a low value is good.
    """

    function: str
    modules: Mapping[Meaning, str]
    better: Literal["higher", "lower"]


METRICS: Final[Mapping[str, Metric]] = {
    metric.function: metric
    for metric in (
        Metric(
            "accuracy",
            {
                "probability": "probability_accuracy",
                "logit": "logit_accuracy",
                "class logits": "class_accuracy",
                "class log-probabilities": "class_accuracy",
                "class scores": "class_accuracy",
                "class features": "class_accuracy",
                "score": "sign_accuracy",
            },
            "higher",
        ),
        Metric("mae", {"value": "mean_absolute_error", "rate": "mean_absolute_error"}, "lower"),
        Metric(
            "rmse",
            {"value": "root_mean_squared_error", "rate": "root_mean_squared_error"},
            "lower",
        ),
    )
}
