"""What the mean of a loss of classes divides by."""

import torch
from torch import Tensor, nn


def mean_weight(
    loss_fn: nn.CrossEntropyLoss | nn.NLLLoss | nn.LinearCrossEntropyLoss,
    target: Tensor,
) -> Tensor:
    """Return the sum of the weights of the targets, without those to be ignored.

    Shape:
        target: (rows, ...) int64
        returns: ()
    """
    ignored = -100 if loss_fn.ignore_index is None else loss_fn.ignore_index
    classes = target[target != ignored]
    if loss_fn.weight is None:
        return torch.tensor(float(len(classes)), device=target.device)
    return loss_fn.weight[classes].sum()
