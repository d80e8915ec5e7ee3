"""What a recurrence computes: its layers once, over what stands for any of its times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..elaborate.typed import TypedNode
from ..resolve.graph import Recurrence

if TYPE_CHECKING:
    from .trace import Frame, Traced, Tracer


def trace_loop(
    tracer: Tracer,
    typed: TypedNode,
    action: Recurrence,
    path: str,
    scanned: Traced,
    frame: Frame,
) -> Traced:
    """The numbers of its stacked outputs, and of what it carried last."""
    tracer.depth += 1
    around = [tracer.read(argument, frame) for argument in (action.dim, *action.heads())]
    call = typed.node.call
    assert call is not None
    for place, (_, argument) in enumerate(call.arguments):
        taken = tracer.number("slice", tracer.depth, place)
        frame.values[argument.path] = ((), (taken,))
    for place, one in enumerate(action.carried):
        frame.values[one.held.entry] = ((), (tracer.number("carried", tracer.depth, place),))
    inner = frame.within(("loop", tracer.depth))
    prefix = path.removesuffix("None") if typed.name is None else f"{path}."
    tracer.nodes(typed.children, prefix, inner)
    renewed = [tracer.read(one.renewed, inner) for one in action.carried]
    stacked = [tracer.read(argument, inner) for _, argument in action.outputs]
    tracer.depth -= 1
    loop = tracer.number("loop", scanned, *around, *renewed)
    outputs = [tracer.number("stacked", loop, one) for one in stacked]
    lasts = [tracer.number("last", loop, place) for place in range(len(renewed))]
    return (*outputs, *lasts)
