"""Pictures of training: what the log needs for them, and those that are drawn on the way."""

from __future__ import annotations

from collections.abc import Mapping

from ...emit import code
from ...emit.quote import quote, quoted
from ..plan_pictures import draw_arguments, draw_function
from .addition import Addition, Statements


class Pictures(Addition):
    """`plots` of `[training]`."""

    def functions(self) -> Statements:
        return draw_function(self.spec, self.model)

    def logged(self) -> Mapping[str, code.Expression]:
        if not self.spec.draws("learning_rate"):
            return {}
        return {"learning_rate": quoted('optimizer.param_groups[0]["lr"]')}

    def after_epoch(self) -> Statements:
        names = [*draw_arguments(self.spec, self.model)]
        if not names:
            return ()
        spec = self.spec
        rows = "train_data" if spec.data.is_split else "data"
        data = "validation_data" if "validation" in spec.data.parts else rows
        passed = {"history": "log.rows", "data": data, "model": spec.kept_model}
        given = tuple(code.Name(passed.get(name, name)) for name in names)
        call = code.Call(code.Name("draw_pictures"), given)
        return quote("if run is not None:\n    CALL", CALL=call)
