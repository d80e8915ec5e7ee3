"""Padding. Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html"""

from typing import Annotated

from ..kinds import Choice
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import OptionalAnyNumber, Tensor, Wholes, function
from .pointwise import need_storable

PadMode = Annotated[str, Choice("constant", "reflect", "replicate", "circular")]


@function("F")
def pad(
    input: Tensor, pad: Wholes, mode: PadMode = "constant", value: OptionalAnyNumber = None
) -> TensorType:
    """Adds `pad[0]` before and `pad[1]` after the last dimension, the next two to the one before
    it, and so on; negative numbers cut."""
    if len(pad) % 2 or len(pad) > 2 * input.rank:
        raise Refusal(
            f"pad holds two numbers for each of the last dimensions of input, seen are {len(pad)}"
            f" for {input.rank} dimensions",
            argument="pad",
        )
    if mode == "constant":
        if value is not None and any(amount > 0 for amount in pad):
            need_storable(float(value), input.dtype, "value")
        return _padded(input, pad, least=0)
    if value not in (None, 0):
        raise Refusal(f'value has no meaning with mode "{mode}"', argument="value", other="mode")
    count = len(pad) // 2
    if count not in (1, 2, 3):
        raise Refusal(f'mode "{mode}" pads 1 to 3 dimensions, not {count}', argument="pad")
    need_rank(input, (count + 1, count + 2), "input", "(N, C, *) or (C, *)")
    if input.dtype == "bool" and mode != "circular":
        raise Refusal(
            f'mode "{mode}" pads no bools', code="dtype-mismatch", argument="input", other="mode"
        )
    need_at_least(input.shape[-count - 1], 1, "there must be a channel", argument="input")
    for back in range(1, count + 1):
        before, after = int(pad[2 * back - 2]), int(pad[2 * back - 1])
        if mode == "circular" and before * after < 0:
            raise Refusal("circular padding grows or cuts a dimension, not both", argument="pad")
        for amount in (before, after):
            _need_room(input.shape[-back], amount, mode)
    return _padded(input, pad, least=1)


def _need_room(size: Dim, amount: int, mode: str) -> None:
    """Reflecting needs more elements than it adds, wrapping around as many."""
    least = {"reflect": amount + 1, "circular": amount, "replicate": 1}[mode]
    need_at_least(
        size,
        max(least, 1),
        f'mode "{mode}" with padding {amount} needs a size of at least {max(least, 1)}',
        argument="input",
        other="padding",
    )


def _padded(input: TensorType, pad: tuple[int, ...], *, least: int) -> TensorType:
    """The input with its last dimensions grown; each must keep `least` elements."""
    shape = list(input.shape)
    for back in range(1, len(pad) // 2 + 1):
        before, after = pad[2 * back - 2], pad[2 * back - 1]
        what = "padding cuts more than there is"
        kept = shape[-back] + min(int(before), 0) + min(int(after), 0)
        need_at_least(kept, 0, what, argument="input", other="pad")
        shape[-back] = shape[-back] + before + after
        need_at_least(shape[-back], least, what, argument="input", other="pad")
    return input.with_shape(shape)
