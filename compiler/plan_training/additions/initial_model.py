"""The model as it was before the first step, for the pictures of before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...emit import code
from ...emit.quote import quote
from .addition import Addition, Import, Kept, Statements


class InitialModel(Addition):
    """`probabilities` among the `plots` of `[training]`."""

    def imports(self) -> Iterator[Import]:
        yield code.Import("copy")

    def kept(self) -> Mapping[str, Kept]:
        says = "the model as it was before the first step"
        return {"initial": Kept(self.model.class_name, says, "initial.eval()")}

    def stateful(self) -> Mapping[str, str]:
        return {"initial": "initial"}

    def after_model(self) -> Statements:
        return quote("initial = copy.deepcopy(model)")
