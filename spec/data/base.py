"""What every source of rows says of itself. Rows are never looked at before the package runs."""

from typing import Annotated, ClassVar

from ..arguments import Arguments
from ..kinds import Integer
from ..names import snake_case

Seed = Annotated[int, Integer(0, 2**32 - 1)]
"""What numpy takes for a random_state."""


class Source(Arguments):
    """A table: one row an example, columns of features and a target.

    Its class's name in snake_case is the `type` in a spec.
    has_columns: whether a spec speaks of its columns by their names.
    """

    has_columns: ClassVar[bool] = False

    @classmethod
    def type_name(cls) -> str:
        """What a spec calls it."""
        return snake_case(cls.__name__)

    def file(self) -> str | None:
        """Its path below the spec's folder, where it is a file."""
        return None

    def rows(self) -> int | None:
        """Number of rows, None where it is known only once they are read."""
        return None


class Known(Source):
    """A function of sklearn.datasets, whose sizes are known before it is called."""

    def features(self) -> int:
        """Number of feature columns."""
        raise TypeError(f"{type(self).__name__} has no features")

    def classes(self) -> int | None:
        """Number of classes that the target counts; None where the target is a quantity."""
        return None

    def targets(self) -> int:
        """Number of target columns."""
        return 1
