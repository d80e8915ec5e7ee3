"""Params of type module: what they stand for, and the entries whose type they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...spec import registry
from ...spec.expression.nodes import Constant
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ...spec.tensor.type import tensors
from ..resolve.bound import BROKEN
from ..resolve.graph import Argument, BlockUse, Graph, ModuleUse, ParamUse
from ..resolve.problems import Problems
from .describe import describe
from .evaluate import Evaluator, Unknown
from .read_argument import read_all, read_argument
from .typed import Known, ModuleValue


def module_value(
    use: ModuleUse | BlockUse, evaluator: Evaluator, problems: Problems
) -> ModuleValue:
    """What a module that is named stands for. Raises `Unknown` after reporting problems."""
    closed, values = _closed(use, evaluator, problems)
    name = use.block if isinstance(use, BlockUse) else use.layer.__name__
    return ModuleValue(name, tuple(values.items()), closed)


def _closed(
    use: ModuleUse | BlockUse, evaluator: Evaluator, problems: Problems
) -> tuple[ModuleUse | BlockUse, dict[str, Known]]:
    """The use with its arguments as plain values, and these."""
    values = read_all(use.arguments, evaluator, problems)
    arguments = {
        key: _constant(use.arguments[key].path, value, problems) for key, value in values.items()
    }
    return use.replace(arguments=arguments), values


def _constant(path: Path, value: Known, problems: Problems) -> Argument:
    if isinstance(value, tuple) and not any(tensors(value)):
        return Argument(path, tuple(_constant(path, item, problems) for item in value))
    if isinstance(value, ModuleValue):
        return Argument(path, value.use)
    plain = value.constant if isinstance(value, Dim) else value
    if isinstance(plain, bool | int | float | str | None):
        return Argument(path, Constant(plain, (0, 0)))
    problems.error(
        "not-constant",
        f"the arguments of a module must be known at build, this is {describe(value)}",
        path,
    )
    return Argument(path, BROKEN)


def merged(
    use: ParamUse, graph: Graph, evaluator: Evaluator, problems: Problems
) -> ModuleUse | BlockUse:
    """The module that an entry's param stands for, with the entry's arguments too.

    Raises `Unknown` after reporting problems.
    """
    value = read_argument(Argument(use.path, use.param), evaluator, problems)
    if not isinstance(value, ModuleValue):
        raise Unknown
    made = value.use
    if isinstance(made, BlockUse):
        params = graph.blocks[made.block].params
        known: Collection[str] = [param.name for param in params if not param.is_constant]
    else:
        known = made.layer.model_fields
    for name, argument in use.arguments.items():
        if name in made.arguments:
            said = f"{use.param.name} has its {name} already"
            labels = [(made.arguments[name].path, None, "given here")]
            problems.error("wrong-arguments", said, argument.path, labels=labels)
            raise Unknown
        if name not in known:
            _report_unknown(value.name, name, argument.path, known, problems)
            raise Unknown
    arguments = {**made.arguments, **use.arguments}
    if isinstance(made, BlockUse):
        _check_complete(made.block, arguments, graph, use.path, problems)
        return made.replace(arguments=arguments)
    return made.replace(arguments=arguments, path=use.path)


def _report_unknown(
    owner: str, name: str, path: Path, known: Collection[str], problems: Problems
) -> None:
    close = registry.closest(name, known)
    problems.error(
        "unknown-argument",
        f"{owner} has no argument {name}",
        path,
        part="key",
        help=f"did you mean {close}?" if close else f"it has {', '.join(known) or 'none'}",
        replacement=registry.slip(name, known),
    )


def _check_complete(
    block: str, given: Mapping[str, Argument], graph: Graph, path: Path, problems: Problems
) -> None:
    """Reports a param that a block requires and nothing gives; raises `Unknown` then."""
    for param in graph.blocks[block].params:
        if param.default is None and param.name not in given:
            labels = [(param.path, None, "required here")]
            problems.error("missing-argument", f"{block} needs {param.name}", path, labels=labels)
            raise Unknown
