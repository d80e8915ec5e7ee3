"""What losses read beside outputs and target: parameters and params, held to a plain loop."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from training_package import built, files_of

ROWS = [[0.1, 0.2], [0.5, 0.4], [0.9, 0.3], [0.2, 0.8], [0.7, 0.6], [0.3, 0.1], [0.6, 0.9]]
AMOUNTS = [0.3, -1.5, 2.0, 0.0, 1.0, 0.7, 0.2]
RUFF = Path(__file__).parent.parent / "templates/runtime/ruff.toml"
SGD = '[optimizer]\ntype = "SGD"\nlr = 0.1'


def spec(
    losses: str,
    *,
    optimizer: str = SGD,
    training: str = "epochs = 3",
    layers: str = "",
    data: str = "",
    batch: str = "3",
) -> str:
    """A small model with params and its training on seven rows."""
    return f"""
[model]
name = "Small"
params.beta = 0.25
params.width = 4
inputs.x = ["batch", 2]
layers = [
  {{ name = "fc", type = "Linear", out_features = "width" }}, "Tanh",
  {{ name = "body", layers = [{{ name = "last", type = "Linear", out_features = 1 }}] }},
  {layers}
]

[data]
type = "lists"
x = {ROWS}
target = {AMOUNTS}
{data}

{losses}

{optimizer}

[training]
{training}
batch_size = {batch}
seed = 4
"""


def plain_model() -> nn.Sequential:
    """The model as one writes it by hand, with its first weights."""
    torch.manual_seed(4)
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))


LossOf = Callable[[nn.Sequential, Tensor, Tensor, int], Tensor]
"""Of a model, rows, targets, and the number of the epoch or step."""


def plain_loop(loss_of: LossOf, *, epochs: int = 3, counts_steps: bool = False) -> nn.Sequential:
    """The model after training by hand."""
    model = plain_model()
    x, target = torch.tensor(ROWS), torch.tensor(AMOUNTS)[:, None]
    generator = torch.Generator().manual_seed(4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    step = 0
    for epoch in range(1, epochs + 1):
        for batch in torch.split(torch.randperm(7, generator=generator), 3):
            step += 1
            optimizer.zero_grad()
            count = step if counts_steps else epoch
            loss = loss_of(model, x[batch], target[batch], count)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return model


def assert_same(trained: nn.Module, plain: nn.Module) -> None:
    pairs = zip(trained.state_dict().values(), plain.state_dict().values(), strict=True)
    assert all(torch.equal(ours, theirs) for ours, theirs in pairs)


def first(model: nn.Sequential) -> nn.Linear:
    layer = model[0]
    assert isinstance(layer, nn.Linear)
    return layer


def last(model: nn.Sequential) -> nn.Linear:
    layer = model[2]
    assert isinstance(layer, nn.Linear)
    return layer


PENALTY = """
[[loss]]
type = "MSELoss"

[[loss]]
name = "penalty"
expr = "beta * fc.weight.square().sum() + body.last.bias.abs().sum() / width"
"""


def with_penalty(model: nn.Sequential, x: Tensor, target: Tensor, _: int) -> Tensor:
    squares = 0.25 * first(model).weight.square().sum()
    penalty = squares + last(model).bias.abs().sum() / 4
    return nn.functional.mse_loss(model(x), target) + penalty


def test_losses_read_parameters_and_params(tmp_path: Path) -> None:
    package = built(spec(PENALTY), tmp_path)
    trained = package.train()
    plain = plain_loop(with_penalty)
    assert_same(trained.model, plain)
    train = sys.modules["small.train"]
    data = sys.modules["small.data"].load_data()
    expected = with_penalty(plain, data.x, data.target, 0)
    assert train.evaluate(trained.model, train.Loss(), data)["loss"] == expected.item()
    other = with_penalty(plain, data.x, data.target, 0) + 0.25 * first(plain).weight.square().sum()
    measured = train.evaluate(trained.model, train.Loss(beta=0.5), data)["loss"]
    assert measured == pytest.approx(other.item())


def test_inputs_of_a_loss_read_them_too(tmp_path: Path) -> None:
    loss = """
