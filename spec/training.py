"""`[training]`: how long, in what steps, watched how."""

import re
from typing import Annotated, Any, Final, Literal

from .data.base import RelativePath
from .fields import Anything, Many, NameList, Text
from .kinds import Boolean, Choice, Integer, JsonSchema, Kind, Optional, Real, describe
from .model import Section, defined
from .schema import Form

_DEVICE: Final = "(cpu|cuda|mps|xpu)(:[0-9]+)?"
_DURATION: Final = "(?=.*[1-9])" + " *".join(f"(?:([0-9]{{1,9}}){unit})?" for unit in "dhms")

_METRICS: Final[JsonSchema] = {"type": "array", "items": defined("metric")}
_PICTURES: Final[JsonSchema] = {"type": "array", "items": defined("picture")}

Seed = Annotated[int | None, Optional(Integer(0, 2**63 - 1))]


class BatchSize(Kind):
    """How many rows make a step."""

    expects = 'a whole number of at least 1, or "all"'
    strings = frozenset({"all"})

    def json_schema(self) -> JsonSchema:
        return {"anyOf": [Integer(1).json_schema(), {"const": "all"}]}

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
        if isinstance(value, str) and re.fullmatch(_DEVICE, value):
            return value
        return super().read(value)  # type: ignore[no-any-return]

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{_DEVICE}$"}


class Duration(Kind):
    """How long something may take, in seconds."""

    expects = 'seconds above 0, or a time such as "90m" or "1h 30m" (d, h, m, s)'

    def read(self, value: object) -> float:
        written = re.fullmatch(_DURATION, value) if isinstance(value, str) else None
        if written:
            parts = zip(written.groups("0"), (86_400, 3_600, 60, 1), strict=True)
            value = sum(int(number) * seconds for number, seconds in parts)
        try:
            return Real(above=0.0).read(value)
        except ValueError:
            return super().read(value)  # type: ignore[no-any-return]

    def json_schema(self) -> JsonSchema:
        text = {"type": "string", "pattern": f"^{_DURATION}$"}
        return {"anyOf": [Real(above=0.0).json_schema(), text]}


class Renamed(Kind):
    """New names for those that globs match, each * for what it stands for in the old one."""

    expects = "a table of new names by old ones, each with as many * as the old one"

    def read(self, value: object) -> dict[str, str]:
        if not isinstance(value, dict):
            raise self.refused(value)
        if not value:
            raise ValueError("must change some name")
        for old, new in value.items():
            if not isinstance(new, str) or not old or not new:
                raise ValueError("must give each name another one, both in quotes")
            if set("?[]") & set(old + new):
                raise ValueError("must have no other sign than * for what may differ")
            if old.count("*") != new.count("*"):
                raise ValueError(
                    f"must keep each *: {describe(old)} and {describe(new)} differ in how many"
                )
        return value

    def json_schema(self) -> JsonSchema:
        names = {"type": "string", "pattern": r"^[^?\[\]]+$"}
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": names,
            "additionalProperties": names,
        }


class Start(Section):
    """A file whose weights training starts from.

    path: a .safetensors file, or one of torch's, which is read with weights_only.
    match: patterns of what is taken from it, by its names in the model; left out, everything.
    rename: names in the model by those in the file, as globs: { "module.*" = "*" }.
    strict: whether all of that must be in the file, and in the model.
    """

    path: Annotated[str, RelativePath()]
    match: NameList = ()
    rename: Annotated[dict[str, str] | None, Optional(Renamed())] = None
    strict: Annotated[bool, Boolean()] = True


class Freeze(Section):
    """Parameters that do not learn.

    match: patterns of the parameters, such as "backbone.*".
    eval: whether modules of which all parameters match are in eval mode meanwhile.
    until: how many epochs that lasts, or steps where training counts these; left out, to the end.
    """

    match: NameList
    eval: Annotated[bool, Boolean()] = False
    until: Annotated[int | None, Optional(Integer(1))] = None


