"""One formula for a size that several uses of a class reach in different ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...spec.tensor.dim import Dim
from ..elaborate.places import said
from ..elaborate.typed import Known, TypedScope


def shared_formulas(
    values: Sequence[Any], uses: Sequence[TypedScope], model_params: Mapping[str, Known]
) -> Sequence[Any]:
    """The values, with one formula where one of their formulas is right for every use.

    values: one for each use; sizes, or tuples of them.
    """
    if all(isinstance(value, tuple) for value in values):
        if len({len(value) for value in values}) > 1:
            return values
        parts = [shared_formulas(part, uses, model_params) for part in zip(*values, strict=True)]
        return list(zip(*parts, strict=True)) if parts else values
    if not all(isinstance(value, Dim) for value in values):
        return values
    formulas = dict.fromkeys(said(value) for value in values)
    if len(formulas) == 1 and len({str(said(value)) for value in values}) == 1:
        return values
    words = [_words(use, model_params) for use in uses]
    for formula in sorted(formulas, key=lambda formula: -len(formula.symbols)):
        pairs = zip(words, values, strict=True)
        if formula.symbols and all(_is(formula, known, value) for known, value in pairs):
            return [value.with_origin(formula) for value in values]
    return values


def _is(formula: Dim, known: Mapping[str, int], value: Dim) -> bool:
    names = {symbol.name for symbol in formula.symbols}
    return names <= known.keys() and formula.evaluate(dict(known)) == value.constant


def _words(use: TypedScope, model_params: Mapping[str, Known]) -> dict[str, int]:
    """What the words of formulas stand for in one use."""
    found: dict[str, Known] = {**model_params, **use.params, **use.sizes}
    for name, value in list(found.items()):
        if isinstance(value, tuple):
            found |= {f"{name}[{place}]": item for place, item in enumerate(value)}
    for name, tensor in use.inputs.items():
        found |= {f"{name}.shape[{dim}]": size for dim, size in enumerate(tensor.shape)}
    return {
        name: int(value)
        for name, value in found.items()
        if isinstance(value, Dim | int)
        and not isinstance(value, bool)
        and (not isinstance(value, Dim) or value.constant is not None)
    }
