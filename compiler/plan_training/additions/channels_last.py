"""Channels last: images whose channels lie side by side in memory, as fast kernels want them."""

from __future__ import annotations

from ...emit.quote import quote
from .addition import Addition, Statements


class ChannelsLast(Addition):
    """`channels_last` of `[training]`; the inputs follow where the model is called."""

    def after_model(self) -> Statements:
        return quote("model.to(memory_format=torch.channels_last)")
