"""A loss with parameters of its own: trained as by a plain loop, kept with the model, and asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from training_package import built, files_of, problems_of

ROWS = [[0.1, 0.2], [0.5, 0.4], [0.9, 0.3], [0.2, 0.8], [0.7, 0.6], [0.3, 0.1], [0.6, 0.9]]
CLASSES = [0, 2, 1, 1, 0, 2, 2]
RUFF = Path(__file__).parent.parent / "templates/runtime/ruff.toml"
PAIRS = [[0, 1], [2, 0], [1, 1], [1, 2], [0, 0], [2, 2], [2, 1]]
LINEAR = '{ name = "hidden", type = "Linear", out_features = 4 }, "Tanh"'
SGD = 'type = "SGD"\nlr = 0.1'


def spec(
    loss: str = 'type = "LinearCrossEntropyLoss"\nnum_classes = 3',
    *,
    layers: str = LINEAR,
    target: Any = CLASSES,
    optimizer: str = f"[optimizer]\n{SGD}",
    training: str = "",
    model: str = "",
) -> str:
    """A small model of two numbers and its training on seven rows."""
    header = loss if loss.startswith("[") else f"[loss]\n{loss}"
    return f"""
[model]
name = "Small"
inputs.x = ["batch", 2]
layers = [{layers}]
{model}

[data]
type = "lists"
x = {ROWS}
target = {target}

{header}

{optimizer}

[training]
epochs = 3
batch_size = 3
seed = 4
{training}
"""


class Plain:
    """The model, the loss and the loop as one writes them by hand."""

    def __init__(self, *, classes: int = 3, target: Any = CLASSES, **arguments: Any) -> None:
        self.x, self.y = torch.tensor(ROWS), torch.tensor(target)
        torch.manual_seed(4)
        self.model = nn.Sequential(nn.Linear(2, 4), nn.Tanh())
        self.loss_fn = nn.LinearCrossEntropyLoss(4, classes, **arguments)

    def parameters(self) -> list[nn.Parameter]:
        return [*self.model.parameters(), *self.loss_fn.parameters()]

    def train(self, *optimizers: torch.optim.Optimizer, clip: float | None = None) -> list[float]:
        """The mean loss of each epoch."""
        generator = torch.Generator().manual_seed(4)
        history = []
        for _ in range(3):
            total = 0.0
            for batch in torch.split(torch.randperm(7, generator=generator), 3):
                for parameter in self.parameters():
                    parameter.grad = None
                loss = self.loss_of(batch)
                loss.backward()  # type: ignore[no-untyped-call]
                if clip is not None:
                    nn.utils.clip_grad_norm_(self.parameters(), clip)
                for optimizer in optimizers:
                    optimizer.step()
                total += loss.item() * len(batch)
            history.append(total / 7)
        return history

    def loss_of(self, batch: Tensor) -> Tensor:
        loss: Tensor = self.loss_fn(self.model(self.x[batch]), self.y[batch])
        return loss

    def probabilities(self) -> Tensor:
        logits: Tensor = self.loss_fn.linear(self.model(self.x))
        return logits.softmax(1)


def assert_same(package: Any, trained: Any, plain: Plain, losses: Iterable[float]) -> None:
    assert [row["train_loss"] for row in trained.history] == list(losses)
    ours = chain(trained.model.state_dict().values(), trained.loss_fn.state_dict().values())
    theirs = chain(plain.model.state_dict().values(), plain.loss_fn.state_dict().values())
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize(
    ("optimizer", "make"),
    [
        (SGD, lambda p: torch.optim.SGD(p, lr=0.1)),
        ('type = "AdamW"', lambda p: torch.optim.AdamW(p)),
    ],
)
def test_it_trains_as_by_a_plain_loop(tmp_path: Path, optimizer: str, make: Any) -> None:
    text = spec(optimizer=f"[optimizer]\n{optimizer}", training="clip_grad_norm = 0.1")
    package, plain = built(text, tmp_path), Plain()
    trained = package.train()
    assert_same(package, trained, plain, plain.train(make(plain.parameters()), clip=0.1))
    answers = package.predict(trained.model, trained.loss_fn, plain.x)
    assert torch.equal(answers, plain.probabilities())


def test_it_is_kept_and_brought_back(tmp_path: Path) -> None:
    package, plain = built(spec(training='metrics = ["accuracy"]'), tmp_path), Plain()
    trained = package.train()
    file = tmp_path / "weights.pt"
    package.save(trained.model, trained.loss_fn, file)
    model, loss_fn = package.load(file), package.load_loss_fn(file)
    assert_same(
        package,
        trained._replace(model=model, loss_fn=loss_fn),
        plain,
        plain.train(torch.optim.SGD(plain.parameters(), lr=0.1)),
    )
    measured = sys.modules["small.train"].evaluate(
        model, loss_fn, sys.modules["small.data"].load_data()
    )
    right = plain.probabilities().argmax(1) == plain.y
    assert measured["accuracy"] == pytest.approx(right.double().mean().item())
    assert measured["loss"] == plain.loss_of(torch.arange(7)).item()
    torch.save({"model": model.state_dict(), "loss_fn": {}}, file)
    with pytest.raises(ValueError, match="holds another model"):
        package.load_loss_fn(file)


def test_patterns_reach_its_parameters(tmp_path: Path) -> None:
    optimizers = f"""