class EarlyStopping(Section):
    """Stops when `monitor` has not improved for `patience` epochs; the best epoch's weights stay.

    monitor: a loss or metric of the validation rows, such as "validation_loss".
    """

    monitor: Text
    patience: Annotated[int, Integer(1)]


class CheckpointSettings(Section):
    """When training keeps all that it needs to go on.

    every: how many epochs lie between checkpoints, or how many steps where training counts these.
    keep: how many are kept. best: what says that one is to be kept beside them, as the best.
    """

    every: Annotated[int, Integer(1)]
    keep: Annotated[int, Integer(2)] = 2
    best: Text | None = None


class LogSettings(Section):
    """How training is logged.

    every: how many steps make a row, where training counts steps.
    to: where its rows go beside the file log.jsonl.
    """

    every: Annotated[int | None, Optional(Integer(1))] = None
    to: Many[Annotated[str, Choice("tensorboard", "wandb", "mlflow")]] = ()


class Ema(Section):
    """An exponential moving average of the weights: it is measured, kept and returned.

    decay: what each step leaves of the average before it.
    """

    decay: Annotated[float, Real(0.0, below=1.0)]


class Swa(Section):
    """Stochastic weight averaging: the mean of the weights after each epoch from `start` on.

    start: the first epoch of the mean; where training counts steps, the first step.
    swa_lr: what the learning rate goes to from then on, within so many epochs, along which curve.
    """

    start: Annotated[int, Integer(1)]
    swa_lr: Annotated[float | None, Optional(Real(0.0))] = None
    anneal_epochs: Annotated[int, Integer(1)] = 10
    anneal_strategy: Annotated[str, Choice("cos", "linear")] = "cos"


class Training(Section):
    """`[training]`: how long, in what steps, watched how.

    epochs: how often all training rows are visited.
    batch_size: how many rows make a step, or "all".
    seed: where chance begins; left out, anew each time.
    device: where torch computes.
    clip_grad_norm: the most that the norm of all gradients may be.
    early_stopping: when training ends before its last epoch.
    metrics: what is measured besides the loss.
    plots: the pictures that are drawn of training.
    distributed: how several processes share a batch, which torchrun starts.
    start: files whose weights training starts from.
    freeze: parameters that do not learn, or not from the first step on.
    """

    epochs: Annotated[int | None, Optional(Integer(1))] = None
    steps: Annotated[int | None, Optional(Integer(1))] = None
    batch_size: Annotated[int | Literal["all"], BatchSize()]
    seed: Seed = None
    device: Annotated[str, DeviceName()] = "cpu"
    precision: Annotated[str | None, Optional(Choice("bf16-mixed", "fp16-mixed"))] = None
    compile: Annotated[bool, Boolean()] = False
    channels_last: Annotated[bool, Boolean()] = False
    accumulate: Annotated[int, Integer(1)] = 1
    clip_grad_norm: Annotated[float | None, Optional(Real(above=0.0))] = None
    clip_grad_value: Annotated[float | None, Optional(Real(above=0.0))] = None
    on_nan: Annotated[str | None, Optional(Choice("raise", "skip"))] = None
    ema: Ema | None = None
    swa: Swa | None = None
    deterministic: Annotated[bool, Boolean()] = False
    time_limit: Annotated[float | None, Optional(Duration())] = None
    early_stopping: EarlyStopping | None = None
    checkpoint: CheckpointSettings | None = None
    metrics: Annotated[tuple[Any, ...], Anything, Form(_METRICS)] = ()
    plots: Annotated[tuple[Any, ...], Anything, Form(_PICTURES)] = ()
    log: LogSettings | None = None
    distributed: Annotated[str | None, Optional(Choice("ddp", "fsdp"))] = None
    start: Many[Start] = ()
    freeze: Many[Freeze] = ()

    @property
    def log_every(self) -> int:
        """How many steps make a row of the log, where training counts steps."""
        assert self.steps is not None
        every = self.log.every if self.log is not None else None
        return every or max(1, self.steps // 20)

    @property
    def log_to(self) -> tuple[str, ...]:
        """Where the rows of the log go beside the file."""
        return self.log.to if self.log is not None else ()
