"""TypedGraph -> the summary: what `specc summary` prints and other programs may rely on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...spec.names import snake_case
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import itemsize
from ...spec.tensor.facts import Facts
from ...spec.tensor.type import PackedType, Shape, TensorType, tensors
from ..resolve.graph import InputDeclaration
from .flops import flops_of
from .over_times import over_times
from .typed import (
    Known,
    Leaf,
    OptionalType,
    TypedGraph,
    TypedScope,
    leaves,
    own_leaves,
    state,
    steps,
    there,
    where_given,
)


def summarize(typed: TypedGraph, sizes: Mapping[str, int] | None = None) -> dict[str, Any]:
    """The summary as plain data.

    sizes: values for the model's sizes; where they settle an expression, its value is given.
    """
    at = independent(sizes or {}, typed.facts)
    root = typed.root
    entries = state(root)
    found = list(leaves(root))
    parameters = typed.parameters().values()
    held = [entry.type for entry in parameters]
    summary = {
        "model": root.scope.name,
        "package": snake_case(root.scope.name),
        "parameters": sum(map(_numel, held)),
        "trainable_parameters": sum(_numel(entry.type) for entry in parameters if not entry.frozen),
        "flops": _expression(total_flops(typed), at),
        "memory": {
            "parameters_bytes": sum(_numel(t) * itemsize(t.dtype) for t in held),
            "activations_bytes": _expression(_activations(found), at),
        },
        "inputs": [_input(item, root, at) for item in root.scope.inputs],
        "outputs": [
            {"name": name or _last_name(typed), **_output(value, at)}
            for name, value in root.outputs
        ],
        "layers": [_layer(leaf, at) for leaf in found if leaf.typed.layer is not None],
        "state_dict": [
            {"name": name, **_type(entry.type, at)}
            for name, entry in entries.items()
            if entry.persistent
        ],
        "needs": [
            {"condition": str(need.bound), "training_only": need.training} for need in typed.needs
        ],
        "where": [str(condition) for condition in typed.facts.conditions] if typed.facts else [],
        "requires": list(_requirements(typed)),
        "unknown": [leaf.path for leaf in own_leaves(root)],
    }
    return {**summary, **_WITHOUT_TOTALS} if summary["unknown"] else summary


_WITHOUT_TOTALS: Final[Mapping[str, Any]] = {
    "parameters": None,
    "trainable_parameters": None,
    "flops": {"expr": None, "value": None},
    "memory": {"parameters_bytes": None, "activations_bytes": {"expr": None, "value": None}},
}
"""What is not known where a layer comes from a file of one's own."""


def _requirements(typed: TypedGraph) -> Iterator[dict[str, Any]]:
    """What the model requires of its params, and the blocks in use of theirs."""
    uses = [use for uses in typed.blocks.values() for use in uses[:1]]
    for scope in (typed.root.scope, *(use.scope for use in uses)):
        block = scope.name if scope.path != typed.root.scope.path else None
        yield from ({"block": block, "condition": text} for text in scope.requirements)


def rows(typed: TypedGraph, sizes: Mapping[str, int]) -> list[dict[str, Any]]:
    """The summary's layers, with the expressions between them: one for each value that they give.

    sizes: as `summarize` takes them.
    """
    at = independent(sizes, typed.facts)
    found = []
    for leaf in steps(typed.root):
        if leaf.typed.layer is not None:
            found.append(_layer(leaf, at))
        elif leaf.typed.tensor is None:
            found += _values(leaf, at)
    return found


