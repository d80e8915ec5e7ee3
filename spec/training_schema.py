"""The JSON Schemas of the sections of training, made of the classes that read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from . import registry
from .arguments import Arguments
from .data.base import Source
from .data.images import Images
from .data.keys import DataKeys
from .json_schema import Branch, by_type, of_type, properties, required, summary, table
from .kinds import JsonSchema, Kind
from .losses.base import Loss
from .metrics import METRICS
from .model import defined
from .names import snake_case
from .optimizers.base import Optimizer
from .plot import Plot
from .preparations.base import Augmentation, Preparation
from .schedulers.base import Scheduler, function_variable
from .training import Training
from .training_tables import (
    PICTURES,
    FormulaLoss,
    GroupKeys,
    LossKeys,
    MetricKeys,
    OptimizerKeys,
    Picture,
    SchedulerKeys,
)

A = TypeVar("A", bound=Arguments)

_STRING: Final[JsonSchema] = {"type": "string"}
_NONE: Final[JsonSchema] = {"const": False}


def training_sections() -> dict[str, JsonSchema]:
    """The forms of the sections, by the names that others refer to."""
    return {
        "data": by_type(_sources()),
        **{f"data_{key}": said for key, said in properties(DataKeys).items()},
        "preparation": _steps(Preparation),
        "augmentation": _steps(Augmentation),
        "loss": by_type(map(_loss, _classes("losses", Loss)), table(FormulaLoss)),
        "optimizer": by_type(map(_optimizer, _classes("optimizers", Optimizer))),
        "scheduler": by_type(map(_scheduler, _classes("schedulers", Scheduler))),
        "metric": _metric(),
        "picture": {"anyOf": [{"enum": list(PICTURES)}, table(Picture)]},
        "training": table(Training),
        "plot": table(Plot),
    }


def _classes(package: str, base: type[A]) -> Iterator[type[A]]:
    for name in sorted(registry.families(package)):
        found = registry.load(package, name)
        if isinstance(found, type) and issubclass(found, base):
            yield found


def _loss(loss: type[Loss]) -> Branch:
    own = properties(LossKeys)
    taken = dict.fromkeys((name.rstrip("?") for name in loss.forward_inputs), _STRING)
    inputs = {**own["inputs"], "properties": taken, "additionalProperties": False}
    known = {**properties(loss), **own, "inputs": inputs}
    needs = required(loss, left_out=loss.inferred())
    return Branch(loss.__name__, summary(loss), known, needs)


def _optimizer(optimizer: type[Optimizer]) -> Branch:
    arguments, own = properties(optimizer), properties(OptimizerKeys)
    if optimizer.takes_groups:
        settings = {key: one for key, one in arguments.items() if key not in optimizer.shared}
        group = table(GroupKeys)
        group["properties"] = {**group["properties"], **settings}
        own["param_groups"] = {**own["param_groups"], "items": group}
    return Branch(optimizer.__name__, summary(optimizer), {**arguments, **own}, required(optimizer))


def _scheduler(scheduler: type[Scheduler]) -> Branch:
    """Its numbers may be expressions on the length of training; its functions are expressions."""
    own = properties(SchedulerKeys)
    if not scheduler.takes_measure:
        del own["monitor"]
    functions = {
        name: of_type(field.annotation, field.metadata)
        for name, field in scheduler.model_fields.items()
        if any(isinstance(m, Kind) and function_variable(m) is not None for m in field.metadata)
    }
    arguments = {**properties(scheduler, formulas=True), **functions}
    needs = (*required(scheduler), *(["monitor"] if scheduler.takes_measure else []))
    return Branch(scheduler.__name__, summary(scheduler), {**arguments, **own}, needs)


def _sources() -> Iterator[Branch]:
    own = {key: defined(f"data_{key}") for key in DataKeys.model_fields}
    for source in _classes("data", Source):
        yield _source(source, own)
    said = "A function in a file beside the spec: ./data.py:function"
    pattern = r"^\.\.?/|\.py:"
    yield Branch({**_STRING, "pattern": pattern}, said, own)


def _source(source: type[Source], own: dict[str, JsonSchema]) -> Branch:
    known, needs, rule = {**properties(source), **own}, required(source), {}
    if source.by_input is not None:
        known["target"] = {"anyOf": [source.by_input, _NONE]}
    if issubclass(source, Images):
        known["target"] = _NONE
    if "path" in needs:
        # Where the parts have files of their own, `split` names them.
        needs = tuple(key for key in needs if key != "path")
        rule = {"anyOf": [{"required": ["path"]}, {"required": ["split"]}]}
    more = source.by_input if source.by_input is not None else False
    return Branch(source.type_name(), summary(source), known, needs, more=more, rule=rule)


def _steps(base: type[Preparation] | type[Augmentation]) -> JsonSchema:
    """A step of `prepare` or `augment`: a name, or a table with its arguments."""
    known: list[type[Preparation | Augmentation]] = [*_classes("preparations", base)]
    branches = [
        Branch(snake_case(step.__name__), summary(step), properties(step), required(step))
        for step in known
    ]
    bare = [snake_case(step.__name__) for step in known if not required(step)]
    return by_type(branches, {"enum": bare})


def _metric() -> JsonSchema:
    """One of `metrics`: a name, or a table with its arguments."""
    own = properties(MetricKeys)
    branches = [
        Branch(name, summary(metric), {**properties(metric), **own}, required(metric))
        for name, metric in METRICS.items()
    ]
    return by_type(branches, {"enum": list(METRICS)})
