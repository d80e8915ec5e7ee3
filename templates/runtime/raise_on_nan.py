"""End training whose numbers are no longer finite."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from .finite import all_finite, gradients_of


class RaiseOnNan:
    """Remembers of each step whether its losses and gradients were finite.

    Attributes:
        step: how many steps were made
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
        self.step = 0
        # Of the steps since the last check; they stay on their device until then.
        self.finite: list[Tensor] = []

    def note(self, losses: Sequence[Tensor], parameters: Iterable[Tensor] = ()) -> None:
        """Take note of a step: its losses, and what has its gradients."""
        self.step += 1
        self.finite.append(self.all_finite(losses, gradients_of(parameters)))

    def check(self) -> None:
        """Raise FloatingPointError where a step since the last check was not finite."""
        if not self.finite:
            return
        finite: list[bool] = torch.stack(self.finite).tolist()
        self.finite = []
        if not all(finite):
            step = self.step - len(finite) + finite.index(False) + 1
            raise FloatingPointError(
                f"the loss or a gradient is not finite in step {step}: a lower learning"
                " rate or clip_grad_norm may help"
            )

    def state_dict(self) -> dict[str, Any]:
        """Return how many steps were made."""
        self.check()
        return {"step": self.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.step = state["step"]
        self.finite = []
