"""Document -> TrainingSpec: the sections of training, read by the classes that they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ..spec import registry
from ..spec.data.section import DataSection
from ..spec.kinds import Real
from ..spec.names import refused_as_name, snake_case
from ..spec.record import Record
from ..spec.source import Path
from ..spec.training import Training
from .problems import Problems
from .read_table import read_table, unknown_name
from .training_spec import LossTerm, ParameterGroup

if TYPE_CHECKING:
    from ..spec.data.base import Source
    from ..spec.losses.base import Loss
    from ..spec.optimizers.base import Optimizer
    from ..spec.schedulers.base import Scheduler

Table = Mapping[str, Any]
SECTIONS = ("data", "loss", "optimizer", "scheduler", "training")
_REQUIRED = ("data", "loss", "optimizer", "training")


class Sections(Record):
    """The sections of training as read; what was wrong is None and has been reported."""

    source: Source | None
    data: DataSection | None
    losses: tuple[LossTerm | None, ...]
    optimizer: Optimizer | None
    groups: tuple[ParameterGroup | None, ...]
    scheduler: Scheduler | None
    training: Training | None


def read_sections(problems: Problems, output: str) -> Sections | None:
    """The sections of training, or None where there are none or one is missing.

    output: the name of the model's output, for losses that are formulas.
    """
    present = [name for name in SECTIONS if name in problems.document.value]
    if not present:
        return None
    missing = [name for name in _REQUIRED if name not in present]
    for name in missing:
        problems.error(
            "missing-section",
            f"[{name}] is missing: training needs {', '.join(_REQUIRED)}",
            (present[0],),
            part="key",
            help=f"add [{name}], or remove {' and '.join(present)} to build the model alone",
        )
    if missing:
        return None
    source, data = _read_data(problems)
    optimizer, groups = _read_optimizer(problems)
    training = read_table(
        Training, _table(problems, ("training",)), ("training",), problems, what="[training]"
    )
    return Sections(
        source,
        data,
        _read_losses(problems, output),
        optimizer,
        groups,
        _read_scheduler(problems) if "scheduler" in present else None,
        training,
    )


def _table(problems: Problems, path: Path) -> Table:
    value = problems.raw(path)
    return value if isinstance(value, dict) else {}


def _tables(problems: Problems, name: str) -> list[tuple[Path, Table]]:
    """The tables of a section that may be one or several, each with its place."""
    value = problems.raw((name,))
    if isinstance(value, list):
        return [((name, index), _table(problems, (name, index))) for index in range(len(value))]
    return [((name,), _table(problems, (name,)))]


def _single(problems: Problems, name: str) -> tuple[Path, Table]:
    """The one table of a section."""
    tables = _tables(problems, name)
    for path, _ in tables[1:]:
        problems.error("too-many", f"there may be one [{name}]", path)
    return tables[0] if tables else ((name,), {})


def _split(table: Table, own: type[BaseModel] | tuple[str, ...]) -> tuple[Table, Table]:
    """A table's own keys, and the rest: the arguments of what its `type` names."""
    names = {"type", *(own if isinstance(own, tuple) else own.model_fields)}
    mine = {key: value for key, value in table.items() if key in names and key != "type"}
    return mine, {key: value for key, value in table.items() if key not in names}


def _named(package: str, what: str, path: Path, problems: Problems) -> Any:
    """The class that a table's `type` names, one of those in `spec.<package>`."""
    name = _table(problems, path).get("type")
    # A source is a function, so its type is the class's name in snake_case.
    style = snake_case if package == "data" else str
    names = {style(known): known for known in registry.families(package)}
    if name is None:
        problems.error("missing-key", f"[{path[0]}] needs a type", path, help='add type = "…"')
    elif not isinstance(name, str):
        problems.error("wrong-type", "type must be a string", (*path, "type"))
    elif name not in names:
        unknown_name(name, names, what, (*path, "type"), problems)
    else:
        return registry.load(package, names[name])
    return None


def _read_data(problems: Problems) -> tuple[Source | None, DataSection | None]:
    path: Path = ("data",)
    own, arguments = _split(_table(problems, path), DataSection)
    data = read_table(DataSection, own, path, problems, what="[data]")
    found: type[Source] | None = _named("data", "a data source", path, problems)
    if found is None:
        return None, data
    what = f"[data] of type {found.type_name()}"
    keys = ("type", *DataSection.model_fields)
    return read_table(found, arguments, path, problems, what=what, other_keys=keys), data


