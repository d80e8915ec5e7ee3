"""`split`: which share of the rows is learned from, and which is kept to judge by."""

from typing import Annotated

from ..kinds import Choice, Integer, Optional, Real
from ..model import Section

Share = Annotated[float, Real(above=0.0, below=1.0)]
OptionalShare = Annotated[float | None, Optional(Real(above=0.0, below=1.0))]


class Split(Section):
    """The share of the rows that each part gets, adding up to 1."""

    train: Share
    validation: OptionalShare = None
    test: OptionalShare = None
    by: Annotated[str, Choice("random", "stratified")] = "random"
    seed: Annotated[int, Integer(0, 2**63 - 1)] = 0

    def model_post_init(self, context: object) -> None:
        total = sum(self.parts().values())
        if abs(total - 1.0) > 1e-9:
            shares = ", ".join(f"{name} {share:g}" for name, share in self.parts().items())
            raise ValueError(f"must add up to 1, not {total:g}: {shares}")

    def parts(self) -> dict[str, float]:
        """The share of each part that there is."""
        shares = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: share for name, share in shares.items() if share is not None}
