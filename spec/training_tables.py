"""What the sections of training say beside the arguments of the classes that their `type` names."""

from __future__ import annotations

from typing import Annotated, Any, Final

from .fields import Expressions, Factor, Formula, NameList, Text
from .kinds import Choice, Integer, Optional
from .model import Layers, Section
from .schema import Form


class LossKeys(Section):
    """A `[loss]` of any type.

    name: what reports and metrics call it.
    scale: what it is multiplied with before losses are added: a number, or an expression with
        epoch or step.
    inputs: what it compares, by the names of its arguments; left out, the output with the target.
    layers: entries that exist only in training, as those of a model.
    """

    name: Text | None = None
    scale: Factor = 1.0
    inputs: Expressions = {}
    layers: Layers = ()


class FormulaLoss(Section):
    """A loss that is an expression on outputs, inputs and the target.

    expr: what is minimised, a number.
    name: what reports and metrics call it.
    scale: what it is multiplied with before losses are added: a number, or an expression with
        epoch or step.
    layers: entries that exist only in training, as those of a model.
    """

    expr: Text
    name: Text | None = None
    scale: Factor = 1.0
    layers: Layers = ()


class OptimizerKeys(Section):
    """An `[optimizer]` of any type.

    match: patterns of the parameters that it trains, such as "*.bias"; left out, all others.
    loss: names of the losses that it steps on; left out, all.
    param_groups: parameters with settings of their own, each with its match.
    """

    match: NameList = ()
    loss: NameList = ()
    param_groups: Annotated[Any, Form({"type": "array"})] = ()


class GroupKeys(Section):
    """An entry of `param_groups`, beside the settings that differ.

    match: patterns of its parameters, such as "*.bias".
    """

    match: NameList


class SchedulerKeys(Section):
    """A `[scheduler]` of any type.

    until: the step or epoch at which the next scheduler takes over.
    every: whether it steps after each step or each epoch.
    monitor: the loss or metric that it follows.
    """

    until: Formula | None = None
    every: Annotated[str | None, Optional(Choice("step", "epoch"))] = None
    monitor: Text | None = None


PICTURES: Final = ("loss", "probabilities", "confusion_matrix", "predictions", "learning_rate")


class Picture(Section):
    """One of `plots`.

    type: what it shows.
    every: after how many epochs, or steps, it is drawn during training; left out, at the end alone.
    """

    type: Annotated[str, Choice(*PICTURES)]
    every: Annotated[int | None, Optional(Integer(1))] = None


class MetricKeys(Section):
    """One of `metrics`, whichever it is.

    name: what the log calls it; left out, its type.
    inputs: what it compares, as expressions for input and target; left out, the output with the
        target.
    """

    name: Text | None = None
    inputs: Expressions = {}
