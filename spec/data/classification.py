"""Random points of several classes.

Source: https://scikit-learn.org/stable/api/sklearn.datasets.html#sample-generators
"""

from typing import Annotated, Any

from ..kinds import (
    Flag,
    Integer,
    Number,
    Optional,
    Positive,
    Probability,
    Real,
    Repeated,
    Size,
)
from ..refusal import Refusal
from .base import Known, Seed

AboveZero = Annotated[float, Real(above=0.0)]
Spread = Annotated[float, Real(minimum=0.0)]
OptionalSpread = Annotated[float | None, Optional(Real(minimum=0.0))]


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


class MakeBlobs(Known):
    """Round clusters of normally distributed points, one for each class.

    `centers` left out are 3. `random_state` is required: without it every call would draw other
    rows.
    """

    n_samples: Positive = 100
    n_features: Positive = 2
    centers: Annotated[int | None, Optional(Integer(1))] = None
    cluster_std: Spread = 1.0
    center_box: Annotated[tuple[float, float], Repeated(Real(), 2, single=False)] = (-10.0, 10.0)
    shuffle: Flag = True
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features

    def classes(self) -> int:
        return self.centers or 3


class MakeMoons(Known):
    """Two half circles, each with an end between those of the other.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    shuffle: Flag = True
    noise: OptionalSpread = None
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return 2

    def classes(self) -> int:
        return 2


class MakeCircles(Known):
    """A circle (0) around another one (1), `factor` times as large.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    shuffle: Flag = True
    noise: OptionalSpread = None
    random_state: Seed
    factor: Annotated[float, Real(minimum=0.0, below=1.0)] = 0.8

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return 2

    def classes(self) -> int:
        return 2


class MakeGaussianQuantiles(Known):
    """Normally distributed points, whose classes are shells around their mean.

    `random_state` is required: without it every call would draw other rows.
    """

    mean: Annotated[tuple[float, ...] | None, Optional(Repeated(Real(), single=False))] = None
    cov: Spread = 1.0
    n_samples: Positive = 100
    n_features: Positive = 2
    n_classes: Positive = 3
    shuffle: Flag = True
    random_state: Seed

    def model_post_init(self, _: Any) -> None:
        if self.mean is not None and len(self.mean) != self.n_features:
            raise Refusal(
                f"mean has {len(self.mean)} numbers, n_features is {self.n_features}",
                argument="mean",
                other="n_features",
            )
        if self.n_samples < self.n_classes:
            raise Refusal(
                f"n_samples must be at least n_classes, {self.n_classes}",
                argument="n_samples",
                other="n_classes",
            )

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features

    def classes(self) -> int:
        return self.n_classes
