"""Losses, optimizers, schedulers and sources, held to the installed libraries."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from pydantic_core import ValidationError
from sklearn import datasets  # type: ignore[import-untyped]
from training_package import problems_of
from training_specs import NETWORK

from specc.spec.data.base import Known
from specc.spec.refusal import Refusal
from specc.spec.registry import families, load
from specc.spec.schedulers.one_cycle import OneCycleLR
from specc.spec.tensor.type import TensorType


def classes(package: str) -> dict[str, Any]:
    """All classes of a package of the catalogue, by name."""
    return {name: load(package, name) for name in families(package)}


LOSSES = classes("losses")
OPTIMIZERS = classes("optimizers")
SCHEDULERS = classes("schedulers")
SOURCES = {s.type_name(): s for s in classes("data").values() if issubclass(s, Known)}
DEPRECATED = {"size_average", "reduce"}
OURS: dict[str, dict[str, Any]] = {
    "make_classification": {"n_features": 5, "n_informative": 3, "random_state": 1},
    "make_regression": {"n_features": 4, "n_targets": 2, "random_state": 1},
    "make_blobs": {"centers": 4, "random_state": 1},
    "make_gaussian_quantiles": {"mean": [1.0, 2.0, 3.0], "n_features": 3, "random_state": 1},
}


def signature(function: Any, *left_out: str) -> dict[str, Any]:
    """The parameters and defaults of a function, in order."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in {"self", *left_out}}


def fields(model: Any) -> dict[str, Any]:
    empty = inspect.Parameter.empty
    return {
        name: empty if field.is_required() else field.default
        for name, field in model.model_fields.items()
    }


@pytest.mark.parametrize("name", LOSSES)
def test_losses_have_torchs_arguments(name: str) -> None:
    expected = signature(getattr(torch.nn, name).__init__, *DEPRECATED, "device")
    assert list(fields(LOSSES[name]).items()) == list(expected.items())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_have_torchs_arguments(name: str) -> None:
    expected = signature(getattr(torch.optim, name).__init__, "params")
    assert list(fields(OPTIMIZERS[name]).items()) == list(expected.items())


@pytest.mark.parametrize("name", SCHEDULERS)
def test_schedulers_have_torchs_arguments(name: str) -> None:
    kind = getattr(torch.optim.lr_scheduler, name)
    expected = signature(kind.__init__, "optimizer", "last_epoch")
    assert list(fields(SCHEDULERS[name]).items()) == list(expected.items())


@pytest.mark.parametrize("name", SOURCES)
def test_sources_have_the_librarys_arguments(name: str) -> None:
    left_out = {"return_X_y", "as_frame", "coef", "return_centers"}
    expected = signature(getattr(datasets, name), *left_out)
    if "random_state" in expected:
        expected["random_state"] = inspect.Parameter.empty  # required: rows must come again
    assert list(fields(SOURCES[name]).items()) == list(expected.items())


@pytest.mark.parametrize("name", SOURCES)
def test_sources_know_their_sizes(name: str) -> None:
    needed = {"random_state": 1} if name.startswith("make_") else {}
    source = SOURCES[name](**OURS.get(name, needed))
    more = {} if name.startswith("make_") else {"return_X_y": True}
    rows, target = getattr(datasets, name)(**source.given(), **more)
    assert rows.shape[1] == source.features()
    assert source.rows() == len(rows)
    assert target.shape[1:] == (() if source.targets() == 1 else (source.targets(),))
    if source.classes() is not None:
        assert sorted(set(target.tolist())) == list(range(source.classes()))


@pytest.mark.parametrize(
    "arguments",
    [
        {"n_features": 4},
        {"n_features": 5, "n_informative": 2, "n_classes": 3},
        {"n_features": 5, "n_informative": 3, "weights": [0.2]},
        {"n_features": 5, "n_informative": 3, "weights": [0.2, 0.3, 0.5]},
        {"n_features": 3, "n_informative": 2},
        {"n_samples": 0},
        {"flip_y": 1.5},
        {"class_sep": 0.0},
    ],
)
def test_make_classification_is_refused_where_the_library_refuses(
    arguments: Mapping[str, Any],
) -> None:
    given = {**arguments, "random_state": 0}
    try:
        datasets.make_classification(**given)
    except ValueError:
        with pytest.raises((ValidationError, Refusal)):
            SOURCES["make_classification"](**given)
    else:
        SOURCES["make_classification"](**given)


