"""Pictures of training: what they show, when they are drawn, which fit which spec."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix  # type: ignore[import-untyped]
from test_learned_losses import spec as learned_spec
from test_training import RUFF, TOOLS, run, submodule
from training_package import built, files_of, problems_of
from training_specs import DIGITS, DRAWN, LANGUAGE, NETWORK
from training_specs import PICTURES as IMAGES

from specc.templates.runtime import (
    plot_confusion_matrix,
    plot_learning_rate,
    plot_predictions,
    plot_probabilities,
)

TRAINING = "[training]\n"
EVERY = NETWORK.replace("epochs = 200", "epochs = 6").replace(
    'plots = ["loss", "probabilities"]',
    'plots = [{ type = "loss", every = 3 }, { type = "probabilities", every = 2 },'
    ' { type = "confusion_matrix", every = 2 }]',
)
QUANTITIES = """
[model]
name = "Line"
inputs.x = ["batch", 3]
layers = [{ name = "y", type = "Linear", out_features = 1 }]

[data]
type = "make_regression"
n_samples = 60
n_features = 3
random_state = 0
split = { train = 0.5, validation = 0.25, test = 0.25 }

[loss]
type = "MSELoss"

[optimizer]
type = "SGD"
lr = 0.1

[scheduler]
type = "StepLR"
step_size = 2