def _values(leaf: Leaf, at: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """What an expression gives, in the form of layers."""
    names = leaf.typed.node.names
    inside = leaf.path.removesuffix(", ".join(names))
    for index, output in enumerate(leaf.typed.outputs):
        yield {
            "path": f"{inside}{names[index] if index < len(names) else ''}",
            "type": "expr",
            **_given(where_given(output), at),
            "parameters": 0,
        }


def _given(value: Known, at: Mapping[str, int]) -> dict[str, Any]:
    """What a layer or an expression gives; of what is packed, shape and dtype with padding."""
    if isinstance(value, PackedType):
        return {**_given(value.padded, at), "packed": True}
    if isinstance(value, TensorType):
        return {"output": _shape(value.shape, at), "dtype": value.dtype}
    return {"output": None, "dtype": None}


def independent(sizes: Mapping[str, int], facts: Facts | None) -> Mapping[str, int]:
    """Sizes by the model's names as those of the symbols that its conditions leave free."""
    if facts is None:
        return sizes
    found = {}
    for dim in facts.substitution.values():
        for symbol in dim.symbols:
            if symbol.meaning is None:
                if symbol.name in sizes:
                    found[symbol.name] = sizes[symbol.name]
                continue
            whole, parts, rest = symbol.meaning
            if {part.name for part in whole.symbols} <= sizes.keys():
                found[symbol.name] = (whole.evaluate(sizes) - rest) // parts
    return found


def _numel(tensor: TensorType) -> int:
    return int(tensor.numel())


def _last_name(typed: TypedGraph) -> str:
    """The name of a model's one output: that of its last entry, else `output`."""
    node = typed.root.nodes[-1].node
    return node.names[0] if node.names else "output"


def _size(size: Dim, at: Mapping[str, int]) -> int | str:
    if size.constant is not None:
        return size.constant
    if all(symbol.name in at for symbol in size.symbols):
        return size.evaluate(at)
    return str(size.with_origin(None))


def _shape(shape: Shape, at: Mapping[str, int]) -> list[int | str]:
    return [_size(size, at) for size in shape]


def _type(tensor: TensorType, at: Mapping[str, int]) -> dict[str, Any]:
    return {"shape": _shape(tensor.shape, at), "dtype": tensor.dtype}


def _input(item: InputDeclaration, root: TypedScope, at: Mapping[str, int]) -> dict[str, Any]:
    tensor = _type(root.inputs[item.name], at)
    return {"name": item.name, **tensor, **_may_be_none(item.optional)}


def _output(value: TensorType | OptionalType, at: Mapping[str, int]) -> dict[str, Any]:
    return {**_type(there(value), at), **_may_be_none(isinstance(value, OptionalType))}


def _may_be_none(optional: bool) -> dict[str, Any]:
    return {"optional": True} if optional else {}


def _expression(amount: Dim, at: Mapping[str, int]) -> dict[str, Any]:
    value = _size(amount.with_origin(None), at)
    return {
        "expr": str(amount.with_origin(None)),
        "value": value if isinstance(value, int) else None,
    }


def _layer(leaf: Leaf, at: Mapping[str, int]) -> dict[str, Any]:
    layer = leaf.typed.layer
    assert layer is not None
    outputs = (one for one in map(where_given, leaf.typed.outputs) if any(_padded(one)))
    inputs = (one for value in leaf.typed.inputs for one in _padded(where_given(value)))
    return {
        "path": leaf.path,
        "type": type(layer).__name__,
        "inputs": [_shape(tensor.shape, at) for tensor in inputs],
        **_given(next(outputs, None), at),
        "parameters": None
        if layer.is_own
        else sum(
            _numel(entry.type) for entry in leaf.typed.own_state().values() if entry.trainable
        ),
    }


def total_flops(typed: TypedGraph) -> Dim:
    """Floating-point operations of one forward pass in eval mode, with all inputs given."""
    return flops_of(typed.root.nodes)


def _activations(found: list[Leaf]) -> Dim:
    """Bytes of what the layers give, all kept as in training."""
    total = Dim.of(0)
    for leaf in found:
        total = total + activation_bytes(leaf)
    return total


def activation_bytes(leaf: Leaf) -> Dim:
    """Bytes of what a layer gives, in all times of the recurrences around it."""
    total = Dim.of(0)
    for output in map(where_given, leaf.typed.outputs if leaf.typed.layer is not None else ()):
        for tensor in _padded(output):
            total = total + for_all_times(tensor.nbytes(), leaf)
    return total


def for_all_times(amount: Dim, leaf: Leaf) -> Dim:
    """An amount of one time, for all times of the recurrences around a layer."""
    for around in reversed(leaf.loops):
        amount = over_times(amount, around)
    return amount


def _padded(value: Known) -> Iterator[TensorType]:
    """A value that is a tensor, or the tensor of what is packed."""
    return tensors(value) if isinstance(value, TensorType | PackedType) else iter(())
