"""Leave out steps whose numbers are not finite."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import Tensor

from .finite import all_finite, gradients_of


class SkipOnNan:
    """Counts the steps that are left out.

    Attributes:
        skipped: how many there were
    """

    def __init__(
        self,
        all_finite: Callable[[Sequence[Tensor], Sequence[Tensor]], Tensor] = all_finite,
    ) -> None:
        """
        Args:
            all_finite: says whether losses and gradients are
        """
        self.all_finite = all_finite
        self.skipped = 0

    def is_finite(self, losses: Sequence[Tensor], parameters: Iterable[Tensor]) -> bool:
        """Return whether a step can be made: its losses and gradients are finite."""
        is_finite = bool(self.all_finite(losses, gradients_of(parameters)))
        self.skipped += not is_finite
        return is_finite

    def state_dict(self) -> dict[str, Any]:
        """Return how many steps were left out."""
        return {"skipped": self.skipped}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.skipped = state["skipped"]
