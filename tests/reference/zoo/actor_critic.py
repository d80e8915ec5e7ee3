"""Actor and critic on one body."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ActorCritic(nn.Module):
    """What to do in a state of four numbers, and what the state is worth."""

    def __init__(self, actions: int = 2) -> None:
        super().__init__()
        self.affine1 = nn.Linear(4, 128)
        self.action_head = nn.Linear(128, actions)
        self.value_head = nn.Linear(128, 1)

    def forward(self, state: Tensor) -> tuple[Tensor, Tensor]:
        x = functional.relu(self.affine1(state))
        action = torch.softmax(self.action_head(x), dim=-1)
        value = self.value_head(x)
        return action, value
