"""A block's sizes, said in the words of what uses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...spec.expression import nodes
from ...spec.tensor.dim import Dim, Symbol
from ...spec.tensor.type import TensorType
from ..resolve.bound import Input, Param, Property, Size
from .places import running_names, said, size_place
from .typed import Known, OptionalType, TypedScope, there


def in_callers_words(
    body: TypedScope, given: Mapping[str, Known], inputs: Mapping[str, Known]
) -> tuple[TensorType | OptionalType, ...]:
    """A block's outputs with the formulas of their sizes in the caller's names."""
    words: dict[str, Dim] = {}
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
    for param in body.scope.params:
        # What no use gives: a default, or a constant that follows from the others.
        if param.name not in words and param.default is not None:
            formula = _formula(param.default.value, words)
            words |= {} if formula is None else {param.name: formula}
    own = {*(param.name for param in body.scope.params), *body.sizes}
    return tuple(_output(output, words, own) for _, output in body.outputs)


def _output(
    output: TensorType | OptionalType, words: Mapping[str, Dim], own: set[str]
) -> TensorType | OptionalType:
    if isinstance(output, OptionalType):
        return output.replace(type=_output(there(output), words, own))
    return TensorType(tuple(_translated(size, words, own) for size in output.shape), output.dtype)


def _formula(node: object, words: Mapping[str, Dim]) -> Dim | None:
    """A whole number's formula in other words; None for what they can't say."""
    match node:
        case nodes.Constant(int(value)) if not isinstance(value, bool):
            return Dim.of(value)
        case Param(name, "model"):
            return Dim.of(Symbol(name))
        case Param(name) | Size(name):
            return words.get(name)
        case nodes.Subscript(Property(Input(name), "shape"), nodes.Constant(dim)):
            return words.get(f"{name}.shape[{dim}]")
        case nodes.Binary(left, "+" | "-" | "*" as op, right):
            one, other = _formula(left, words), _formula(right, words)
            if one is None or other is None:
                return None
            return one + other if op == "+" else one - other if op == "-" else one * other
        case nodes.Binary(left, "//", right):
            whole, divisor = _formula(left, words), _formula(right, words)
            if whole is None or divisor is None:
                return None
            if divisor.constant is not None and divisor.constant < 1:
                return None
            return whole // divisor
    return None


def _translated(size: Dim, words: Mapping[str, Dim], own: Collection[str]) -> Dim:
    """A size with its formula in other words; `own` are names that mean nothing to the caller."""
    if size.origin is None:
        return size
    untold = {symbol.name for symbol in size.origin.symbols} - words.keys()
    # The model's params have one name everywhere.
    if any(name in own or "[" in name or running_names(name) for name in untold):
        return size.with_origin(None)
    return size.with_origin(size.origin.substitute(dict(words)))
