"""Split rows in the order that they have."""

from collections.abc import Sequence

import torch
from torch import Tensor


def in_order(rows: int, fractions: Sequence[float]) -> list[Tensor]:
    """Return the row numbers of each part: the first rows are the first part's.

    Args:
        fractions: the share of each part, adding up to 1
    """
    ends = [round(rows * sum(fractions[: i + 1])) for i in range(len(fractions) - 1)]
    return list(torch.tensor_split(torch.arange(rows), ends))
