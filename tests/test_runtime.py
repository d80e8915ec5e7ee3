"""The modules that are copied into packages, each on its own."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics, preprocessing  # type: ignore[import-untyped]
from torch import nn

from specc.templates.runtime import (
    class_accuracy,
    early_stopping,
    logit_accuracy,
    losses,
    mean_absolute_error,
    min_max,
    plot_loss,
    plot_probabilities,
    probability_accuracy,
    progress,
    random_split,
    root_mean_squared_error,
    rows,
    standard,
    stratified_split,
    summary,
)

SHARES = st.lists(st.integers(1, 9), min_size=2, max_size=3)


def shares_of(weights: list[int]) -> list[float]:
    return [weight / sum(weights) for weight in weights]


@given(st.integers(0, 200), SHARES, st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_random_split_takes_every_row_once(count: int, weights: list[int], seed: int) -> None:
    parts = random_split.random_split(count, shares_of(weights), seed)
    assert torch.cat(parts).sort().values.tolist() == list(range(count))
    assert all(part.tolist() == sorted(part.tolist()) for part in parts)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(len(part) - Fraction(weight, sum(weights)) * count) <= 1


def test_splits_follow_the_seed() -> None:
    first, again, other = (random_split.random_split(50, (0.5, 0.5), seed)[0] for seed in (0, 0, 1))
    assert first.tolist() == again.tolist() != other.tolist()
    target = torch.arange(50) % 3
    first, again, other = (
        stratified_split.stratified_split(target, (0.5, 0.5), seed)[0] for seed in (0, 0, 1)
    )
    assert first.tolist() == again.tolist() != other.tolist()


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), SHARES)
@settings(max_examples=60, deadline=None)
def test_a_stratified_split_keeps_the_mixture(classes: list[int], weights: list[int]) -> None:
    target = torch.tensor(classes)
    parts = stratified_split.stratified_split(target, shares_of(weights), seed=0)
    assert torch.cat(parts).sort().values.tolist() == list(range(len(classes)))
    for part, weight in zip(parts, weights, strict=True):
        share = weight / sum(weights)
        assert abs(len(part) - share * len(classes)) <= 2
        for label in set(classes):
            expected = share * classes.count(label)
            assert abs(int((target[part] == label).sum()) - expected) <= 2


def test_scalings_are_those_of_scikit_learn() -> None:
    values = torch.randn(20, 3, dtype=torch.float64) * 5 + 2
    values[:, 1] = 4.0  # a feature that never varies
    new = torch.randn(6, 3, dtype=torch.float64)
    for ours, theirs in (
        (min_max.MinMax, preprocessing.MinMaxScaler()),
        (standard.Standard, preprocessing.StandardScaler()),
    ):
        expected = theirs.fit(values.numpy()).transform(new.numpy())
        assert torch.allclose(ours.fit(values)(new), torch.tensor(expected))


def test_metrics_are_those_of_scikit_learn() -> None:
    torch.manual_seed(0)
    truth = torch.randint(0, 2, (40, 1)).float()
    logit = torch.randn(40, 1)
    expected = metrics.accuracy_score(truth.flatten(), (logit > 0).flatten())
    assert logit_accuracy.accuracy(logit, truth) == expected
    assert probability_accuracy.accuracy(logit.sigmoid(), truth) == expected
    classes, logits = torch.randint(0, 4, (40,)), torch.randn(40, 4)
    expected = metrics.accuracy_score(classes, logits.argmax(1))
    assert class_accuracy.accuracy(logits, classes) == expected
    output, target = torch.randn(40, 2), torch.randn(40, 2)
    expected = metrics.mean_absolute_error(target, output)
    assert mean_absolute_error.mae(output, target) == pytest.approx(expected)
    expected = math.sqrt(metrics.mean_squared_error(target, output))
    assert root_mean_squared_error.rmse(output, target) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "visited", "best"),
    [
        ([3.0, 2.0, 1.0, 0.5, 0.4], 5, 5),
        ([3.0, 1.0, 2.0, 2.0, 0.1], 4, 2),
        ([3.0, 1.0, 1.0, 1.0, 1.0], 4, 2),
        ([math.nan, math.nan, 1.0, 1.0, 1.0], 2, 0),
    ],
)
def test_early_stopping(values: list[float], visited: int, best: int) -> None:
    model = nn.Linear(1, 1)
    nn.init.zeros_(model.weight)
    stopping = early_stopping.EarlyStopping(model, patience=2)
    seen = 0
    for epoch, value in enumerate(values, start=1):
        nn.init.constant_(model.weight, epoch)
        stopping.note(value)
        seen = epoch
        if stopping.is_over:
            break
    stopping.restore()
    assert (seen, model.weight.item()) == (visited, best)


def test_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{"x": [[1, 2]], "n": 3}\n{"x": [[0.5, -1]], "n": 4}\n'
    (tmp_path / "r.jsonl").write_text(text)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    from_file = rows.read_rows(str(tmp_path / "r.jsonl"), ["n", "x"])
    assert from_file == rows.read_rows("-", ["x", "n"])
    stacked = rows.stack(from_file, "x", shape=(1, 2), dtype=torch.float32)
    assert stacked.tolist() == [[[1.0, 2.0]], [[0.5, -1.0]]]
    assert rows.stack(from_file, "n", shape=(), dtype=torch.int64).tolist() == [3, 4]


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"y": [1]}', '{"x": [1], "y": 2}', '{"x": [1]}\n{}']
)
def test_rows_that_are_no_inputs(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.jsonl").write_text(text)
    with pytest.raises(rows.RowError):
        rows.read_rows(str(tmp_path / "r.jsonl"), ["x"])


@pytest.mark.parametrize("value", [[1, 2], [[1]], ["a"], [None], [1.5], [[1], [1, 2]], "a"])
def test_values_of_another_shape_or_type(value: object) -> None:
    with pytest.raises(rows.RowError, match="row 2: x"):
        rows.stack([{"x": [1]}, {"x": value}], "x", shape=(1,), dtype=torch.int64)


def test_the_summary_counts_every_parameter_once() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(3))
            self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
            self.relu = nn.ReLU()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            attended, _ = self.attention(x, x, x)
            return torch.relu(self.relu(attended)).sum() * self.scale

    model = Model().train()
    lines = summary.summarize(model, torch.zeros(2, 5, 4)).splitlines()
    total = sum(p.numel() for p in model.parameters())
    assert lines[-1].split() == ["total", str(total)]
    assert sum(int(line.split()[-1]) for line in lines[1:-1]) == total
    assert any("relu" in line and "(2, 5, 4)" in line for line in lines)
    assert len({len(line) for line in lines}) == 1


def test_progress_is_brief_and_ends_with_the_last_epoch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = progress.Progress(1000)
    for epoch in range(1, 1001):
        shown.show({"epoch": epoch, "train_loss": 1 / epoch})
    shown.end()
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == ""
    assert lines[0].startswith("epoch 1/1000  ")
    assert lines[0].endswith("  train_loss 1.0000")
    assert lines[-1].startswith("epoch 1000/1000  ")
    assert lines[-1].endswith(" 0:00 left  train_loss 0.0010")
    assert len(lines) < 10


def test_progress_says_nothing_of_no_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    progress.Progress(3).end()
    assert capsys.readouterr().err == ""


def test_training_that_stops_early_ends_with_its_last_epoch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = progress.Progress(1000)
    shown.show({"epoch": 1, "train_loss": 1.0})
    shown.show({"epoch": 2, "train_loss": 0.5})
    shown.end()
    lines = [line.split("  ") for line in capsys.readouterr().err.splitlines()]
    assert [(line[0], line[-1]) for line in lines] == [
        ("epoch 1/1000", "train_loss 1.0000"),
        ("epoch 2/1000", "train_loss 0.5000"),
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)


@pytest.mark.parametrize("columns", [20, 60, 200])
def test_in_a_terminal_progress_is_a_bar_in_one_line(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, clock = Terminal(), Clock(monkeypatch)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = progress.Progress(8, rows=500)
    for epoch in range(1, 9):
        clock.now += 2
        shown.show({"epoch": epoch, "train_loss": 1.0})
    shown.end()
    text = terminal.getvalue()
    assert text.endswith("\n")
    assert text.count("\n") == 1
    drawn = text.rstrip("\n").split("\r")[1:]
    assert len(drawn) == 8
    # Each covers the one before it, and leaves the terminal's last column free.
    assert {len(line) for line in drawn} == {columns - 1}
    if columns == 200:
        assert [line.count("=") for line in drawn] == [3, 6, 9, 12, 15, 18, 21, 24]
        told = "250 rows/s  0:00 left  train_loss 1.0000"
        assert drawn[-1].rstrip() == f"epoch 8/8 [{'=' * 24}] {told}"
        assert "epoch 3/8 [=========" in drawn[2]
        assert "250 rows/s  0:10 left" in drawn[2]


def test_the_bar_moves_within_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, clock = Terminal(), Clock(monkeypatch)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "200")
    shown = progress.Progress(2, rows=1200)
    for _ in range(15):
        clock.now += 10
        shown.advance(100)
        shown.advance(20)  # no time has passed: nothing is drawn
    drawn = terminal.getvalue().split("\r")[1:]
    assert len(drawn) == 15
    assert [line.count("=") for line in drawn[:3]] == [1, 2, 3]
    assert drawn[4].split("  ")[0].startswith("epoch 1/2 [======")
    assert "12 rows/s  2:37 left" in drawn[4]
    assert drawn[-1].startswith("epoch 2/2 ")


def test_elsewhere_a_long_epoch_says_that_it_lives(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock(monkeypatch)
    shown = progress.Progress(2, "step", rows=10)
    for _ in range(10):
        clock.now += 9
        shown.advance(1)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["step 1/2  0.1 rows/s  2:24 left", "step 1/2  0.1 rows/s  1:48 left"]


def test_the_mean_loss_counts_rows_or_weights() -> None:
    shown = progress.Progress(1, rows=100)
    kept = losses.Losses(shown)
    values, rows = [0.5, 2.0, 3.5], [32, 32, 4]
    for value, count in zip(values, rows, strict=True):
        kept.add(torch.tensor(value), count)
    assert shown.seen == 68
    again = losses.Losses(progress.Progress(1))
    again.load_state_dict(kept.state_dict())
    mean = sum(value * count for value, count in zip(values, rows, strict=True)) / 68
    assert kept.take_mean() == again.take_mean() == mean
    kept.add(torch.tensor(float("nan")), 5, torch.tensor(0.0))
    kept.add(torch.tensor(1.5), 5, torch.tensor(0.25))
    assert kept.take_mean() == 1.5
    kept.add(torch.tensor(1.0), 5)
    kept.add(torch.tensor(2.0), 1)
    assert kept.take_sum() == 3.0


def test_pictures(tmp_path: Path) -> None:
    history = [{"epoch": n, "train_loss": 1 / n, "validation_loss": 2 / n} for n in (1, 2, 3)]
    plot_loss.plot_loss(history, tmp_path / "loss.png")
    probability, target = torch.rand(30, 1), torch.arange(30).reshape(-1, 1) % 2
    moments = {"before training": probability, "after training": probability}
    plot_probabilities.plot_probabilities(moments, target, tmp_path / "probabilities.png")
    for name in ("loss", "probabilities"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("value", [0.1, 1e6 + 0.1, 3e-20])
def test_a_feature_that_never_varies_becomes_zero(value: float) -> None:
    rows = torch.full((331, 2), value)
    rows[:, 1] = torch.arange(331) % 2 + 1e6  # in float32 its mean is off
    scaled = standard.Standard.fit(rows)(rows)
    assert (scaled[:, 0] == 0).all()
    assert scaled[:, 1].abs().max() < 1.1
    deviation = standard.Standard.fit(rows).deviation
    assert deviation.tolist() == pytest.approx([1.0, math.sqrt(166 * 165) / 331])


def test_targets_to_be_ignored_are_not_counted() -> None:
    logits = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    target = torch.tensor([0, 1, 7])
    assert class_accuracy.accuracy(logits, target, ignored=7) == 0.5


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"x": 1}\n\n  \n{"x": 2}\n\n')
    assert rows.read_rows(str(tmp_path / "r.jsonl"), ["x"]) == [{"x": 1}, {"x": 2}]


def test_numbers_that_do_not_fit_are_refused() -> None:
    for value in (10**30, -(10**400)):
        with pytest.raises(rows.RowError, match="row 1: x"):
            rows.stack([{"x": value}], "x", shape=(), dtype=torch.int64)


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes("größe\n1\n".encode("latin-1"))
    with pytest.raises(rows.RowError, match="UTF-8"):
        rows.read_rows(str(path), ["x"])


def test_rows_keep_the_digits_of_float64() -> None:
    stacked = rows.stack([{"x": 0.1}], "x", shape=(), dtype=torch.float64)
    assert stacked.tolist() == [0.1]
