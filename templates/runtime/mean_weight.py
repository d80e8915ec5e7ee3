"""What the mean of a loss of classes divides by."""

import torch
from torch import Tensor, nn


def mean_weight(loss_fn: nn.CrossEntropyLoss | nn.NLLLoss, target: Tensor) -> Tensor:
    """Return the sum of the weights of the targets, without those to be ignored.

    Shape:
        target: (rows, ...) int64
        returns: ()
    """
    classes = target[target != loss_fn.ignore_index]
    if loss_fn.weight is None:
        return torch.tensor(float(len(classes)), device=target.device)
    return loss_fn.weight[classes].sum()
