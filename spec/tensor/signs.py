"""Where an integer polynomial of one variable is negative, exactly.

A polynomial is given by its forward differences at zero: its value at u is the sum of
`differences[j] * C(u, j)`, and its own difference drops the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import comb

Run = tuple[int, int | None]  # from the first to the last, inclusive; None is without end


def negative_runs(values: Sequence[int]) -> list[Run]:
    """The runs of u >= 0 on which the polynomial through `values` at 0, 1, 2, … is negative.

    values: one more than the degree, at least.
    """
    differences = _differences(values)
    changes = _sign_changes(differences)
    starts = [0, *changes]
    ends: list[int | None] = [change - 1 for change in changes]
    ends.append(None)
    return [
        (start, end)
        for start, end in zip(starts, ends, strict=True)
        if _value(differences, start) < 0
    ]


def _differences(values: Sequence[int]) -> list[int]:
    row = list(values)
    found = []
    while row:
        found.append(row[0])
        row = [after - before for before, after in pairwise(row)]
    while found and found[-1] == 0:
        found.pop()
    return found


def _value(differences: Sequence[int], u: int) -> int:
    return sum(difference * comb(u, j) for j, difference in enumerate(differences))


def _sign_changes(differences: Sequence[int]) -> list[int]:
    """All u >= 1 at which the value turns negative or ceases to be, ascending."""
    if len(differences) < 2:
        return []
    # Between changes of its difference's sign a polynomial is monotone.
    ends = [0, *_sign_changes(differences[1:])]
    finally_negative = differences[-1] < 0
    far = ends[-1] + 1
    while (_value(differences, far) < 0) != finally_negative:
        far *= 2
    ends.append(far)
    return [
        _change_between(differences, low, high)
        for low, high in pairwise(ends)
        if (_value(differences, low) < 0) != (_value(differences, high) < 0)
    ]


def _change_between(differences: Sequence[int], low: int, high: int) -> int:
    """The first u with the sign of `high`, on a monotone piece."""
    negative = _value(differences, high) < 0
    while high - low > 1:
        middle = (low + high) // 2
        if (_value(differences, middle) < 0) == negative:
            high = middle
        else:
            low = middle
    return high
