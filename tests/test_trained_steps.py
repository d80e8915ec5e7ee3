"""Every optimizer through the whole pipeline: the plain loop, to the last bit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from plain_loop import (
    EPOCHS,
    LAYERS,
    ROWS,
    SEED,
    TRAINING,
    assert_same,
    plain_losses,
    plain_model,
    plain_rows,
    stepping,
)
from torch import Tensor, nn
from training_package import built

from specc.spec.registry import families

SINGLE: dict[str, dict[str, Any]] = {
    "ASGD": {"lambd": 0.01, "t0": 4.0},
    "Adadelta": {"rho": 0.8},
    "Adafactor": {"lr": 0.05, "d": 1.5},
    "Adagrad": {"initial_accumulator_value": 0.1},
    "Adam": {"lr": 0.02, "betas": [0.8, 0.99], "amsgrad": True},
    "AdamW": {"lr": 0.02, "weight_decay": 0.2},
    "Adamax": {"lr": 0.02},
    "NAdam": {"lr": 0.02},
    "RAdam": {"lr": 0.02},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Rprop": {"etas": [0.4, 1.3]},
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True},
}


def test_every_optimizer_is_trained_with() -> None:
    own_tests = {"LBFGS", "Muon", "SparseAdam"}
    assert set(SINGLE) | own_tests == set(families("optimizers"))


def written(arguments: dict[str, Any]) -> str:
    words = {True: "true", False: "false"}
    return "".join(
        f"{key} = {words[value] if isinstance(value, bool) else repr(value)}\n"
        for key, value in arguments.items()
    )


@pytest.mark.parametrize("name", SINGLE)
def test_an_optimizer_trains_as_the_plain_loop(tmp_path: Path, name: str) -> None:
    arguments = SINGLE[name]
    optimizer = f'[optimizer]\ntype = "{name}"\n{written(arguments)}'
    package = built(LAYERS + optimizer + TRAINING, tmp_path)
    model = plain_model()
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    made = getattr(torch.optim, name)(model.parameters(), **given)
    losses = plain_losses(model, plain_rows(), nn.BCEWithLogitsLoss(), stepping(model, made))
    assert_same(package, model, losses)


@pytest.mark.parametrize("search", ["", 'line_search_fn = "strong_wolfe"\n'])
@pytest.mark.parametrize("batch", ["20", '"all"'])
def test_lbfgs_asks_for_the_loss_several_times(tmp_path: Path, batch: str, search: str) -> None:
    optimizer = f'[optimizer]\ntype = "LBFGS"\nmax_iter = 4\n{search}'
    training = TRAINING.replace("batch_size = 20", f"batch_size = {batch}")
    package = built(LAYERS + optimizer + training, tmp_path)
    model = plain_model()
    made: Any = torch.optim.LBFGS(
        model.parameters(), max_iter=4, line_search_fn="strong_wolfe" if search else None
    )
    rows, loss_fn = plain_rows(), nn.BCEWithLogitsLoss()

    def step(loss_of: Callable[[], Tensor]) -> Tensor:
        def closure() -> Tensor:
            made.zero_grad()
            loss = loss_of()
            loss.backward()  # type: ignore[no-untyped-call]
            return loss

        return torch.as_tensor(made.step(closure).item(), dtype=torch.float64)

    if batch == "20":
        losses = plain_losses(model, rows, loss_fn, step)
    else:
        losses = [step(lambda: loss_fn(model(rows[0]), rows[1])).item() for _ in range(EPOCHS)]
    assert_same(package, model, losses)


def test_muon_for_matrices_with_adamw_for_the_rest(tmp_path: Path) -> None:
    optimizers = """
        [[optimizer]]
        type = "Muon"
        match = "Linear.weight"
        lr = 0.02
        [[optimizer]]
        type = "AdamW"
        lr = 0.01
        param_groups = [{ match = "*.bias", weight_decay = 0.0 }]
    """
    package = built(LAYERS + optimizers + TRAINING, tmp_path)
    model: Any = plain_model()
    muon = torch.optim.Muon([model[0].weight, model[3].weight], lr=0.02)
    biases = [model[0].bias, model[1].bias, model[3].bias]
    groups: list[dict[str, Any]] = [{"params": biases, "weight_decay": 0.0}]
    groups.append({"params": [model[1].weight]})
    adamw = torch.optim.AdamW(groups, lr=0.01)
    step = stepping(model, muon, adamw)
    losses = plain_losses(model, plain_rows(), nn.BCEWithLogitsLoss(), step)
    assert_same(package, model, losses)


WORDS = """
[model]
name = "Net"
inputs.words = { shape = ["batch", 4], dtype = "int64" }
layers = [
  { name = "embedding", type = "Embedding", num_embeddings = 10, embedding_dim = 3,
    sparse = true },
  { name = "mean", expr = "embedding.mean(dim=1)" },
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "lists"
words = WORDS
target = TARGET

[loss]
type = "MSELoss"
"""


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 3, sparse=True)
        self.output = nn.Linear(3, 1)

    def forward(self, words: Tensor) -> Any:
        return self.output(self.embedding(words).mean(dim=1))


@pytest.mark.parametrize(
    ("written", "optimizers"),
    [
        (
            """
            [[optimizer]]
            type = "SparseAdam"
            match = "Embedding.weight"
            [[optimizer]]
            type = "Adam"
            """,
            lambda model: (
                torch.optim.SparseAdam([model.embedding.weight]),
                torch.optim.Adam(model.output.parameters()),
            ),
        ),
        (
            '[optimizer]\ntype = "SGD"\nlr = 0.1\nmomentum = 0.5\n',
            lambda model: (torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5),),
        ),
        (
            '[optimizer]\ntype = "Adagrad"\nlr = 0.1\n',
            lambda model: (torch.optim.Adagrad(model.parameters(), lr=0.1),),
        ),
    ],
)
def test_sparse_gradients(
    tmp_path: Path, written: str, optimizers: Callable[[Any], tuple[torch.optim.Optimizer, ...]]
) -> None:
    torch.manual_seed(1)
    words, target = torch.randint(10, (ROWS, 4)), torch.arange(ROWS).reshape(-1, 1) / 10
    text = WORDS.replace("WORDS", str(words.tolist()))
    target = torch.tensor([[round(value, 1)] for value in target.flatten().tolist()])
    text = text.replace("TARGET", str([[round(v, 1)] for v in target.flatten().tolist()]))
    package = built(text + written + TRAINING, tmp_path)
    torch.manual_seed(SEED)
    model = Words()
    step = stepping(model, *optimizers(model))
    losses = plain_losses(model, (words, target), nn.MSELoss(), step)
    assert_same(package, model, losses)


def parameters_in(optimizers: list[torch.optim.Optimizer], model: nn.Module) -> list[list[str]]:
    """The names of the parameters in each group of each optimizer."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    return [[names[id(parameter)] for parameter in group["params"]] for group in groups]


GROUPED = """
[model]
name = "Deep"
params.depth = 2
inputs.words = { shape = ["batch"], dtype = "int64" }
layers = [
  { name = "wte", type = "Embedding", num_embeddings = 6, embedding_dim = 4 },
  { name = "blocks", type = "Block", repeat = "depth" },
  { name = "head", type = "Linear", out_features = 6, bias = false },
]
tie = { "head.weight" = "wte.weight" }

[blocks.Block]
layers = [
  { name = "norm", type = "LayerNorm" },
  { name = "linear", type = "Linear", out_features = 4 },
  { name = "scale", type = "Parameter", shape = [4], init = "ones_" },
  { name = "scaled", expr = "linear * scale" },
]

[data]
type = "csv"
path = "words.csv"
target = "y"

[loss]
type = "CrossEntropyLoss"
"""
NAMES = ["wte.weight"] + [
    f"blocks.{index}.{name}"
    for index in range(2)
    for name in ("scale", "norm.weight", "norm.bias", "linear.weight", "linear.bias")
]


def of(*names: str) -> list[str]:
    return [name for name in NAMES if name in names]


def ending(*ends: str) -> list[str]:
    return [name for name in NAMES if name.endswith(ends)]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ('"*.bias"', ending(".bias")),
        ('"LayerNorm.*"', ending("norm.weight", "norm.bias")),
        ('["LayerNorm.weight", "*.scale"]', ending("norm.weight", "scale")),
        ('"blocks.1.*"', [name for name in NAMES if name.startswith("blocks.1.")]),
        ('"blocks.*:Linear.weight"', ending("linear.weight")),
        ('"blocks.?.l*"', ending("linear.weight", "linear.bias")),
        ('"*norm*"', ending("norm.weight", "norm.bias")),
        ('"wte.weight"', ["wte.weight"]),
        ('"Embedding.weight"', ["wte.weight"]),
        ('"Linear.weight"', ending("linear.weight")),  # head's is wte's
        ('"Block.scale"', ending("scale")),
        ('"*"', NAMES),
    ],
)
def test_patterns_choose_parameters(tmp_path: Path, match: str, expected: list[str]) -> None:
    group = f"param_groups = [{{ match = {match}, weight_decay = 0.5 }}]\n"
    text = f'{GROUPED}\n[optimizer]\ntype = "AdamW"\n{group}{TRAINING}'
    package = built(text, tmp_path)
    model = package.Deep()
    optimizer = sys.modules[f"{package.__name__}.train"].build_optimizer(model)
    rest = [name for name in NAMES if name not in expected]
    found = [sorted(names) for names in parameters_in([optimizer], model)]
    assert found == [sorted(names) for names in (expected, rest) if names]
    assert optimizer.param_groups[0]["weight_decay"] == 0.5