def _read_losses(problems: Problems, output: str) -> tuple[LossTerm | None, ...]:
    terms = tuple(
        _read_loss(table, path, problems, output) for path, table in _tables(problems, "loss")
    )
    seen: dict[str, Path] = {}
    for term in terms:
        if term is not None and term.name in seen:
            problems.error(
                "duplicate-name",
                f"two losses are called {term.name}",
                term.path,
                labels=[(seen[term.name], None, "the other one")],
                help='give one a name: name = "…"',
            )
        elif term is not None:
            seen[term.name] = term.path
    return terms


def _read_loss(table: Table, path: Path, problems: Problems, output: str) -> LossTerm | None:
    own, arguments = _split(table, ("name", "scale", "expr"))
    scale = _scale(own.get("scale", 1.0), path, problems)
    if "expr" in own:
        return _formula_term(table, own, arguments, scale, path, problems, output)
    found: type[Loss] | None = _named("losses", "a loss", path, problems)
    if found is None:
        return None
    keys = ("type", "name", "scale")
    loss = read_table(found, arguments, path, problems, what=found.__name__, other_keys=keys)
    name = _name(own.get("name", snake_case(found.__name__.removesuffix("Loss"))), path, problems)
    if loss is None or name is None:
        return None
    return LossTerm(path, name, loss, None, scale)


def _formula_term(
    table: Table,
    own: Table,
    arguments: Table,
    scale: float,
    path: Path,
    problems: Problems,
    output: str,
) -> LossTerm | None:
    for key in [*(("type",) if "type" in table else ()), *arguments]:
        problems.error(
            "unknown-key", f"{key} is not a key of a loss with expr", (*path, key), part="key"
        )
    if not isinstance(own["expr"], str):
        problems.error("wrong-type", "expr must be a string", (*path, "expr"))
        return None
    name = _name(own.get("name", "formula"), path, problems)
    from .loss_formula import read_formula

    expression = read_formula(own["expr"], (*path, "expr"), (output, "target"), problems)
    if name is None or expression is None:
        return None
    return LossTerm(path, name, None, expression, scale)


def _name(value: object, path: Path, problems: Problems) -> str | None:
    refused = refused_as_name(value) if isinstance(value, str) else "a name is a string"
    if value in ("output", "target"):
        refused = "the loss calls what it compares so"
    if refused is None:
        return str(value)
    problems.error("invalid-name", f"{value} is no name: {refused}", (*path, "name"))
    return None


def _scale(value: object, path: Path, problems: Problems) -> float:
    try:
        return Real().read(value)
    except ValueError as error:
        problems.error("invalid-value", f"scale {error}", (*path, "scale"))
        return 1.0


def _read_optimizer(
    problems: Problems,
) -> tuple[Optimizer | None, tuple[ParameterGroup | None, ...]]:
    path, table = _single(problems, "optimizer")
    own, arguments = _split(table, ("param_groups",))
    found: type[Optimizer] | None = _named("optimizers", "an optimizer", path, problems)
    if found is None:
        return None, ()
    keys = ("type", "param_groups")
    what = found.__name__
    optimizer = read_table(found, arguments, path, problems, what=what, other_keys=keys)
    groups = own.get("param_groups", [])
    if not isinstance(groups, list):
        problems.error("wrong-type", "param_groups must be a list", (*path, "param_groups"))
        return optimizer, ()
    if optimizer is None:
        return None, ()
    places = [(*path, "param_groups", index) for index in range(len(groups))]
    return optimizer, tuple(_read_group(optimizer, place, problems) for place in places)


def _read_group(optimizer: Optimizer, path: Path, problems: Problems) -> ParameterGroup | None:
    own, settings = _split(_table(problems, path), ("match",))
    match = own.get("match")
    listed = match if isinstance(match, list) else [match]
    patterns = tuple(pattern for pattern in listed if isinstance(pattern, str))
    if not patterns or len(patterns) < len(listed):
        problems.error(
            "invalid-value",
            "a group needs match: a pattern for names of parameters, or a list of them",
            path,
            help='such as match = "*.bias"',
        )
        return None
    merged = {**optimizer.given(), **settings}
    made = read_table(
        type(optimizer),
        merged,
        path,
        problems,
        what=type(optimizer).__name__,
        other_keys=("match",),
    )
    if made is None:
        return None
    chosen = {name: value for name, value in made if name in settings}
    return ParameterGroup(patterns, chosen)


def _read_scheduler(problems: Problems) -> Scheduler | None:
    path, table = _single(problems, "scheduler")
    _, arguments = _split(table, ())
    found: type[Scheduler] | None = _named("schedulers", "a scheduler", path, problems)
    if found is None:
        return None
    return read_table(found, arguments, path, problems, what=found.__name__, other_keys=("type",))
