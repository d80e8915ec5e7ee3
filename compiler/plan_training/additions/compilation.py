"""Compilation: the model's forward and backward pass as torch.compile makes them."""

from __future__ import annotations

from collections.abc import Mapping

from ...emit import code
from ...emit.quote import quote
from .addition import Addition, Option, Statements


class Compilation(Addition):
    """`compile` of `[training]`."""

    def options(self) -> Mapping[str, Option]:
        says = "whether to compile the model, which takes a while at first"
        return {"compiled": Option(says, code.Name("bool"), code.Constant(True), "flag")}

    def after_model(self) -> Statements:
        return quote(
            """
            if compiled:
                MODEL.compile()
            """,
            MODEL="parallel" if self.spec.training.distributed == "ddp" else "model",
        )
