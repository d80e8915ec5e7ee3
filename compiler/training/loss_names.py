"""What the expressions of a loss may speak of: all of a model but the values inside it."""

from __future__ import annotations

from ...spec.expression import nodes
from ...spec.expression.nodes import Range
from ...spec.record import Record
from ...spec.refusal import Refusal
from ...spec.source import Path
from ..elaborate.call_again import read_state
from ..elaborate.typed import TypedGraph, TypedNode, places
from ..resolve.bind import Names
from ..resolve.bind_error import BindError
from ..resolve.bound import Bound, Input, LayerCall, State, Value
from ..resolve.frame import Frame
from ..resolve.graph import Node, TensorUse


class LossWords(Record):
    """What losses speak of: the names of inputs, outputs and the target; of the model, its
    parameters and params.

    output: the name of the first output.
    layers: all of these with the values of layers of the loss, where it has some.
    """

    names: tuple[str, ...]
    output: str
    typed: TypedGraph
    layers: Names | None = None

    def scope(self) -> Names:
        """The meanings of all names. A parameter is an `Input` by its name in the model."""
        return _LossNames(self) if self.layers is None else self.layers


class _LossNames(Names):
    """The names that a loss reads; layers of the model lead to their parameters alone."""

    def __init__(self, words: LossWords) -> None:
        root = words.typed.root
        super().__init__(words.names, dict.fromkeys(root.params, "model"), (), {})
        declared = {param.name: param.type for param in root.scope.params}
        self.module_params = frozenset(n for n, kind in declared.items() if kind == "module")
        self.typed = words.typed
        self.model = Frame()
        for node in root.scope.nodes:
            for place, name in enumerate(node.names):
                self.model.values[name] = (node, place if len(node.names) > 1 else None)

    def find(self, name: str) -> tuple[Node, int | None] | None:
        own = super().find(name)
        return own if own is not None else self.model.values.get(name)

    def _name(self, name: str, at: Range) -> Bound:
        found = self.find(name)
        if name in self.inputs:
            return self._input(name, at)
        if found is None or _is_own(found[0].path):
            return super()._name(name, at)
        if isinstance(found[0].action, TensorUse):
            return self._input(self._path(found[0].path), at)
        raise _inside(name, at)

    def _attribute(self, expression: nodes.Attribute) -> Bound:
        found = super()._attribute(expression)
        if isinstance(found, State | Value) and _is_own(found.entry):
            return found
        if isinstance(found, State):
            return self._parameter(found)
        if isinstance(found, Value):
            node = self._typed(found.entry)
            if node is not None and isinstance(node.node.action, TensorUse):
                return self._input(self._path(found.entry), found.at)
            raise _inside(nodes.dotted(expression) or expression.attr, found.at)
        return found

    def _call(self, call: nodes.Call) -> Bound:
        name = nodes.dotted(call.func) or ""
        found = self.find(name)
        if found is not None and not _is_own(found[0].path) and self._is_function(name):
            # A layer that is called as a function: it is not the loss's, the function is.
            keywords = tuple((key, self.bind(value)) for key, value in call.keywords)
            return self._function(name, call, self._all(call.args), keywords)
        made = super()._call(call)
        if isinstance(made, LayerCall) and not _is_own(made.entry):
            said = "a loss can't call the model's layers: what they give must be an output"
            raise BindError("not-callable", said, call.func.at, other=made.entry)
        return made

    def known(self) -> list[str]:
        return list(dict.fromkeys([*self.inputs, *super().known()]))

    def _parameter(self, state: State) -> Input:
        """A parameter or buffer of the model, by its name there."""
        typed = self._typed(state.entry)
        if typed is None:
            raise BindError("unknown-attribute", f"{state.name} can't be read here", state.at)
        try:
            read_state(typed, state.name)
        except Refusal as refusal:
            raise BindError(refusal.code, refusal.message, state.at, help=refusal.help) from None
        if state.name in typed.parametrized:
            said = f"{state.name} is parametrized: what it is computed from is what is learned"
            raise BindError("not-supported", said, state.at, other=typed.node.path)
        return self._input(f"{self._path(state.entry)}.{state.name}", state.at)

    def _input(self, name: str, at: Range) -> Input:
        self.read.add(name)
        return Input(name, at)

    def _path(self, entry: Path) -> str:
        """What torch calls an entry."""
        return next(leaf.path for leaf in places(self.typed.root) if leaf.typed.node.path == entry)

    def _typed(self, entry: Path) -> TypedNode | None:
        nodes_left = list(self.typed.root.nodes)
        while nodes_left:
            node = nodes_left.pop()
            if node.node.path == entry:
                return node
            nodes_left += node.children
        return None


def _is_own(entry: Path) -> bool:
    """Whether an entry is one of the loss's own layers."""
    return entry[0] == "loss"


def _inside(name: str, at: Range) -> BindError:
    """Why the value of an entry can't be read."""
    return BindError(
        "unknown-name",
        f"{name} is a value inside the model: a loss reads what is an output",
        at,
        help=f'add it to outputs in [model]: "{name}"',
    )
