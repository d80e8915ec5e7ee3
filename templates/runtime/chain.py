"""Preparations of an input, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Chain:
    """Steps, each fitted on what the ones before it give."""

    steps: list[Any]

    @classmethod
    def fit(cls, rows: Tensor, kinds: Sequence[Any]) -> Chain:
        """Return the steps for rows of shape (rows, ...).

        Args:
            kinds: classes of steps, which are fitted, or steps that need no fitting
        """
        steps = []
        for kind in kinds:
            step: Any = kind.fit(rows) if hasattr(kind, "fit") else kind
            rows = step(rows)
            steps.append(step)
        return cls(steps)

    def __call__(self, rows: Tensor) -> Tensor:
        """Return rows of the fitted shape (rows, ...), prepared."""
        for step in self.steps:
            rows = step(rows)
        return rows

    def state(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what was fitted, as a file keeps it."""
        return [(type(step).__name__, dict(vars(step))) for step in self.steps]

    @classmethod
    def restore(cls, state: Any, *kinds: type) -> Chain:
        """Return the steps of a state.

        Args:
            kinds: their classes
        """
        made = {kind.__name__: kind for kind in kinds}
        return cls([made[kind](**fitted) for kind, fitted in state])
