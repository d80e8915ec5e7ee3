"""Split rows at random."""

from collections.abc import Sequence

import torch
from torch import Tensor


def random_split(rows: int, fractions: Sequence[float], seed: int) -> list[Tensor]:
    """Return the row numbers of each part, ascending; every row is in one part.

    Args:
        rows: how many rows there are
        fractions: the share of each part, adding up to 1
        seed: determines which rows go where
    """
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(rows, generator=generator)
    ends = [round(rows * sum(fractions[: i + 1])) for i in range(len(fractions) - 1)]
    return [part.sort().values for part in torch.tensor_split(order, ends)]
