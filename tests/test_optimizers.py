"""Every optimizer of the installed torch: its own arguments, refused where torch refuses."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import ValidationError
from torch.testing._internal.common_optimizers import optim_db
from torch_reference import Refused, is_deviation

from specc.spec.kinds import Kind
from specc.spec.optimizers.base import Gradient, Optimizer
from specc.spec.refusal import Refusal
from specc.spec.registry import families, load
from specc.spec.tensor.type import TensorType

OPTIMIZERS: dict[str, Any] = {name: load("optimizers", name) for name in families("optimizers")}
FIXTURES = Path(__file__).parents[2] / "shared/fixtures"
_CPU: Any = torch.device("cpu")
# Of each optimizer: a spec can't say them, since they are about the list of parameters, which the
# compiler writes, or about tensors in the place of numbers.
_UNSAYABLE = (
    "invalid param type",
    "a param group cannot have duplicate parameters",
    "duplicate parameters should not occur across param groups either",
    "Tensor lr must be 1-element",
    "all optimizer params should be with/without names",
    "all optimizer param groups should be with/without names.",
    "betas must be either both floats or both Tensors",
    "as a Tensor is not supported for capturable=False and foreach=True",
    "dense params required",
)


def is_sayable(kwargs: Mapping[str, Any], description: str) -> bool:
    values = [part for value in kwargs.values() for part in (*_parts(value),)]
    return not any(isinstance(value, torch.Tensor) for value in values) and not any(
        words in description for words in _UNSAYABLE
    )


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def ours(name: str, kwargs: Mapping[str, Any]) -> Optimizer | Refused:
    """What we make of arguments."""
    try:
        made: Optimizer = OPTIMIZERS[name].model_validate(dict(kwargs))
    except ValidationError as error:
        first = error.errors()[0]
        return Refused(str(first["loc"][0]), first["msg"])
    except Refusal as refusal:
        return Refused(refusal.argument, refusal.message)
    return made


def refused(
    made: Optimizer | Refused, parameters: Iterable[TensorType], gradient: Gradient
) -> bool:
    """Whether an optimizer is refused, or one of the parameters that it is to train."""
    if isinstance(made, Refused):
        return True
    try:
        for parameter in parameters:
            made.check_parameter(parameter, gradient)
    except Refusal:
        return True
    return False


def theirs(name: str, kwargs: Mapping[str, Any]) -> torch.optim.Optimizer | None:
    """The optimizer that torch makes and that takes steps; None where one of both is refused."""
    torch.manual_seed(0)
    model = torch.nn.Embedding(3, 2, sparse=True) if name == "SparseAdam" else torch.nn.Linear(3, 2)
    rows = torch.tensor([0, 2, 0]) if name == "SparseAdam" else torch.rand(4, 3)
    trained = [model.weight]  # Muon takes matrices alone
    made: torch.optim.Optimizer

    def closure() -> float:
        made.zero_grad()
        loss = model(rows).pow(4).sum()
        loss.backward()
        return float(loss.item())

    try:
        made = getattr(torch.optim, name)(trained, **kwargs)
        for _ in range(3):
            made.step(closure)
    except (ArithmeticError, ValueError, RuntimeError, LookupError, AssertionError, NameError):
        return None
    return made


def test_every_optimizer_is_here() -> None:
    public = [getattr(torch.optim, name) for name in dir(torch.optim)]
    known = {
        kind.__name__
        for kind in public
        if isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer)
    }
    assert known - {"Optimizer"} == set(OPTIMIZERS)
    assert {info.name for info in optim_db} == set(OPTIMIZERS)


@pytest.mark.parametrize("info", optim_db, ids=lambda info: info.name)
def test_arguments_of_torchs_own_tests_are_taken(info: Any) -> None:
    for sample in info.optim_inputs_func(_CPU):
        if not is_sayable(sample.kwargs, sample.desc):
            continue
        made = ours(info.name, sample.kwargs)
        assert isinstance(made, Optimizer), sample.kwargs
        there = theirs(info.name, made.given())
        assert there is not None, sample.kwargs
        plain = theirs(info.name, sample.kwargs)
        assert plain is not None
        assert there.defaults == plain.defaults
        weights = [optimizer.param_groups[0]["params"][0] for optimizer in (there, plain)]
        assert torch.equal(*weights)


@pytest.mark.parametrize("info", optim_db, ids=lambda info: info.name)
def test_arguments_that_torchs_own_tests_refuse_are_refused(info: Any) -> None:
    for error in info.optim_error_inputs_func(_CPU, torch.float32):
        sample = error.optimizer_error_input
        if not is_sayable(sample.kwargs, sample.desc):
            continue
        parameters = [typed(parameter) for parameter in sample.params or []]
        made = ours(info.name, sample.kwargs)
        gradient: Gradient = "sparse" if info.name == "SparseAdam" else "dense"
        assert refused(made, parameters, gradient), (sample.kwargs, parameters)


def typed(tensor: torch.Tensor) -> TensorType:
    dtype: Any = str(tensor.dtype).removeprefix("torch.")
    return TensorType.of(tuple(tensor.shape), dtype)


def strings(name: str, argument: str) -> list[str]:
    """The strings that an argument may be."""
    marks = OPTIMIZERS[name].model_fields[argument].metadata
    return sorted({s for mark in marks if isinstance(mark, Kind) for s in mark.strings})


_NUMBERS = st.sampled_from([0, 0.0, 1, 1.0, -1, 0.5, -0.5, 1e-9, 2, 1.5, 100, 1e6, math.inf])


@st.composite
def arguments(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Some arguments of an optimizer: of their documented types, often out of range."""
    drawn: dict[str, Any] = {}
    fields = OPTIMIZERS[name].model_fields
    for argument in draw(st.lists(st.sampled_from(list(fields)), max_size=3, unique=True)):
        default, annotation = fields[argument].default, fields[argument].annotation
        if bool in (annotation, *get_args(annotation)):
            drawn[argument] = draw(st.booleans())
        elif strings(name, argument) and argument != "eps":
            drawn[argument] = draw(st.sampled_from([*strings(name, argument), "other", None]))
        elif annotation is int or int in get_args(annotation):
            drawn[argument] = draw(st.integers(-2, 120))
        elif isinstance(default, tuple):
            items = [st.just(None) | _NUMBERS if item is None else _NUMBERS for item in default]
            drawn[argument] = draw(st.tuples(*items))
        else:
            drawn[argument] = draw(_NUMBERS)
    return drawn


