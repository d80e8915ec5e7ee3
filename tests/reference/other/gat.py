"""Graph attention over a list of edges."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class GATConv(nn.Module):
    """Neighbours weighed by attention, in several heads."""

    def __init__(self, inp: int, width: int, heads: int, joined: bool) -> None:
        super().__init__()
        self.lin = nn.Linear(inp, heads * width, bias=False)
        self.att_src = nn.Parameter(torch.empty(1, heads, width))
        self.att_dst = nn.Parameter(torch.empty(1, heads, width))
        self.bias = nn.Parameter(torch.empty(heads * width if joined else width))
        self.heads, self.joined = heads, joined

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        nodes = x.size(0)
        h = self.lin(x).view(nodes, self.heads, -1)
        loops = torch.arange(nodes).expand(2, -1)
        src, dst = torch.cat([edge_index, loops], dim=1)
        a_src, a_dst = (h * self.att_src).sum(-1), (h * self.att_dst).sum(-1)
        alpha = functional.leaky_relu(a_src[src] + a_dst[dst], 0.2)
        index = dst.unsqueeze(1).expand(-1, self.heads)
        top = torch.full((nodes, self.heads), -torch.inf)
        top = top.scatter_reduce(0, index, alpha.detach(), "amax")
        alpha = torch.exp(alpha - top[dst])
        total = torch.zeros(nodes, self.heads).index_add(0, dst, alpha)
        alpha = functional.dropout(alpha / (total[dst] + 1e-16), 0.6, training=self.training)
        out = torch.zeros_like(h).index_add(0, dst, alpha.unsqueeze(-1) * h[src])
        return (out.flatten(1) if self.joined else out.mean(1)) + self.bias


class GAT(nn.Module):
    """Two layers."""

    def __init__(self, channels: int = 8, heads: int = 4, classes: int = 7) -> None:
        super().__init__()
        self.conv1 = GATConv(12, channels, heads, True)
        self.conv2 = GATConv(channels * heads, classes, 1, False)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        x = functional.dropout(x, 0.6, training=self.training)
        x = functional.elu(self.conv1(x, edge_index))
        x = functional.dropout(x, 0.6, training=self.training)
        return self.conv2(x, edge_index)
