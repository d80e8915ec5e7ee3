"""What the keys of `[training]` mean, as a loop that reads them as it goes along."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn

SEED = 5
Rows = tuple[Tensor, Tensor]
DTYPES = {"bf16-mixed": torch.bfloat16, "fp16-mixed": torch.float16}


open_flags: Callable[[], AbstractContextManager[None]]
open_flags = getattr(torch.backends, "__allow_nonbracketed_mutation")
"""Lets flags of backends be set, which torch's own modules of testing freeze when imported."""


class Keys(NamedTuple):
    """Some keys of `[training]`, and of what stands beside it.

    loss: "mean", "sum", or "weighed" by class. norm: the layer in the middle.
    optimizer, scheduler: one of those below.
    """

    epochs: int | None = 2
    steps: int | None = None
    every: int = 1
    batch_size: int = 20
    accumulate: int = 1
    clip_grad_norm: float | None = None
    clip_grad_value: float | None = None
    precision: str | None = None
    on_nan: str | None = None
    ema: float | None = None
    swa: int | None = None
    swa_lr: float | None = None
    patience: int | None = None
    deterministic: bool = False
    validates: bool = True
    loss: str = "mean"
    norm: str = "LayerNorm"
    optimizer: str = "SGD"
    scheduler: str | None = None

    def spec(self) -> str:
        """The spec of the same training."""
        weighed = self.loss == "weighed"
        split = "split = { train = 0.8, validation = 0.2 }" if self.validates else ""
        loss = 'type = "BCEWithLogitsLoss"'
        if weighed:
            loss = 'type = "CrossEntropyLoss"\nweight = [0.25, 1.5]'
        elif self.loss == "sum":
            loss += '\nreduction = "sum"'
        return f"""
[model]
name = "Net"
inputs.features = ["batch", 5]
layers = [
  {{ name = "hidden", type = "Linear", out_features = 8 }},
  {{ name = "norm", type = "{self.norm}" }},
  "ReLU",
  {{ name = "output", type = "Linear", out_features = {1 + weighed} }},
]

[data]
type = "make_classification"
n_samples = 50
n_features = 5
n_informative = 3
random_state = 101
{split}

[loss]
{loss}

{OPTIMIZERS[self.optimizer][0]}
{SCHEDULERS[self.scheduler][0]}

[training]
batch_size = {self.batch_size}
seed = {SEED}
{self._training()}
"""

    def _training(self) -> str:
        lines = [
            f"{key} = {repr(value).replace(chr(39), chr(34))}"
            for key, value in self._asdict().items()
            if key in PLAIN and value is not None
        ]
        lines += ["deterministic = true"] if self.deterministic else []
        if self.steps is not None:
            lines.append(f"log = {{ every = {self.every} }}")
        if self.ema is not None:
            lines.append(f"ema = {{ decay = {self.ema} }}")
        if self.swa is not None:
            lr = f", swa_lr = {self.swa_lr}, anneal_epochs = 2" if self.swa_lr is not None else ""
            lines.append(f"swa = {{ start = {self.swa}{lr} }}")
        if self.patience is not None:
            watched = "validation_loss" if self.validates else "train_loss"
            lines.append(
                f'early_stopping = {{ monitor = "{watched}", patience = {self.patience} }}'
            )
        return "\n".join(lines)


PLAIN = (
    *("epochs", "steps", "accumulate", "clip_grad_norm", "clip_grad_value", "precision"),
    "on_nan",
)
Optimizers = Callable[[Any], list[torch.optim.Optimizer]]
OPTIMIZERS: dict[str, tuple[str, Optimizers]] = {
    "SGD": (
        '[optimizer]\ntype = "SGD"\nlr = 0.1\nmomentum = 0.9',
        lambda net: [torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)],
    ),
    "AdamW": (
        '[optimizer]\ntype = "AdamW"\nlr = 0.02',
        lambda net: [torch.optim.AdamW(net.parameters(), lr=0.02)],
    ),
    "two": (
        '[[optimizer]]\ntype = "SGD"\nlr = 0.1\nmatch = "output.*"\n'
        '[[optimizer]]\ntype = "AdamW"\nlr = 0.02',
        lambda net: [
            torch.optim.SGD(net.output.parameters(), lr=0.1),
            torch.optim.AdamW([*net.hidden.parameters(), *net.norm.parameters()], lr=0.02),
        ],
    ),
}
Made = Callable[[torch.optim.Optimizer, int], Any]
lr_scheduler = torch.optim.lr_scheduler
SCHEDULERS: dict[str | None, tuple[str, Made]] = {
    None: ("", lambda optimizer, steps: None),
    "step": (
        '[scheduler]\ntype = "LinearLR"\ntotal_iters = "steps"\nevery = "step"',
        lambda optimizer, steps: lr_scheduler.LinearLR(optimizer, total_iters=steps),
    ),
    "epoch": (
        '[scheduler]\ntype = "ExponentialLR"\ngamma = 0.5\nevery = "epoch"',
        lambda optimizer, steps: lr_scheduler.ExponentialLR(optimizer, 0.5),
    ),
    "plateau": (
        '[scheduler]\ntype = "ReduceLROnPlateau"\nmonitor = "train_loss"\npatience = 0',
        lambda optimizer, steps: lr_scheduler.ReduceLROnPlateau(optimizer, patience=0),
    ),
}


