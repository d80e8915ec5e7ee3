"""Metric: how many classes a row is torn between."""

from torch import Tensor
from torch.nn import functional as F


def perplexity(output: Tensor, target: Tensor, ignored: int = -100) -> float:
    """Return the exponential of the mean negative log-probability of the right class.

    Targets that are `ignored` do not count.

    Shape:
        output: (rows, classes, ...), logits or log-probabilities
        target: (rows, ...) int64
    """
    return F.cross_entropy(output, target, ignore_index=ignored).exp().item()
