"""Generated packages train, measure, keep and use their models."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import warnings
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from sklearn.datasets import (  # type: ignore[import-untyped]
    load_digits,
    make_classification,
)
from test_lists import XOR
from torch import nn
from training_package import built, files_of
from training_specs import (
    ASKED,
    CURVATURE,
    DIGITS,
    DRAWN,
    FACTORED,
    FOLDED,
    FUNKY,
    KEPT,
    LABELS,
    LANGUAGE,
    MATRICES,
    MIXED_COLUMNS,
    NETWORK,
    ORTHOGONAL,
    PICTURES,
    POWERS,
    RATES,
    SPARSE,
    SPEECH,
    STREAMED,
    TRIPLETS,
    TWO_TABLES,
)

from specc.spec.names import refused_as_name

SPECS = {
    "network": NETWORK,
    "digits": DIGITS,
    "funky_network": FUNKY,
    "two_tables": TWO_TABLES,
    "curvature": CURVATURE,
    "matrices": MATRICES,
    "embedder": TRIPLETS,
    "speech": SPEECH,
    "factored": FACTORED,
    "orthogonal": ORTHOGONAL,
    "sparse": SPARSE,
    "powers": POWERS,
    "rates": RATES,
    "labels": LABELS,
    "mixed": MIXED_COLUMNS,
    "folded": FOLDED,
    "asked": ASKED,
    "language": LANGUAGE,
    "pictures": PICTURES,
    "streamed": STREAMED,
    "drawn": DRAWN,
    "kept": KEPT,
}
RUFF = Path(__file__).parent.parent / "templates/runtime/ruff.toml"
TOOLS = Path(sys.executable).parent


def run(folder: Path, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """A command in `folder`; nothing but the folder is importable beside the libraries."""
    return subprocess.run(
        command, cwd=folder, input=text, capture_output=True, text=True, check=False
    )


def submodule(package: ModuleType, name: str) -> ModuleType:
    return sys.modules[f"{package.__name__}.{name}"]


def points(path: Path, rows: int = 300) -> None:
    """A CSV file of five features and a label."""
    features, label = make_classification(n_samples=rows, n_features=5, random_state=3)
    lines = [",".join(map(str, [*row, int(y)])) for row, y in zip(features, label, strict=True)]
    path.write_text("\n".join(["a,b,c,d,e,label", *lines]) + "\n")


def tables(path: Path, rows: int) -> None:
    lines = [f"{index % 4},{index / 7},{index % 3},{index * 0.1}" for index in range(rows)]
    path.write_text("\n".join(["code,a,b,y", *lines]) + "\n")


@pytest.mark.parametrize("seed", [7, 0])
def test_the_loss_curve_is_that_of_the_plain_loop_to_the_last_bit(
    tmp_path: Path, seed: int
) -> None:
    trained = built(NETWORK, tmp_path).train(seed=seed)
    features, target = make_classification(
        n_samples=100, n_features=5, n_informative=3, random_state=101
    )
    x = torch.tensor(features, dtype=torch.float32)
    y = torch.tensor(target, dtype=torch.float32).reshape(-1, 1)
    torch.manual_seed(seed)
    layers = [nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 1)]
    model = nn.Sequential(*layers, nn.Sigmoid())
    loss_fn = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        out = model(x)
        loss = loss_fn(out, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert [row["train_loss"] for row in trained.history] == losses
    ours, theirs = trained.model.state_dict().values(), model.state_dict().values()
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_minibatches_are_those_of_a_data_loader_with_the_same_draws(tmp_path: Path) -> None:
    package = built(DIGITS, tmp_path)
    data = submodule(package, "data")
    rows = data.load_parts().train
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(5))
    pairs: Any = list(zip(rows.image, rows.target, strict=True))
    loader: Any = torch.utils.data.DataLoader(pairs, batch_size=64, sampler=order.tolist())
    shuffled = rows.shuffled(torch.Generator().manual_seed(5))
    for ours, theirs in zip(shuffled.batches(64), loader, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))]
)
def test_digits_are_read_with_98_percent_on_rows_never_trained_on(
    tmp_path: Path, seed: int
) -> None:
    package = built(DIGITS, tmp_path)
    trained = package.train(seed=seed)
    digits = load_digits()
    parts = submodule(package, "data").load_parts()
    assert [len(part) for part in parts] == [1258, 180, 359]
    # An image that is in both parts would be known by heart.
    seen = {row.numpy().tobytes() for row in parts.train.image}
    assert sum(row.numpy().tobytes() in seen for row in parts.test.image) == 0
    found = package.predict(trained.model, trained.preparation, parts.test.image).argmax(1)
    assert (found == parts.test.target).float().mean() >= 0.98
    everything = torch.cat([part.target for part in parts]).bincount()
    assert everything.tolist() == torch.tensor(digits.target).bincount().tolist()


def test_the_same_seed_gives_the_same_weights_whatever_was_drawn_before(tmp_path: Path) -> None:
    package = built(DIGITS, tmp_path)
    first = package.train(epochs=1)
    torch.rand(7)
    again = package.train(epochs=1)
    other = package.train(epochs=1, seed=1)
    assert first.history == again.history
    assert first.history != other.history


def test_saved_models_come_back_with_their_preparation(tmp_path: Path) -> None:
    package = built(DIGITS, tmp_path)
    trained = package.train(epochs=2)
    path = tmp_path / "weights.pt"
    package.save(trained.model, trained.preparation, path)
    torch.load(path, weights_only=True)
    image = torch.rand(3, 1, 8, 8) * 16
    loaded = package.load(path)
    assert not loaded.training
    expected = package.predict(trained.model, trained.preparation, image)
    assert torch.equal(package.predict(loaded, package.load_preparation(path), image), expected)
    assert torch.allclose(expected.sum(dim=1), torch.ones(3))


def test_preparation_is_fitted_on_the_training_rows_alone(tmp_path: Path) -> None:
    package = built(DIGITS, tmp_path)
    parts = submodule(package, "data").load_parts()
    prepared = submodule(package, "data").Preparation.fit(parts.train)
    assert torch.equal(prepared.image.low, parts.train.image.amin(dim=0))
    assert prepared(parts.train).image.amax() == 1


def test_early_stopping_returns_to_the_best_epoch(tmp_path: Path) -> None:
    package = built(FUNKY, tmp_path)
    points(tmp_path / "points.csv")
    torch.manual_seed(0)
    trained = package.train(tmp_path / "points.csv")
    losses = [row["validation_loss"] for row in trained.history]
    best = losses.index(min(losses))
    assert len(losses) in (best + 11, 100)
    train = submodule(package, "train")
    parts = submodule(package, "data").load_parts(tmp_path / "points.csv")
    data = trained.preparation(parts.validation)
    assert train.evaluate(trained.model, train.Loss(), data)["loss"] == min(losses)


def test_losses_add_up_and_groups_have_their_own_settings(tmp_path: Path) -> None:
    train = submodule(built(FUNKY, tmp_path), "train")
    output, target = torch.randn(9, 1), torch.rand(9, 1).round()
    quartic = ((output.sigmoid() - target) ** 4).mean()
    expected = nn.functional.binary_cross_entropy_with_logits(output, target) + 0.5 * quartic
    assert torch.allclose(train.Loss()(output, target), expected)
    model = submodule(sys.modules["funky_network"], "model").FunkyNetwork()
    optimizer = train.build_optimizer(model)
    decay = {
        name: group["weight_decay"]
        for group in optimizer.param_groups
        for name, parameter in model.named_parameters()
        if any(parameter is p for p in group["params"])
    }
    assert decay == {n: 0.0 if n.endswith("bias") else 0.01 for n, _ in model.named_parameters()}


@pytest.mark.parametrize("rows", [9, 10, 11])
def test_no_batch_is_too_small_to_train_on(tmp_path: Path, rows: int) -> None:
    package = built(TWO_TABLES, tmp_path)
    tables(tmp_path / "tables.csv", rows)  # 9 rows in fours leave one, which BatchNorm1d refuses
    trained = package.train(tmp_path / "tables.csv")
    assert len(trained.history) == 4
    assert all(torch.isfinite(torch.tensor(row["train_loss"])) for row in trained.history)


def test_a_scheduler_steps_after_each_epoch(tmp_path: Path) -> None:
    package = built(TWO_TABLES, tmp_path)
    train = submodule(package, "train")
    text = files_of(TWO_TABLES)[1]["train.py"]
    assert text.count("scheduler.step()") == 1
    model = submodule(package, "model").TwoTables()
    optimizer = train.build_optimizer(model)
    scheduler = train.build_scheduler(optimizer)
    rates = []
    for _ in range(4):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4])


def test_inputs_may_have_any_names(tmp_path: Path) -> None:
    package = built(TWO_TABLES, tmp_path)  # an input called `data`, as train.py calls its rows
    tables(tmp_path / "tables.csv", 12)
    data = submodule(package, "data")
    table = data.load_table(tmp_path / "tables.csv")
    data = data.Preparation.fit(table)(table)
    assert data.data_input.shape == (12, 2)
    assert data.codes.dtype == torch.int64
    assert data.codes.tolist() == [index % 4 for index in range(12)]


def test_tensor_arguments_of_losses(tmp_path: Path) -> None:
    text = FUNKY.replace('"BCEWithLogitsLoss"', '"BCEWithLogitsLoss"\npos_weight = [3]')
    train = submodule(built(text, tmp_path), "train")
    assert train.Loss().bce_with_logits.pos_weight.tolist() == [3.0]


def test_regression_with_several_targets(tmp_path: Path) -> None:
    text = NETWORK.replace('"make_classification"', '"make_regression"\nn_targets = 2')
    text = text.replace("out_features = 1 },\n", "out_features = 2 },\n").replace('"Sigmoid",', "")
    text = text.replace('"BCELoss"', '"HuberLoss"\ndelta = 2.0').replace("accuracy", "rmse")
    text = text.replace(', "probabilities"', "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a broadcast between output and target warns
        trained = built(text, tmp_path).train(epochs=30)
    assert trained.history[-1]["train_loss"] < trained.history[0]["train_loss"]


def test_a_sum_is_recorded_as_a_sum(tmp_path: Path) -> None:
    text = NETWORK.replace('"BCELoss"', '"BCELoss"\nreduction = "sum"')
    text = text.replace('"all"', "30").replace("lr = 0.1", "lr = 0.0")
    package = built(text, tmp_path)
    trained = package.train(epochs=1)
    train = submodule(package, "train")
    data = submodule(package, "data").load_data()
    measured = train.evaluate(trained.model, train.build_loss(), data)["loss"]
    assert trained.history[0]["train_loss"] == pytest.approx(measured)


@pytest.mark.parametrize("name", SPECS)
def test_packages_are_formatted_linted_and_typed(tmp_path: Path, name: str) -> None:
    _, files = files_of(SPECS[name])
    (tmp_path / name).mkdir()
    for path, content in files.items():
        (tmp_path / name / path).write_text(content)
    ruff = str(TOOLS / "ruff")
    formatted = run(tmp_path, ruff, "format", "--diff", "--config", str(RUFF), name)
    assert formatted.returncode == 0, formatted.stdout
    linted = run(tmp_path, ruff, "check", "--config", str(RUFF), name)
    assert linted.returncode == 0, linted.stdout
    for path, content in files.items():
        # The name of what installs a missing library is all that may be said of it.
        assert "specc" not in content.replace("specc-torch[", ""), path


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_packages_satisfy_mypy(tmp_path: Path, name: str) -> None:
    _, files = files_of(SPECS[name])
    (tmp_path / name).mkdir()
    for path, content in files.items():
        (tmp_path / name / path).write_text(content)
    typed = run(tmp_path, str(TOOLS / "mypy"), "--strict", "--no-error-summary", "-p", name)
    assert typed.returncode == 0, typed.stdout


def test_the_command_line_does_it_all(tmp_path: Path) -> None:
    built(NETWORK, tmp_path)
    command = (sys.executable, "-m", "network")
    trained = run(tmp_path, *command, "train", "--epochs", "30", "--seed", "3")
    assert trained.returncode == 0, trained.stderr
    assert set(json.loads(trained.stdout)) == {"part", "loss", "accuracy"}
    assert "epoch 30/30" in trained.stderr
    left = {path.name for path in (tmp_path / "runs/network").iterdir()}
    pictures = {"loss.png", "probabilities.png"}
    assert left == {"initial.pt", "log.jsonl", "weights.pt", *pictures}
    assert run(tmp_path, *command, "evaluate").stdout == trained.stdout
    for picture in pictures:
        (tmp_path / "runs/network" / picture).unlink()
    assert run(tmp_path, *command, "plot").returncode == 0
    assert all((tmp_path / "runs/network" / p).read_bytes()[:4] == b"\x89PNG" for p in pictures)
    rows = '{"features": [1, 2, 3, 4, 5]}\n{"features": [0.5, 0, 0, 0, -1]}\n'
    answers = run(tmp_path, *command, "predict", "-", text=rows).stdout.splitlines()
    assert [0 < json.loads(answer)["probability"] < 1 for answer in answers] == [True, True]
    assert run(tmp_path, *command, "summary").stdout.splitlines()[-1].split() == ["total", "89"]


def test_the_command_line_says_what_is_wrong(tmp_path: Path) -> None:
    built(NETWORK, tmp_path)
    command = (sys.executable, "-m", "network")
    missing = run(tmp_path, *command, "evaluate")
    assert missing.returncode == 2
    assert missing.stderr.count("\n") == 1
    assert "weights.pt" in missing.stderr
    run(tmp_path, *command, "train", "--epochs", "1")
    short = run(tmp_path, *command, "predict", "-", text='{"features": [1, 2]}\n')
    assert short.returncode == 2
    assert "shape (5,)" in short.stderr
    assert "Traceback" not in short.stderr


def test_using_a_model_needs_nothing_but_torch(tmp_path: Path) -> None:
    built(DIGITS, tmp_path)
    blocked = "import sys; sys.modules.update(sklearn=None, matplotlib=None, specc=None)"
    use = f"{blocked}; import digits; digits.Digits(); print(digits.load.__name__)"
    assert run(tmp_path, sys.executable, "-c", use).stdout == "load\n"


@pytest.mark.parametrize("name", [*SPECS, "xor"])
def test_builds_are_the_same_bytes_for_every_hash_seed_and_folder(
    tmp_path: Path, name: str
) -> None:
    written = []
    for seed, below in (("0", "a"), ("1", "b/c"), ("2", "a")):
        folder = tmp_path / seed / below
        folder.mkdir(parents=True)
        (folder / f"{name}.toml").write_text(XOR if name == "xor" else SPECS[name], "utf-8")
        subprocess.run(
            [str(TOOLS / "specc"), "build", f"{name}.toml"],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        )
        made = folder / "generated" / name
        written.append({path.name: path.read_bytes() for path in made.iterdir()})
    assert written[0] == written[1] == written[2]
    assert all(str(tmp_path).encode() not in content for content in written[0].values())


def words_of(files: dict[str, str]) -> set[str]:
    """Every name that the code of a package binds or reads."""
    fields = {
        ast.Name: "id",
        ast.arg: "arg",
        ast.FunctionDef: "name",
        ast.ClassDef: "name",
        ast.alias: "name",
    }
    return {
        getattr(node, fields[type(node)])
        for content in files.values()
        for node in ast.walk(ast.parse(content))
        if type(node) in fields
    }


@pytest.mark.slow
@pytest.mark.parametrize("spec", ["network", "two_tables"])
def test_an_input_may_be_called_as_anything_in_the_package(tmp_path: Path, spec: str) -> None:
    text, name = SPECS[spec], {"network": "features", "two_tables": "data"}[spec]
    tables(tmp_path / "tables.csv", 12)
    words = words_of(files_of(text)[1])
    tried = 0
    for word in sorted(words):
        if refused_as_name(word) or word in text:
            continue
        tried += 1
        renamed = re.sub(rf"\b{name}\b(?= =|\.|,|\))|(?<=inputs\.){name}\b", word, text)
        folder = tmp_path / word
        folder.mkdir()
        package = built(renamed, folder)
        main = submodule(package, "__main__")
        options = Namespace(
            run=folder,
            epochs=1,
            batch_size=4,
            lr=0.1,
            seed=0,
            device="cpu",
            data=tmp_path / "tables.csv",
        )
        vars(main)["run_plot"] = lambda _: None  # matplotlib is slow, and has no names of ours
        main.run_train(options)
        options.rows = str(tmp_path / "tables.csv")
        if spec != "two_tables":
            options.rows = str(folder / "rows.jsonl")
            Path(options.rows).write_text(json.dumps({word: [1, 2, 3, 4, 5]}))
        main.run_predict(options)
    assert tried > 20


def test_a_trained_model_draws_its_curve(tmp_path: Path) -> None:
    text = """
        [model]
        name = "Line"
        inputs.x = ["batch"]
        layers = [
          { name = "fit", type = "Linear", out_features = 1, inputs = "x.unsqueeze(1)" },
          { name = "y", expr = "fit.squeeze(1)" },
        ]
        [data]
        type = "make_regression"
        n_features = 1
        random_state = 0
        split = { train = 0.5, test = 0.5 }
        [loss]
        type = "MSELoss"
        [optimizer]
        type = "SGD"
        lr = 0.1
        [training]
        epochs = 100
        batch_size = "all"
        [[plot]]
        x = { name = "x", from = -3.0, to = 3.0, points = 20 }
        y = ["y"]
    """
    built(text, tmp_path)
    done = run(tmp_path, sys.executable, "-m", "line", "train")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["loss"] < 1.0  # the data is a line without noise
    assert (tmp_path / "runs/line/plot.png").read_bytes().startswith(b"\x89PNG")
