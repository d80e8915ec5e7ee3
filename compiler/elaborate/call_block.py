"""Calls of blocks as functions, in expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.cost import spend
from ...spec.tensor.type import TensorType
from ..resolve.bound import BlockCall
from ..resolve.graph import BlockUse, Node
from .call_inputs import WrongInput, block_inputs
from .callers import in_callers_words
from .describe import describe
from .evaluate import Unknown
from .flops import flops_of
from .typed import Known

if TYPE_CHECKING:
    from .elaborate_scope import Owner


def call_block(
    owner: Owner,
    place: Path,
    call: BlockCall,
    args: Sequence[Known],
    keywords: Mapping[str, Known],
) -> Known:
    """What a call gives: one value, or several. Raises `Refusal`, or `Unknown` once reported.

    place: where the call is written.
    """
    given = [*((None, arg) for arg in args), *keywords.items()]
    try:
        inputs = block_inputs(call.block, owner.graph.blocks[call.block].inputs, given)
    except WrongInput as error:
        refusal = error.refusal
        raise Refusal(refusal.message, code=refusal.code, help=refusal.help) from None
    for name, value in inputs.items():
        if not isinstance(value, TensorType):
            said = f"{call.block} takes a tensor for {name}, this is {describe(value)}"
            raise Refusal(said, code="wrong-type")
    use = BlockUse(call.block, {})
    body = owner.block(use, {}, inputs, Node(place, (), None, use, None))
    if body is None:
        raise Unknown
    spend(flops_of(body.nodes))
    outputs = in_callers_words(body, {}, inputs)
    return outputs if len(outputs) > 1 else outputs[0]
