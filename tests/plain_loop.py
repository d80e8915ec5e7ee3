"""The training loop as one writes it by hand, and the spec of the same training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import torch
from sklearn.datasets import make_classification  # type: ignore[import-untyped]
from torch import Tensor, nn

ROWS, BATCH, EPOCHS, SEED = 50, 20, 3, 5
LAYERS = """
[model]
name = "Net"
inputs.features = ["batch", 5]
layers = [
  { name = "hidden", type = "Linear", out_features = 8 },
  { name = "norm", type = "LayerNorm" },
  "ReLU",
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "make_classification"
n_samples = 50
n_features = 5
n_informative = 3
random_state = 101

[loss]
type = "BCEWithLogitsLoss"
"""
TRAINING = """
[training]
epochs = 3
batch_size = 20
seed = 5
"""


def plain_model() -> nn.Sequential:
    torch.manual_seed(SEED)
    return nn.Sequential(nn.Linear(5, 8), nn.LayerNorm(8), nn.ReLU(), nn.Linear(8, 1))


def plain_rows() -> tuple[Tensor, Tensor]:
    features, target = make_classification(
        n_samples=ROWS, n_features=5, n_informative=3, random_state=101
    )
    return (
        torch.tensor(features, dtype=torch.float32),
        torch.tensor(target, dtype=torch.float32).reshape(-1, 1),
    )


def plain_batches(x: Tensor, y: Tensor, generator: torch.Generator) -> Iterator[tuple[Any, Any]]:
    order = torch.randperm(len(x), generator=generator)
    for rows in torch.split(order, BATCH):
        yield x[rows], y[rows]


Step = Callable[[Callable[[], Tensor]], Tensor]


def stepping(model: nn.Module, *optimizers: torch.optim.Optimizer) -> Step:
    """A step of the plain loop by one optimizer or several."""

    def step(loss_of: Callable[[], Tensor]) -> Tensor:
        model.zero_grad()
        loss = loss_of()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()
        return loss

    return step


def plain_losses(
    model: nn.Module,
    rows: tuple[Tensor, Tensor],
    loss_fn: nn.Module,
    step: Step,
    after_batch: Callable[[], object] = lambda: None,
    after_epoch: Callable[[], object] = lambda: None,
) -> list[float]:
    """The mean loss of each epoch of the loop as one writes it by hand."""
    generator = torch.Generator().manual_seed(SEED)
    history = []
    for _ in range(EPOCHS):
        total = 0.0
        for x, y in plain_batches(*rows, generator):
            loss = step(lambda x=x, y=y: loss_fn(model(x), y))  # type: ignore[misc]
            total += loss.item() * len(y)
            after_batch()
        history.append(total / len(rows[0]))
        after_epoch()
    return history


def assert_same(package: ModuleType, model: nn.Module, losses: list[float]) -> None:
    trained = package.train()
    assert [row["train_loss"] for row in trained.history] == losses
    ours, theirs = trained.model.state_dict().values(), model.state_dict().values()
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
