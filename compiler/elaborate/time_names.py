"""The names that a template gives the times of a repeat, and that they are free."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ...spec.names import DICT_METHODS, refused_as_name, shown
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ..resolve.graph import Argument, Formula, Node
from ..resolve.problems import Problems
from .describe import describe
from .evaluate import Evaluator, Unknown
from .read_argument import read_argument
from .repeats import numbered
from .typed import TypedNode


def time_names(
    node: Node, count: int, is_child: bool, evaluator: Evaluator, problems: Problems
) -> tuple[str, ...]:
    """A name for each time; none after reporting one that can't be.

    is_child: whether they are children of a container.
    """
    environment = evaluator.environment
    outer = environment.index
    names: dict[str, int] = {}
    for index in range(count):
        environment.index = numbered(node.path, index)
        try:
            name = "".join(_part(part, evaluator, problems) for part in node.template)
        except Unknown:
            names = {}
            break
        reason = _refused(name, is_child)
        if name in names:
            reason = f"time {names[name] + 1} has it already"
        if reason:
            said = f"time {index + 1} can't be called {shown(name)}: {reason}"
            problems.error("bad-name", said, (*node.path, "name"))
            names = {}
            break
        names[name] = index
    environment.index = outer
    return tuple(names)


def _refused(name: str, is_child: bool) -> str | None:
    if is_child and name in DICT_METHODS:
        return "it is a method of nn.ModuleDict"
    if not is_child:
        return refused_as_name(name)
    # It is a key in there, not an attribute: checkpoints have "block1-0", too.
    return None if name.isdigit() else refused_as_name(name.replace("-", "_"))


def _part(part: str | Argument, evaluator: Evaluator, problems: Problems) -> str:
    if isinstance(part, str):
        return part
    value = read_argument(part, evaluator, problems)
    whole = value.constant if isinstance(value, Dim) else value
    if isinstance(whole, int) and not isinstance(whole, bool):
        return str(whole)
    said = f"a template holds whole numbers, this is {describe(value)}"
    problems.error("wrong-type", said, part.path)
    raise Unknown


def check_free(typed: Sequence[TypedNode], params: Collection[str], problems: Problems) -> None:
    """Reports names of times that another entry of the scope has, or a param."""
    if not any(one.named for one in typed):
        return
    held: dict[str, Path] = {}
    for one in typed:
        if one.named or one.absent or isinstance(one.node.action, Formula):
            continue
        count = one.count if one.number and not one.node.shared else 1
        first = int(one.number) if one.number else None
        for name in [one.name] if first is None else [str(first + i) for i in range(count)]:
            held |= {} if name is None else {name: one.node.path}
    for one in typed:
        for name in one.named:
            if name in held or name in params:
                labels = [(held[name], None, "called so too")] if name in held else []
                said = f"{name} is the name of {'another entry' if labels else 'a param'} already"
                place = (*one.node.path, "name")
                problems.error("name-clash", said, place, labels=labels)
                break
        held |= dict.fromkeys(one.named, one.node.path)
