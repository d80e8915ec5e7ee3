"""TypedGraph -> the parameters that an optimizer may change, and what their gradients are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...spec.expression.nodes import Node as Part
from ...spec.layers.base import StateEntry
from ...spec.optimizers.base import Gradient
from ...spec.record import Record
from ...spec.source import Path
from ...spec.tensor.type import TensorType
from ..elaborate.typed import Leaf, TypedGraph, TypedScope, own_leaves, steps
from ..resolve.bound import FunctionCall, Property, State
from ..resolve.graph import Formula
from .training_spec import LossTerm


class Parameter(Record):
    """A parameter of the model or of a loss; what is tied counts once.

    name, owner: in the model, and the type of what owns it; of tied ones, those of the one that
        the others are.
    first, first_owner: likewise of the one that torch names it by, the first.
    is_inside: whether the owner is a module inside a layer, which no type of the spec names.
    type: None where it stands for all that a layer from a file of one's own may have, by the name
        `path.*`, since these are not known here.
    """

    name: str
    owner: str
    first: str
    first_owner: str
    is_inside: bool
    type: TensorType | None
    gradient: Gradient

    @property
    def path(self) -> str:
        """Of a layer from a file of one's own, its place in the model."""
        return self.name.removesuffix(".*")


def parameters_of(typed: TypedGraph) -> tuple[Parameter, ...]:
    """Every parameter in the order of `named_parameters`, those of one's own layers at the end."""
    dense = _read_densely(typed)
    held: dict[str, list[tuple[Leaf, str, str, TensorType, Gradient]]] = {}
    for leaf in steps(typed.root):
        for name, owner, entry in leaf.state():
            if not entry.trainable:
                continue
            gradient: Gradient = "none" if entry.frozen else "dense"
            if gradient == "dense" and _is_sparse(leaf) and leaf.typed.node.path not in dense:
                gradient = "sparse"
            one = typed.ties.get(name, name)
            held.setdefault(one, []).append((leaf, name, owner, entry.type, gradient))
    found = []
    for one, tied in held.items():
        leaf, first, first_owner, kind, gradient = tied[0]
        if any(other != gradient for *_, other in tied):
            gradient = "dense"  # torch adds a sparse gradient to a dense one
        owner = next(owner for _, name, owner, _, _ in tied if name == one)
        own = first.removeprefix(f"{leaf.path}.") if leaf.typed.tensor is None else ""
        found.append(Parameter(one, owner, first, first_owner, "." in own, kind, gradient))
    for leaf in own_leaves(typed.root):
        name, owner = f"{leaf.path}.*", type(leaf.typed.layer).__name__
        found.append(Parameter(name, owner, name, owner, False, None, "dense"))
    return tuple(found)


def loss_parameters(
    terms: Sequence[LossTerm | None], layers: TypedScope | None
) -> tuple[Parameter, ...]:
    """The parameters of the layers of losses, then those of losses, each below its loss's name."""
    held = steps(layers) if layers is not None else ()
    first = tuple(
        Parameter(name, owner, name, owner, False, entry.type, _gradient(leaf, entry))
        for leaf in held
        for name, owner, entry in leaf.state()
        if entry.trainable
    )
    return first + tuple(
        Parameter(name, owner, name, owner, True, entry.type, "dense")
        for term in terms
        if term is not None
        for key, entry in term.parameters.items()
        for name, owner in [(f"{term.name}.{key}", entry.owner or type(term.loss).__name__)]
    )


def _gradient(leaf: Leaf, entry: StateEntry) -> Gradient:
    if entry.frozen:
        return "none"
    return "sparse" if _is_sparse(leaf) else "dense"


def _is_sparse(leaf: Leaf) -> bool:
    return bool(getattr(leaf.typed.layer, "sparse", False))


def _read_densely(typed: TypedGraph) -> set[Path]:
    """The entries whose parameters an expression reads, as in `x @ embedding.weight.T`."""
    return {
        part.entry
        for leaf in steps(typed.root)
        for part in _parts(_formulas(leaf))
        if isinstance(part, State)
    }


def sparse_calls(typed: TypedGraph) -> Iterator[tuple[Path, FunctionCall]]:
    """The calls of functions that make gradients sparse, each with the entry that it stands in."""
    for leaf in steps(typed.root):
        for part in _parts(_formulas(leaf)):
            if isinstance(part, FunctionCall) and "sparse" in dict(part.keywords):
                yield leaf.typed.node.path, part


def _formulas(leaf: Leaf) -> tuple[object, ...]:
    node = leaf.typed.node
    arguments = [argument.value for _, argument in node.call.arguments] if node.call else []
    if isinstance(node.action, Formula):
        arguments.append(node.action.expression.value)
    return tuple(arguments)


def _parts(value: object) -> Iterator[Part]:
    """Every node of an expression that may have a gradient; a shape alone has none."""
    if isinstance(value, Property):
        return
    if isinstance(value, Part):
        yield value
        for name in value.field_names:
            yield from _parts(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item)
