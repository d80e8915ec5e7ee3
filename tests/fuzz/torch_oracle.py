"""What must hold of an accepted spec with torch: it imports, runs and trains as it says."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from math import prod
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import torch
from drawn import VALUES

from specc.compiler.compile import Checked
from specc.compiler.elaborate.summarize import rows, summarize
from specc.compiler.elaborate.typed import TypedGraph
from specc.loading import import_package
from specc.spec.data.base import Known
from specc.spec.data.lists import Lists
from specc.spec.data.random import Random
from specc.verify.structure import examine_parameters, examine_shapes, examine_state
from specc.verify.subject import Subject, differentiable

from .oracle import Fault, Hang, Verdict, fault_of, limited

_NUMBERS = 3_000_000
"""More numbers than this in weights or in the values of a run are not tried."""
_WALL = 120
_OF_VALUES = (
    *VALUES,
    *("must be non-negative", "out-of-range", "must be in range", "nan", "infinite"),
    *("to be between 0 and 1", "element 0 of tensors does not require grad"),
)
"""Words of what torch says of the values of tensors, which no check can know."""


class Skipped(Exception):
    """A spec that is not run: why."""


def run(verdict: Verdict) -> str:
    """Runs an accepted spec; adds the faults, and says what was done."""
    checked = verdict.checked
    assert checked is not None
    try:
        with warnings.catch_warnings(), limited(_WALL), _quiet():
            warnings.simplefilter("ignore")
            return _run(checked, verdict)
    except Skipped as skipped:
        return f"not run: {skipped}"
    except (Exception, Hang) as error:
        said = str(error)
        if any(words in said for words in _OF_VALUES):
            return f"refused for its values: {type(error).__name__}"
        fault = fault_of(error)
        verdict.faults.append(Fault(f"with torch: {fault.kind}", fault.text))
        return "fault"
    finally:
        torch.use_deterministic_algorithms(False)
        torch.set_default_dtype(torch.float32)


def _run(checked: Checked, verdict: Verdict) -> str:
    summary = summarize(checked.typed)
    _require_small(summary)
    package = import_package(summary["package"], verdict.files)
    subject = _Small(checked, package, summary)
    for examine in (examine_state, examine_parameters, examine_shapes):
        finding = examine(subject)
        if finding.verdict == "failed":
            verdict.faults.append(
                Fault(f"{finding.examination}: {finding.says[:40]}", str(finding))
            )
    _backward(subject)
    name = package.__name__
    tests = importlib.import_module(f"{name}.test_{name}")
    for key, test in list(vars(tests).items()):
        if key.startswith("test_"):
            test()
    if checked.training is None:
        return "run"
    importlib.import_module(f"{name}.__main__")
    return _train(importlib.import_module(f"{name}.train"), checked)


def _require_small(summary: Mapping[str, Any]) -> None:
    numbers = sum(prod(entry["shape"]) for entry in summary["state_dict"])
    if numbers > _NUMBERS:
        raise Skipped("many weights")
    if len(summary["layers"]) > 400:
        raise Skipped("many layers")


class _Small(Subject):
    """A package that is tried at small sizes alone."""

    def sizes(self, *, training: bool = False) -> list[dict[str, int]]:
        """Those at which nothing large comes in, between and out."""
        typed = self.checked.typed
        return [sizes for sizes in super().sizes(training=training) if _is_small(typed, sizes)]


def _is_small(typed: TypedGraph, sizes: Mapping[str, int]) -> bool:
    """Whether a run at some sizes takes little memory and time."""
    summary = summarize(typed, sizes)
    shapes = [entry["shape"] for entry in (*summary["inputs"], *summary["outputs"])]
    shapes += [row["output"] for row in rows(typed, sizes) if isinstance(row["output"], list)]
    numbers = [prod(shape) for shape in shapes if all(type(size) is int for size in shape)]
    flops = summary["flops"]["value"]
    return sum(numbers) < _NUMBERS and (flops is None or flops < 100 * _NUMBERS)


def _backward(subject: Subject) -> None:
    """Gradients can be taken, where there is anything to take them of."""
    sizes = next(iter(subject.sizes(training=True)), None)
    if sizes is None:
        return
    outputs = differentiable(subject.model().train()(*subject.inputs(sizes)))
    # Of nothing there is no gradient, and torch says so in one function and not in another.
    found = [value for value in outputs if value.numel()]
    if found:
        torch.autograd.backward([value.abs().sum() for value in found])


def _train(train: ModuleType, checked: Checked) -> str:
    """A short training, where the data need no file."""
    assert checked.training is not None
    parameters = inspect.signature(train.train).parameters
    if not _is_inline(checked):
        return "run, training imported"
    short: dict[str, Any] = {"epochs": 1} if "epochs" in parameters else {}
    short |= {"steps": 2} if "steps" in parameters else {}
    train.train(**short)
    return "run and trained"


def _is_inline(checked: Checked) -> bool:
    """Whether the data are in the spec, are drawn, or come with a library."""
    assert checked.training is not None
    return isinstance(checked.training.data.source, Lists | Random | Known)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what is printed, in a folder of its own."""
    before = os.getcwd()
    known = {*sys.modules}
    with TemporaryDirectory() as folder, open(os.devnull, "w") as nothing:
        os.chdir(folder)
        try:
            with redirect_stdout(nothing), redirect_stderr(nothing):
                yield
        finally:
            os.chdir(before)
            for name in {*sys.modules} - known:
                if str(getattr(sys.modules[name], "__file__", "")).find("specc-") > 0:
                    del sys.modules[name]
