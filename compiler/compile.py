"""The pipeline from Document to files, and its front half, which checks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..spec.diagnostic import Diagnostic, SpecError, in_reading_order
from ..spec.model import Budget, Spec
from ..spec.record import Record
from ..spec.source import Document
from .elaborate.derivatives import may_be_limited
from .elaborate.elaborate import elaborate
from .elaborate.typed import Known, TypedGraph
from .resolve.graph import Graph
from .resolve.problems import Problems
from .resolve.resolve import resolve
from .resolve.sequential import has_loops
from .resolve.validate import validate

if TYPE_CHECKING:
    from .training.read_plots import Curves
    from .training.training_spec import TrainingSpec


_MENDED: Final = ("unknown-key", "unknown-argument", "unknown-type")
"""Codes of what `resolve` takes for what was meant, where that is sure."""
_UNREAD: Final = ("unread-value", "unused-param", "unused-input", "unused-block")
_OF_MODEL: Final = re.compile(r"(model|blocks)\b")


class Checked(Record):
    """A spec that is sound: what `check` knows of it.

    training: how the model is trained; None for a model alone.
    curves: the pictures that the spec asks for.
    """

    spec: Spec
    graph: Graph
    typed: TypedGraph
    training: TrainingSpec | None
    curves: tuple[Curves, ...]


def check(
    document: Document, settings: Mapping[str, Known] | None = None
) -> tuple[Checked | None, list[Diagnostic]]:
    """The front half: the typed model, or why there is none."""
    problems = Problems(document)
    checked = _check(problems, settings or {})
    if checked is None and not problems:
        raise RuntimeError("a spec was refused without a reason")
    return (None if problems else checked), in_reading_order(problems.found)


def _check(problems: Problems, settings: Mapping[str, Known]) -> Checked | None:
    spec = validate(problems)
    graph = resolve(spec, problems) if spec is not None else None
    is_whole = all(map(_keeps_types, problems.found))
    typed = elaborate(graph, settings, problems) if graph is not None else None
    if spec is None or graph is None or typed is None or not is_whole:
        _check_alone(spec, graph, problems)
        return None
    if "inplace" in repr(problems.document.value):
        from .elaborate.check_inplace import check_inplace

        check_inplace(typed, problems)
    if "recompute" in repr(problems.document.value):
        from .elaborate.check_recompute import check_recompute

        check_recompute(typed, problems)
    if "renamed_from" in repr(problems.document.value):
        from .elaborate.check_renamed import check_renamed

        check_renamed(typed, problems)
    sizes = None
    if spec.budget is not None:
        from .elaborate.check_budget import check_budget

        sizes = check_budget(spec.budget, typed, problems)
    _check_code(graph, typed, problems)
    training, curves = _training(spec, graph, typed, problems)
    if spec.budget is not None and sizes is not None:
        _check_training_budget(spec.budget, sizes, training, typed, problems)
    _check_derivatives(typed, training, problems)
    return Checked(spec, graph, typed, training, curves)


def _keeps_types(problem: Diagnostic) -> bool:
    """Whether a problem leaves the model's layers and their types as they were meant."""
    is_mended = problem.code in _MENDED and problem.fix is not None
    return is_mended or problem.code in _UNREAD or not _OF_MODEL.match(problem.where)


def _check_alone(spec: Spec | None, graph: Graph | None, problems: Problems) -> None:
    """What can be said of the other sections where the model has a problem."""
    if spec is not None and spec.budget is not None:
        from .elaborate.check_budget import check_limits

        sizes = graph.model.sizes if graph is not None else None
        check_limits(spec.budget, sizes, problems)
    from .training.check_alone import check_alone

    check_alone(problems)


def _check_code(graph: Graph, typed: TypedGraph, problems: Problems) -> None:
    """Only here may the code of a sound model still be impossible to write."""
    if problems:
        return
    if any(has_loops(scope.nodes) for scope in (graph.model, *graph.blocks.values())):
        from .elaborate.check_loops import check_loops

        check_loops(typed, problems)
        if problems:
            return
    if graph.blocks or graph.model.sizes_read() or has_loops(graph.model.nodes):
        from .plan.plan_model import plan_model

        plan_model(graph, typed, problems)


def _check_derivatives(
    typed: TypedGraph, training: TrainingSpec | None, problems: Problems
) -> None:
    """What `grad` and the losses derive, where a spec has anything that may be in their way."""
    if not may_be_limited(repr(problems.document.value)):
        return
    from .elaborate.check_derivatives import check_derivatives

    check_derivatives(typed, problems)
    if training is not None:
        from .training.check_gradients import check_gradients

        check_gradients(training, typed, problems)


def _check_training_budget(
    budget: Budget,
    sizes: Mapping[str, int],
    training: TrainingSpec | None,
    typed: TypedGraph,
    problems: Problems,
) -> None:
    from .elaborate.check_budget import OF_TRAINING

    limited = [name for name in OF_TRAINING if getattr(budget, name) is not None]
    if limited and training is not None:
        from .training.check_training_budget import check_training_budget

        check_training_budget(budget, sizes, training, typed, problems)
    elif "optimizer" not in problems.document.value:
        for name in limited:
            said = f"a limit on {name} needs an [optimizer], and what goes with it"
            place = ("budget", name)
            problems.error("missing-section", said, place, part="key", help="remove the limit")


def _training(
    spec: Spec, graph: Graph, typed: TypedGraph, problems: Problems
) -> tuple[TrainingSpec | None, tuple[Curves, ...]]:
    """What a spec says beyond the model, where it says anything."""
    training = None
    curves: tuple[Curves, ...] = ()
    if any((spec.data, spec.loss, spec.optimizer, spec.scheduler, spec.training is not None)):
        from .training.check_training import resolve_training

        training = resolve_training(typed, problems)
    if spec.plot:
        from .elaborate.interface import interface
        from .training.read_plots import read_plots

        curves = read_plots(graph, typed, interface(typed), problems)
    return training, curves


def package(
    checked: Checked, document: Document, spec_name: str, settings: Sequence[str]
) -> dict[str, str]:
    """The back half: the text of each file, marked as generated. Raises SpecError."""
    from .emit.package import Own
    from .emit.render import render
    from .plan_package import plan_package
    from .write import stamp

    problems = Problems(document)
    plan = plan_package(checked.graph, checked.typed, checked.training, checked.curves, problems)
    if problems:
        raise SpecError(problems.found)
    own = {file.path for file in plan.files if isinstance(file, Own)}
    return {
        path: stamp(text, path, (), change=path)
        if path in own
        else stamp(text, spec_name, settings)
        for path, text in render(plan).items()
    }


def data_summary(checked: Checked) -> dict[str, Any]:
    """What the summary says of the data that a model is trained on; nothing without training."""
    if checked.training is None:
        return {}
    from .training.data_spec import summarized

    return {"data": summarized(checked.training.data)}
