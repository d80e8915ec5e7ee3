"""What the value of each step of `forward` is assigned to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeVar

from ...spec.record import Record
from ...spec.tensor.type import PackedType
from ..elaborate.typed import Known, OptionalType
from ..emit import code
from ..emit.names_read import names_read
from ..resolve.bound import Key
from ..resolve.graph import Formula, ModuleUse
from .steps import Step
from .variables import CHAIN, Variables, output_names

Target = code.Name | code.Tuple
T = TypeVar("T")
UNREAD: Final = code.Name("_")


class Renewed(Record):
    """What a loop assigns each time, of which the first so many go in again."""

    targets: tuple[Target, ...]
    count: int


class Targets:
    """Chooses variables; notes in `names` which value each of them holds.

    alike: how many steps have values that are called by an output's name.
    """

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.names = variables.names
        self.alike = Counter(
            output_names(step.node, step.first)[place]
            for step in variables.steps
            for place in self.read(step)
            if place or self._has_own_name(step)
        )

    def assigned(self, step: Step, index: int) -> Target:
        """What a step's value is assigned to; its several values are unpacked."""
        node = step.node
        if len(node.names) > 1:
            chosen: list[str] = []
            for place, (name, value) in enumerate(zip(node.names, step.outputs, strict=True)):
                held = f"{node.path}[{place}]"
                chosen.append(self._wished(held, name, index, value, chosen))
            for place, name in enumerate(chosen):
                self.names[f"{node.path}[{place}]"] = name
            return code.Tuple(tuple(map(code.Name, chosen)))
        if len(step.outputs) == 1 or isinstance(node.action, Formula):
            return self._first(step, index)
        read = self.read(step)
        if not read:
            return UNREAD
        first = self._first(step, index) if 0 in read else UNREAD
        others = self._others(step, index, read, first)
        return code.Tuple(_unpacked(step, [first, *others]))

    def renewed(
        self, step: Step, index: int, given: Sequence[tuple[str | None, code.Expression]]
    ) -> Renewed:
        """What a repeat's loop assigns; its first values go in again."""
        places = _returned(step, range(len(step.outputs)))
        again = places[: len(given)]
        needed = {*self.read(step), *(place for part in again for place in _flat(part))}
        first = None
        if step.node.path not in self.variables.fixed:
            first = self._renewed_in_place(index, given, 0)
            if len(given) > 1 and first is not None and first.id not in CHAIN:
                # What a name says is true of the first time alone.
                first = None
        first = first or self._first(step, index - 1)
        self.names[step.node.path] = first.id
        in_place = {
            place: held
            for place in range(1, len(again))
            if (held := self._renewed_in_place(index, given, place)) is not None
        }
        others = self._others(step, index - 1, needed, first, in_place)
        return Renewed(_unpacked(step, [first, *others]), len(again))

    def staying(
        self,
        step: Step,
        index: int,
        given: Sequence[tuple[str | None, code.Expression]],
        wishes: Sequence[str],
        renewed: Renewed,
    ) -> tuple[list[code.Assign], list[tuple[str | None, code.Expression]]]:
        """A loop's further inputs, which stay, and what is computed for them before it.

        wishes: the names of all inputs.
        """
        statements: list[code.Assign] = []
        inputs: list[tuple[str | None, code.Expression]] = []
        taken = {name for target in renewed.targets for name in variables_in(target)}
        for place, (name, value) in list(enumerate(given))[renewed.count :]:
            held = value
            if not isinstance(value, code.Name | code.Constant):
                type = step.typed[0].inputs[place]
                held = code.Name(self.variables.free(name or wishes[place], index - 1, type, taken))
                taken.add(held.id)
                statements.append(code.Assign(held, value))
            inputs.append((name, held))
        return statements, inputs

    def _renewed_in_place(
        self, index: int, given: Sequence[tuple[str | None, code.Expression]], place: int
    ) -> code.Name | None:
        """The variable that goes in, if it is not read again."""
        values = [value for _, value in given]
        held = values.pop(place)
        # The loop's other inputs are read in it again and again: they must stay.
        if not isinstance(held, code.Name) or "." in held.id or held.id in names_read((*values,)):
            return None
        return None if self.variables.is_alive(held.id, index) else held

    def read(self, step: Step) -> list[int]:
        """Which of a module's or block's values are read."""
        names = output_names(step.node, step.first)
        keys: list[Key] = [step.node.path, *(f"{step.node.path}.{name}" for name in names[1:])]
        return [place for place, key in enumerate(keys) if self.variables.reads[key]]

    def _has_own_name(self, step: Step) -> bool:
        """Whether the first of several values is called as torch calls it: `h_1, c_1`."""
        names = output_names(step.node, step.first)
        return len(self.read(step)) > 1 and names[0] != "output" and step.node.repeat is None

    def _first(self, step: Step, index: int) -> code.Name:
        if self._has_own_name(step) and step.node.path not in self.variables.fixed:
            renewed = self.variables.renewed(step.node.path, index)
            name = renewed or self._clear(step, 0, index)
        else:
            name = self.variables.choose(step, index, step.outputs[0])
        self.names[step.node.path] = name
        return code.Name(name)

    def _others(
        self,
        step: Step,
        index: int,
        needed: Collection[int],
        first: code.Name,
        in_place: Mapping[int, code.Name] = MappingProxyType({}),
    ) -> list[code.Name]:
        """Variables for all values but the first; `_` for those not needed.

        in_place: those that are known already.
        """
        found = [first]
        for place, output in enumerate(output_names(step.node, step.first)[1:], start=1):
            if place not in needed:
                found.append(UNREAD)
                continue
            held = in_place.get(place)
            taken = {one.id for one in found}
            name = held.id if held is not None else self._clear(step, place, index, taken)
            self.names[f"{step.node.path}.{output}"] = name
            found.append(code.Name(name))
        return found[1:]

    def _clear(self, step: Step, place: int, index: int, taken: Collection[str] = ()) -> str:
        """A variable for an output; with the layer's name where another step has such an output."""
        owner, output = step.name or "", output_names(step.node, step.first)[place]
        is_clear = self.alike[output] == 1 or not owner.isidentifier()
        wish = output if is_clear else f"{owner}_{output}"
        held = f"{step.node.path}.{output}"
        return self._wished(held, wish, index, step.outputs[place], taken)

    def _wished(
        self, held: Key, wish: str, index: int, value: Known, taken: Collection[str]
    ) -> str:
        """The variable that the next time of a loop takes the value from, else one like `wish`."""
        renewed = self.variables.renewed(held, index)
        if renewed is not None and renewed not in taken:
            return renewed
        return self.variables.free(wish, index, value, taken)