class Net(nn.Module):
    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self.hidden = nn.Linear(5, 8)
        self.norm: nn.Module = getattr(nn, keys.norm)(8)
        self.output = nn.Linear(8, 1 + (keys.loss == "weighed"))

    def forward(self, x: Tensor) -> Any:
        return self.output(torch.relu(self.norm(self.hidden(x))))


class Plain:
    """Trains as the keys say."""

    def __init__(self, keys: Keys, train: Rows, validation: Rows | None) -> None:
        self.keys = keys
        self.rows, self.validation = train, validation
        torch.manual_seed(SEED)
        self.model = Net(keys)
        self.generator = torch.Generator().manual_seed(SEED)
        self.optimizers = OPTIMIZERS[keys.optimizer][1](self.model)
        self.scaler = torch.amp.GradScaler("cpu", enabled=keys.precision == "fp16-mixed")
        each = math.ceil(len([*self.batches(torch.Generator())]) / keys.accumulate)
        steps = keys.steps or each * (keys.epochs or 0)
        made = SCHEDULERS[keys.scheduler][1]
        self.schedulers = [made(one, steps) for one in self.optimizers if keys.scheduler]
        self.average: Any = None
        if keys.ema is not None:
            self.average = AveragedModel(
                self.model,
                multi_avg_fn=get_ema_multi_avg_fn(keys.ema),  # type: ignore[no-untyped-call]
                use_buffers=keys.norm == "BatchNorm1d",
            )
        if keys.swa is not None:
            self.average = AveragedModel(self.model)
        self.annealing: list[Any] = []
        if keys.swa_lr is not None:
            self.annealing = [SWALR(one, keys.swa_lr, anneal_epochs=2) for one in self.optimizers]
        self.losses: list[Tensor] = []
        self.counts: list[float] = []
        self.skipped = 0

    @property
    def kept(self) -> nn.Module:
        """What is measured and returned."""
        return self.average.module if self.average is not None else self.model

    def batches(self, generator: torch.Generator) -> Iterator[Rows]:
        order = torch.randperm(len(self.rows[0]), generator=generator)
        # Where rows lie in memory may change the last bit of what is computed with them.
        parts = (torch.split(rows[order], self.keys.batch_size) for rows in self.rows)
        fewest = 2 if self.keys.norm == "BatchNorm1d" else 1
        for x, y in zip(*parts, strict=True):
            if len(x) >= fewest:
                yield x, y

    def groups(self) -> Iterator[list[Rows]]:
        """The batches of an epoch, in groups."""
        batches = self.batches(self.generator)
        while group := list(islice(batches, self.keys.accumulate)):
            yield group

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        if self.keys.loss == "weighed":
            return nn.functional.cross_entropy(output, target, torch.tensor([0.25, 1.5]))
        reduction = "sum" if self.keys.loss == "sum" else "mean"
        return nn.functional.binary_cross_entropy_with_logits(output, target, reduction=reduction)

    def weight(self, target: Tensor) -> float | Tensor:
        """What the mean over a batch divides by."""
        if self.keys.loss == "weighed":
            return torch.tensor([0.25, 1.5])[target].sum()
        return len(target)

    def precision(self) -> AbstractContextManager[object]:
        if self.keys.precision is None:
            return nullcontext()
        return torch.autocast("cpu", dtype=DTYPES[self.keys.precision])

    def step(self, group: list[Rows]) -> None:
        self.model.train()
        self.model.zero_grad()
        if self.keys.loss == "weighed":
            size: Any = torch.stack([torch.as_tensor(self.weight(y)) for _, y in group]).sum()
        else:
            size = sum(len(y) for _, y in group)
        for x, y in group:
            with self.precision():
                loss = self.loss(self.model(x), y)
            part = loss
            if self.keys.loss != "sum" and self.keys.accumulate > 1:
                part = loss * (self.weight(y) / size)
            self.scaler.scale(part).backward()  # type: ignore[no-untyped-call]
            weight = 1.0 if self.keys.loss == "sum" else self.weight(y)
            self.losses.append(loss.detach().double() * weight)
            self.counts.append(float(self.weight(y)))
        self.update(group)
        if self.keys.scheduler == "step":
            for scheduler in self.schedulers:
                scheduler.step()
        if self.keys.ema is not None:
            self.average.update_parameters(self.model)

    def update(self, group: list[Rows]) -> None:
        keys = self.keys
        for optimizer in self.optimizers:
            self.scaler.unscale_(optimizer)
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        finite = all(bool(t.isfinite().all()) for t in (*gradients, *self.losses[-len(group) :]))
        if finite or keys.on_nan is None:
            if keys.clip_grad_value is not None:
                nn.utils.clip_grad_value_(self.model.parameters(), keys.clip_grad_value)
            if keys.clip_grad_norm is not None:
                nn.utils.clip_grad_norm_(self.model.parameters(), keys.clip_grad_norm)
            for optimizer in self.optimizers:
                self.scaler.step(optimizer)
        else:
            self.skipped += 1
        self.scaler.update()

    def row(self) -> float:
        """The loss since the last row."""
        total = torch.stack(self.losses).sum()
        count = 1.0 if self.keys.loss == "sum" else torch.tensor(self.counts).double().sum()
        self.losses, self.counts = [], []
        return float(total / count)

    def measured(self) -> float:
        """The loss on the rows for validation."""
        assert self.validation is not None
        self.kept.eval()
        with torch.no_grad(), self.precision():
            parts = torch.split(self.validation[0], self.keys.batch_size)
            output = torch.cat([self.kept(part) for part in parts])
            return self.loss(output, self.validation[1]).item()

    def until(self) -> Iterator[int]:
        """Makes the steps of each row, and yields its number."""
        keys = self.keys
        if keys.epochs is not None:
            for epoch in range(1, keys.epochs + 1):
                for group in self.groups():
                    self.step(group)
                yield epoch
            return
        assert keys.steps is not None
        done = 0
        while True:
            for group in self.groups():
                self.step(group)
                done += 1
                if done % keys.every == 0 or done == keys.steps:
                    yield done
                if done == keys.steps:
                    return

    def run(self) -> list[dict[str, float]]:
        keys, history = self.keys, []
        best, since = math.inf, 0
        best_state = copy.deepcopy(self.kept.state_dict())
        for number in self.until():
            row = {"epoch" if keys.epochs else "step": number, "train_loss": self.row()}
            self.renew_mean(number)
            if keys.validates:
                row["validation_loss"] = self.measured()
            if keys.on_nan == "skip":
                row["skipped"] = self.skipped
            history.append(row)
            self.schedule(number, row["train_loss"])
            value = row["validation_loss" if keys.validates else "train_loss"]
            since += 1
            if value < best:
                best, since = value, 0
                best_state = copy.deepcopy(self.kept.state_dict())
            if keys.patience is not None and since >= keys.patience:
                break
        if keys.patience is not None:
            self.kept.load_state_dict(best_state)
        return history

    def renew_mean(self, number: int) -> None:
        if self.keys.swa is None:
            return
        if number <= self.keys.swa:
            self.average = AveragedModel(self.model) if self.average is None else self.average
            self.average.module.load_state_dict(self.model.state_dict())
            self.average.n_averaged.fill_(1)
            return
        self.average.update_parameters(self.model)
        if self.keys.norm == "BatchNorm1d":
            update_bn(self.batches(self.generator), self.average)

    def schedule(self, number: int, loss: float) -> None:
        if self.annealing and number >= (self.keys.swa or 0):
            for annealing in self.annealing:
                annealing.step()
        elif self.keys.scheduler in ("epoch", "plateau"):
            told = (loss,) if self.keys.scheduler == "plateau" else ()
            for scheduler in self.schedulers:
                scheduler.step(*told)
