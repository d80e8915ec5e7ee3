"""An actor and a critic on one body."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ActorCritic(nn.Module):
    """Two actions in a state of four numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.affine1 = nn.Linear(4, 128)
        self.action_head = nn.Linear(128, 2)
        self.value_head = nn.Linear(128, 1)

    def forward(self, state: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.relu(self.affine1(state))
        return torch.softmax(self.action_head(x), -1), self.value_head(x)
