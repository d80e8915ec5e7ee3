"""Which variable of `forward` holds each value, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Final

from ...spec.source import Path
from ...spec.tensor.type import PackedType
from ..elaborate.typed import Known, OptionalType, TypedNode
from ..resolve.bound import Bound, Gradient, Input, Key, Value, each_time, key, values_in, walk
from ..resolve.graph import BlockUse, Formula, Graph, ModuleUse, Node, Recurrence
from .class_plan import ClassPlan
from .steps import Step, carried, outer_values, passed_on

CHAIN: Final = ("x", "out", *(f"out{number}" for number in range(2, 1000)))
_PACKED = ("packed", *(f"packed{number}" for number in range(2, 1000)))


class Variables:
    """The variables of one `forward`.

    names: the variable that holds each value, in the order of their assignment.
    held: what each variable holds, at first; later it holds nothing of another Python type.
    aliases: entries without a value of their own, with the value that they pass on.
    fixed: variables of entries that have been chosen beforehand.
    kept: what loops read of values made before them, by the places of the loops' ends.
    renews: what the next time of a loop takes, with what holds it in that time.
    reserved: what the loops around a step need beside values: their layers, indices and lists.
    """

    def __init__(self, plan: ClassPlan, steps: Sequence[Step]) -> None:
        self.plan = plan
        self.steps = steps
        self.names: dict[Key, str] = {item.name: item.name for item in plan.scope.inputs}
        inputs = plan.uses[0].inputs
        self.held: dict[str, Known] = {
            item.name: OptionalType(None, item.path) if item.optional else inputs.get(item.name)
            for item in plan.scope.inputs
        }
        self.aliases: dict[Key, Input | Value] = {}
        self.fixed: dict[Path, str] = {}
        self.reserved: set[str] = set()
        for step in steps:
            self._find_alias(step)
        self.kept = outer_values(steps, self._source)
        self.renews: dict[Key, Key] = {
            self.resolved(node): key(one.held)
            for step in steps
            if step.part == "ends"
            for one in carried(step.node)
            for node in values_in(one.renewed.bound)
        }
        self.reads = Counter(
            self.resolved(node)
            for part in (*self._read_by_steps(0), *self._outputs())
            for node in values_in(part)
        )

    def _find_alias(self, step: Step) -> None:
        path = step.node.path
        if step.node.repeat is None:
            self.aliases[key(each_time(path))] = Value(path, None, (0, 0))
        if len(step.node.names) > 1:
            self.aliases[path] = Value(path, 0, (0, 0))
        for name in output_names(step.node, step.first)[:1]:
            self.aliases[f"{path}.{name}"] = Value(path, None, (0, 0))
        if step.is_absent and step.node.call is not None:
            passed = passed_on(step.node)
            if passed is not None:
                self.aliases[path] = passed
        elif step.part == "ends" and isinstance(step.node.action, Recurrence):
            # The first output's name may be that of what is carried, which it then means.
            name, _ = step.node.action.outputs[0]
            if name not in step.node.action.carried_names:
                self.aliases[f"{path}.{name}"] = Value(path, None, (0, 0))
        elif step.has_no_code:
            passed = passed_on(step.node)
            if passed is not None:
                self.aliases[f"{path}.input"] = passed
            if step.own_condition is None:
                self.aliases[path] = step.last

    def _read_by_steps(self, first: int) -> list[Bound]:
        return [part for place in range(first, len(self.steps)) for part in self._read_by(place)]

    def _read_by(self, index: int) -> tuple[Bound, ...]:
        return (*self.steps[index].read(), *self.kept.get(index, ()))

    def _outputs(self) -> list[Bound]:
        return [argument.bound for _, argument in self.plan.scope.outputs]

    def resolved(self, node: Input | Value) -> Key:
        """What holds the value that a node reads, through all that only passes it on."""
        return key(self._source(node))

    def _source(self, node: Input | Value) -> Input | Value:
        while (held := key(node)) in self.aliases:
            node = self.aliases[held]
        return node

    def is_alive(self, variable: str, index: int) -> bool:
        """Whether what a variable holds is read after the step `index`."""
        if variable in self.plan.scope.sizes or variable in self.reserved:
            return True
        latest = [held for held, name in self.names.items() if name == variable][-1:]
        later = [*self._read_by_steps(index + 1), *self._outputs()]
        return any(self.resolved(node) in latest for part in later for node in values_in(part))

    def free(self, wish: str, index: int, value: Known, taken: Collection[str] = ()) -> str:
        """A variable like `wish` for a value, whose own is not read after the step `index`.

        taken: what the same assignment fills.
        """
        wishes = (wish, *(f"{wish}_{number}" for number in range(2, 1000)))
        return self._first_free(wishes, index, value, taken)

    def _first_free(
        self, wishes: Sequence[str], index: int, value: Known, taken: Collection[str]
    ) -> str:
        found = next(
            name
            for name in wishes
            if name not in taken
            and not self.is_alive(name, index)
            and (name not in self.held or _kind(self.held[name]) == _kind(value))
        )
        self.held.setdefault(found, value)
        return found

    def renewed(self, held: Key, index: int) -> str | None:
        """The variable for what the next time of a loop takes, if it may be changed by then."""
        variable = self.names.get(self.renews.get(held, ""))
        return variable if variable and not self.is_alive(variable, index) else None

    def choose(self, step: Step, index: int, value: Known, begin: int | None = None) -> str:
        """`x` along a chain, `packed` for what is packed; a branch has its own name.

        begin: where the loop begins that ends at `index`; the variable is free from there on.
        """
        node = step.node
        if node.path in self.fixed:
            self.held.setdefault(self.fixed[node.path], value)
            return self.fixed[node.path]
        is_branch = not self._in_chain(index) or (bool(node.names) and self._starts_anew(index))
        index = index if begin is None else begin
        renewed = self.renewed(node.path, index)
        if renewed is not None:
            return renewed
        if isinstance(node.action, Formula) and node.names:
            return self.free(node.names[0], index, value)
        own = node.names[0] if node.names else step.name or ""
        own = "self_" if own == "self" else own
        if is_branch and own.isidentifier() and step.part != "enters":
            return self.free(own, index, value)
        # Another name where x still holds a value that is read later, and where values are joined:
        # there `x` is what came in.
        inputs = {item.name for item in self.plan.scope.inputs} if self._has_branches else set()
        return self._first_free(_PACKED if _is_packed(value) else CHAIN, index, value, inputs)

    def _starts_anew(self, index: int) -> bool:
        """Whether a step takes another value than that of the step before it."""
        before = [step.node for step in self.steps[:index] if _has_value(step)]
        return bool(before) and before[-1].path not in self._read_at(index)

    def _read_at(self, index: int) -> list[Key]:
        return [self.resolved(node) for part in self._read_by(index) for node in values_in(part)]

    @cached_property
    def _has_branches(self) -> bool:
        """Whether some value is read by more than the step after it."""
        count = len(self.steps)
        return any(
            not self._in_chain(index)
            for index in range(count)
            if self.steps[index].node.call and self.steps[index].part != "begins"
        )

    def _in_chain(self, index: int) -> bool:
        """Whether the next step, or the return, is the only reader of this step's value."""
        path = self.steps[index].node.path
        if self.reads[path] > 1 or self._is_one_of_several_outputs(path):
            return False
        for place in range(index + 1, len(self.steps)):
            step = self.steps[place]
            if step.part == "ends" and isinstance(step.node.action, Recurrence):
                # What is stacked has a name of its own.
                return False
            if not step.has_no_code:
                return path in self._read_at(place) or self.reads[path] == 0
        return True

    def _is_one_of_several_outputs(self, path: Path) -> bool:
        outputs = self._outputs()
        return len(outputs) > 1 and any(
            isinstance(value, Value) and self.resolved(value) == path for value in outputs
        )


