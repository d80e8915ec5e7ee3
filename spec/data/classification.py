"""Random points of several classes.

Source: https://scikit-learn.org/stable/api/sklearn.datasets.html#sample-generators
"""

from typing import Annotated, Any

from ..kinds import Flag, Number, Optional, Positive, Probability, Real, Repeated, Size
from ..refusal import Refusal
from .base import Known, Seed

AboveZero = Annotated[float, Real(above=0.0)]


class MakeClassification(Known):
    """Clusters of normally distributed points, for each class some.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    n_features: Positive = 20
    n_informative: Positive = 2
    n_redundant: Size = 2
    n_repeated: Size = 0
    n_classes: Positive = 2
    n_clusters_per_class: Positive = 2
    weights: Annotated[tuple[float, ...] | None, Optional(Repeated(Real(), single=False))] = None
    flip_y: Probability = 0.01
    class_sep: AboveZero = 1.0
    hypercube: Flag = True
    shift: Number = 0.0
    scale: AboveZero = 1.0
    shuffle: Flag = True
    random_state: Seed

    def model_post_init(self, _: Any) -> None:
        if self.n_informative + self.n_redundant + self.n_repeated > self.n_features:
            raise Refusal(
                f"n_informative + n_redundant + n_repeated"
                f" ({self.n_informative} + {self.n_redundant} + {self.n_repeated})"
                f" must not exceed n_features, {self.n_features}",
                argument="n_features",
                other="n_informative",
            )
        if self.n_classes * self.n_clusters_per_class > 2**self.n_informative:
            raise Refusal(
                f"n_classes * n_clusters_per_class ({self.n_classes} *"
                f" {self.n_clusters_per_class}) must not exceed 2 ** n_informative,"
                f" {2**self.n_informative}",
                argument="n_informative",
                other="n_classes",
            )
        if self.weights is not None and self.n_classes - len(self.weights) not in (0, 1):
            raise Refusal(
                "weights must have a number for each class, or for each but the last",
                argument="weights",
                other="n_classes",
            )

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features

    def classes(self) -> int:
        return self.n_classes
