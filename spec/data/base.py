"""What every source of rows says of itself. Rows are never looked at before the package runs."""

from __future__ import annotations

from ..arguments import Arguments
from ..names import snake_case


class Source(Arguments):
    """A table: one row an example, columns of features and a target.

    Its class's name in snake_case is the `type` in a spec.
    """

    @classmethod
    def type_name(cls) -> str:
        """What a spec calls it."""
        return snake_case(cls.__name__)


class Known(Source):
    """A function of sklearn.datasets, whose sizes are known before it is called."""

    def rows(self) -> int | None:
        """Number of rows, None where only the library knows."""
        return None

    def features(self) -> int:
        """Number of feature columns."""
        raise TypeError(f"{type(self).__name__} has no features")

    def classes(self) -> int | None:
        """Number of classes that the target counts; None where the target is a quantity."""
        return None

    def targets(self) -> int:
        """Number of target columns."""
        return 1
