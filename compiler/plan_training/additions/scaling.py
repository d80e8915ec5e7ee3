"""Scaling: losses as large as float16's gradients need them, found while training."""

from __future__ import annotations

from collections.abc import Mapping

from ...emit import code
from ...emit.quote import quote
from .addition import Addition, Statements


class Scaling(Addition):
    """`precision = "fp16-mixed"` of `[training]`."""

    def after_optimizer(self, rows: str) -> Statements:
        return quote("scaler = torch.amp.GradScaler(torch.device(device).type)")

    def stateful(self) -> Mapping[str, str]:
        return {"scaler": "scaler"}

    def passed(self) -> tuple[code.Arg, ...]:
        return (code.Arg("scaler", code.Name("torch.amp.GradScaler")),)