[[optimizer]]
{SGD}
match = "linear_cross_entropy.*"

[[optimizer]]
type = "Adam"
param_groups = [{{ match = "*.bias", lr = 0.5 }}]
"""
    package, plain = built(spec(optimizer=optimizers), tmp_path), Plain()
    weight, bias = plain.model.parameters()
    groups: list[dict[str, Any]] = [{"params": [bias], "lr": 0.5}, {"params": [weight]}]
    adam = torch.optim.Adam(groups)
    losses = plain.train(torch.optim.SGD(plain.loss_fn.parameters(), lr=0.1), adam)
    assert_same(package, package.train(), plain, losses)


def test_types_in_patterns_mean_its_layer_too(tmp_path: Path) -> None:
    optimizers = f"""
[[optimizer]]
{SGD}
match = "Linear.weight"

[[optimizer]]
type = "Adam"
"""
    loss = 'type = "LinearCrossEntropyLoss"\nnum_classes = 3\nbias = true'
    package, plain = built(spec(loss, optimizer=optimizers), tmp_path), Plain(bias=True)
    weights = [p for p in plain.parameters() if p.dim() == 2]
    biases = [p for p in plain.parameters() if p.dim() == 1]
    losses = plain.train(torch.optim.SGD(weights, lr=0.1), torch.optim.Adam(biases))
    assert_same(package, package.train(), plain, losses)


def test_early_stopping_restores_it(tmp_path: Path) -> None:
    stop = 'early_stopping = { monitor = "train_loss", patience = 2 }'
    diverging = '[optimizer]\ntype = "SGD"\nlr = 40.0'
    package = built(spec(optimizer=diverging, training=stop), tmp_path)
    plain = Plain()
    trained = package.train()
    assert trained.best_epoch < 3
    after = {**trained.loss_fn.state_dict()}
    optimizer = torch.optim.SGD(plain.parameters(), lr=40.0)
    states = []
    generator = torch.Generator().manual_seed(4)
    for _ in range(trained.best_epoch):
        for batch in torch.split(torch.randperm(7, generator=generator), 3):
            optimizer.zero_grad()
            plain.loss_of(batch).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        states.append(plain.loss_fn.state_dict())
    assert all(torch.equal(after[name], one) for name, one in states[-1].items())


def test_the_mean_of_an_epoch_weighs_as_the_loss_does(tmp_path: Path) -> None:
    loss = 'type = "LinearCrossEntropyLoss"\nnum_classes = 3\nweight = [1, 2, 4]'
    package = built(spec(loss), tmp_path)
    weight = torch.tensor([1.0, 2.0, 4.0])
    plain = Plain(weight=weight)
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    generator = torch.Generator().manual_seed(4)
    for row in package.train().history:
        total = count = 0.0
        for batch in torch.split(torch.randperm(7, generator=generator), 3):
            optimizer.zero_grad()
            one = plain.loss_of(batch)
            one.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            share = weight[plain.y[batch]].sum().item()
            total, count = total + one.item() * share, count + share
        assert row["train_loss"] == pytest.approx(total / count)


def test_classes_of_several_places(tmp_path: Path) -> None:
    loss = 'type = "LinearCrossEntropyLoss"\nnum_classes = 3\nout_features = [2]\nbias = true'
    text = spec(loss, target=PAIRS, training='metrics = ["accuracy"]')
    package = built(text, tmp_path)
    plain = Plain(target=PAIRS, out_features=(2,), bias=True)
    trained = package.train()
    losses = plain.train(torch.optim.SGD(plain.parameters(), lr=0.1))
    assert_same(package, trained, plain, losses)
    logits = plain.loss_fn.linear(plain.model(plain.x)).reshape(7, 3, 2)
    answers = package.predict(trained.model, trained.loss_fn, plain.x)
    assert torch.equal(answers, logits.softmax(1))
    # The loss of torch reads its weights in this layout.
    expected = nn.functional.cross_entropy(logits, plain.y)
    assert torch.allclose(plain.loss_of(torch.arange(7)), expected)


def test_it_adds_up_with_other_losses(tmp_path: Path) -> None:
    layers = LINEAR.replace('"Tanh"', '{ name = "tanh_values", type = "Tanh" }')
    text = spec(ADDED, layers=layers, training='metrics = ["accuracy"]')
    package, plain = built(text, tmp_path), Plain()
    trained = package.train()
    model, loss_fn = plain.model, plain.loss_fn
    plain.loss_of = lambda batch: (  # type: ignore[method-assign]
        0.5 * loss_fn(model(plain.x[batch]), plain.y[batch])
        + 0.01 * (model(plain.x[batch]) ** 2).mean()
    )
    expected = plain.train(torch.optim.SGD(plain.parameters(), lr=0.1))
    assert [row["train_loss"] for row in trained.history] == pytest.approx(expected)
    file = tmp_path / "weights.pt"
    package.save(trained.model, trained.loss_fn, file)
    answers = package.predict(package.load(file), package.load_loss_fn(file), plain.x)
    assert torch.allclose(answers, plain.probabilities())


def test_a_double_precision_model_has_such_a_loss(tmp_path: Path) -> None:
    text = spec(model='dtype = "float64"')
    assert "nn.LinearCrossEntropyLoss(4, 3, dtype=torch.float64)" in files_of(text)[1]["train.py"]


def test_a_step_with_a_closure_trains_it(tmp_path: Path) -> None:
    package, plain = built(spec(optimizer='[optimizer]\ntype = "LBFGS"'), tmp_path), Plain()
    before = plain.loss_fn.linear.weight
    assert not torch.equal(package.train().loss_fn.linear.weight, before)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            spec(layers='{ name = "h", type = "Linear", out_features = 3 }, { expr = "_.t()" }'),
            [("not-constant", "loss")],
        ),
        (
            spec(layers='{ type = "Linear", out_features = 3 }, { expr = "_[:, :, None]" }'),
            [("shape-mismatch", "loss")],
        ),
        (spec('type = "LinearCrossEntropyLoss"'), [("missing-key", "loss")]),
        (
            spec('type = "LinearCrossEntropyLoss"\nnum_classes = 3\nin_features = 5'),
            [("shape-mismatch", "loss.in_features")],
        ),
        (
            spec('type = "LinearCrossEntropyLoss"\nnum_classes = 2'),
            [("invalid-value", "data.target[1]")],
        ),
        (
            spec(
                'type = "LinearCrossEntropyLoss"\nnum_classes = 3\nname = "head"',
                layers='{ name = "head", layers = [{ name = "linear", type = "Linear",'
                ' out_features = 4 }] }, "Tanh"',
            ),
            [("name-clash", "loss")],
        ),
        (
            spec(optimizer=f'[optimizer]\n{SGD}\nmatch = "hidden.*"'),
            [("uncovered", "optimizer")],
        ),
        (
            spec(optimizer=f'[optimizer]\n{SGD}\nparam_groups = [{{ match = "loss.*", lr = 1 }}]'),
            [("no-match", "optimizer.param_groups[0].match")],
        ),
        (
            spec('type = "LinearCrossEntropyLoss"\nnum_classes = 3\nreduction = "none"'),
            [("not-a-number", "loss.reduction")],
        ),
    ],
)
def test_what_does_not_fit_is_refused(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(problem.code, str(problem.where)) for problem in problems_of(text)] == expected


ADDED = """[[loss]]
type = "LinearCrossEntropyLoss"
num_classes = 3
scale = 0.5

