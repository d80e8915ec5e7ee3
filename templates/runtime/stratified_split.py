"""Split rows so that every part has the same mixture of classes."""

from collections.abc import Sequence

import torch
from torch import Tensor


def stratified_split(
    target: Tensor, fractions: Sequence[float], seed: int
) -> list[Tensor]:
    """Return the row numbers of each part, ascending; every row is in one part.

    Args:
        target: the class of each row, (rows,)
        fractions: the share of each part, adding up to 1
        seed: determines which rows go where
    """
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randperm(len(target), generator=generator)
    rows = rows[target[rows].argsort(stable=True)]  # by class, within it at random
    parts = []
    left = 1.0
    for fraction in fractions[:-1]:
        # Taking rows at even distances takes the same share of each class.
        positions = torch.arange(len(rows) + 1, dtype=torch.float64)
        taken = (positions * fraction / left).round().diff() > 0
        parts.append(rows[taken])
        rows = rows[~taken]
        left -= fraction
    return [part.sort().values for part in [*parts, rows]]
