"""Sources that draw their rows at random.

Source: https://scikit-learn.org/stable/api/sklearn.datasets.html#sample-generators
"""

from __future__ import annotations

from typing import Annotated, Any

from ..kinds import Flag, Integer, Optional, Positive, Real, Repeated
from ..refusal import Refusal
from .base import Known

Natural = Annotated[int, Integer(0)]
Seed = Annotated[int, Integer(0, 2**32 - 1)]
NonNegative = Annotated[float, Real(minimum=0.0, finite=False)]
UnitNumber = Annotated[float, Real(0.0, 1.0)]
Finite = Annotated[float, Real()]


class MakeClassification(Known):
    """Clusters of normally distributed points, for each class some.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    n_features: Positive = 20
    n_informative: Positive = 2
    n_redundant: Natural = 2
    n_repeated: Natural = 0
    n_classes: Positive = 2
    n_clusters_per_class: Positive = 2
    weights: Annotated[tuple[float, ...] | None, Optional(Repeated(Real(), single=False))] = None
    flip_y: UnitNumber = 0.01
    class_sep: Annotated[float, Real(above=0.0)] = 1.0
    hypercube: Flag = True
    shift: Finite = 0.0
    scale: Annotated[float, Real(above=0.0)] = 1.0
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


class MakeRegression(Known):
    """A linear function of random features, with noise.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    n_features: Positive = 100
    n_informative: Natural = 10
    n_targets: Positive = 1
    bias: Finite = 0.0
    effective_rank: Annotated[int | None, Optional(Integer(1))] = None
    tail_strength: UnitNumber = 0.5
    noise: NonNegative = 0.0
    shuffle: Flag = True
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features

    def targets(self) -> int:
        return self.n_targets
