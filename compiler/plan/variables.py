"""Which variable of `forward` holds each value, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from ...spec.source import Path
from ...spec.tensor.type import PackedType
from ..elaborate.typed import Known, OptionalType, TypedNode
from ..resolve.bound import Bound, Gradient, Input, Key, Value, key, walk
from ..resolve.graph import BlockUse, Formula, Graph, ModuleUse, Node
from .class_plan import ClassPlan
from .steps import Step, passed_on

_CHAIN = ("x", "out", *(f"out{number}" for number in range(2, 1000)))
_PACKED = ("packed", *(f"packed{number}" for number in range(2, 1000)))


class Variables:
    """The variables of one `forward`.

    names: the variable that holds each value, in the order of their assignment.
    held: what each variable holds, at first; later it holds nothing of another Python type.
    aliases: entries without a value of their own, with the value that they pass on.
    fixed: variables of entries that have been chosen beforehand.
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
        for step in steps:
            self._find_alias(step)
        self.reads = Counter(
            self.resolved(node)
            for part in (*self._read_by_steps(0), *self._outputs())
            for node in values(part)
        )

    def _find_alias(self, step: Step) -> None:
        path = step.node.path
        if len(step.node.names) > 1:
            self.aliases[path] = Value(path, 0, (0, 0))
        for name in output_names(step.node, step.first)[:1]:
            self.aliases[f"{path}.{name}"] = Value(path, None, (0, 0))
        if step.is_absent and step.node.call is not None:
            passed = passed_on(step.node)
            if passed is not None:
                self.aliases[path] = passed
        elif step.is_opened and not step.enters:
            passed = passed_on(step.node)
            if passed is not None:
                self.aliases[f"{path}.input"] = passed
            if step.own_condition is None:
                self.aliases[path] = step.last

    def _read_by_steps(self, first: int) -> list[Bound]:
        return [part for step in self.steps[first:] for part in step.read()]

    def _outputs(self) -> list[Bound]:
        return [argument.bound for _, argument in self.plan.scope.outputs]

    def resolved(self, node: Input | Value) -> Key:
        """What holds the value that a node reads, through all that only passes it on."""
        while (held := key(node)) in self.aliases:
            node = self.aliases[held]
        return held

    def is_alive(self, variable: str, index: int) -> bool:
        """Whether what a variable holds is read after the step `index`."""
        if variable in self.plan.scope.sizes:
            return True
        latest = [held for held, name in self.names.items() if name == variable][-1:]
        later = [*self._read_by_steps(index + 1), *self._outputs()]
        return any(self.resolved(node) in latest for part in later for node in values(part))

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

    def choose(self, step: Step, index: int, value: Known) -> str:
        """`x` along a chain, `packed` for what is packed; a branch has its own name."""
        node = step.node
        if node.path in self.fixed:
            self.held.setdefault(self.fixed[node.path], value)
            return self.fixed[node.path]
        if isinstance(node.action, Formula) and node.names:
            return self.free(node.names[0], index, value)
        own = node.names[0] if node.names else step.name or ""
        own = "self_" if own == "self" else own
        is_branch = not self._in_chain(index) or (bool(node.names) and self._starts_anew(index))
        if is_branch and own and not own.isdigit() and not step.enters:
            return self.free(own, index, value)
        # Another name where x still holds a value that is read later, and where values are joined:
        # there `x` is what came in.
        inputs = {item.name for item in self.plan.scope.inputs} if self._has_branches else set()
        return self._first_free(_PACKED if _is_packed(value) else _CHAIN, index, value, inputs)

    def _starts_anew(self, index: int) -> bool:
        """Whether a step takes another value than that of the step before it."""
        if index == 0:
            return False
        before = self.steps[index - 1].node.path
        return before not in self._read_at(index)

    def _read_at(self, index: int) -> list[Key]:
        parts = self.steps[index].read()
        return [self.resolved(node) for part in parts for node in values(part)]

    @cached_property
    def _has_branches(self) -> bool:
        """Whether some value is read by more than the step after it."""
        count = len(self.steps)
        return any(
            not self._in_chain(index) for index in range(count) if self.steps[index].node.call
        )

    def _in_chain(self, index: int) -> bool:
        """Whether the next step, or the return, is the only reader of this step's value."""
        path = self.steps[index].node.path
        if self.reads[path] > 1 or self._is_one_of_several_outputs(path):
            return False
        for step in self.steps[index + 1 :]:
            if step.is_opened and not step.enters:
                continue
            found = [self.resolved(node) for part in step.read() for node in values(part)]
            return path in found or self.reads[path] == 0
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


def values(part: Bound) -> Iterator[Input | Value]:
    """The values that an expression reads."""
    return (node for node in walk(part) if isinstance(node, Input | Value))


def derived_by(steps: Sequence[Step]) -> Iterator[Input | Value]:
    """What the steps derive by."""
    for step in steps:
        for node in walk(step.read()):
            if isinstance(node, Gradient) and isinstance(node.by, Input | Value):
                yield node.by
