"""Split rows so that those of one group stay together."""

from collections.abc import Sequence

import torch
from torch import Tensor


def group_split(groups: Tensor, fractions: Sequence[float], seed: int) -> list[Tensor]:
    """Return the row numbers of each part, ascending; every row is in one part.

    Whole groups are shared out, so that the parts may be a little larger or smaller.

    Args:
        groups: the number of each row's group, (rows,)
        fractions: the share of each part, adding up to 1
        seed: determines which groups go where
    """
    generator = torch.Generator().manual_seed(seed)
    sizes = groups.bincount()
    order = torch.randperm(len(sizes), generator=generator)
    # A group goes where the middle of its rows would be if they all stood in a line.
    middles = sizes[order].cumsum(0) - sizes[order] / 2
    ends = torch.tensor(fractions, dtype=torch.float64).cumsum(0)[:-1] * len(groups)
    part_of = torch.empty_like(order)
    part_of[order] = torch.bucketize(middles.double(), ends)
    rows = part_of[groups]
    return [(rows == part).nonzero().flatten() for part in range(len(fractions))]
