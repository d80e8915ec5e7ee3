"""Stop training when it no longer helps, and return to its best epoch."""

import copy
from typing import Any

from torch import nn


class EarlyStopping:
    """Counts the epochs, follows one value, and keeps the weights of its best epoch."""

    def __init__(self, model: nn.Module, patience: int) -> None:
        self.model = model
        self.patience = patience
        self.best = float("inf")
        self.best_epoch = 0
        self.epoch = 0
        self.best_state = copy.deepcopy(model.state_dict())
        self.epochs_since_best = 0

    @property
    def is_over(self) -> bool:
        """Whether the value has not improved for `patience` epochs."""
        return self.epochs_since_best >= self.patience

    def note(self, value: float) -> None:
        """Take note of an epoch's value: the lower, the better."""
        self.epoch += 1
        if value < self.best:
            self.best = value
            self.best_epoch = self.epoch
            self.best_state = copy.deepcopy(self.model.state_dict())
            self.epochs_since_best = 0
        else:
            self.epochs_since_best += 1

    def restore(self) -> None:
        """Give the model the weights of its best epoch."""
        self.model.load_state_dict(self.best_state)

    def state_dict(self) -> dict[str, Any]:
        """Return the best epoch with its weights, and how long it has been."""
        return {name: value for name, value in vars(self).items() if name != "model"}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        vars(self).update(state)
