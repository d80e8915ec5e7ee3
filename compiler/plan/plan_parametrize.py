"""The code of parametrizations: `weight_norm(nn.Linear(3, 4), dim=1)`."""

from __future__ import annotations

from typing import Final

from ...spec.kinds import Kind
from ..emit import code
from ..resolve.graph import Node, Parametrized
from .plan_tensors import ArgumentWords

PARAMETRIZATIONS: Final = "torch.nn.utils.parametrizations."


def parametrized(node: Node, module: code.Expression, words: ArgumentWords) -> code.Expression:
    """A module with its tensors parametrized; what parametrizes gives the module back."""
    for one in node.parametrized:
        module = _call(one, module, words)
    return module


def _call(one: Parametrized, module: code.Expression, words: ArgumentWords) -> code.Expression:
    name = one.function.torch_name()
    words.modules.add(PARAMETRIZATIONS + name)
    args: tuple[code.Expression, ...] = (module,)
    if one.tensor != "weight":
        args = (module, code.Constant(one.tensor))
    fields = one.function.model_fields
    keywords = []
    for key, field in fields.items():
        argument = one.arguments.get(key)
        if argument is None:
            continue
        kind = next((mark for mark in field.metadata if isinstance(mark, Kind)), None)
        made = words.argument(argument, kind)
        if made != code.Constant(field.default):
            keywords.append(code.Keyword(key, made))
    return code.Call(code.Name(name), args, tuple(keywords))
