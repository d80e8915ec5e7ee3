"""Graph convolutions over a list of edges."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class GCNConv(nn.Module):
    """Means over neighbours, weighed by the degrees of both ends."""

    def __init__(self, inp: int, out: int) -> None:
        super().__init__()
        self.lin = nn.Linear(inp, out, bias=False)
        self.bias = nn.Parameter(torch.zeros(out))

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        x = self.lin(x)
        nodes = x.size(0)
        loops = torch.arange(nodes).expand(2, -1)
        row, col = torch.cat([edge_index, loops], dim=1)
        deg = torch.zeros(nodes).index_add(0, col, torch.ones(col.size(0)))
        scale = deg.pow(-0.5)
        norm = scale[row] * scale[col]
        out = torch.zeros_like(x).index_add(0, col, norm.unsqueeze(1) * x[row])
        return out + self.bias


class GCN(nn.Module):
    """Two layers."""

    def __init__(self, hidden: int = 16, classes: int = 7) -> None:
        super().__init__()
        self.conv1 = GCNConv(12, hidden)
        self.conv2 = GCNConv(hidden, classes)
        for conv in (self.conv1, self.conv2):
            nn.init.xavier_uniform_(conv.lin.weight)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        x = functional.relu(self.conv1(x, edge_index))
        x = functional.dropout(x, 0.5, training=self.training)
        return functional.log_softmax(self.conv2(x, edge_index), dim=1)
