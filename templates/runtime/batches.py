"""Batches of training, epoch after epoch, from a place that can be found again."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

Batch = TypeVar("Batch")


class Batches(Generic[Batch]):
    """The batches of every epoch, in an order of its own.

    Attributes:
        step: how many batches were given
    """

    def __init__(
        self,
        draw: Callable[[], Iterable[Batch]],
        generator: torch.Generator = torch.default_generator,
    ) -> None:
        """
        Args:
            draw: gives the batches of a new epoch
            generator: what `draw` takes its random numbers from
        """
        self.draw = draw
        self.generator = generator
        self.step = 0
        # Of the epoch under way: the generator as it was, how many batches were given,
        # and those that were not.
        self.drawn_with: Tensor | None = None
        self.given = 0
        self.rest: Iterator[Batch] = iter(())

    def epoch(self) -> Iterator[Batch]:
        """Yield what is left of the epoch under way, or else a new one's batches."""
        if self.drawn_with is None:
            self.drawn_with = self.generator.get_state()
            self.given = 0
            self.rest = iter(self.draw())
        for batch in self.rest:
            self.given += 1
            self.step += 1
            yield batch
        self.drawn_with = None

    def until(self, step: int) -> Iterator[Batch]:
        """Yield batches, epoch after epoch, until `step` were given in all."""
        while self.step < step:
            for batch in self.epoch():
                yield batch
                if self.step == step:
                    return

    def state_dict(self) -> dict[str, Any]:
        """Return the place."""
        return {
            "step": self.step,
            "given": self.given,
            "drawn_with": self.drawn_with,
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go to a place, by drawing its epoch once more."""
        self.step = state["step"]
        self.given = state["given"]
        self.drawn_with = state["drawn_with"]
        if self.drawn_with is not None:
            self.generator.set_state(self.drawn_with)
            self.rest = iter(self.draw())
            for _ in range(self.given):
                next(self.rest)
        self.generator.set_state(state["generator"])
