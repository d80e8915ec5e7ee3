"""Random points with a quantity that follows from them.

Source: https://scikit-learn.org/stable/api/sklearn.datasets.html#sample-generators
"""

from typing import Annotated

from ..kinds import Flag, Integer, Number, Optional, Positive, Probability, Real, Size
from .base import Known, Seed

Noise = Annotated[float, Real(minimum=0.0)]


class MakeRegression(Known):
    """A linear function of random features, with noise.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    n_features: Positive = 100
    n_informative: Size = 10
    n_targets: Positive = 1
    bias: Number = 0.0
    effective_rank: Annotated[int | None, Optional(Integer(1))] = None
    tail_strength: Probability = 0.5
    noise: Noise = 0.0
    shuffle: Flag = True
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features

    def targets(self) -> int:
        return self.n_targets


class MakeFriedman1(Known):
    """A sine, a parabola and a plane over five features; any others tell nothing.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    n_features: Annotated[int, Integer(5)] = 10
    noise: Noise = 0.0
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features


class MakeFriedman2(Known):
    """The impedance of an electric circuit, by four of its quantities.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    noise: Noise = 0.0
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return 4


class MakeFriedman3(Known):
    """The phase angle of an electric circuit, by four of its quantities.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    noise: Noise = 0.0
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return 4


class MakeSCurve(Known):
    """Points of a sheet in space that is bent to an S, and where on it they lie.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    noise: Noise = 0.0
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return 3


class MakeSwissRoll(Known):
    """Points of a sheet in space that is rolled up, and where on it they lie.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    noise: Noise = 0.0
    random_state: Seed
    hole: Flag = False

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return 3


class MakeSparseUncorrelated(Known):
    """A linear function of the first four features; any others tell nothing.

    `random_state` is required: without it every call would draw other rows.
    """

    n_samples: Positive = 100
    n_features: Annotated[int, Integer(4)] = 10
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features
