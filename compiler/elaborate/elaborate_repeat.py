"""Types a repeat: each time in turn, as long as one differs from the time before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...spec.model import MAX_LAYERS
from ...spec.tensor.dim import Dim
from ..resolve.graph import Argument, Node
from ..resolve.problems import Problems
from .describe import describe
from .evaluate import Evaluator, Unknown
from .formulas import formula_text
from .read_argument import read_argument
from .repeats import changing, left_behind, need_to_go_on, numbered, reads_index, with_names
from .typed import Known, TypedNode, held, returned

if TYPE_CHECKING:
    from .elaborate_scope import ScopeElaborator


def count_of(repeat: Argument, evaluator: Evaluator, problems: Problems) -> int:
    """How many times there are. Raises `Unknown` after reporting what is no such number."""
    count = read_argument(repeat, evaluator, problems)
    whole = count.constant if isinstance(count, Dim) else count
    if isinstance(whole, int) and not isinstance(whole, bool) and 1 <= whole <= MAX_LAYERS:
        return whole
    varies = isinstance(count, Dim) and count.constant is None
    limits = "known at build" if varies else f"from 1 to {MAX_LAYERS:,}"
    said = f"repeat needs a whole number {limits}, this is {describe(count)}"
    problems.error("not-constant" if varies else "invalid-value", said, repeat.path)
    raise Unknown


def elaborate_repeat(
    scope: ScopeElaborator, node: Node, inputs: tuple[Known, ...], number: str | None
) -> TypedNode:
    """A repeat with its times. Raises `Unknown` after reporting problems."""
    assert node.repeat is not None
    owner, environment = scope.owner, scope.environment
    whole = count_of(node.repeat, scope.evaluator, scope.problems)
    named = _names(scope, node, whole) if node.template else ()
    places = owner.running.get(node.path, frozenset())
    times: list[TypedNode] = []
    outer, first = environment.index, inputs
    for index in range(whole):
        environment.index = numbered(node.path, index)
        inputs = with_names(node.path, inputs, first, places)
        times.append(_time(scope, node, inputs, number, index))
        outputs = returned(times[-1])[: len(inputs)]
        # A fixed point that doesn't read `index` stands for all further times.
        if outputs == inputs[: len(outputs)] and not reads_index(node):
            break
        if index + 1 < whole:
            need_to_go_on(times[-1], inputs, outputs, scope.problems)
            inputs = outputs + inputs[len(outputs) :]
    environment.index = outer
    if node.shared:
        _check_shared(node, times, scope.problems)
    else:
        owner.changing.setdefault(node.path, set()).update(changing(times))
    count = formula_text(node.repeat, outer) or str(whole)
    outputs = left_behind(times[-1], inputs, places, count)
    made = TypedNode(node, first, outputs, number=number, times=tuple(times), count=whole)
    return made.replace(named=named)


def _time(
    scope: ScopeElaborator, node: Node, inputs: tuple[Known, ...], number: str | None, index: int
) -> TypedNode:
    if index == 0:
        return scope.once(node, inputs, number)
    said = f"time {index + 1} of this repeat takes {describe(inputs[0])}" if inputs else ""
    with scope.problems.around((*node.path, "repeat"), said or f"time {index + 1}"):
        return scope.once(node, inputs, number)


def _check_shared(node: Node, times: list[TypedNode], problems: Problems) -> None:
    """Reports times that can't have the same layers. Raises `Unknown` then."""
    if all(held(time) == held(times[0]) for time in times[1:]):
        return
    problems.error(
        "shape-mismatch",
        "the times of this repeat share their layers, which would need different sizes",
        (*node.path, "shared"),
        part="key",
    )
    raise Unknown


def _names(scope: ScopeElaborator, node: Node, count: int) -> tuple[str, ...]:
    # Imported where a spec has such names: most have none.
    from .time_names import time_names

    is_child = len(node.path) > len(scope.scope.path) + 2
    return time_names(node, count, is_child, scope.evaluator, scope.problems)
