"""What training needs to know of a model: what goes in, what comes out, what it learns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ...spec.layers.base import StateEntry
from ...spec.names import snake_case
from ...spec.record import Record
from ...spec.tensor.check import Need
from ...spec.tensor.type import TensorType
from ..resolve.bound import Value
from .typed import Known, OptionalType, TypedGraph, TypedScope, state, there

_BATCHES = range(1, 1025)


class ModelInterface(Record):
    """A model as its users see it.

    inputs, outputs: by name, in order; a single output may have none.
    state: its parameters and buffers by name. attributes: those that type checkers follow.
    params: its params with their values.
    smallest_batch: the fewest rows that it can be trained with at once.
    of_training: those outputs that are None in eval mode.
    last_layer: the type of the layer whose value is the one output, if it is a layer's.
    fills: what inputs of whole numbers hold in samples, where zeros would be refused.
    """

    class_name: str
    package: str
    inputs: tuple[tuple[str, TensorType], ...]
    outputs: tuple[tuple[str, TensorType], ...]
    state: Mapping[str, StateEntry]
    params: Mapping[str, Known] = MappingProxyType({})
    smallest_batch: int = 1
    last_layer: str | None = None
    of_training: frozenset[str] = frozenset()
    fills: Mapping[str, int] = MappingProxyType({})
    attributes: frozenset[str] = frozenset()

    @property
    def output_name(self) -> str:
        """What formulas call its (first) output."""
        return self.outputs[0][0] or "output"

    def parameters(self) -> tuple[str, ...]:
        """The names of what is trained."""
        return tuple(name for name, entry in self.state.items() if entry.trainable)


def interface(typed: TypedGraph) -> ModelInterface:
    """The interface of a typed model."""
    root = typed.root
    name = root.scope.name
    inputs = tuple(root.inputs.items())
    last = root.nodes[-1].node.names if root.nodes else ()
    named = [(given or "".join(last[:1]), value) for given, value in root.outputs]
    outputs = tuple((given, there(value)) for given, value in named)
    return ModelInterface(
        name,
        snake_case(name),
        inputs,
        outputs,
        state(root),
        root.params,
        smallest_batch(root.inputs.values(), typed.needs),
        _last_layer(root),
        frozenset(name for name, value in named if isinstance(value, OptionalType)),
    )


def _last_layer(root: TypedScope) -> str | None:
    if len(root.scope.outputs) != 1:
        return None
    _, argument = root.scope.outputs[0]
    value = argument.value
    made = (n for n in root.nodes if isinstance(value, Value) and n.node.path == value.entry)
    layer = next((node.layer for node in made), None)
    return type(layer).__name__ if layer is not None and not layer.is_own else None


def smallest_batch(inputs: Iterable[TensorType], needs: Iterable[Need]) -> int:
    """The smallest first size of inputs that satisfies every need of that size alone."""
    symbols = {tensor.shape[0] for tensor in inputs if tensor.rank}
    names = {symbol.name for size in symbols for symbol in size.symbols}
    bounds = [need.bound for need in needs]
    if len(names) != 1:
        return 1
    batch = names.pop()
    own = [bound for bound in bounds if {symbol.name for symbol in bound.dim.symbols} == {batch}]
    return next((size for size in _BATCHES if all(bound.holds({batch: size}) for bound in own)), 1)
