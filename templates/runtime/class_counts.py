"""How often each class was said and right, for metrics of one class among several."""

from typing import NamedTuple

import torch
from torch import Tensor


class Counts(NamedTuple):
    """For each class, how many rows.

    Attributes:
        right: are of it, and called so
        said: are called so
        actual: are of it

    Shape:
        each: (classes,) float64
    """

    right: Tensor
    said: Tensor
    actual: Tensor


def class_counts(output: Tensor, target: Tensor, ignored: int = -100) -> Counts:
    """Return how often the class with the highest output is the right one.

    Targets that are `ignored` do not count.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    kept = target != ignored
    said, actual = output.argmax(dim=1)[kept], target[kept]
    found = [
        torch.bincount(classes, minlength=output.shape[1]).cpu().double()
        for classes in (actual[said == actual], said, actual)
    ]
    return Counts(*found)


def averaged(above: Tensor, below: Tensor, counts: Counts, average: str) -> float:
    """Return the mean over the classes of `above / below`, 0 where `below` is.

    Args:
        average: "macro" counts each class that there is, or that is said, alike;
            "weighted" by its rows; "micro" adds up rows before dividing
    """
    if average == "micro":
        return (above.sum() / below.sum().clamp(min=1)).item()
    score = above / below.clamp(min=1)
    weight = counts.actual
    if average == "macro":
        weight = ((counts.said + counts.actual) > 0).double()
    return ((score * weight).sum() / weight.sum().clamp(min=1)).item()