PAIRS = [
    name
    for name, loss in LOSSES.items()
    if len(loss.forward_inputs) == 2
    and not any(f.is_required() for f in loss.model_fields.values())
]
"""Losses of an output and a target."""


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("shape", [(4, 1), (4, 3), (4,), (4, 3, 2)])
def test_a_loss_takes_its_target_and_no_other(name: str, shape: tuple[int, ...]) -> None:
    # torch warns of the mean of a divergence, which is no mean over rows.
    arguments = {"reduction": "batchmean"} if name == "KLDivLoss" else {}
    loss, module = LOSSES[name](**arguments), getattr(torch.nn, name)(**arguments)
    given = TensorType.of(shape)
    output = torch.rand(shape, requires_grad=True)
    try:
        target = loss.target_type(given)
        described = loss.output(given, target)
    except Refusal:
        assert loss.meaning.startswith(("class ", "label "))
        rows = torch.zeros((shape[0], *shape[2:]), dtype=torch.int64)
        # torch takes one row alone besides; training has a batch of them.
        for wrong in (rows, torch.zeros(shape, dtype=torch.int64)) if len(shape) > 1 else ():
            with pytest.raises((ValueError, RuntimeError)):
                module(output, wrong)
        return
    sizes = [int(size) for size in target.shape]
    value = torch.zeros(sizes, dtype=getattr(torch, target.dtype))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # torch warns of a broadcast
        result = module(output, value)
    result.backward()
    assert (tuple(result.shape), str(result.dtype)) == ((), f"torch.{described.dtype}")
    other = target.with_shape((*target.shape, 1))
    with pytest.raises(Refusal):
        loss.output(given, other)


def test_a_weight_for_each_class() -> None:
    weighted = LOSSES["CrossEntropyLoss"](weight=[0.5, 1.0, 2.0])
    target = weighted.target_type(TensorType.of((4, 3)))
    assert target == TensorType.of((4,), "int64")
    assert weighted.output(TensorType.of((4, 3)), target) == TensorType.of(())
    with pytest.raises(Refusal, match="weight"):
        weighted.output(TensorType.of((4, 2)), target)
    double = weighted.adapted(TensorType.of((4, 3), "float64"))
    assert double.state()["weight"].type == TensorType.of((3,), "float64")
    assert double.output(TensorType.of((4, 3), "float64"), target).dtype == "float64"


@pytest.mark.parametrize("flag", ["differentiable", "capturable", "foreach", "fused", "maximize"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_is_accepted_steps(name: str, flag: str) -> None:
    if flag not in OPTIMIZERS[name].model_fields or name == "SparseAdam":
        return  # SparseAdam takes none of the gradients here
    text = NETWORK.replace('type = "SGD"', f'type = "{name}"\n{flag} = true')
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = getattr(torch.optim, name)([parameter], **{flag: True})
    parameter.sum().backward()  # type: ignore[no-untyped-call]
    try:
        optimizer.step()
    except (AssertionError, RuntimeError):
        assert [problem.where for problem in problems_of(text)] == [f"optimizer.{flag}"]
    else:
        assert problems_of(text) == []


def test_whole_numbers_become_the_floats_that_torch_wants() -> None:
    made = OPTIMIZERS["Adam"](betas=[0, 0.99])
    torch.optim.Adam([torch.nn.Parameter(torch.ones(1))], **made.given())
    cycle = OneCycleLR(max_lr=0.1, pct_start=0)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1, momentum=0.9)
    torch.optim.lr_scheduler.OneCycleLR(optimizer, total_steps=3, **cycle.given())


def test_one_cycle_wants_a_rate_for_each_group() -> None:
    optimizer = OPTIMIZERS["AdamW"]()
    OneCycleLR(max_lr=(0.1, 0.2)).check(optimizer, 2)
    with pytest.raises(Refusal, match="2 parameter groups"):
        OneCycleLR(max_lr=(0.1, 0.2, 0.3)).check(optimizer, 2)
