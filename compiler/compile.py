"""The pipeline from Document to files, and its front half, which checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..spec.diagnostic import Diagnostic, SpecError, in_reading_order
from ..spec.model import Spec
from ..spec.record import Record
from ..spec.source import Document
from .elaborate import elaborate
from .graph import Graph
from .problems import Problems
from .resolve import resolve
from .typed import Known, TypedGraph
from .validate import validate


class Checked(Record):
    """A spec that is sound: what `check` knows of it."""

    spec: Spec
    graph: Graph
    typed: TypedGraph


def check(
    document: Document, settings: Mapping[str, Known] | None = None
) -> tuple[Checked | None, list[Diagnostic]]:
    """The front half: the typed model, or why there is none."""
    problems = Problems(document)
    checked = _check(problems, settings or {})
    return (None if problems else checked), in_reading_order(problems.found)


def _check(problems: Problems, settings: Mapping[str, Known]) -> Checked | None:
    spec = validate(problems)
    if spec is None:
        return None
    graph = resolve(spec, problems)
    # Names that mean nothing have been reported; what follows from them would only repeat it.
    if problems:
        return None
    typed = elaborate(graph, settings, problems)
    if typed is None:
        return None
    if spec.budget is not None:
        from .check_budget import check_budget

        check_budget(spec.budget, typed, problems)
    return Checked(spec, graph, typed)


def package(
    checked: Checked, document: Document, spec_name: str, settings: Sequence[str]
) -> dict[str, str]:
    """The back half: the text of each file, marked as generated. Raises SpecError."""
    from .plan_package import plan_package
    from .render import render
    from .write import stamp

    problems = Problems(document)
    plan = plan_package(checked.spec, checked.graph, checked.typed, problems)
    if problems:
        raise SpecError(problems.found)
    return {path: stamp(text, spec_name, settings) for path, text in render(plan).items()}
