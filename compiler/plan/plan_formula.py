"""A loss written as an `expr` -> Python."""

from __future__ import annotations

from collections.abc import Mapping

from ..emit import code
from ..resolve.bound import Bound, Input
from .translate import Words


def formula_code(formula: Bound, names: Mapping[str, str]) -> tuple[code.Expression, set[str]]:
    """The formula as Python, and the modules that it uses.

    names: what the code calls the output and the target.
    """

    def value(node: Bound) -> code.Expression:
        assert isinstance(node, Input)
        return code.Name(names[node.name])

    def nothing(_: object) -> code.Expression:
        raise TypeError("a loss has no params, sizes or layers")

    words = Words(
        value=value,
        param=nothing,
        size=nothing,
        layer=nothing,
        state=nothing,
        device=lambda: code.Name("output"),
    )
    made = words.translate(formula)
    return made, words.modules
