"""TypedGraph -> PackagePlan: which files the package has, and what stands in them."""

from __future__ import annotations

from ..spec.model import Spec
from ..spec.names import snake_case
from . import code
from .graph import Graph
from .package import Copied, PackagePlan, Rendered, Slot
from .plan_model import plan_model
from .plan_test import plan_test
from .problems import Problems
from .typed import TypedGraph


def plan_package(spec: Spec, graph: Graph, typed: TypedGraph, problems: Problems) -> PackagePlan:
    """Decides every file of the package."""
    name = snake_case(spec.model.name)
    model = plan_model(graph, typed, problems)
    files: list[Rendered | Copied] = [
        Rendered(
            "model.py",
            "model.py.jinja",
            {"imports": Slot(model.imports), "definitions": Slot(model.definitions)},
        ),
        Rendered(f"test_{name}.py", "test.py.jinja", {"body": Slot(plan_test(typed))}),
        Rendered("__init__.py", "init.py.jinja", {"exports": Slot(_exports(model.class_name))}),
    ]
    if model.has_derivatives:
        files.append(Copied("derivatives.py"))
    return PackagePlan(name, model.class_name, tuple(files))


def _exports(class_name: str) -> tuple[code.Statement, ...]:
    names = code.List((code.Constant(class_name),))
    return (
        code.ImportFrom(".model", (class_name,)),
        code.Assign(code.Name("__all__"), names),
    )
