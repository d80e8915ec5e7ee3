"""The TypedGraph: every number known, every type known, every entry in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import EllipsisType, MappingProxyType
from typing import TYPE_CHECKING

from ...spec.layers.base import Layer, StateEntry
from ...spec.record import Record, field
from ...spec.source import Path
from ...spec.tensor.check import Need
from ...spec.tensor.dim import Dim, Symbol
from ...spec.tensor.facts import Facts
from ...spec.tensor.type import PackedType, TensorType
from ..resolve.graph import BlockUse, Formula, InitRule, ModuleUse, Node, Recurrence, Scope

if TYPE_CHECKING:
    from ...spec.parametrizations import Parametrization


class ModuleValue(Record):
    """A module that a param of type module stands for.

    name: of the layer or block. arguments: the values that it is given.
    use: likewise, with nothing left in it that only the place knows where it is written.
    """

    name: str
    arguments: tuple[tuple[str, Known], ...]
    use: ModuleUse | BlockUse = field(compare=False)


class OptionalType(Record):
    """What may be None when the model runs: a tensor's type, or several.

    source: where it says so. training: whether it is there in training, and only then.
    """

    type: Known
    source: Path = field(compare=False)
    training: bool = False


Known = (
    TensorType
    | PackedType
    | OptionalType
    | Dim
    | bool
    | int
    | float
    | str
    | EllipsisType
    | slice
    | tuple["Known", ...]
    | ModuleValue
    | None
)
"""What an expression gives: a tensor's type, a size, or a plain value; a param may be a module."""


def where_given(value: Known) -> Known:
    """What a value is where it is there."""
    return value.type if isinstance(value, OptionalType) else value


def there(output: TensorType | OptionalType) -> TensorType:
    """The type of an output where it is there."""
    value = where_given(output)
    assert isinstance(value, TensorType)
    return value


def of_training(outputs: tuple[Known, ...], source: Path) -> tuple[Known, ...]:
    """What is given in training only."""
    return tuple(v if v is None else OptionalType(where_given(v), source, True) for v in outputs)


class TypedNode(Record):
    """An entry as it stands at one place of the model.

    inputs: what it is called with, in forward's order.
    outputs: what it gives; one, or several by the order of the layer's or block's outputs.
    layer, scope, children: the module, the block's body, or a container's entries.
    parametrized: what computes tensors of the module, by their names.
    tensor: a Parameter or Buffer of the model's own.
    number: its name in the container that numbers it, if one does.
    times: a repeat's times; one stands for all where they are alike (`count` times).
    named: what its times are called, where each has a name of its own.
    flops: floating-point operations of calling it, where it is a module or an expression.
    absent: its `when` is false.
    length: how many times a recurrence runs; its index is `index`, from 0 on.
    heads: what a time of it takes: slices and what is carried, by the places of their names.
    """

    node: Node
    inputs: tuple[Known, ...]
    outputs: tuple[Known, ...]
    layer: Layer | None = None
    parametrized: Mapping[str, Parametrization] = MappingProxyType({})
    scope: TypedScope | None = None
    children: tuple[TypedNode, ...] = ()
    tensor: StateEntry | None = None
    number: str | None = None
    times: tuple[TypedNode, ...] = ()
    count: int = 1
    named: tuple[str, ...] = ()
    absent: bool = False
    flops: Dim = Dim.of(0)
    length: Dim | None = None
    index: Symbol | None = None
    heads: Mapping[Path, TensorType] = MappingProxyType({})

    def own_state(self) -> Mapping[str, StateEntry]:
        """The parameters and buffers of its module, in `state_dict` order."""
        if self.layer is None:
            return {}
        state = self.layer.state()
        if not self.parametrized:
            return state
        found = {name: entry for name, entry in state.items() if name not in self.parametrized}
        for name, by in self.parametrized.items():
            for own, entry in by.state(state[name], type(self.layer).__name__).items():
                found[f"parametrizations.{name}.{own}"] = entry
        return found

    @property
    def name(self) -> str | None:
        """Its name among its owner's attributes."""
        return self.number or self.node.attribute


