"""How well numbers put what is a yes above what is a no."""

import torch
from torch import Tensor


def yes_above(score: Tensor, actual: Tensor) -> tuple[Tensor, Tensor]:
    """Return how many are a yes, and how many a no, from each score upwards.

    Shape:
        score, actual: (rows,)
        returns: (different scores,) float64, the highest first
    """
    score, order = score.sort(descending=True)
    actual = actual[order].double()
    # Only behind the last of equal scores is it settled what is above them.
    last = torch.ones_like(score, dtype=torch.bool)
    last[:-1] = score[:-1] != score[1:]
    return actual.cumsum(dim=0)[last], (1 - actual).cumsum(dim=0)[last]


def area_under_roc(score: Tensor, actual: Tensor) -> float:
    """Return how often a yes has the higher score than a no; 0 without one of them.

    Shape:
        score, actual: (rows,)
    """
    yes, no = yes_above(score.cpu().double(), actual.cpu())
    if len(yes) == 0 or yes[-1] == 0 or no[-1] == 0:
        return 0.0
    zero = torch.zeros(1, dtype=torch.float64)
    share = torch.trapezoid(torch.cat([zero, yes]), torch.cat([zero, no]))
    return (share / (yes[-1] * no[-1])).item()


def mean_precision(score: Tensor, actual: Tensor) -> float:
    """Return the mean precision over the yes ones, from the highest; nan without any.

    Shape:
        score, actual: (rows,)
    """
    yes, no = yes_above(score.cpu().double(), actual.cpu())
    if len(yes) == 0 or yes[-1] == 0:
        return float("nan")
    gained = torch.diff(yes, prepend=torch.zeros(1, dtype=torch.float64))
    return ((gained * yes / (yes + no)).sum() / yes[-1]).item()