def test_settings_of_several_groups_merge(tmp_path: Path) -> None:
    text = f"""{GROUPED}
    [[optimizer]]
    type = "AdamW"
    param_groups = [
      {{ match = "*.bias", weight_decay = 0.0 }},
      {{ match = "LayerNorm.*", lr = 0.5 }},
      {{ match = "blocks.0.norm.*", lr = 0.5, eps = 1e-3 }},
    ]
    [[optimizer]]
    type = "SGD"
    match = "Linear.*"
    param_groups = [{{ match = "*.bias", momentum = 0.5 }}]
    {TRAINING}"""
    package = built(text, tmp_path)
    model = package.Deep()
    optimizers = sys.modules[f"{package.__name__}.train"].build_optimizers(model)
    names = parameters_in(optimizers, model)
    assert sorted(name for group in names for name in group) == sorted(NAMES)
    settings: dict[str, Any] = {}
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    for group, held in zip(groups, names, strict=True):
        own = {k: group[k] for k in ("lr", "weight_decay", "eps", "momentum") if k in group}
        settings |= dict.fromkeys(held, own)
    adamw = {"lr": 1e-3, "weight_decay": 1e-2, "eps": 1e-8}
    sgd = {"lr": 1e-3, "weight_decay": 0, "momentum": 0}
    for index in range(2):
        norm = {"lr": 0.5, "eps": 1e-3 if index == 0 else 1e-8}
        block = f"blocks.{index}"
        assert settings[f"{block}.norm.weight"] == adamw | norm
        assert settings[f"{block}.norm.bias"] == adamw | norm | {"weight_decay": 0.0}
        assert settings[f"{block}.linear.weight"] == sgd
        assert settings[f"{block}.linear.bias"] == sgd | {"momentum": 0.5}
        assert settings[f"{block}.scale"] == adamw
    assert settings["wte.weight"] == adamw
