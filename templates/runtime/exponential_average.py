"""An average of a model's weights in which those of the newest step count most."""

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def exponential_average(
    model: nn.Module, decay: float, *, use_buffers: bool = False
) -> AveragedModel:
    """Return the average, which is the model as it is so far.

    Args:
        decay: what each step leaves of the average before it
        use_buffers: whether buffers, such as running statistics, are averaged, too
    """
    renew = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    return AveragedModel(model, multi_avg_fn=renew, use_buffers=use_buffers)
