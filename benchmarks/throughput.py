"""The training loops of generated packages beside the loop of a textbook.

    python benchmarks/throughput.py [--pairs N] [--only NAME]

The textbook's loop goes over a `DataLoader` of a `TensorDataset` and reads the loss of each step
with `.item()`; the generated one has its metrics, bar and log on. Both train the same model on the
same rows in the same order, so their weights must agree to the last bit. Five lines, over rows that
are shuffled once an epoch and sliced, without metrics, bar, log and validation, show what can be
reached. Short runs are interleaved, and what counts is the processor time of one thread: other
programs disturb it little.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

import specc

EXAMPLES = Path(__file__).parent.parent / "examples"
SEED = 7
MLP = """
[model]
name = "Tabular"
inputs.features = ["batch", 5]
layers = [
  { name = "hidden1", type = "Linear", out_features = 8 },
  "ReLU",
  { name = "hidden2", type = "Linear", out_features = 4 },
  "ReLU",
  { name = "output", type = "Linear", out_features = 1 },
  "Sigmoid",
]
[data]
type = "make_classification"
n_samples = 5120
n_features = 5
n_informative = 3
random_state = 101
split = { train = 0.8, validation = 0.2, seed = 0 }
[loss]
type = "BCELoss"
[optimizer]
type = "SGD"
lr = 0.1
[training]
epochs = 2
batch_size = BATCH
seed = 7
metrics = ["accuracy"]
"""
GPT = """
[model]
name = "Letters"
params.width = 64
inputs.tokens = { shape = ["batch", 32], dtype = "int64" }
layers = [
  { name = "wte", type = "Embedding", num_embeddings = 256, embedding_dim = "width" },
  { name = "wpe", type = "Embedding", inputs = "arange(32)",
    num_embeddings = 32, embedding_dim = "width" },
  { name = "x", expr = "wte + wpe" },
  { name = "blocks", type = "Block", repeat = 2 },
  { name = "norm", type = "LayerNorm" },
  { name = "head", type = "Linear", out_features = 256 },
  { name = "logits", expr = "head.transpose(1, 2)" },
]
[blocks.Block]
inputs = ["x"]
layers = [
  { name = "norm1", type = "LayerNorm" },
  { name = "qkv", type = "Linear", out_features = 192 },
  { name = ["q", "k", "v"], expr = "qkv.unflatten(2, (12, 16)).transpose(1, 2).chunk(3, dim=1)" },
  { name = "mixed",
    expr = "scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)" },
  { name = "projection", type = "Linear", out_features = 64 },
  { name = "attended", expr = "x + projection" },
  { name = "norm2", type = "LayerNorm" },
  { name = "up", type = "Linear", out_features = 256 },
  { name = "gelu", type = "GELU" },
  { name = "down", type = "Linear", out_features = 64 },
  { name = "y", expr = "attended + down" },
]
[data]
type = "text"
path = "corpus.txt"
tokenizer = "bytes"
window = { length = 32 }
split = { train = 0.8, validation = 0.2, by = "time" }
[loss]
type = "CrossEntropyLoss"
[optimizer]
type = "AdamW"
[training]
epochs = 1
batch_size = 16
seed = 7
"""


@dataclass(frozen=True)
class Case:
    """A training that is measured. promise: how many times as fast the generated loop is."""

    spec: str
    promise: float
    loss_fn: nn.Module
    optimizer: Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer]
    batch: int
    epochs: int
    hits: Callable[[Tensor, Tensor], Tensor] | None = None


def _sgd(parameters: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.1)


def _cnn() -> str:
    text = (EXAMPLES / "digits.toml").read_text("utf-8")
    return text.replace("seed = 0\nmetrics", "seed = 7\nmetrics")


def _mlp(batch: int, promise: float) -> Case:
    return Case(
        MLP.replace("BATCH", str(batch)),
        promise,
        nn.BCELoss(),
        _sgd,
        batch,
        epochs=16,
        hits=lambda output, target: (output > 0.5) == (target == 1),
    )


CASES = {
    "mlp-32": _mlp(32, 1.75),
    "mlp-256": _mlp(256, 3.5),
    "cnn": Case(
        _cnn(),
        1.0,
        nn.CrossEntropyLoss(),
        lambda parameters: torch.optim.AdamW(parameters, lr=2e-3),
        64,
        epochs=1,
        hits=lambda output, target: output.argmax(dim=1) == target,
    ),
    "gpt": Case(GPT, 1.0, nn.CrossEntropyLoss(), torch.optim.AdamW, 16, epochs=1),
}


class Order:
    """The numbers of all rows in a new order each time, drawn as the generated loop does."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self.count = count
        self.generator = generator

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        return iter(torch.randperm(self.count, generator=self.generator).tolist())


class Terminal(io.StringIO):
    """Takes the bar, as a terminal would."""

    def isatty(self) -> bool:
        return True


