"""PointNet, with its input and feature transforms."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class TNet(nn.Module):
    """A matrix near the identity."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k
        self.conv1, self.bn1 = nn.Conv1d(k, 64, 1), nn.BatchNorm1d(64)
        self.conv2, self.bn2 = nn.Conv1d(64, 128, 1), nn.BatchNorm1d(128)
        self.conv3, self.bn3 = nn.Conv1d(128, 1024, 1), nn.BatchNorm1d(1024)
        self.fc1, self.bn4 = nn.Linear(1024, 512), nn.BatchNorm1d(512)
        self.fc2, self.bn5 = nn.Linear(512, 256), nn.BatchNorm1d(256)
        self.fc3 = nn.Linear(256, k * k)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.bn1(self.conv1(x)))
        x = functional.relu(self.bn2(self.conv2(x)))
        x = functional.relu(self.bn3(self.conv3(x))).amax(2)
        x = functional.relu(self.bn4(self.fc1(x)))
        x = functional.relu(self.bn5(self.fc2(x)))
        return self.fc3(x).view(-1, self.k, self.k) + torch.eye(self.k)


class Encoder(nn.Module):
    """Features of the whole set."""

    def __init__(self) -> None:
        super().__init__()
        self.stn = TNet(3)
        self.conv1, self.bn1 = nn.Conv1d(3, 64, 1), nn.BatchNorm1d(64)
        self.fstn = TNet(64)
        self.conv2, self.bn2 = nn.Conv1d(64, 128, 1), nn.BatchNorm1d(128)
        self.conv3, self.bn3 = nn.Conv1d(128, 1024, 1), nn.BatchNorm1d(1024)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.matmul(x.transpose(2, 1), self.stn(x)).transpose(2, 1)
        x = functional.relu(self.bn1(self.conv1(x)))
        turn = self.fstn(x)
        x = torch.matmul(x.transpose(2, 1), turn).transpose(2, 1)
        x = functional.relu(self.bn2(self.conv2(x)))
        x = self.bn3(self.conv3(x))
        return x.max(dim=2)[0], turn


class PointNet(nn.Module):
    """Which class a set of points is of."""

    def __init__(self, classes: int = 40) -> None:
        super().__init__()
        self.feat = Encoder()
        self.fc1 = nn.Linear(1024, 512)
        self.bn1 = nn.BatchNorm1d(512)
        self.fc2 = nn.Linear(512, 256)
        self.dropout = nn.Dropout(0.4)
        self.bn2 = nn.BatchNorm1d(256)
        self.fc3 = nn.Linear(256, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x, turn = self.feat(x)
        x = functional.relu(self.bn1(self.fc1(x)))
        x = functional.relu(self.bn2(self.dropout(self.fc2(x))))
        return functional.log_softmax(self.fc3(x), dim=1), turn
