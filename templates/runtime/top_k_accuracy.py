"""Metric: how often the right class is among the likeliest."""

from torch import Tensor


def top_k_accuracy(
    output: Tensor, target: Tensor, top_k: int, ignored: int = -100
) -> float:
    """Return how often one of the `top_k` highest outputs is the right class.

    Targets that are `ignored` do not count; without any others the answer is nan.

    Shape:
        output: (rows, classes, ...)
        target: (rows, ...) int64
    """
    highest = output.topk(top_k, dim=1).indices
    correct = (highest == target.unsqueeze(1)).any(dim=1)[target != ignored]
    return correct.double().mean().item()
