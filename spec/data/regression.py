"""Random points with a quantity that follows from them.

Source: https://scikit-learn.org/stable/api/sklearn.datasets.html#sample-generators
"""

from typing import Annotated

from ..kinds import Flag, Integer, Number, Optional, Positive, Probability, Real, Size
from .base import Known, Seed


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
    noise: Annotated[float, Real(minimum=0.0, finite=False)] = 0.0
    shuffle: Flag = True
    random_state: Seed

    def rows(self) -> int:
        return self.n_samples

    def features(self) -> int:
        return self.n_features

    def targets(self) -> int:
        return self.n_targets
