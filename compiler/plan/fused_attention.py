"""Whether torch's fused attention, which it derives only once, runs within a forward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ...spec.expression.nodes import Constant
from ..elaborate.typed import TypedNode, TypedScope
from ..resolve.bound import BlockCall, FunctionCall, LayerCall, walk
from ..resolve.graph import Argument, Formula, Recurrence

ATTENTION: Final = "torch.nn.attention."
"""What stands before the names of what chooses how attention is computed."""
_LAYERS: Final = frozenset(
    """Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder
    TransformerEncoderLayer""".split()
)
_FUNCTIONS: Final = ("multi_head_attention_forward", "scaled_dot_product_attention")


def has_fused_attention(
    uses: Sequence[TypedScope], blocks: Mapping[str, Sequence[TypedScope]]
) -> bool:
    """Whether some use may run it. blocks: what is called as functions."""
    return any(_runs(use, blocks, set()) for use in uses)


def _runs(scope: TypedScope, blocks: Mapping[str, Sequence[TypedScope]], seen: set[str]) -> bool:
    inner = list(_inside(scope.nodes))
    if any(map(_is_fused, inner)):
        return True
    used = [use for typed in inner if (use := typed.scope) is not None]
    outputs = [argument.value for _, argument in scope.scope.outputs]
    read = [argument for typed in inner for argument in _read(typed)]
    for part in walk((*(argument.value for argument in read), *outputs)):
        if isinstance(part, FunctionCall) and part.name in _FUNCTIONS:
            return True
        if isinstance(part, LayerCall) and _has_no_weights(_arguments(part)):
            return True
        if isinstance(part, BlockCall) and part.block not in seen:
            seen.add(part.block)
            used += blocks[part.block]
    return any(_runs(use, blocks, seen) for use in used)


def _inside(nodes: Sequence[TypedNode]) -> Iterator[TypedNode]:
    for typed in nodes:
        if not typed.absent:
            yield typed
            yield from _inside((*typed.children, *typed.times))


def _is_fused(typed: TypedNode) -> bool:
    name, call = type(typed.layer).__name__, typed.node.call
    if name != "MultiheadAttention" or call is None:
        return name in _LAYERS
    return _has_no_weights([(said, argument.value) for said, argument in call.arguments])


def _has_no_weights(arguments: Sequence[tuple[str | None, object]]) -> bool:
    """Whether a call of MultiheadAttention may leave out its weights: then it is fused."""
    fifth = [value for name, value in arguments[4:5] if name is None]
    said = dict(arguments).get("need_weights", *fifth)
    return said is not None and not (isinstance(said, Constant) and said.value is True)


def _arguments(call: LayerCall) -> list[tuple[str | None, object]]:
    return [*((None, arg) for arg in call.args), *call.keywords]


def _read(typed: TypedNode) -> Iterator[Argument]:
    """What an entry reads."""
    node, action = typed.node, typed.node.action
    if node.call is not None:
        yield from (argument for _, argument in node.call.arguments)
    if isinstance(action, Formula):
        yield action.expression
    if isinstance(action, Recurrence):
        yield from action.read()
