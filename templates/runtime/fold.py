"""One of the ways to learn from all folds but one."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def hold_out(folds: Sequence[Tensor], fold: int) -> tuple[Tensor, Tensor]:
    """Return the row numbers to learn from, ascending, and those of the fold held out.

    Args:
        folds: the row numbers of each fold
        fold: which one is held out, from 0

    Raises:
        ValueError: there is no such fold.
    """
    if not 0 <= fold < len(folds):
        raise ValueError(f"fold {fold} is none of 0 to {len(folds) - 1}")
    rest = [rows for number, rows in enumerate(folds) if number != fold]
    return torch.cat(rest).sort().values, folds[fold]


def mean_of(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of what was measured under each name."""
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
