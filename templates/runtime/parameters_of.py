"""What an optimizer trains, where several take turns."""

from torch import Tensor
from torch.optim import Optimizer


def parameters_of(optimizer: Optimizer) -> list[Tensor]:
    """Return the parameters that a step changes, without those that are frozen."""
    groups = [group["params"] for group in optimizer.param_groups]
    return [one for group in groups for one in group if one.requires_grad]
