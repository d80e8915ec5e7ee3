"""The TypedGraph: every number known, every type known, every entry in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import EllipsisType

from ..spec.layers.base import Layer, StateEntry
from ..spec.source import Path
from ..spec.tensor.check import Need
from ..spec.tensor.dim import Dim
from ..spec.tensor.facts import Facts
from ..spec.tensor.type import TensorType
from .graph import Node, Scope

Known = (
    TensorType | Dim | bool | int | float | str | EllipsisType | slice | tuple["Known", ...] | None
)
"""What an expression gives: a tensor's type, a size, or a plain value."""


@dataclass(frozen=True, slots=True)
class TypedNode:
    """An entry as it stands at one place of the model.

    inputs: what it is called with, in forward's order.
    outputs: what it gives; one, or several by the order of the layer's or block's outputs.
    layer, scope, children: the module, the block's body, or a container's entries.
    tensor: a Parameter or Buffer of the model's own.
    number: its name in the container that numbers it, if one does.
    times: a repeat's times; one stands for all where they are alike (`count` times).
    absent: its `when` is false.
    """

    node: Node
    inputs: tuple[Known, ...]
    outputs: tuple[Known, ...]
    layer: Layer | None = None
    scope: TypedScope | None = None
    children: tuple[TypedNode, ...] = ()
    tensor: StateEntry | None = None
    number: str | None = None
    times: tuple[TypedNode, ...] = ()
    count: int = 1
    absent: bool = False

    @property
    def name(self) -> str | None:
        """Its name among its owner's attributes."""
        return self.number or self.node.attribute


@dataclass(frozen=True, slots=True)
class TypedScope:
    """The model, or a block as one of its uses makes it.

    params: the values of its params. sizes: of the names that its declared shapes bind.
    """

    scope: Scope
    params: Mapping[str, Known]
    inputs: Mapping[str, TensorType]
    sizes: Mapping[str, Dim]
    nodes: tuple[TypedNode, ...]
    outputs: tuple[tuple[str, TensorType], ...]


@dataclass(frozen=True, slots=True)
class TypedGraph:
    """The whole model.

    blocks: the bodies of each block, one for each set of numbers and input types.
    needs: what sizes must satisfy, beyond the declared conditions.
    """

    root: TypedScope
    blocks: Mapping[str, tuple[TypedScope, ...]]
    facts: Facts | None
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A module, or a tensor of one's own, with its place in the model: `layer1.0.conv1`."""

    path: str
    typed: TypedNode


def leaves(scope: TypedScope) -> Iterator[Leaf]:
    """Every module and own tensor of the model, in the order of `state_dict`."""
    yield from _leaves(scope.nodes, "")


def _leaves(nodes: tuple[TypedNode, ...], prefix: str) -> Iterator[Leaf]:
    # A module's own parameters stand before its buffers, both before what it contains.
    ordered = sorted(nodes, key=lambda typed: _rank(typed.tensor))
    for typed in ordered:
        if typed.absent or typed.name is None:
            continue
        if typed.times:
            yield from _repeated(typed, prefix)
        else:
            yield from _leaf(typed, f"{prefix}{typed.name}")


def _rank(tensor: StateEntry | None) -> int:
    if tensor is None:
        return 2
    return 0 if tensor.trainable else 1


def _repeated(typed: TypedNode, prefix: str) -> Iterator[Leaf]:
    for index in range(typed.count):
        time = typed.times[min(index, len(typed.times) - 1)]
        if typed.node.shared:
            yield from _leaf(time, f"{prefix}{typed.name}")
            return
        if typed.number is not None:
            yield from _leaf(time, f"{prefix}{int(typed.number) + index}")
        else:
            yield from _leaf(time, f"{prefix}{typed.name}.{index}")


def _leaf(typed: TypedNode, path: str) -> Iterator[Leaf]:
    if typed.layer is not None or typed.tensor is not None:
        yield Leaf(path, typed)
    elif typed.scope is not None:
        yield from _leaves(typed.scope.nodes, f"{path}.")
    else:
        yield from _leaves(typed.children, f"{path}.")


def state(scope: TypedScope) -> Mapping[str, StateEntry]:
    """Every parameter and buffer of the model by its name, in `state_dict` order."""
    entries: dict[str, StateEntry] = {}
    for leaf in leaves(scope):
        if leaf.typed.tensor is not None:
            entries[leaf.path] = leaf.typed.tensor
        elif leaf.typed.layer is not None:
            for name, entry in leaf.typed.layer.state().items():
                entries[f"{leaf.path}.{name}"] = entry
    return entries
