"""Metrics: the values of torchmetrics and scikit-learn, over batches as over all rows at once."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_loop import LAYERS, TRAINING
from sklearn import metrics as known  # type: ignore[import-untyped]
from torch import Tensor
from training_package import built, files_of, problems_of
from training_specs import LANGUAGE

from specc.spec.metrics import METRICS, Metric
from specc.templates.runtime import (
    binary_auroc,
    binary_average_precision,
    binary_f1,
    binary_matthews_corrcoef,
    binary_precision,
    binary_recall,
    binary_specificity,
    class_auroc,
    class_average_precision,
    class_f1,
    class_matthews_corrcoef,
    class_precision,
    class_recall,
    class_specificity,
    coefficient_of_determination,
    mean_squared_error,
    perplexity,
    threshold_accuracy,
    top_k_accuracy,
)

SEEDS = st.integers(0, 10_000)
QUICK = settings(max_examples=40, deadline=None)
AVERAGES = ("macro", "micro", "weighted")


def binary_rows(seed: int) -> tuple[Tensor, Tensor]:
    """Probabilities, some of them equal, and classes, both of which there are."""
    generator = torch.Generator().manual_seed(seed)
    count = int(torch.randint(2, 40, (1,), generator=generator))
    probability = torch.randint(0, 21, (count, 1), generator=generator) / 20
    target = torch.randint(0, 2, (count, 1), generator=generator).float()
    target[0], target[1] = 0.0, 1.0
    return probability, target


def class_rows(seed: int) -> tuple[Tensor, Tensor]:
    """Logits of four classes, each of which there is, and classes."""
    generator = torch.Generator().manual_seed(seed)
    count = int(torch.randint(4, 40, (1,), generator=generator))
    logits = torch.randn(count, 4, generator=generator)
    target = torch.randint(0, 4, (count,), generator=generator)
    target[:4] = torch.arange(4)
    return logits, target


def near(ours: float, theirs: float) -> bool:
    return math.isclose(ours, theirs, rel_tol=1e-5, abs_tol=1e-7)


@given(SEEDS, st.sampled_from([0.5, 0.25, 0.7]))
@QUICK
def test_metrics_of_yes_and_no(seed: int, threshold: float) -> None:
    probability, target = binary_rows(seed)
    actual, score = target.flatten().tolist(), probability.flatten()
    said = (score > threshold).float().tolist()
    zero: dict[str, Any] = {"zero_division": 0}
    given_to = (probability, target, threshold)
    assert near(binary_precision.precision(*given_to), known.precision_score(actual, said, **zero))
    assert near(binary_recall.recall(*given_to), known.recall_score(actual, said, **zero))
    assert near(binary_f1.f1(*given_to), known.f1_score(actual, said, **zero))
    specificity = known.recall_score(actual, said, pos_label=0, **zero)
    assert near(binary_specificity.specificity(*given_to), specificity)
    correlation = known.matthews_corrcoef(actual, said)
    assert near(binary_matthews_corrcoef.matthews_corrcoef(*given_to), correlation)
    assert near(
        threshold_accuracy.threshold_accuracy(*given_to), known.accuracy_score(actual, said)
    )
    assert near(binary_auroc.auroc(probability, target), known.roc_auc_score(actual, score))
    assert near(
        binary_average_precision.average_precision(probability, target),
        known.average_precision_score(actual, score),
    )


@given(SEEDS, st.sampled_from(AVERAGES))
@QUICK
def test_metrics_of_classes(seed: int, average: str) -> None:
    logits, target = class_rows(seed)
    said = logits.argmax(dim=1)
    options: dict[str, Any] = {"average": average, "zero_division": 0}
    assert near(
        class_precision.precision(logits, target, average),
        known.precision_score(target, said, **options),
    )
    assert near(
        class_recall.recall(logits, target, average), known.recall_score(target, said, **options)
    )
    assert near(class_f1.f1(logits, target, average), known.f1_score(target, said, **options))
    assert near(
        class_matthews_corrcoef.matthews_corrcoef(logits, target),
        known.matthews_corrcoef(target, said),
    )
    table = known.multilabel_confusion_matrix(target, said, labels=range(4))
    right, wrong = table[:, 0, 0], table[:, 0, 1]
    weights = torch.bincount(target).numpy()
    specificity = {
        "macro": (right / (right + wrong)).mean(),
        "micro": right.sum() / (right + wrong).sum(),
        "weighted": (right / (right + wrong) * weights).sum() / weights.sum(),
    }
    assert near(class_specificity.specificity(logits, target, average), specificity[average])
    if average != "micro":
        probability = logits.double().softmax(dim=1)
        auroc = known.roc_auc_score(target, probability, multi_class="ovr", average=average)
        assert near(class_auroc.auroc(probability, target, average), auroc)
        hot = torch.nn.functional.one_hot(target, 4)
        precision = known.average_precision_score(hot, probability, average=average)
        ours = class_average_precision.average_precision(probability, target, average)
        assert near(ours, precision)


@given(SEEDS, st.integers(1, 4))
@QUICK
def test_the_likeliest_classes(seed: int, top_k: int) -> None:
    logits, target = class_rows(seed)
    theirs = known.top_k_accuracy_score(target, logits, k=top_k, labels=range(4))
    assert near(top_k_accuracy.top_k_accuracy(logits, target, top_k), theirs)


@given(SEEDS)
@QUICK
def test_what_is_ignored_does_not_count(seed: int) -> None:
    logits, target = class_rows(seed)
    kept = torch.arange(len(target)) % 3 != 1
    marked = torch.where(kept, target, -7)
    for metric in (
        class_precision.precision,
        class_f1.f1,
        class_auroc.auroc,
        class_average_precision.average_precision,
        class_matthews_corrcoef.matthews_corrcoef,
        perplexity.perplexity,
    ):
        assert near(metric(logits, marked, ignored=-7), metric(logits[kept], target[kept]))
    assert near(
        top_k_accuracy.top_k_accuracy(logits, marked, 2, ignored=-7),
        top_k_accuracy.top_k_accuracy(logits[kept], target[kept], 2),
    )


@given(SEEDS)
@QUICK
def test_metrics_of_quantities(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    output, target = torch.randn(2, 12, 3, generator=generator)
    assert near(coefficient_of_determination.r2(output, target), known.r2_score(target, output))
    mse = known.mean_squared_error(target, output)
    assert math.isclose(mean_squared_error.mse(output, target), mse, rel_tol=1e-5)
    flat = coefficient_of_determination.r2(output[:, 0], target[:, 0])
    assert near(flat, known.r2_score(target[:, 0], output[:, 0]))


def test_classes_of_every_place_count() -> None:
    logits, target = torch.randn(6, 4, 5), torch.randint(0, 4, (6, 5))
    rows = logits.movedim(1, -1).reshape(-1, 4)
    assert class_f1.f1(logits, target) == class_f1.f1(rows, target.flatten())
    assert class_auroc.auroc(logits, target) == class_auroc.auroc(rows, target.flatten())
    assert near(
        perplexity.perplexity(logits, target),
        math.exp(torch.nn.functional.cross_entropy(rows, target.flatten()).item()),
    )


def torchmetrics_of(name: str) -> Any:
    functional = pytest.importorskip("torchmetrics.functional", reason="torchmetrics is missing")
    return getattr(functional, name)


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("name", ["precision", "recall", "f1", "specificity"])
def test_classes_that_no_row_has_count_as_in_torchmetrics(name: str, average: str) -> None:
    theirs = torchmetrics_of({"f1": "f1_score"}.get(name, name))
    ours = getattr(sys.modules[f"specc.templates.runtime.class_{name}"], name)
    logits = torch.tensor([[3.0, 1, 0, 0, 0], [0, 2, 1, 0, 0], [0, 1, 2, 0, 0], [1, 0, 0, 0, 0]])
    target = torch.tensor([0, 2, 2, 1])
    value = theirs(logits, target, task="multiclass", num_classes=5, average=average)
    assert near(ours(logits, target, average), value.item())


SPLIT = "random_state = 101\nsplit = { train = 0.6, validation = 0.4, seed = 0 }"
SGD = '[optimizer]\ntype = "SGD"\nlr = 0.1\n'


def spec_with(metrics: str) -> str:
    return LAYERS.replace("random_state = 101", SPLIT) + SGD + TRAINING + f"metrics = {metrics}\n"


ALL_BINARY = [name for name, metric in METRICS.items() if "logit" in metric.modules]


def test_a_package_logs_what_is_asked_for(tmp_path: Path) -> None:
    metrics = '["accuracy", "f1", "auroc", { type = "recall", name = "strict", threshold = 0.7 }]'
    package = built(spec_with(metrics), tmp_path)
    trained = package.train()
    train, data = (sys.modules[f"{package.__name__}.{name}"] for name in ("train", "data"))
    rows = data.load_parts().validation
    with torch.no_grad():
        probability = trained.model(rows.features).sigmoid()
    row = trained.history[-1]
    actual = rows.target.flatten()
    assert near(row["validation_f1"], known.f1_score(actual, probability.flatten() > 0.5))
    assert near(row["validation_auroc"], known.roc_auc_score(actual, probability.flatten()))
    assert near(row["validation_strict"], known.recall_score(actual, probability.flatten() > 0.7))
    assert list(train.evaluate(trained.model, train.build_loss(), rows)) == [
        "loss",
        "accuracy",
        "f1",
        "auroc",
        "strict",
    ]


def test_every_metric_of_yes_and_no_can_be_built(tmp_path: Path) -> None:
    trained = built(spec_with(str(ALL_BINARY).replace("'", '"')), tmp_path).train(epochs=1)
    assert [f"validation_{name}" for name in ALL_BINARY] == list(trained.history[0])[3:]


@pytest.mark.parametrize(
    ("metrics", "code", "where"),
    [
        ('[{ type = "f1", average = "macro" }]', "wrong-metric", "training.metrics[0].average"),
        ('[{ type = "f1", threshold = 1.5 }]', "invalid-value", "training.metrics[0].threshold"),
        ('[{ type = "f1", treshold = 0.5 }]', "unknown-key", "training.metrics[0].treshold"),
        ('[{ type = "f2" }]', "unknown-name", "training.metrics[0].type"),
        ('[{ name = "f1" }]', "invalid-value", "training.metrics[0]"),
        ('["f1", { type = "f1", threshold = 0.2 }]', "duplicate-name", "training.metrics[1]"),
        ('["f1", { type = "auroc", name = "loss" }]', "invalid-name", "training.metrics[1].name"),
        ('["f1", { type = "auroc", name = "a b" }]', "invalid-name", "training.metrics[1].name"),
        ('["r2"]', "wrong-metric", "training.metrics[0]"),
        ("[3]", "invalid-value", "training.metrics[0]"),
    ],
)
def test_mistakes_are_reported_at_their_place(metrics: str, code: str, where: str) -> None:
    assert [(p.code, p.where) for p in problems_of(spec_with(metrics))] == [(code, where)]


def test_more_of_the_likeliest_than_classes() -> None:
    text = spec_with('[{ type = "accuracy", top_k = 4 }]').replace(
        "out_features = 1 }", "out_features = 3 }"
    )
    text = text.replace("BCEWithLogitsLoss", "CrossEntropyLoss")
    text = text.replace("n_informative = 3", "n_informative = 3\nn_classes = 3")
    [problem] = problems_of(text)
    assert problem.where == "training.metrics[0].top_k"
    assert problem.message == "top_k = 4, but there are 3 classes"
    files = files_of(text.replace("top_k = 4", "top_k = 2"))[1]
    assert "top_k_accuracy(output, data.target, top_k=2)" in files["train.py"]


def test_what_comes_in_batches_is_measured_over_all_rows(tmp_path: Path) -> None:
    metrics = '["accuracy", "perplexity", "f1", { type = "perplexity", name = "again" }]'
    text = LANGUAGE.replace(
        '"Linear", out_features = "size" },',
        '"Linear", out_features = "size" },\n{ name = "scores", expr = "logits.transpose(1, 2)" },',
    )
    inputs = 'inputs = { input = "logits.flatten(0, 1)", target = "target.flatten()" }\n'
    assert inputs in text
    package = built(f"{text.replace(inputs, '')}metrics = {metrics}\n", tmp_path)
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("wer zählt, hat recht; wer nicht zählt, hat nicht recht. " * 5, "utf-8")
    trained = package.train(corpus)
    train, data = (sys.modules[f"{package.__name__}.{name}"] for name in ("train", "data"))
    rows = trained.preparation(data.load_parts(corpus).validation)
    batches = list(rows.batches(3))
    tokens, target = (torch.cat(parts) for parts in zip(*batches, strict=True))
    with torch.no_grad():
        scores = trained.model(tokens)
    actual, said = target.flatten(), scores.argmax(dim=1).flatten()
    measured = train.evaluate(trained.model, train.build_loss(), rows)
    loss = torch.nn.functional.cross_entropy(scores, target).item()
    assert len(batches[-1][0]) < 3 < len(tokens)
    assert near(measured["loss"], loss)
    assert near(measured["perplexity"], math.exp(loss))
    assert near(measured["again"], math.exp(loss))
    assert near(measured["accuracy"], known.accuracy_score(actual, said))
    f1 = known.f1_score(actual, said, average="macro", zero_division=0)
    assert near(measured["f1"], f1)


def test_all_metrics_are_metrics() -> None:
    assert all(issubclass(metric, Metric) for metric in METRICS.values())
