"""Scales of losses that change as training goes on: the loss is told how far it is."""

from __future__ import annotations

from ...emit.quote import quote
from .addition import Addition, Statements


class LossScales(Addition):
    """`scale` of `[loss]`, as an expression of the epoch or the step."""

    def before_epoch(self) -> Statements:
        return () if self.spec.counts_steps else quote("loss_fn.epoch = epoch")

    def before_batch(self) -> Statements:
        return quote("loss_fn.step = batches.step") if self.spec.counts_steps else ()
