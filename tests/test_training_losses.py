"""Every loss in `[loss]`: trained as by a plain loop, asked for answers, held to its targets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from training_package import built, problems_of

ROWS = [[0.1, 0.2], [0.5, 0.4], [0.9, 0.3], [0.2, 0.8], [0.7, 0.6], [0.3, 0.1], [0.6, 0.9]]
SIGNS = [1, -1, -1, 1, 1, -1, 1]
CLASSES = [0, 2, 1, 1, 0, 2, 2]
LABELS = [[1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
SHARES = [[0.5, 0.25, 0.25], [1, 0, 0], [0, 0.5, 0.5], [0.1, 0.9, 0], *[[0.25, 0.5, 0.25]] * 3]
COUNTS = [0, 3, 1, 7, 2, 2, 5]
AMOUNTS = [0.3, -1.5, 2.0, 0.0, 1.0, 0.7, 0.2]


def spec(loss: str, target: object, layers: str, data: str = "") -> str:
    """A small model of two numbers and its training on seven rows."""
    given = f"target = {json.dumps(target)}" if target is not None else "target = false"
    return f"""
[model]
name = "Small"
inputs.x = ["batch", 2]
layers = [{layers}]

[data]
type = "lists"
x = {ROWS}
{given}
{data}

[loss]
{loss}

[optimizer]
type = "SGD"
lr = 0.1

[training]
epochs = 3
batch_size = 3
seed = 4
"""


def linear(width: int) -> str:
    return f'{{ type = "Linear", out_features = {width} }}'


LOG_SOFTMAX = ', { type = "LogSoftmax", dim = 1 }'
SIGMOID = ', "Sigmoid"'
SOFTPLUS = ', "Softplus"'
Answer = Callable[[Tensor], Tensor]


def itself(output: Tensor) -> Tensor:
    return output


CASES: dict[str, tuple[str, Any, str, Answer]] = {
    "MSELoss": ("", AMOUNTS, linear(1), itself),
    "L1Loss": ('reduction = "sum"', AMOUNTS, linear(1), itself),
    "SmoothL1Loss": ("beta = 0.5", AMOUNTS, linear(1), itself),
    "HuberLoss": ("delta = 0.5", AMOUNTS, linear(1), itself),
    "BCELoss": ("", [0, 1, 1, 0, 1, 0, 0.5], linear(1) + SIGMOID, itself),
    "BCEWithLogitsLoss": ("pos_weight = 3", LABELS, linear(3), torch.sigmoid),
    "MultiLabelSoftMarginLoss": ("weight = [1, 2, 0.5]", LABELS, linear(3), torch.sigmoid),
    "CrossEntropyLoss": ("weight = [1, 2, 3]", CLASSES, linear(3), lambda x: x.softmax(1)),
    "NLLLoss": ("weight = [1, 2, 3]", CLASSES, linear(3) + LOG_SOFTMAX, torch.exp),
    "MultiMarginLoss": ("p = 2\nweight = [1, 2, 3]", CLASSES, linear(3), itself),
    "MultiLabelMarginLoss": (
        "",
        [[0, -1, -1], [1, 2, -1], [2, -1, -1], [0, 1, 2], [1, -1, -1], [0, 2, -1], [2, 1, -1]],
        linear(3),
        itself,
    ),
    "KLDivLoss": ('reduction = "batchmean"', SHARES, linear(3) + LOG_SOFTMAX, torch.exp),
    "PoissonNLLLoss": ("full = true", COUNTS, linear(1), torch.exp),
    "SoftMarginLoss": ("", SIGNS, linear(1), itself),
    "HingeEmbeddingLoss": ("margin = 2.0", SIGNS, linear(1) + SOFTPLUS, itself),
}
"""For losses of an output and a target: arguments, targets, layers, and what `predict` says."""


def module_of(name: str, arguments: str) -> nn.Module:
    given: dict[str, Any] = {}
    for line in filter(None, arguments.split("\n")):
        key, value = line.split(" = ")
        given[key] = json.loads(value)
    for key in {"weight", "pos_weight"} & given.keys():
        given[key] = torch.tensor(given[key], dtype=torch.float32)
    made: nn.Module = getattr(nn, name)(**given)
    return made


def plain_losses(
    model: nn.Module, loss_of: Callable[..., Tensor], rows: tuple[Tensor, ...], seed: int = 4
) -> list[list[tuple[Tensor, Tensor]]]:
    """Of each epoch and batch, the loss and the rows' numbers; the model is trained."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    generator = torch.Generator().manual_seed(seed)
    epochs = []
    for _ in range(3):
        batches = []
        for batch in torch.split(torch.randperm(7, generator=generator), 3):
            optimizer.zero_grad()
            loss = loss_of(*(tensor[batch] for tensor in rows))
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            batches.append((loss.detach(), batch))
        epochs.append(batches)
    return epochs


