"""How often a yes was said and right, for metrics of yes and no."""

from typing import NamedTuple

from torch import Tensor


class Counts(NamedTuple):
    """How many answers are right or wrong.

    Attributes:
        true_yes, false_yes: a yes that is right, or wrong
        true_no, false_no: a no that is right, or wrong
    """

    true_yes: int
    false_yes: int
    true_no: int
    false_no: int


def binary_counts(probability: Tensor, target: Tensor, threshold: float) -> Counts:
    """Return how often a probability above `threshold` agrees with the target.

    Shape:
        probability, target: (rows, ...); the target is 0 or 1
    """
    said, actual = probability > threshold, target == 1
    return Counts(
        int((said & actual).sum()),
        int((said & ~actual).sum()),
        int((~said & ~actual).sum()),
        int((~said & actual).sum()),
    )
