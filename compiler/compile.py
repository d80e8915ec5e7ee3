"""The pipeline from Document to files, and its front half, which checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..spec.diagnostic import Diagnostic, SpecError, in_reading_order
from ..spec.model import Spec
from ..spec.record import Record
from ..spec.source import Document
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
    if spec is None:
        return None
    graph = resolve(spec, problems)
    if graph is None:
        return None
    typed = elaborate(graph, settings, problems)
    if typed is None:
        return None
    if "inplace" in repr(problems.document.value):
        from .elaborate.check_inplace import check_inplace

        check_inplace(typed, problems)
    if "recompute" in repr(problems.document.value):
        from .elaborate.check_recompute import check_recompute

        check_recompute(typed, problems)
    if spec.budget is not None:
        from .elaborate.check_budget import check_budget

        check_budget(spec.budget, typed, problems)
    if any(has_loops(scope.nodes) for scope in (graph.model, *graph.blocks.values())):
        from .elaborate.check_loops import check_loops

        check_loops(typed, problems)
        if problems:
            return None
    if graph.blocks or graph.model.sizes_read() or has_loops(graph.model.nodes):
        # Only here may the code of a sound model still be impossible to write.
        from .plan.plan_model import plan_model

        plan_model(graph, typed, problems)
    training, curves = _training(spec, graph, typed, problems)
    return Checked(spec, graph, typed, training, curves)


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
    from .plan.plan_package import plan_package
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
