"""Runs a scope through in forward's order, with something else in the place of tensors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from ...spec import registry
from ...spec.source import Path
from ..resolve.bound import (
    BlockCall,
    Bound,
    Each,
    FunctionCall,
    Gradient,
    Input,
    Key,
    LayerCall,
    MethodCall,
    State,
    Value,
    each_time,
    key,
)
from ..resolve.graph import BlockUse, Container, Formula, ModuleUse, Node, Recurrence, TensorUse
from .settled import settled_use
from .typed import TypedNode, TypedScope

V = TypeVar("V")


class ScopeRun(ABC, Generic[V]):
    """Runs one scope through. V: what is known of a value, or of several that are one list.

    values: what is known of each value. made: the entries so far. place: where it is.
    """

    def __init__(self, typed: TypedScope) -> None:
        self.typed = settled_use(typed)
        self.values: dict[Key, V] = {}
        self.made: dict[Path, TypedNode] = {}
        self.place: Path = typed.scope.path

    def run(self) -> list[V]:
        """What is known of the outputs."""
        self.nodes(self.typed.nodes)
        outputs = []
        for _, argument in self.typed.scope.outputs:
            self.place = argument.path
            outputs.append(self.value(argument.bound))
        return outputs

    @abstractmethod
    def joined(self, values: Sequence[V]) -> V:
        """A value that may be any of some, or holds them all."""

    @abstractmethod
    def read(self, node: Input | Value) -> V:
        """A value that is read at the place of now."""

    @abstractmethod
    def tensor(self, typed: TypedNode, name: str | None) -> V:
        """A tensor of an entry: its own one, or the parameter or buffer of this name."""

    @abstractmethod
    def layer(self, typed: TypedNode, action: ModuleUse, inputs: Sequence[V]) -> list[V]:
        """What a module gives."""

    @abstractmethod
    def block(self, typed: TypedNode, given: dict[str, V]) -> list[V]:
        """What a block gives for its inputs by name."""

    @abstractmethod
    def slice(self, held: V) -> V:
        """What a recurrence takes of a value each time."""

    @abstractmethod
    def stacked(self, given: Sequence[V], count: int) -> list[V]:
        """The outputs of a recurrence, `count` at a time."""

    @abstractmethod
    def function(
        self, name: str, args: tuple[Bound, ...], keywords: tuple[tuple[str, Bound], ...]
    ) -> V:
        """What a function of tensors gives, or a method by its registered name."""

    @abstractmethod
    def called_block(self, node: BlockCall) -> V:
        """What a block gives that is called as a function."""

    @abstractmethod
    def gradient(self, node: Gradient) -> V:
        """What `grad(y, x)` gives."""

    @abstractmethod
    def operation(self, node: Bound) -> V:
        """What any other expression gives."""

    def entered(self, node: Node, inputs: Sequence[V]) -> None:
        """Notes that an entry is called."""

    def nodes(self, typed: Sequence[TypedNode]) -> None:
        """Runs entries, one after the other."""
        for one in typed:
            self._node(one)

    def _node(self, typed: TypedNode) -> None:
        node = typed.node
        self.made[node.path] = typed
        self.place = node.path
        if isinstance(node.action, TensorUse):
            self.hold(node.path, self.tensor(typed, None))
            return
        if isinstance(node.action, Formula):
            held = self.value(node.action.expression.bound)
            self._bind(node.path, [held])
            for place in range(len(node.names)):
                self.hold(f"{node.path}[{place}]", held)
            self.hold(key(each_time(node.path)), held)
            return
        if node.call is None:
            return
        inputs = [self.value(argument.bound) for _, argument in node.call.arguments]
        if typed.absent:
            self._bind(node.path, inputs[:1])
            return
        self.entered(node, inputs)
        firsts = []
        for one in self.times(typed) if typed.times else [typed]:
            outputs = self.call(one, inputs, [name for name, _ in node.call.arguments])
            firsts.append(outputs[0])
            again = [self._joint(part) for part in _returned(one, outputs)]
            inputs = [*again[: len(inputs)], *inputs[len(again) :]]
        self._bind(node.path, outputs, typed.times[0] if typed.times else typed)
        self.hold(key(each_time(node.path)), self.joined(firsts))

    def times(self, typed: TypedNode) -> list[TypedNode]:
        """The times of a repeat that are run."""
        # The last one stands for the further ones; one of them is enough.
        return [*typed.times, *typed.times[-1:]][: typed.count]

    def _joint(self, part: V | tuple[V, ...]) -> V:
        return self.joined(part) if isinstance(part, tuple) else part

    def hold(self, held: Key, value: V) -> None:
        """Notes what is known of a value."""
        self.values[held] = value

    def _bind(self, path: Path, outputs: Sequence[V], typed: TypedNode | None = None) -> None:
        self.hold(path, outputs[0])
        names: tuple[str, ...] = ()
        if typed is not None and typed.layer is not None:
            names = typed.layer.forward_outputs
        elif typed is not None and typed.scope is not None:
            names = tuple(name for name, _ in typed.scope.outputs)
        elif typed is not None and isinstance(typed.node.action, Recurrence):
            names = typed.node.action.names
        for name, output in zip(names, outputs, strict=False):
            self.hold(f"{path}.{name}", output)

    def call(self, typed: TypedNode, inputs: Sequence[V], names: Sequence[str | None]) -> list[V]:
        """What an entry gives for inputs. names: those of inputs that are given by name."""
        action = typed.node.action
        if isinstance(action, Recurrence):
            return self.recurrence(typed, action, inputs)
        if isinstance(action, Container):
            self.hold(f"{typed.node.path}.input", inputs[0])
            self.nodes(typed.children)
            return [self.values[action.last.path] if action.last is not None else inputs[0]]
        if isinstance(action, BlockUse):
            return self.block(typed, self._given(typed, inputs, names))
        assert isinstance(action, ModuleUse)
        return self.layer(typed, action, inputs)

    def _given(
        self, typed: TypedNode, inputs: Sequence[V], names: Sequence[str | None]
    ) -> dict[str, V]:
        """What a block is called with, by its inputs' names."""
        assert typed.scope is not None
        places = [item.name for item in typed.scope.scope.inputs]
        pairs = enumerate(zip(names, inputs, strict=True))
        return {name or places[i]: held for i, (name, held) in pairs}

    def recurrence(self, typed: TypedNode, action: Recurrence, inputs: Sequence[V]) -> list[V]:
        """What a recurrence gives: its stacked outputs, and what the last time leaves."""
        handed = [self.value(one.initial.bound) for one in action.carried]
        scanned = typed.node.call.arguments if typed.node.call is not None else ()
        given: list[V] = []
        # What a time makes may be handed on through all names that are carried.
        for _ in range(len(handed) + 2):
            for (_, argument), held in zip(scanned, inputs, strict=True):
                self.hold(argument.path, self.slice(held))
            for one, held in zip(action.carried, handed, strict=True):
                self.hold(one.held.entry, held)
            self.nodes(typed.children)
            given += [self.value(argument.bound) for _, argument in action.outputs]
            handed = [self.value(one.renewed.bound) for one in action.carried]
        self.place = typed.node.path
        return [*self.stacked(given, len(action.outputs)), *handed]

    def value(self, node: Bound) -> V:
        """What an expression gives."""
        match node:
            case Input() | Value():
                return self.read(node)
            case Each(_, values):
                return self.joined([self.value(value) for value in values])
            case State(entry, name):
                return self.tensor(self.made[entry], name)
            case FunctionCall(name, args, keywords):
                return self.function(name, args, keywords)
            case MethodCall(receiver, name, args, keywords):
                return self.function(registry.method_name(name), (receiver, *args), keywords)
            case LayerCall(entry, args, keywords):
                given = [*((None, arg) for arg in args), *keywords]
                inputs = [self.value(argument) for _, argument in given]
                return self.joined(self.call(self.made[entry], inputs, [name for name, _ in given]))
            case BlockCall():
                return self.called_block(node)
            case Gradient():
                return self.gradient(node)
            case _:
                return self.operation(node)


def _returned(typed: TypedNode, outputs: list[V]) -> tuple[V | tuple[V, ...], ...]:
    return tuple(outputs) if typed.layer is None else typed.layer.returned(outputs)