[loss]
type = "MSELoss"
inputs = { input = "body_last * beta + fc.bias.sum()" }
"""
    layers = '{ name = "body_last", expr = "_ * 1" },'
    trained = built(spec(loss, layers=layers), tmp_path).train()

    def loss_of(model: nn.Sequential, x: Tensor, target: Tensor, _: int) -> Tensor:
        return nn.functional.mse_loss(model(x) * 0.25 + first(model).bias.sum(), target)

    assert_same(trained.model, plain_loop(loss_of))


WARMED = PENALTY.replace('name = "penalty"', 'name = "penalty"\nscale = "min(1, epoch / 2) * beta"')


def warmed(model: nn.Sequential, x: Tensor, target: Tensor, count: float) -> Tensor:
    squares = 0.25 * first(model).weight.square().sum()
    penalty = squares + last(model).bias.abs().sum() / 4
    return nn.functional.mse_loss(model(x), target) + min(1, count / 2) * 0.25 * penalty


@pytest.mark.parametrize("rest", ["", 'precision = "bf16-mixed"', "accumulate = 2"])
def test_a_scale_follows_the_epoch(tmp_path: Path, rest: str) -> None:
    package = built(spec(WARMED, training=f"epochs = 3\n{rest}"), tmp_path)
    trained = package.train()
    if not rest:
        assert_same(trained.model, plain_loop(warmed))
    losses = sys.modules["small.train"].Loss()
    data = sys.modules["small.data"].load_data()
    measured = [losses(trained.model(data.x), data.target, trained.model.fc.weight, data.x)]
    losses.epoch = 1
    measured.append(losses(trained.model(data.x), data.target, trained.model.fc.weight, data.x))
    assert measured[0] > measured[1]


def test_a_scale_follows_the_step_across_epochs(tmp_path: Path) -> None:
    text = spec(WARMED.replace("epoch /", "step /").replace("/ 2", "/ 8"), training="steps = 9")
    trained = built(text, tmp_path).train()

    def loss_of(model: nn.Sequential, x: Tensor, target: Tensor, step: int) -> Tensor:
        return warmed(model, x, target, step / 4)

    assert_same(trained.model, plain_loop(loss_of, counts_steps=True))


@pytest.mark.parametrize(("length", "more"), [("epochs", 2), ("steps", 3)])
def test_a_run_that_goes_on_scales_as_one_that_never_stopped(
    tmp_path: Path, length: str, more: int
) -> None:
    losses = WARMED.replace("epoch /", f"{length[:-1]} /").replace("/ 2", "/ 7")
    text = spec(losses, training=f"{length} = 6\ncheckpoint = {{ every = 1 }}")
    package = built(text, tmp_path)
    whole = package.train(run=tmp_path / "whole")
    package.train(**{length: more}, run=tmp_path / "run")
    assert_same(package.train(run=tmp_path / "run", resume=True).model, whole.model)


def test_each_optimizer_steps_on_scaled_losses(tmp_path: Path) -> None:
    optimizers = """
[[optimizer]]
type = "SGD"
lr = 0.1
match = "fc.*"
loss = ["fit", "penalty"]

[[optimizer]]
type = "SGD"
lr = 0.1
match = "body.*"
loss = "fit"
"""
    losses = WARMED.replace('"MSELoss"', '"MSELoss"\nname = "fit"')
    trained = built(spec(losses, optimizer=optimizers), tmp_path).train()
    model = plain_model()
    x, target = torch.tensor(ROWS), torch.tensor(AMOUNTS)[:, None]
    generator = torch.Generator().manual_seed(4)
    for epoch in (1, 2, 3):
        for batch in torch.split(torch.randperm(7, generator=generator), 3):
            for layer, penalised in ((first(model), True), (last(model), False)):
                optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
                model.zero_grad()
                loss = nn.functional.mse_loss(model(x[batch]), target[batch])
                if penalised:
                    loss = warmed(model, x[batch], target[batch], epoch)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
    assert_same(trained.model, model)


PACKAGES: dict[str, str] = {
    "penalty": spec(PENALTY),
    "at_once": spec(PENALTY, batch='"all"', training="epochs = 3\nema = { decay = 0.9 }"),
    "closure": spec(PENALTY, optimizer='[optimizer]\ntype = "LBFGS"'),
    "warmed": spec(WARMED, training="epochs = 3\nprecision = 'bf16-mixed'"),
    "stepwise": spec(
        WARMED.replace("epoch /", "step /"),
        training="steps = 9\ncheckpoint = { every = 3 }\naccumulate = 2",
    ),
    "accumulated": spec(PENALTY, training="epochs = 3\naccumulate = 2\ncompile = true"),
}


@pytest.mark.slow
def test_packages_are_formatted_linted_and_typed(tmp_path: Path) -> None:
    for name, text in PACKAGES.items():
        (tmp_path / name).mkdir()
        for path, content in files_of(text)[1].items():
            (tmp_path / name / path).write_text(content)
    tools = (
        ("ruff", "format", "--diff", "--config", str(RUFF), "."),
        ("ruff", "check", "--config", str(RUFF), "."),
        *(("mypy", "--strict", "-p", name) for name in PACKAGES),
    )
    for tool in tools:
        command = [sys.executable, "-m", *tool]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