def _returned(step: Step, items: Sequence[T]) -> tuple[T | tuple[T, ...], ...]:
    """What stands for a step's values, as its layer returns them."""
    action = step.node.action
    return action.layer.returned(items) if isinstance(action, ModuleUse) else tuple(items)


def _flat(item: T | tuple[T, ...]) -> tuple[T, ...]:
    return item if isinstance(item, tuple) else (item,)


def _unpacked(step: Step, names: Sequence[code.Name]) -> tuple[Target, ...]:
    """Variables as targets; a group that is not read at all is one `_`."""
    found: list[Target] = []
    for part in _returned(step, names):
        if isinstance(part, tuple):
            found.append(UNREAD if set(part) == {UNREAD} else code.Tuple(part))
        else:
            found.append(part)
    return tuple(found)


def variables_in(target: object) -> tuple[str, ...]:
    """The variables that an assignment fills, in order."""
    if isinstance(target, code.Tuple):
        return tuple(name for item in target.items for name in variables_in(item))
    return (target.id,) if isinstance(target, code.Name) and target != UNREAD else ()


def paired(target: Target, value: code.Expression) -> Iterator[tuple[Target, code.Expression]]:
    """A value with what it is assigned to; the items of a group one by one, where they are told."""
    if isinstance(target, code.Tuple) and isinstance(value, code.Tuple):
        yield from zip(target.items, value.items, strict=True)
    else:
        yield target, value


def annotation(value: Known) -> code.Expression:
    """The type of what a module gives: a tensor, a packed sequence, or some of them."""
    if isinstance(value, OptionalType):
        return code.BinOp(annotation(value.type), "|", code.Constant(None))
    if isinstance(value, PackedType):
        return code.Name("PackedSequence")
    if not isinstance(value, tuple):
        return code.Name("Tensor")
    items = code.Tuple(tuple(map(annotation, value)))
    return code.Subscript(code.Name("tuple"), items)