class TypedScope(Record):
    """The model, or a block as one of its uses makes it.

    params: the values of its params. sizes: of the names that its declared shapes bind.
    inputs: the types of its inputs where they are given; those that never are have none.
    made_as_model: calls of factories that give the model's own element type, as text.
    decided: the sides that forward's conditional expressions take at all, by their text.
    """

    scope: Scope
    params: Mapping[str, Known]
    inputs: Mapping[str, TensorType]
    sizes: Mapping[str, Dim]
    nodes: tuple[TypedNode, ...]
    outputs: tuple[tuple[str, TensorType | OptionalType], ...]
    made_as_model: frozenset[str] = frozenset()
    decided: Mapping[str, frozenset[bool]] = MappingProxyType({})


class TypedGraph(Record):
    """The whole model.

    blocks: the bodies of each block, one for each set of numbers and input types.
    needs: what sizes must satisfy, beyond the declared conditions.
    initial: how parameters get their first values; the first rule that matches counts.
    ties: parameters that are another one: the name, and the other's.
    late: the entries that are parametrized once their parameters have their first values.
    """

    root: TypedScope
    blocks: Mapping[str, tuple[TypedScope, ...]]
    facts: Facts | None
    needs: tuple[Need, ...]
    initial: tuple[InitRule, ...] = ()
    ties: Mapping[str, str] = MappingProxyType({})
    late: frozenset[Path] = frozenset()

    def parameters(self) -> Mapping[str, StateEntry]:
        """What is trained, each tensor once."""
        return {
            name: entry
            for name, entry in state(self.root).items()
            if entry.trainable and name not in self.ties
        }


class Leaf(Record):
    """A module, a tensor of one's own or an expression, with its place in the model.

    path: as torch names it, `layer1.0.conv1`; of an expression, with its names for the last part.
    owner: the model or block whose entry it is.
    loops: the recurrences around it, from outside in.
    within: what the names around it begin with: `layer1.0.`.
    """

    path: str
    typed: TypedNode
    owner: str
    loops: tuple[TypedNode, ...] = ()
    within: str = ""

    @property
    def own_name(self) -> str:
        """The part of its path that is its own: `conv1`, of a time of a repeat `layers.3`."""
        return self.path.removeprefix(self.within)

    def state(self) -> Iterator[tuple[str, str, StateEntry]]:
        """Its parameters and buffers: name in the model, type of what owns it, entry."""
        if self.typed.tensor is not None:
            yield self.path, self.owner, self.typed.tensor
        elif self.typed.layer is not None:
            for name, entry in self.typed.own_state().items():
                owner = entry.owner or type(self.typed.layer).__name__
                yield f"{self.path}.{name}", owner, entry

    def unparametrized(self) -> Iterator[tuple[str, str, StateEntry]]:
        """Likewise, as they are before any parametrization."""
        yield from self.replace(typed=self.typed.replace(parametrized={})).state()


def own_leaves(scope: TypedScope) -> list[Leaf]:
    """The modules from files of one's own: what they hold and cost is not known here."""
    return [leaf for leaf in leaves(scope) if leaf.typed.layer and leaf.typed.layer.is_own]


def leaves(scope: TypedScope) -> Iterator[Leaf]:
    """Every module and own tensor of the model, in the order of `state_dict`."""
    return (leaf for leaf in steps(scope) if not isinstance(leaf.typed.node.action, Formula))


def steps(scope: TypedScope) -> Iterator[Leaf]:
    """Likewise, with the expressions between them."""
    return (leaf for leaf in places(scope) if not _is_around(leaf.typed))


def places(scope: TypedScope) -> Iterator[Leaf]:
    """Likewise, with the blocks and containers around them: each before what is in it."""
    yield from _leaves(scope.nodes, "", scope.scope.name, ())


def _is_around(typed: TypedNode) -> bool:
    """Whether an entry holds others."""
    is_leaf = typed.layer is not None or typed.tensor is not None
    return not is_leaf and not isinstance(typed.node.action, Formula)


def _leaves(
    nodes: tuple[TypedNode, ...], prefix: str, owner: str, loops: tuple[TypedNode, ...]
) -> Iterator[Leaf]:
    # A module's own parameters stand before its buffers, both before what it contains.
    for typed in sorted(nodes, key=lambda typed: _rank(typed.tensor)):
        if not typed.absent and isinstance(typed.node.action, Formula):
            yield Leaf(prefix + ", ".join(typed.node.names), typed, owner, loops, prefix)
        if typed.length is not None and typed.name is None:
            yield from _leaves(typed.children, prefix, owner, (*loops, typed))
        if typed.absent or typed.name is None or isinstance(typed.node.action, Formula):
            continue
        if typed.times:
            yield from _repeated(typed, prefix, owner, loops)
        else:
            yield from _leaf(typed, prefix, typed.name, owner, loops)


