"""`[training]`: how long, in what steps, watched how."""

import re
from typing import Annotated, Literal

from .fields import Many, Text
from .kinds import Choice, Integer, Kind, Optional, Real
from .model import Section

Seed = Annotated[int | None, Optional(Integer(0, 2**63 - 1))]


class BatchSize(Kind):
    """How many rows make a step."""

    expects = 'a whole number of at least 1, or "all"'
    strings = frozenset({"all"})

    def read(self, value: object) -> int | Literal["all"]:
        if value == "all":
            return "all"
        try:
            return Integer(1).read(value)
        except ValueError:
            return super().read(value)  # type: ignore[no-any-return]


class DeviceName(Kind):
    """Where torch computes."""

    expects = 'a device, such as "cpu", "cuda", "cuda:1" or "mps"'

    def read(self, value: object) -> str:
        if isinstance(value, str) and re.fullmatch(r"(cpu|cuda|mps|xpu)(:[0-9]+)?", value):
            return value
        return super().read(value)  # type: ignore[no-any-return]


class EarlyStopping(Section):
    """Stops when `monitor` has not improved for `patience` epochs; the best epoch's weights stay.

    monitor: a loss or metric of the validation rows, such as "validation_loss".
    """

    monitor: Text
    patience: Annotated[int, Integer(1)]


class Training(Section):
    """`[training]`."""

    epochs: Annotated[int, Integer(1)]
    batch_size: Annotated[int | Literal["all"], BatchSize()]
    seed: Seed = None
    device: Annotated[str, DeviceName()] = "cpu"
    clip_grad_norm: Annotated[float | None, Optional(Real(above=0.0))] = None
    early_stopping: EarlyStopping | None = None
    metrics: Many[Text] = ()
    plots: Many[Annotated[str, Choice("loss", "probabilities")]] = ()