@pytest.mark.parametrize("name", CASES)
def test_a_loss_trains_as_by_a_plain_loop_and_predict_says_what_it_means(
    tmp_path: Path, name: str
) -> None:
    arguments, target, layers, answer = CASES[name]
    package = built(spec(f'type = "{name}"\n{arguments}', target, layers), tmp_path)
    trained = package.train()
    data = sys.modules["small.data"].load_data()
    torch.manual_seed(4)
    model = package.Small()
    loss_fn = module_of(name, arguments)
    epochs = plain_losses(model, lambda x, y: loss_fn(model(x), y), (data.x, data.target))
    for row, batches in zip(trained.history, epochs, strict=True):
        sizes = torch.tensor([float(len(batch)) for _, batch in batches])
        if name in ("CrossEntropyLoss", "NLLLoss"):
            weight = loss_fn.weight
            assert isinstance(weight, Tensor)
            sizes = torch.stack([weight[data.target[batch]].sum() for _, batch in batches])
        losses = torch.stack([loss for loss, _ in batches])
        expected = losses.sum() if "sum" in arguments else (losses * sizes).sum() / sizes.sum()
        assert row["train_loss"] == pytest.approx(expected.item(), rel=1e-6)
    for ours, theirs in zip(trained.model.parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    with torch.no_grad():
        assert torch.equal(package.predict(trained.model, data.x), answer(model.eval()(data.x)))
    measured = sys.modules["small.train"].evaluate(model, loss_fn, data)
    assert measured["loss"] == loss_fn(model(data.x), data.target).item()


PAIR = '{ name = "one", type = "Linear", out_features = 3 }, { name = "two", expr = "tanh(one)" }'
"""Stands for the weights of the layers, which each test sets."""
INPUTS: dict[str, tuple[str, str, Any, Callable[..., Tensor]]] = {
    "CosineEmbeddingLoss": (
        'inputs = { input1 = "one", input2 = "two + x[:, :1]" }',
        PAIR,
        SIGNS,
        lambda f, h, x, y: f(h, h.tanh() + x[:, :1], y),
    ),
    "MarginRankingLoss": (
        'margin = 0.5\ninputs = { input1 = "one[:, 0]", input2 = "two[:, 1]" }',
        PAIR,
        SIGNS,
        lambda f, h, x, y: f(h[:, 0], h.tanh()[:, 1], y),
    ),
    "TripletMarginLoss": (
        'swap = true\ninputs = { anchor = "one", positive = "two", negative = "one.flip(1)" }',
        PAIR,
        None,
        lambda f, h, x: f(h, h.tanh(), h.flip(1)),
    ),
    "TripletMarginWithDistanceLoss": (
        'inputs = { anchor = "one", positive = "two", negative = "one.flip(1)" }',
        PAIR,
        None,
        lambda f, h, x: f(h, h.tanh(), h.flip(1)),
    ),
    "GaussianNLLLoss": (
        'inputs = { input = "one[:, :1]", var = "exp(two[:, 1:2])" }',
        PAIR,
        AMOUNTS,
        lambda f, h, x, y: f(h[:, :1], y, torch.exp(h.tanh()[:, 1:2])),
    ),
    "SoftMarginLoss": (
        'inputs = { input = "one[:, :1]", target = "2 * target - 1" }',
        PAIR,
        [1, 0, 0, 1, 1, 0, 1],
        lambda f, h, x, y: f(h[:, :1], 2 * y - 1),
    ),
    "MSELoss": (
        'inputs = { input = "two[:, :2]", target = "x" }',
        PAIR,
        None,
        lambda f, h, x: f(h.tanh()[:, :2], x),
    ),
    "CTCLoss": (
        'inputs = { log_probs = "one.reshape(-1, 2, 3).log_softmax(2).transpose(0, 1)",'
        ' input_lengths = "full((x.shape[0],), 2)", target_lengths = "(target > 0).sum(dim=1)" }',
        '{ name = "one", type = "Linear", out_features = 6 }, { name = "two", expr = "tanh(one)" }',
        [[1, 2], [1, 0], [2, 1], [2, 0], [1, 0], [1, 2], [2, 0]],
        lambda f, h, x, y: f(
            h.reshape(-1, 2, 3).log_softmax(2).transpose(0, 1),
            y,
            torch.full((len(x),), 2),
            (y > 0).sum(dim=1),
        ),
    ),
}
"""Losses with inputs of their own: what is written, layers, targets, and the same by hand."""


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_are_expressions_of_what_goes_into_the_model_and_comes_out(
    tmp_path: Path, name: str
) -> None:
    arguments, layers, target, by_hand = INPUTS[name]
    text = spec(f'type = "{name}"\n{arguments}', target, layers)
    text = text.replace("layers = [", 'outputs = ["one", "two"]\nlayers = [')
    package = built(text.replace("out_features", "bias = false, out_features"), tmp_path)
    trained = package.train()
    data = sys.modules["small.data"].load_data()
    torch.manual_seed(4)
    model = package.Small()
    plain = "\n".join(line for line in arguments.split("\n") if not line.startswith("inputs"))
    loss_fn = module_of(name, plain)

    def loss(*rows: Tensor) -> Tensor:
        return by_hand(loss_fn, rows[0] @ model.one.weight.T, *rows)

    rows = (data.x,) if target is None else (data.x, data.target)
    for row, batches in zip(trained.history, plain_losses(model, loss, rows), strict=True):
        expected = sum(value.item() * len(batch) for value, batch in batches) / 7
        assert row["train_loss"] == pytest.approx(expected, rel=1e-5)
    torch.testing.assert_close(trained.model.one.weight, model.one.weight)
    answers = package.predict(trained.model, data.x)
    assert answers._fields == ("one", "two")
    torch.testing.assert_close(answers.two, torch.tanh(data.x @ trained.model.one.weight.T))
    measured = sys.modules["small.train"].evaluate(model, sys.modules["small.train"].Loss(), data)
    assert measured["loss"] == pytest.approx(loss(*rows).item(), rel=1e-5)


def test_losses_add_up_over_several_outputs_and_the_command_line_prints_them(
    tmp_path: Path,
) -> None:
    text = spec("", CLASSES, PAIR).replace("layers = [", 'outputs = ["one", "two"]\nlayers = [')
    losses = """
[[loss]]
type = "CrossEntropyLoss"
inputs = { input = "one" }

[[loss]]
type = "L1Loss"
name = "rebuilt"
scale = 0.5
inputs = { input = "two[:, 1:]", target = "x" }
"""
    built(text.replace("[loss]\n", losses), tmp_path)

    def run(*arguments: str, text: str = "") -> str:
        command = (sys.executable, "-m", "small", *arguments)
        done = subprocess.run(
            command, cwd=tmp_path, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert json.loads(run("train"))["part"] == "train"
    (line,) = run("predict", "-", text='{"x": [0.5, 0.25]}').splitlines()
    answer = json.loads(line)
    assert answer.keys() == {"one", "two"}
    expected = torch.tensor(answer["one"]).tanh()
    torch.testing.assert_close(torch.tensor(answer["two"]), expected)


def table(loss: str, layers: str, target: str = "y") -> str:
    text = spec(loss, None, layers)
    start, end = text.index("[data]"), text.index("[loss]")
    return f'{text[:start]}[data]\ntype = "csv"\npath = "t.csv"\ntarget = "{target}"\n{text[end:]}'


@pytest.mark.parametrize(
    ("name", "arguments", "layers", "wrong", "right"),
    [
        ("SoftMarginLoss", "", linear(1), "0", "-1"),
        ("HingeEmbeddingLoss", "", linear(1) + SOFTPLUS, "0", "-1"),
        ("PoissonNLLLoss", "", linear(1), "-2", "0"),
        ("NLLLoss", "", linear(3) + LOG_SOFTMAX, "3", "2"),
        ("NLLLoss", "ignore_index = -1", linear(3) + LOG_SOFTMAX, "-100", "-1"),
        ("MultiMarginLoss", "", linear(3), "-1", "0"),
        ("BCEWithLogitsLoss", "", linear(1), "-1", "0"),
    ],
)
def test_a_table_with_other_targets_is_not_trained_on(
    tmp_path: Path, name: str, arguments: str, layers: str, wrong: str, right: str
) -> None:
    package = built(table(f'type = "{name}"\n{arguments}', layers), tmp_path)
    rows = ["a,b,y", "0.5,0.5,1", "0.1,0.2,1", "0.3,0.3,{}"]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(rows).format(wrong))
    error = sys.modules["small.csv_table"].TableError
    with pytest.raises(error, match=f"column y: {wrong} is"):
        package.train(path)
    path.write_text("\n".join(rows).format(right))
    package.train(path)


def refused(text: str) -> list[tuple[str, str]]:
    return [(problem.code, str(problem.where)) for problem in problems_of(text)]


@pytest.mark.parametrize(
    ("loss", "layers", "target", "expected"),
    [
        (
            'type = "SoftMarginLoss"',
            linear(1),
            [0, 1] * 3 + [1],
            ("invalid-value", "data.target[0]"),
        ),
        (
            'type = "HingeEmbeddingLoss"',
            linear(1),
            [1, -1] * 3 + [0],
            ("invalid-value", "data.target[6]"),
        ),
        ('type = "PoissonNLLLoss"', linear(1), [-1] * 7, ("invalid-value", "data.target[0]")),
        ('type = "BCEWithLogitsLoss"', linear(1), [1.5] * 7, ("invalid-value", "data.target[0]")),
        (
            'type = "KLDivLoss"',
            linear(3) + LOG_SOFTMAX,
            [[2, 0, 0]] * 7,
            ("invalid-value", "data.target[0][0]"),
        ),
        (
            'type = "NLLLoss"',
            linear(3) + LOG_SOFTMAX,
            [-100] * 7,
            ("invalid-value", "data.target[0]"),
        ),
        (
            'type = "MultiLabelMarginLoss"',
            linear(3),
            [[0, 3, -1]] * 7,
            ("invalid-value", "data.target[0][1]"),
        ),
        ('type = "NLLLoss"', linear(3), CLASSES, ("not-a-log-probability", "loss.type")),
        ('type = "KLDivLoss"', linear(3), SHARES, ("not-a-log-probability", "loss.type")),
        (
            'type = "PoissonNLLLoss"\nlog_input = false',
            linear(1),
            COUNTS,
            ("not-a-rate", "loss.type"),
        ),
        ('type = "TripletMarginLoss"', linear(3), None, ("missing-input", "loss")),
        ('type = "GaussianNLLLoss"', linear(1), AMOUNTS, ("missing-input", "loss")),
        (
            'type = "L1Loss"\ninputs = { input = "x", target = "x", var = "x" }',
            linear(2),
            None,
            ("unknown-name", "loss.inputs.var"),
        ),
        ('type = "L1Loss"\ninputs = "x"', linear(2), None, ("wrong-type", "loss.inputs")),
        (
            'type = "L1Loss"\ninputs = { input = 3 }',
            linear(2),
            None,
            ("wrong-type", "loss.inputs.input"),
        ),
        (
            'type = "L1Loss"\ninputs = { target = "nothing" }',
            linear(2),
            None,
            ("unknown-name", "loss.inputs.target"),
        ),
        (
            'type = "L1Loss"\ninputs = { target = "x[:, :1]" }',
            linear(2),
            None,
            ("shape-mismatch", "loss.inputs.target"),
        ),
        (
            'type = "L1Loss"\ninputs = { target = "x" }',
            linear(2),
            AMOUNTS,
            ("unread-target", "data.target"),
        ),
        ('type = "L1Loss"', linear(1), None, ("missing-key", "data.target")),
        (
            'type = "CTCLoss"\ninputs = { input_lengths = "x", target_lengths = "x" }',
            linear(3),
            CLASSES,
            ("varying-size", "loss"),
        ),
        ('type = "L1Loss"\nname = "x"', linear(1), AMOUNTS, ("invalid-name", "loss.name")),
        (
            'type = "CrossEntropyLoss"\nweight = [1, 2]',
            linear(3),
            CLASSES,
            ("shape-mismatch", "loss.weight"),
        ),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(
    loss: str, layers: str, target: Any, expected: tuple[str, str]
) -> None:
    assert refused(spec(loss, target, layers)) == [expected]


@pytest.mark.parametrize(
    ("source", "loss", "layers", "is_refused"),
    [
        ("load_breast_cancer", "SoftMarginLoss", linear(1), True),
        ("load_breast_cancer", "BCEWithLogitsLoss", linear(1), False),
        ("load_iris", "BCEWithLogitsLoss", linear(1), True),
        ("load_iris", "NLLLoss", linear(3) + LOG_SOFTMAX, False),
        ("load_iris", "MultiMarginLoss", linear(2), True),
        ("load_iris", "PoissonNLLLoss", linear(1), False),
        ("load_diabetes", "PoissonNLLLoss", linear(1), True),
        ("load_diabetes", "MultiMarginLoss", linear(3), True),
    ],
)
def test_the_classes_of_a_data_set_are_those_of_the_loss(
    source: str, loss: str, layers: str, is_refused: bool
) -> None:
    features = {"load_breast_cancer": 30, "load_iris": 4, "load_diabetes": 10}[source]
    text = spec(f'type = "{loss}"', None, layers).replace('["batch", 2]', f'["batch", {features}]')
    start, end = text.index("[data]"), text.index("[loss]")
    text = f'{text[:start]}[data]\ntype = "{source}"\n{text[end:]}'
    assert refused(text) == ([("wrong-target", "loss")] if is_refused else [])


@pytest.mark.parametrize(
    ("name", "arguments", "layers", "target", "right"),
    [
        ("NLLLoss", "", linear(3) + LOG_SOFTMAX, CLASSES, lambda o, y: o.argmax(1) == y),
        ("MultiMarginLoss", "", linear(3), CLASSES, lambda o, y: o.argmax(1) == y),
        ("SoftMarginLoss", "", linear(1), SIGNS, lambda o, y: (o * y) > 0),
    ],
)
def test_accuracy_counts_right_answers(
    tmp_path: Path, name: str, arguments: str, layers: str, target: Any, right: Any
) -> None:
    text = spec(f'type = "{name}"', target, layers).replace("seed = 4", 'metrics = ["accuracy"]')
    package = built(text, tmp_path)
    data = sys.modules["small.data"].load_data()
    model = package.train().model
    loss_fn = sys.modules["small.train"].build_loss()
    measured = sys.modules["small.train"].evaluate(model, loss_fn, data)
    expected = right(model(data.x), data.target).double().mean().item()
    assert measured["accuracy"] == pytest.approx(expected)
