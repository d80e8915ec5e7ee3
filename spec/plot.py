"""`[[plot]]`: a picture of the model's outputs over one of its inputs."""

from __future__ import annotations

from typing import Annotated

from .fields import Many, Text
from .kinds import Integer, Real
from .model import Section
from .schema import Key

Number = Annotated[float, Real()]


class Axis(Section):
    """The input that varies: evenly spaced `points` from `from` to `to`."""

    name: Text
    start: Annotated[Number, Key("from")]
    to: Number
    points: Annotated[int, Integer(2, 1_000_000)]

    def model_post_init(self, context: object) -> None:
        if self.start >= self.to:
            raise ValueError(f"must go up: from {self.start:g} to {self.to:g} does not")


class Plot(Section):
    """Outputs of the model as curves over an input.

    y: the outputs.
    inputs: the value of each other input that the outputs depend on.
    """

    x: Axis
    y: Many[Text]
    inputs: dict[str, Number] = {}
