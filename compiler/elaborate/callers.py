"""A block's sizes, said in the words of what uses it."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.tensor.dim import Dim, Symbol
from ...spec.tensor.type import TensorType
from .places import said, size_place
from .typed import Known, TypedScope


def in_callers_words(
    body: TypedScope, given: Mapping[str, Known], inputs: Mapping[str, Known]
) -> tuple[TensorType, ...]:
    """A block's outputs with the formulas of their sizes in the caller's names."""
    # The model's params have one name everywhere.
    words = {name: Dim.of(Symbol(name)) for name in body.scope.model_params}
    for name, value in given.items():
        if isinstance(value, Dim | int) and not isinstance(value, bool):
            words[name] = said(Dim.of(value))
    for name, tensor in inputs.items():
        if isinstance(tensor, TensorType):
            for dim, size in enumerate(tensor.shape):
                words[f"{name}.shape[{dim}]"] = said(size)
    for name in body.sizes:
        place, dim = size_place(body.scope, name)
        tensor = inputs[place]
        if isinstance(tensor, TensorType):
            words[name] = said(tensor.shape[dim])
    return tuple(
        TensorType(tuple(_translated(size, words) for size in output.shape), output.dtype)
        for _, output in body.outputs
    )


def _translated(size: Dim, words: Mapping[str, Dim]) -> Dim:
    if size.origin is None:
        return size
    if any(symbol.name not in words for symbol in size.origin.symbols):
        return size.with_origin(None)
    return size.with_origin(size.origin.substitute(dict(words)))