[[loss]]
name = "size"
expr = "0.01 * (tanh_values ** 2).mean()"
"""
PACKAGES = {
    "watched": spec(
        optimizer=f"[[optimizer]]\n{SGD}\nmatch = '*.bias'\n[[optimizer]]\ntype = 'Adam'",
        training='metrics = ["accuracy"]\nclip_grad_norm = 1.0\n'
        'early_stopping = { monitor = "train_loss", patience = 2 }',
    ),
    "added": spec(
        ADDED, layers=LINEAR.replace('"Tanh"', '{ name = "tanh_values", type = "Tanh" }')
    ),
    "weighed": spec('type = "LinearCrossEntropyLoss"\nnum_classes = 3\nweight = [1, 2, 4]'),
    "places": spec(
        'type = "LinearCrossEntropyLoss"\nnum_classes = 3\nout_features = [2]', target=PAIRS
    ),
    "formula": spec(
        'type = "LinearCrossEntropyLoss"\nnum_classes = 3\ninputs = { input = "2 * head" }',
        layers=LINEAR.replace('"Tanh"', '{ name = "head", type = "Tanh" }'),
    ),
    "closure": spec(optimizer='[optimizer]\ntype = "LBFGS"'),
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


@pytest.mark.parametrize("name", ["watched", "added", "formula"])
def test_the_command_line_keeps_and_asks_it(tmp_path: Path, name: str) -> None:
    built(PACKAGES[name], tmp_path)

    def run(*arguments: str, rows: str = "") -> str:
        command = [sys.executable, "-m", "small", *arguments]
        ran = subprocess.run(
            command, cwd=tmp_path, input=rows, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert run("train") == run("evaluate")
    answer = json.loads(run("predict", "-", rows='{"x": [0.5, 0.25]}\n'))
    if name == "formula":
        # What the loss reads is not the output itself: the output is what is told.
        assert len(answer["prediction"]) == 4
    else:
        assert sum(answer["probabilities"]) == pytest.approx(1)
        assert answer["class"] in (0, 1, 2)