def _kind(value: Known) -> str:
    """Which type a variable of such values has."""
    return (
        "packed"
        if _is_packed(value)
        else "optional"
        if isinstance(value, OptionalType)
        else "tensor"
    )


def _has_value(step: Step) -> bool:
    """Whether a step computes something, and is not only declared for calling later."""
    return step.node.call is not None or isinstance(step.node.action, Formula)


def _is_packed(value: Known) -> bool:
    return isinstance(value, PackedType)


def input_names(node: Node, graph: Graph) -> tuple[str, ...]:
    """The names of forward's arguments; those with a `?` may be left out."""
    if isinstance(node.action, ModuleUse):
        return node.action.layer.inputs_by_place()
    if not isinstance(node.action, BlockUse):
        return ()
    inputs = graph.blocks[node.action.block].inputs
    return tuple(f"{item.name}?" if item.optional else item.name for item in inputs)


def output_names(node: Node, typed: TypedNode) -> tuple[str, ...]:
    """The names of what a layer or block gives; none for other entries."""
    if typed.times:
        typed = typed.times[0]
    if typed.scope is not None:
        return tuple(name for name, _ in typed.scope.outputs)
    if isinstance(node.action, ModuleUse):
        return node.action.layer.forward_outputs[: len(typed.outputs)]
    return ()


def derived_by(steps: Sequence[Step]) -> Iterator[Input | Value]:
    """What the steps derive by."""
    for step in steps:
        for node in walk(step.read()):
            if isinstance(node, Gradient) and isinstance(node.by, Input | Value):
                yield node.by
