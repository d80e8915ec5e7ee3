"""A mixture of experts, of which each token has the best two."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Expert(nn.Module):
    """A gated feed-forward layer."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.w1 = nn.Linear(hidden, inner, bias=False)
        self.w3 = nn.Linear(hidden, inner, bias=False)
        self.w2 = nn.Linear(inner, hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.w2(functional.silu(self.w1(x)) * self.w3(x))


class SparseMoe(nn.Module):
    """The layer."""

    def __init__(
        self, hidden: int = 16, inner: int = 32, num_experts: int = 4, top_k: int = 2
    ) -> None:
        super().__init__()
        self.gate = nn.Linear(hidden, num_experts, bias=False)
        self.experts = nn.ModuleList(Expert(hidden, inner) for _ in range(num_experts))
        self.top_k = top_k

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.gate(x)
        best, chosen = torch.topk(functional.softmax(logits, dim=-1), self.top_k, dim=-1)
        best = best / best.sum(dim=-1, keepdim=True)
        shares = torch.zeros_like(logits).scatter(-1, chosen, best)
        total = torch.zeros_like(x)
        for i, expert in enumerate(self.experts):
            total = total + shares[:, :, i].unsqueeze(-1) * expert(x)
        return total, logits
