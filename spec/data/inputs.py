"""`inputs.NAME`: what reaches an input of the model."""

from typing import Annotated

from ..fields import Many, Text
from ..kinds import Choice
from ..model import Section


class InputColumns(Section):
    """What is taken for an input, and what is done to it.

    columns: of a table; left out, every column that is not the target.
    prepare: what is done to them, in order, fitted on the training rows alone.
    """

    columns: Many[Text] | None = None
    prepare: Many[Annotated[str, Choice("min_max", "standard")]] = ()