class Pair:
    """Both loops over the rows of a case."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self.folder = folder
        self.package: ModuleType = specc.load(_written(case, folder))
        self.data: Any = sys.modules[f"{self.package.__name__}.data"]
        self.place = (folder / "corpus.txt",) if "corpus" in case.spec else ()

    def generated(self) -> nn.Module:
        """The model after training by the package."""
        with contextlib.redirect_stderr(Terminal()):
            trained = self.package.train(
                *self.place, epochs=self.case.epochs, run=self.folder / "run"
            )
        model: nn.Module = trained.model
        return model

    def rows(self) -> tuple[TensorDataset, TensorDataset]:
        """The rows for training and for validation."""
        parts = self.data.load_parts(*self.place)
        train, validation = parts.train, parts.validation
        if hasattr(self.data, "Preparation"):
            preparation = self.data.Preparation.fit(train)
            train, validation = preparation(train), preparation(validation)
        return _dataset(train), _dataset(validation)

    def textbook(self) -> nn.Module:
        """The model after training by the loop of a textbook."""
        case = self.case
        torch.manual_seed(SEED)
        model: nn.Module = getattr(self.package, self.package.__all__[0])()
        train, validation = self.rows()
        order = Order(len(train), torch.Generator().manual_seed(SEED))
        # Loaders draw a seed for their workers, by default from what dropout draws from.
        apart = torch.Generator()
        loader = DataLoader(train, batch_size=case.batch, sampler=order, generator=apart)
        optimizer = case.optimizer(model.parameters())
        for _ in range(case.epochs):
            model.train()
            running = 0.0
            for x, y in loader:
                optimizer.zero_grad()
                loss = case.loss_fn(model(x), y)
                loss.backward()
                optimizer.step()
                running += loss.item()
            self.validate(model, DataLoader(validation, batch_size=case.batch, generator=apart))
        return model

    def five_lines(self) -> nn.Module:
        """The model after training by nothing but the steps."""
        case = self.case
        torch.manual_seed(SEED)
        model: nn.Module = getattr(self.package, self.package.__all__[0])()
        x, y = self.rows()[0].tensors
        generator = torch.Generator().manual_seed(SEED)
        optimizer = case.optimizer(model.parameters())
        for _ in range(case.epochs):
            order = torch.randperm(len(x), generator=generator)
            batches = torch.split(x[order], case.batch), torch.split(y[order], case.batch)
            for batch, target in zip(*batches, strict=True):
                optimizer.zero_grad()
                case.loss_fn(model(batch), target).backward()
                optimizer.step()
        return model

    @torch.no_grad()
    def validate(self, model: nn.Module, loader: DataLoader[Any]) -> tuple[float, float]:
        """The mean loss of the batches, and how many rows are right."""
        model.eval()
        running, right = 0.0, 0.0
        for x, y in loader:
            output = model(x)
            running += self.case.loss_fn(output, y).item()
            if self.case.hits is not None:
                right += self.case.hits(output, y).sum().item()
        return running / len(loader), right


def _written(case: Case, folder: Path) -> Path:
    (folder / "spec.toml").write_text(case.spec, "utf-8")
    words = "the loop of a textbook goes over the rows of a table, one after the other. "
    (folder / "corpus.txt").write_text(words * 300, "utf-8")
    return folder / "spec.toml"


def _dataset(rows: Any) -> TensorDataset:
    if hasattr(rows, "target"):
        return TensorDataset(*vars(rows).values())
    batches = list(rows.batches(64))
    return TensorDataset(*(torch.cat(parts) for parts in zip(*batches, strict=True)))


def _seconds(train: Callable[[], nn.Module]) -> float:
    start = time.process_time()
    train()
    return time.process_time() - start


def agree(pair: Pair) -> bool:
    """Whether both loops give the same weights, to the last bit."""
    ours, theirs = pair.generated().state_dict(), pair.textbook().state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in theirs)


def ratios(pair: Pair, count: int) -> tuple[list[float], list[float]]:
    """How many times as fast the generated loop is, and that of five lines, in runs by turns."""
    loops = [pair.textbook, pair.generated, pair.five_lines]
    ours, bare = [], []
    for index in range(count):
        turn = index % len(loops)
        seconds = {train: _seconds(train) for train in loops[turn:] + loops[:turn]}
        ours.append(seconds[pair.textbook] / seconds[pair.generated])
        bare.append(seconds[pair.textbook] / seconds[pair.five_lines])
    return ours, bare


def main() -> None:
    """Prints the median and the middle half of the ratios of each case, and that of five lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=15, help="runs of each loop, at least 2")
    parser.add_argument("--only", choices=CASES, help="one case alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("case       times as fast     middle half   promise   five lines   same weights")
    for name in [options.only] if options.only else CASES:
        with tempfile.TemporaryDirectory() as folder:
            pair = Pair(CASES[name], Path(folder))
            same = agree(pair)
            found, bare = ratios(pair, max(options.pairs, 2))
        low, _, high = quantiles(found, n=4)
        spread, promise = f"{low:.2f} to {high:.2f}", CASES[name].promise
        reached = f"{median(found):13.2f} {spread:>15} {promise:9.2f} {median(bare):12.2f}"
        print(f"{name:10} {reached}   {same}")


if __name__ == "__main__":
    main()
