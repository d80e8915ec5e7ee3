"""Parameters and buffers of one's own, what fills them, and ties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from ...spec import registry
from ...spec.expression import nodes
from ...spec.kinds import Kind
from ...spec.tensor.dtype import DEFAULT
from ...spec.tensor.type import TensorType
from ..elaborate.storage import FIXED_VIEWS, VIEWS, VIEWS_OF_ONE
from ..emit import code
from ..resolve.bound import BlockCall, FunctionCall, MethodCall, Value
from ..resolve.graph import Argument, InitRule, TensorUse
from .translate import is_plain

_OVERLAPPING: Final = frozenset({"as_strided", "broadcast_to", "expand", "expand_as"})
RECURRENT: Final = ("RNN", "LSTM", "GRU")
"""Layers that name their parameters when they are made, one for each layer and direction."""


class ArgumentWords(Protocol):
    """What translates arguments at a place of the output."""

    modules: set[str]

    def argument(self, argument: Argument, kind: Kind | None = None) -> Any:
        """The code of an argument."""


def tensor_call(use: TensorUse, type: TensorType, words: ArgumentWords) -> code.Expression:
    """`nn.Parameter(torch.empty(3, 4))`, `nn.Buffer(torch.tensor([1.0, 2.0]))`."""
    words.modules.add("torch")
    if use.trainable:
        rest = () if use.requires_grad else (code.Keyword("requires_grad", code.Constant(False)),)
        return code.Call(code.Name("nn.Parameter"), (_filled(use, type, words),), rest)
    rest = () if use.persistent else (code.Keyword("persistent", code.Constant(False)),)
    return code.Call(code.Name("nn.Buffer"), (_filled(use, type, words),), rest)


def _filled(use: TensorUse, type: TensorType, words: ArgumentWords) -> code.Expression:
    dtype = (code.Keyword("dtype", code.Name(f"torch.{type.dtype}")),)
    if use.shape is not None:
        sizes = words.argument(use.shape)
        assert isinstance(sizes, code.Tuple)
        keywords = () if type.dtype == DEFAULT else dtype
        # Without sizes, only a tuple says that it is a scalar.
        args = sizes.items if sizes.items else (sizes,)
        empty = code.Name(_made_full(use) or "torch.empty")
        return code.Call(empty, args, keywords)  # type: ignore[arg-type]
    assert use.value is not None
    if not isinstance(use.value.value, tuple) and not is_plain(use.value.bound):
        made = words.argument(use.value)
        if use.dtype is not None:
            made = code.Call(code.Attribute(made, "to"), (code.Name(f"torch.{use.dtype}"),))
        # What a checkpoint fills is memory of its own.
        return code.Call(code.Attribute(made, "clone")) if _may_share(use.value.bound) else made
    keywords = (
        dtype if use.dtype is not None or type.dtype not in (DEFAULT, "int64", "bool") else ()
    )
    return code.Call(code.Name("torch.tensor"), (_listed(use.value, words),), keywords)


def is_filled_at_once(use: TensorUse) -> bool:
    """Whether a tensor of one's own has its first values as soon as it is made."""
    return _made_full(use) is not None


def _made_full(use: TensorUse) -> str | None:
    """The function that makes a tensor with the first values that its entry says, if there is."""
    function = use.init.function.torch_name() if use.init is not None else ""
    return {"zeros_": "torch.zeros", "ones_": "torch.ones"}.get(function)


def _may_share(node: nodes.Node) -> bool:
    """Whether a value may lie in another tensor's memory, or over itself."""
    match node:
        case Value() | BlockCall():
            return True
        case FunctionCall(name, args, _):
            return _is_view(name, args)
        case MethodCall(receiver, name, args, _):
            return _is_view(registry.method_name(name), (receiver, *args))
        case nodes.Subscript(value, _):
            return _may_share(value)
        case nodes.Conditional(_, body, orelse):
            return _may_share(body) or _may_share(orelse)
    return False


def _is_view(name: str, args: Sequence[nodes.Node]) -> bool:
    if name in _OVERLAPPING:
        return True
    return name in VIEWS | FIXED_VIEWS | VIEWS_OF_ONE and any(map(_may_share, args))


def _listed(argument: Argument, words: ArgumentWords) -> code.Expression:
    """Nested lists of numbers as lists."""
    if isinstance(argument.value, tuple):
        return code.List(tuple(_listed(item, words) for item in argument.value))
    return words.argument(argument)  # type: ignore[no-any-return]


def is_declared(layer: str, name: str) -> bool:
    """Whether torch tells type checkers that this attribute of a module is a tensor."""
    if layer in RECURRENT or name.startswith(("running_", "num_batches_")):
        return False
    return name != "bias" or not layer.startswith("Conv")


def init_call(rule: InitRule, tensor: code.Expression, words: ArgumentWords) -> code.Statement:
    """`nn.init.normal_(self.scale, std=0.02)`"""
    fields = rule.function.model_fields
    args: list[code.Expression] = [tensor]
    keywords = []
    for place, name in enumerate(fields):
        if name not in rule.arguments:
            continue
        kind = next((m for m in fields[name].metadata if isinstance(m, Kind)), None)
        made = words.argument(rule.arguments[name], kind)
        if place < rule.function.positional:
            args.append(made)
        else:
            keywords.append(code.Keyword(name, made))
    function = code.Name(f"nn.init.{rule.function.torch_name()}")
    return code.Expr(code.Call(function, tuple(args), tuple(keywords)))
