"""What `[data]` says beside its source's own arguments."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from ..fields import Many, Text
from ..kinds import Choice, Integer, Optional, Real
from ..model import Section

Share = Annotated[float, Real(above=0.0, below=1.0)]


class InputColumns(Section):
    """`inputs.NAME`: what reaches an input of the model.

    columns: of a table; left out, every column that is not the target.
    prepare: what is done to them, in order, fitted on the training rows alone.
    """

    columns: Many[Text] | None = None
    prepare: Many[Annotated[str, Choice("min_max", "standard")]] = ()


class Split(Section):
    """`split`: the share of the rows that each part gets, adding up to 1."""

    train: Share
    validation: Annotated[float | None, Optional(Real(above=0.0, below=1.0))] = None
    test: Annotated[float | None, Optional(Real(above=0.0, below=1.0))] = None
    by: Annotated[str, Choice("random", "stratified")] = "random"
    seed: Annotated[int, Integer(0, 2**63 - 1)] = 0

    @model_validator(mode="after")
    def _check_sum(self) -> Split:
        total = sum(self.parts().values())
        if abs(total - 1.0) > 1e-9:
            shares = ", ".join(f"{name} {share:g}" for name, share in self.parts().items())
            raise ValueError(f"must add up to 1, not {total:g}: {shares}")
        return self

    def parts(self) -> dict[str, float]:
        """The share of each part that there is."""
        shares = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: share for name, share in shares.items() if share is not None}


class DataSection(Section):
    """What `[data]` says beside its source's own arguments."""

    inputs: dict[str, InputColumns] = Field(default={})
    target: Text | None = None
    split: Split | None = None
