"""The keys of `[training]`, alone and together: a loop that reads them, to the last bit."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from plain_training import OPTIMIZERS, Keys, Plain, open_flags
from training_package import built, problems_of


@pytest.fixture(autouse=True, scope="module")
def flags() -> Iterator[None]:
    with open_flags():
        yield


def submodule(package: ModuleType, name: str) -> Any:
    return sys.modules[f"{package.__name__}.{name}"]


def plain(keys: Keys, package: ModuleType) -> Plain:
    """The plain loop over the rows of a package."""
    data = submodule(package, "data")
    if not keys.validates:
        rows = data.load_data()
        return Plain(keys, (rows.features, rows.target), None)
    parts = data.load_parts()
    rows, other = parts.train, parts.validation
    return Plain(keys, (rows.features, rows.target), (other.features, other.target))


def assert_same(keys: Keys, folder: Path) -> Plain:
    package = built(keys.spec(), folder)
    expected = plain(keys, package)
    with warnings.catch_warnings():
        # With fp16, the first steps may be left out, of which schedulers know nothing.
        warnings.filterwarnings("ignore", "Detected call of `lr_scheduler.step")
        warnings.filterwarnings("ignore", ".*epoch parameter in")
        trained = package.train()
        history = expected.run()
    assert trained.history == history
    assert not trained.model.training
    ours, theirs = trained.model.state_dict(), expected.kept.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    return expected


STEPS = Keys(epochs=None, steps=7, every=3)


@pytest.mark.parametrize(
    "keys",
    [
        STEPS,
        STEPS._replace(every=1, batch_size=7),
        STEPS._replace(batch_size=40, validates=False),
        STEPS._replace(norm="BatchNorm1d", batch_size=13),  # a batch of one row is left out
        STEPS._replace(loss="sum"),
        STEPS._replace(loss="weighed"),
        STEPS._replace(scheduler="step"),
        STEPS._replace(scheduler="plateau", every=1),
        STEPS._replace(patience=1, every=1, steps=30),
        STEPS._replace(optimizer="two"),
    ],
)
def test_training_by_steps(tmp_path: Path, keys: Keys) -> None:
    assert_same(keys, tmp_path)


@pytest.mark.parametrize("count", [2, 3, 5, 100])
@pytest.mark.parametrize("loss", ["mean", "sum", "weighed"])
@pytest.mark.parametrize("validates", [True, False])
def test_accumulation(tmp_path: Path, count: int, loss: str, validates: bool) -> None:
    """Also the same as steps on the union of the batches, up to rounding."""
    keys = Keys(accumulate=count, loss=loss, batch_size=3, validates=validates, optimizer="SGD")
    small = assert_same(keys, tmp_path)
    big = keys._replace(accumulate=1, batch_size=3 * count)
    (tmp_path / "big").mkdir()
    large = assert_same(big, tmp_path / "big")
    for ours, theirs in zip(small.model.parameters(), large.model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "keys",
    [
        Keys(clip_grad_norm=0.1),
        Keys(clip_grad_value=0.01),
        Keys(clip_grad_norm=0.1, clip_grad_value=0.01),
        Keys(precision="bf16-mixed"),
        Keys(precision="fp16-mixed"),
        Keys(precision="fp16-mixed", clip_grad_norm=0.1, clip_grad_value=0.01),
        Keys(precision="fp16-mixed", optimizer="two", accumulate=2, clip_grad_norm=0.1),
        Keys(on_nan="raise"),
        Keys(on_nan="skip", accumulate=2),
        Keys(ema=0.9),
        Keys(ema=0.5, norm="BatchNorm1d", accumulate=2, epochs=3),
        Keys(swa=2, epochs=4),
        Keys(swa=2, epochs=4, norm="BatchNorm1d", batch_size=13),
        Keys(swa=2, swa_lr=0.01, epochs=6, scheduler="epoch"),
        Keys(swa=1, swa_lr=0.01, epochs=4, optimizer="two"),
        STEPS._replace(swa=4, every=2, steps=11, norm="BatchNorm1d"),
        STEPS._replace(ema=0.9, patience=1, every=1, steps=30),
        Keys(accumulate=2, scheduler="step", norm="BatchNorm1d", batch_size=13),
        Keys(deterministic=True),
    ],
)
def test_keys_alone(tmp_path: Path, keys: Keys) -> None:
    assert_same(keys, tmp_path)


@st.composite
def drawn_keys(draw: st.DrawFn) -> Keys:
    def one(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    length = {"epochs": one(1, 3)}
    if one(True, False):
        length = {"epochs": None, "steps": one(1, 5, 8), "every": one(1, 2, 4)}
    average = one({}, {"ema": 0.8}, {"swa": 1}, {"swa": 1, "swa_lr": 0.03})
    keys = Keys(
        **length,
        **average,
        batch_size=one(3, 7, 20, 64),
        accumulate=one(1, 2, 3),
        clip_grad_norm=one(None, 0.5),
        clip_grad_value=one(None, 0.05),
        precision=one(None, "bf16-mixed", "fp16-mixed"),
        on_nan=one(None, "raise", "skip"),
        patience=one(None, 1, 2),
        deterministic=one(False, True),
        validates=one(False, True),
        loss=one("mean", "sum", "weighed"),
        norm=one("LayerNorm", "BatchNorm1d"),
        optimizer=one(*OPTIMIZERS),
        scheduler=one(None, "step", "epoch", "plateau"),
    )
    by_epoch = keys.steps is None or keys.scheduler != "epoch"
    assume(by_epoch and not (keys.swa_lr is not None and keys.scheduler == "step"))
    return keys


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn_keys())
def test_keys_together(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> None:
    assert not problems_of(keys.spec())
    assert_same(keys, tmp_path_factory.mktemp("keys"))
