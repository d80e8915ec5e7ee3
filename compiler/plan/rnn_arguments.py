"""Arguments of the functions of `torch.nn.utils.rnn`, which want lists, and lengths on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...spec.expression import nodes
from ..emit import code
from ..resolve.bound import Bound, MethodCall, Param, Property, Value

RNN: Final = "torch.nn.utils.rnn."
"""What the names that come from there are noted under."""
_LISTS: Final = frozenset({"lengths", "sequences"})


def rnn_argument(
    name: str, node: Bound, made: code.Expression, is_list: Callable[[Bound], bool]
) -> code.Expression:
    """The code of an argument by its name, from what the expression itself is in code.

    is_list: whether a param or an entry's value is a list.
    """
    if name not in _LISTS:
        return made
    if isinstance(made, code.List):
        return made
    if isinstance(made, code.Tuple):
        return code.List(tuple(one for one in made.items if not isinstance(one, code.Slice)))
    if name == "sequences" or _is_list(node, is_list):
        return code.Call(code.Name("list"), (made,))
    return code.Call(code.Attribute(made, "cpu"))


def _is_list(node: Bound, is_list: Callable[[Bound], bool]) -> bool:
    """Whether lengths are a list of numbers, and no tensor."""
    match node:
        case Param() | Value():
            return is_list(node)
        case Property():
            return node.name == "shape"
        case MethodCall():
            return node.is_measure
        case nodes.Subscript(value, nodes.Slice()) | nodes.Binary(value):
            return _is_list(value, is_list)
        case nodes.Conditional(_, body):
            return _is_list(body, is_list)
    return isinstance(node, nodes.Sequence)