@pytest.mark.parametrize("name", OPTIMIZERS)
@settings(max_examples=60)
@given(data=st.data())
def test_what_torch_refuses_is_refused_and_nothing_else(name: str, data: st.DataObject) -> None:
    drawn = data.draw(arguments(name))
    # Whether the device fits is no matter of the arguments alone: `test_what_is_accepted_steps`.
    for argument in ("differentiable", "capturable"):
        if drawn.get(argument) and not drawn.get("fused"):
            del drawn[argument]
    made = ours(name, drawn)
    whole = {key: _floats(value) for key, value in drawn.items()}
    taken = theirs(name, whole)
    if isinstance(made, Refused):
        assert taken is None or is_deviation(name, made, ()), (drawn, made)
    else:
        assert taken is not None, drawn


def _floats(value: Any) -> Any:
    """Whole numbers within a pair as floats: a spec may write either, Adam wants the latter."""
    if not isinstance(value, tuple):
        return value
    return tuple(float(item) if isinstance(item, int) else item for item in value)


@pytest.mark.parametrize("flag", [None, "fused", "weight_decay", "foreach", "maximize", "momentum"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parameters_that_torch_refuses_are_refused(name: str, flag: str | None) -> None:
    if flag is not None and flag not in OPTIMIZERS[name].model_fields:
        return
    numbers = {"weight_decay": 0.5, "momentum": 0.5}
    kwargs: dict[str, Any] = {flag: numbers.get(flag, True)} if flag is not None else {}
    dtypes = (torch.float64, torch.float16, torch.bfloat16, torch.complex64)
    gradients: tuple[Gradient, ...] = get_args(Gradient)
    for shape, dtype, gradient in product([(3, 2), (3,), (2, 2, 2)], dtypes, gradients):
        if gradient == "sparse" and len(shape) != 2:
            continue  # the gradients of embeddings are sparse, and those are matrices
        if gradient == "none" and dtype.is_complex:
            continue  # which optimizers refuse before there is a gradient means nothing
        parameter = torch.nn.Parameter(torch.ones(shape, dtype=dtype))
        ones = torch.ones_like(parameter).detach()
        parameter.grad = {"dense": ones, "sparse": ones.to_sparse(1), "none": None}[gradient]
        made = ours(name, kwargs)
        is_refused = refused(made, [typed(parameter)], gradient)
        assert is_refused != steps(name, parameter, kwargs), (shape, dtype, gradient)


def steps(name: str, parameter: torch.nn.Parameter, kwargs: Mapping[str, Any]) -> bool:
    """Whether torch trains a parameter by the gradient that it has."""
    try:
        getattr(torch.optim, name)([parameter], **kwargs).step(lambda: 1.0)
    except (ValueError, RuntimeError, OverflowError):
        return False
    return True


def rows(file: str) -> list[dict[str, Any]]:
    path = FIXTURES / file
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def test_the_recorded_optimizers() -> None:
    for row in rows("optimizers.jsonl"):
        made = ours(row["cls"].removeprefix("torch.optim."), row["kwargs"])
        assert isinstance(made, Optimizer), row
        resulting = dict(made)
        if resulting.get("max_eval", 0) is None:
            resulting["max_eval"] = resulting["max_iter"] * 5 // 4
        for name, value in resulting.items():
            said = row["defaults"][name]
            assert (list(value) if isinstance(value, tuple) else value) == said, (row, name)


def test_the_recorded_refusals() -> None:
    for row in rows("optimizers_errors.jsonl"):
        if not row["json_able"] or any(words in row["desc"] for words in _UNSAYABLE):
            continue
        made = ours(row["cls"].removeprefix("torch.optim."), row["kwargs"])
        items = (row["params"] or {}).get("items", [])
        parameters = [TensorType.of(item["shape"], item["dtype"]) for item in items]
        assert refused(made, parameters, "dense"), row


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_numbers_that_do_not_fit_a_parameter_are_refused(name: str, dtype: torch.dtype) -> None:
    largest = torch.finfo(dtype).max
    for argument, field in OPTIMIZERS[name].model_fields.items():
        if field.annotation is not float:
            continue
        # A step may multiply the learning rate by some thousands.
        for value in (largest / 1e4, min(largest * 2, 1e308)):
            kwargs = {argument: value}
            parameter = torch.nn.Parameter(torch.ones((2, 2), dtype=dtype))
            ones = torch.ones_like(parameter).detach()
            gradient: Gradient = "sparse" if name == "SparseAdam" else "dense"
            parameter.grad = ones.to_sparse(1) if gradient == "sparse" else ones
            made = ours(name, kwargs)
            is_refused = refused(made, [typed(parameter)], gradient)
            if not steps(name, parameter, kwargs):
                assert is_refused, kwargs
            elif is_refused:
                assert value > largest or isinstance(made, Refused), kwargs
