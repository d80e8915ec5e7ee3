"""Every scheduler of the installed torch: its own arguments, refused where torch refuses."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import ValidationError
from torch.optim import lr_scheduler
from torch_reference import Refused, is_deviation

from specc.spec.refusal import Refusal
from specc.spec.registry import families, load
from specc.spec.schedulers.base import Scheduler

SCHEDULERS: dict[str, Any] = {name: load("schedulers", name) for name in families("schedulers")}
# What is no entry of a spec: the base class, and what several entries become.
_NO_ENTRY = {"LRScheduler", "SequentialLR", "ChainedScheduler"}
_OPTIMIZERS: dict[str, Any] = {
    "SGD": load("optimizers", "SGD"),
    "Adam": load("optimizers", "Adam"),
    "Adagrad": load("optimizers", "Adagrad"),
}
_STEPS = 12


def test_every_scheduler_is_here() -> None:
    public = {
        name
        for name, kind in vars(lr_scheduler).items()
        if isinstance(kind, type)
        and issubclass(kind, lr_scheduler.LRScheduler)
        and not name.startswith("_")
    }
    assert public == set(SCHEDULERS) | _NO_ENTRY


_REALS = st.sampled_from([0, 0.0, 1, 1.0, -1, 0.5, -0.5, 0.1, 1e-3, 2, 1.5, 25.0])
_WHOLES = st.integers(-1, _STEPS + 2)
_SEVERAL: Any = _REALS | st.lists(_REALS, min_size=1, max_size=3)
_MOMENTA = st.sampled_from([0.0, 0.8, 0.9, 0.99, 1.0, 1.5, -0.5])
_LENGTHS = st.one_of(st.none(), st.integers(0, _STEPS + 8))
_CYCLE = {
    "max_lr": _SEVERAL,
    "cycle_momentum": st.booleans(),
    "base_momentum": _MOMENTA | st.lists(_MOMENTA, min_size=1, max_size=3),
    "max_momentum": _MOMENTA | st.lists(_MOMENTA, min_size=1, max_size=3),
}
DRAWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "StepLR": {"step_size": _WHOLES, "gamma": _REALS},
    "MultiStepLR": {"milestones": st.lists(_WHOLES, max_size=4), "gamma": _REALS},
    "ExponentialLR": {"gamma": _REALS},
    "PolynomialLR": {"total_iters": _WHOLES, "power": _REALS},
    "CosineAnnealingLR": {"T_max": _WHOLES, "eta_min": _REALS},
    "CosineAnnealingWarmRestarts": {"T_0": _WHOLES, "T_mult": st.integers(0, 3), "eta_min": _REALS},
    "ConstantLR": {"factor": _REALS, "total_iters": _WHOLES},
    "LinearLR": {"start_factor": _REALS, "end_factor": _REALS, "total_iters": _WHOLES},
    "ReduceLROnPlateau": {
        "mode": st.sampled_from(["min", "max", "other"]),
        "factor": _REALS,
        "patience": st.integers(-1, 3),
        "threshold": _REALS,
        "threshold_mode": st.sampled_from(["rel", "abs", "other"]),
        "cooldown": st.integers(-1, 3),
        "min_lr": _SEVERAL,
        "eps": _REALS,
    },
    "CyclicLR": {
        **_CYCLE,
        "base_lr": _SEVERAL,
        "step_size_up": _WHOLES,
        "step_size_down": st.none() | _WHOLES,
        "mode": st.sampled_from(["triangular", "triangular2", "exp_range", "other"]),
        "gamma": _REALS,
        "scale_mode": st.sampled_from(["cycle", "iterations"]),
    },
    "OneCycleLR": {
        **_CYCLE,
        "total_steps": _LENGTHS,
        "epochs": _LENGTHS,
        "steps_per_epoch": _LENGTHS,
        "pct_start": st.sampled_from([0.0, 1.0, 0.1, 0.25, 0.3, 0.5, 0.75, 1.5, -0.1]),
        "anneal_strategy": st.sampled_from(["cos", "linear", "other"]),
        "div_factor": _REALS,
        "final_div_factor": _REALS,
        "three_phase": st.booleans(),
    },
}


def test_every_scheduler_is_drawn() -> None:
    functions = {"LambdaLR", "MultiplicativeLR"}  # tests/test_scheduled_training.py
    assert set(DRAWN) | functions == set(SCHEDULERS)


@st.composite
def arguments(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """The required arguments of a scheduler, and some others."""
    required = {key for key, field in SCHEDULERS[name].model_fields.items() if field.is_required()}
    more = draw(st.lists(st.sampled_from(list(DRAWN[name])), max_size=4, unique=True))
    return {key: draw(DRAWN[name][key]) for key in DRAWN[name] if key in required | set(more)}


def ours(name: str, kwargs: Mapping[str, Any], optimizer: str, groups: int) -> Scheduler | Refused:
    try:
        made: Scheduler = SCHEDULERS[name].model_validate(dict(kwargs))
        made.check(_OPTIMIZERS[optimizer](), groups)
        made.check_steps(_STEPS)
    except ValidationError as error:
        first = error.errors()[0]
        return Refused(str(first["loc"][0]), first["msg"])
    except Refusal as refusal:
        return Refused(refusal.argument, refusal.message)
    return made


def theirs(name: str, kwargs: Mapping[str, Any], optimizer: str, groups: int) -> bool:
    """Whether torch makes the scheduler and takes all steps of it."""
    trained = [{"params": [torch.nn.Parameter(torch.ones(1))]} for _ in range(groups)]
    made = getattr(torch.optim, optimizer)(trained, lr=0.1)
    for group in trained:
        group["params"][0].grad = torch.ones(1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scheduler: Any = getattr(lr_scheduler, name)(made, **kwargs)
            for _ in range(_STEPS):
                made.step()
                scheduler.step(*([1.0] if name == "ReduceLROnPlateau" else []))
    except (ValueError, ZeroDivisionError, OverflowError, RuntimeError, TypeError):
        return False
    return True


@pytest.mark.parametrize("name", DRAWN)
@settings(max_examples=150)
@given(data=st.data())
def test_what_torch_refuses_is_refused_and_nothing_else(name: str, data: st.DataObject) -> None:
    kwargs = data.draw(arguments(name))
    optimizer = data.draw(st.sampled_from(list(_OPTIMIZERS)))
    groups = data.draw(st.integers(1, 2))
    if name == "OneCycleLR" and kwargs.get("total_steps") is None:
        kwargs = {"total_steps": _STEPS, **{k: v for k, v in kwargs.items() if v is not None}}
    made = ours(name, kwargs, optimizer, groups)
    if isinstance(made, Refused):
        taken = theirs(name, kwargs, optimizer, groups)
        assert not taken or is_deviation(name, made, ()), (kwargs, made)
    else:
        assert theirs(name, made.given(), optimizer, groups), kwargs