def _rank(tensor: StateEntry | None) -> int:
    if tensor is None:
        return 2
    return 0 if tensor.trainable else 1


def _repeated(
    typed: TypedNode, prefix: str, owner: str, loops: tuple[TypedNode, ...]
) -> Iterator[Leaf]:
    for index in range(typed.count):
        time = typed.times[min(index, len(typed.times) - 1)]
        if typed.node.shared:
            yield from _leaf(time, prefix, str(typed.name), owner, loops)
            return
        if typed.named:
            yield from _leaf(time, prefix, typed.named[index], owner, loops)
        elif typed.number is not None:
            yield from _leaf(time, prefix, str(int(typed.number) + index), owner, loops)
        else:
            yield from _leaf(time, prefix, f"{typed.name}.{index}", owner, loops)


def _leaf(
    typed: TypedNode, prefix: str, name: str, owner: str, loops: tuple[TypedNode, ...] = ()
) -> Iterator[Leaf]:
    path = f"{prefix}{name}"
    yield Leaf(path, typed, owner, loops, prefix)
    if not _is_around(typed):
        return
    if typed.scope is not None:
        yield from _leaves(typed.scope.nodes, f"{path}.", typed.scope.scope.name, loops)
    else:
        around = loops if typed.length is None else (*loops, typed)
        yield from _leaves(typed.children, f"{path}.", owner, around)


def count_leaves(nodes: tuple[TypedNode, ...], known: dict[int, int] | None = None) -> int:
    """How many modules and own tensors entries make, each time of a repeat counted.

    known: the counts of scopes by their identity, since a block's uses share one.
    """
    found = {} if known is None else known
    return sum(_count(typed, found) for typed in nodes if not typed.absent)


def _count(typed: TypedNode, known: dict[int, int]) -> int:
    if typed.times:
        *first, last = [_count(time, known) for time in typed.times]
        return sum(first) + last * (1 if typed.node.shared else typed.count - len(first))
    if typed.scope is not None:
        key = id(typed.scope)
        if key not in known:
            known[key] = count_leaves(typed.scope.nodes, known)
        return known[key]
    if typed.layer is not None or typed.tensor is not None:
        return 1
    return count_leaves(typed.children, known)


def returned(typed: TypedNode) -> tuple[Known, ...]:
    """What an entry gives, as its layer returns it: some values may be one tuple."""
    return typed.outputs if typed.layer is None else typed.layer.returned(typed.outputs)


def leaves_of(typed: TypedNode) -> Iterator[Leaf]:
    """The modules and own tensors inside one entry."""
    found = _leaf(typed, "", "", "")
    return (leaf for leaf in found if not _is_around(leaf.typed))


def output_names(typed: TypedNode) -> tuple[str, ...]:
    """What the values of an entry are called, where it is a layer, a block or a recurrence."""
    if typed.times:
        return output_names(typed.times[0])
    if typed.layer is not None:
        return typed.layer.forward_outputs[: len(typed.outputs)]
    if typed.scope is not None:
        return tuple(name for name, _ in typed.scope.outputs)
    if isinstance(typed.node.action, Recurrence):
        return typed.node.action.names
    return ()


def numbers_taken(typed: TypedNode) -> int:
    """How many numbers an entry takes in a container that numbers those without a name."""
    if typed.node.names or typed.node.template or typed.absent:
        return 0
    if typed.length is not None:
        return sum(map(numbers_taken, typed.children))
    return 1 if typed.node.shared else typed.count


def held(typed: TypedNode) -> list[tuple[str, object]]:
    """The modules and own tensors inside one entry, by their places in it."""
    found = [(leaf.path, leaf.typed.layer or leaf.typed.tensor) for leaf in leaves_of(typed)]
    return [(path, thing) for path, thing in found if thing is not None]


def state(scope: TypedScope) -> Mapping[str, StateEntry]:
    """Every parameter and buffer of the model by its name, in `state_dict` order."""
    return {name: entry for leaf in leaves(scope) for name, _, entry in leaf.state()}