[training]
epochs = 4
batch_size = 10
seed = 0
plots = ["learning_rate", { type = "predictions", every = 2 }]
"""
LEARNED = learned_spec(training='plots = [{ type = "confusion_matrix", every = 1 }]')
"""A loss that makes class logits of what the model gives."""
AVERAGED = (
    DIGITS.replace(
        'plots = ["loss"]',
        'plots = [{ type = "confusion_matrix", every = 1 }]\nema = { decay = 0.9 }',
    )
    .replace("epochs = 20", "epochs = 1")
    .replace('type = "CrossEntropyLoss"', 'type = "CrossEntropyLoss"\nignore_index = 3')
)
STEPS = QUANTITIES.replace("epochs = 4", "steps = 8\nlog = { every = 2 }").replace(
    "every = 2 }]", "every = 4 }]"
)


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Figure]]:
    """The pictures that are drawn, by the names of their files."""
    found: dict[str, Figure] = {}

    def savefig(figure: Figure, path: Path, **options: Any) -> None:
        found[Path(path).name] = figure

    monkeypatch.setattr(Figure, "savefig", savefig)
    return found  # type: ignore[return-value]


def test_a_confusion_matrix_counts_as_scikit_learn_does(figures: dict[str, Figure]) -> None:
    generator = torch.Generator().manual_seed(0)
    target = torch.randint(0, 4, (6, 20), generator=generator)
    predicted = torch.randint(0, 3, (6, 20), generator=generator)  # the last one never
    target[0, :5] = -100
    plot_confusion_matrix.plot_confusion_matrix(
        predicted, target, Path("matrix.png"), classes=4, ignored=-100
    )
    counted = target.flatten() != -100
    expected = confusion_matrix(target.flatten()[counted], predicted.flatten()[counted])
    axes = figures["matrix.png"].axes[0]
    shares = axes.images[0].get_array()
    assert shares is not None
    assert torch.allclose(
        torch.as_tensor(shares),
        torch.tensor(expected / expected.sum(axis=1, keepdims=True)).float(),
    )
    numbers = {text.get_position(): int(text.get_text()) for text in axes.texts}
    assert numbers == {
        (column, row): count
        for row, counts in enumerate(expected.tolist())
        for column, count in enumerate(counts)
        if count
    }


def test_a_class_without_rows_has_no_share(figures: dict[str, Figure]) -> None:
    yes = torch.tensor([[True], [True]])
    plot_confusion_matrix.plot_confusion_matrix(yes, yes, Path("matrix.png"))
    shares = figures["matrix.png"].axes[0].images[0].get_array()
    assert shares is not None
    assert shares.tolist() == [[0, 0], [0, 1]]


def test_many_classes_are_not_numbered(figures: dict[str, Figure]) -> None:
    target = torch.arange(30)
    plot_confusion_matrix.plot_confusion_matrix(target, target, Path("matrix.png"), classes=30)
    assert not figures["matrix.png"].axes[0].texts


def test_predictions_stand_over_their_targets(figures: dict[str, Figure]) -> None:
    target, predicted = torch.rand(2, 8, 1)
    plot_predictions.plot_predictions(predicted, target, Path("predictions.png"))
    points, _ = figures["predictions.png"].axes[0].lines
    assert np.asarray(points.get_xdata()).tolist() == target.flatten().tolist()
    assert np.asarray(points.get_ydata()).tolist() == predicted.flatten().tolist()


def test_the_learning_rate_stands_over_the_epochs(figures: dict[str, Figure]) -> None:
    history = [{"epoch": n, "train_loss": 1.0, "learning_rate": 0.1 / n} for n in (1, 2, 3)]
    plot_learning_rate.plot_learning_rate(history, Path("rate.png"))
    (line,) = figures["rate.png"].axes[0].lines
    assert np.asarray(line.get_xdata()).tolist() == [1, 2, 3]
    assert np.asarray(line.get_ydata()).tolist() == [0.1, 0.05, 0.1 / 3]


def test_probabilities_have_a_panel_for_each_moment(figures: dict[str, Figure]) -> None:
    target = torch.arange(30).reshape(-1, 1) % 2
    moments = {name: torch.rand(30, 1) for name in ("first", "second", "third")}
    plot_probabilities.plot_probabilities(moments, target, Path("p.png"))
    assert [axes.get_title() for axes in figures["p.png"].axes] == [*moments]


def drawn_while_training(
    package: ModuleType, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[Any, ...]]:
    """What is drawn of one type while a package trains."""
    module, found = sys.modules[f"{package.__name__}.{name}"], list[tuple[Any, ...]]()
    monkeypatch.setattr(module, name, lambda *given: found.append(given))
    package.train(run=folder)
    return found


def test_pictures_during_training_are_of_the_model_of_their_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = built(EVERY, tmp_path)
    __import__("network.plot_probabilities")
    drawn = drawn_while_training(package, tmp_path / "run", "plot_probabilities", monkeypatch)
    data = submodule(package, "data").load_data()
    infer = submodule(package, "predict").infer
    assert [path.name for _, _, path in drawn] == [f"probabilities-{n}.png" for n in (2, 4, 6)]
    for epoch, (moments, target, _) in zip((2, 4, 6), drawn, strict=True):
        trained = package.train(epochs=epoch)
        expected = [infer(trained.initial, data.features), infer(trained.model, data.features)]
        assert [*moments] == ["before training", f"after epoch {epoch}"]
        assert all(map(torch.equal, moments.values(), expected))
        assert torch.equal(target, data.target)


@pytest.fixture
def quantities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    package = built(QUANTITIES, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    __import__("line.plot_predictions")
    return package


def test_pictures_during_training_are_of_the_validation_rows(
    quantities: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = drawn_while_training(quantities, tmp_path / "run", "plot_predictions", monkeypatch)
    rows = submodule(quantities, "data").load_parts().validation
    assert [path.name for _, _, path in drawn] == ["predictions-2.png", "predictions-4.png"]
    assert all(torch.equal(target, rows.target) for _, target, _ in drawn)


def test_the_log_has_the_rate_of_each_epoch(quantities: ModuleType) -> None:
    rates = [row["learning_rate"] for row in quantities.train().history]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize("text", [EVERY, QUANTITIES, STEPS], ids=["epochs", "rows", "steps"])
def test_pictures_change_nothing_of_training(tmp_path: Path, text: str) -> None:
    lines = text.splitlines(keepends=True)
    plain = "".join(line for line in lines if not line.startswith("plots"))
    assert plain != text
    package = built(text, tmp_path)
    sys.path.insert(0, str(tmp_path))
    try:
        pictured = package.train(run=tmp_path / "run")
    finally:
        sys.path.remove(str(tmp_path))
    (tmp_path / "plain").mkdir()
    alone = built(plain, tmp_path / "plain").train()
    weights = (pictured.model.state_dict(), alone.model.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(*map(dict.values, weights), strict=True))
    assert [row["train_loss"] for row in pictured.history] == [
        row["train_loss"] for row in alone.history
    ]


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        (EVERY, "network", {f"{kind}-{n}.png" for kind in ("probabilities", "confusion_matrix")
                            for n in (2, 4, 6)}
         | {"loss.png", "probabilities.png", "confusion_matrix.png"}),
        (STEPS, "line", {"predictions-4.png", "predictions-8.png", "predictions.png",
                         "learning_rate.png"}),
        (DIGITS.replace('plots = ["loss"]', 'plots = ["confusion_matrix"]')
         .replace("epochs = 20", "epochs = 1"), "digits", {"confusion_matrix.png"}),
        (AVERAGED, "digits", {"confusion_matrix.png", "confusion_matrix-1.png"}),
        (LEARNED, "small", {"confusion_matrix.png",
                            *(f"confusion_matrix-{n}.png" for n in (1, 2, 3))}),
    ],
)  # fmt: skip
def test_the_command_line_draws_them(tmp_path: Path, text: str, name: str, left: set[str]) -> None:
    built(text, tmp_path)
    done = run(tmp_path, sys.executable, "-m", name, "train")
    assert done.returncode == 0, done.stderr
    pictures = [path for path in (tmp_path / "runs" / name).iterdir() if path.suffix == ".png"]
    assert {path.name for path in pictures} == left
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


PACKAGES = {
    "epochs": EVERY,
    "rows": QUANTITIES,
    "steps": STEPS,
    "averaged": AVERAGED,
    "learned": LEARNED,
}


@pytest.mark.parametrize("text", PACKAGES.values(), ids=PACKAGES)
def test_packages_satisfy_ruff(tmp_path: Path, text: str) -> None:
    name = written(text, tmp_path)
    for command in (["check", "--config", str(RUFF)], ["format", "--check", "--config", str(RUFF)]):
        done = run(tmp_path, str(TOOLS / "ruff"), *command, name)
        assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("text", PACKAGES.values(), ids=PACKAGES)
def test_packages_satisfy_mypy(tmp_path: Path, text: str) -> None:
    name = written(text, tmp_path)
    done = run(tmp_path, str(TOOLS / "mypy"), "--strict", "--no-error-summary", "-p", name)
    assert done.returncode == 0, done.stdout


def written(text: str, folder: Path) -> str:
    """The name of a spec's package, which is written below a folder."""
    name, files = files_of(text)
    (folder / name).mkdir()
    for path, content in files.items():
        (folder / name / path).write_text(content, "utf-8")
    return name


@pytest.mark.parametrize(
    ("spec", "old", "new", "where"),
    [
        (NETWORK, '"probabilities"]', '"learning_rate"]', "training.plots[1]"),
        (NETWORK, '"probabilities"]', '"predictions"]', "training.plots[1]"),
        (DIGITS, 'plots = ["loss"]', 'plots = ["probabilities"]', "training.plots[0]"),
        (QUANTITIES, '"learning_rate"', '"confusion_matrix"', "training.plots[0]"),
        (
            LANGUAGE,
            "[training]\n",
            '[training]\nplots = ["confusion_matrix"]\n',
            "training.plots[0]",
        ),
        (DRAWN, "[training]\n", '[training]\nplots = ["predictions"]\n', "training.plots[0]"),
    ],
)
def test_a_picture_that_does_not_fit_is_refused(spec: str, old: str, new: str, where: str) -> None:
    assert old in spec
    found = problems_of(spec.replace(old, new))
    assert [(problem.code, problem.where) for problem in found] == [("wrong-plot", where)]


def test_a_stream_has_no_picture_of_answers() -> None:
    text = IMAGES.replace("[training]\n", '[training]\nplots = ["confusion_matrix"]\n')
    assert [problem.code for problem in problems_of(text)] == ["wrong-load"]
