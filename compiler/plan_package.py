"""TypedGraph -> PackagePlan: which files the package has, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping

from ..spec.data.own import OwnFunction
from ..spec.names import snake_case
from ..spec.source import OwnFile
from .elaborate.interface import interface
from .elaborate.sample_sizes import sample_sizes
from .elaborate.sample_values import sample_fills
from .elaborate.typed import TypedGraph
from .emit import code
from .emit.package import Copied, Own, PackagePlan, Rendered, Slot
from .plan.plan_model import plan_model
from .plan.plan_test import plan_test
from .plan.plan_ties import is_typed
from .plan_training.plan_curves import plan_plain_main
from .plan_training.plan_predict import exports
from .plan_training.plan_training import plan_training
from .resolve.graph import Graph
from .resolve.problems import Problems
from .training.read_plots import Curves
from .training.training_spec import TrainingSpec


def plan_package(
    graph: Graph,
    typed: TypedGraph,
    training: TrainingSpec | None,
    curves: tuple[Curves, ...],
    problems: Problems,
) -> PackagePlan:
    """Decides every file of the package."""
    name = snake_case(graph.model.name)
    channels_last = training is not None and training.training.channels_last
    model = plan_model(graph, typed, problems, channels_last=channels_last)
    known = interface(typed)
    attributes = (n for n in known.state if is_typed(n.split("."), graph.model, graph.blocks))
    known = known.replace(fills=_fills(typed), attributes=frozenset(attributes))
    if training is None:
        names = _exports(model.class_name)
        others = tuple(plan_plain_main(typed, known, curves))
    else:
        fewest = max(known.smallest_batch, training.smallest_batch)
        known = known.replace(smallest_batch=fewest)
        names = exports(training, known)
        others = plan_training(training, known, curves)
    files: list[Rendered | Copied | Own] = [
        Rendered(
            "model.py",
            "model.py.jinja",
            {"imports": Slot(model.imports), "definitions": Slot(model.definitions)},
        ),
        Rendered(f"test_{name}.py", "test.py.jinja", {"body": Slot(plan_test(typed))}),
        Rendered("__init__.py", "init.py.jinja", {"exports": Slot(names)}),
        *others,
    ]
    if model.has_derivatives:
        files.append(Copied("derivatives.py"))
    texts = problems.document.texts
    own_files = [*model.own_files, *_own_source(training)]
    own = {file.module: Own(f"{file.module}.py", texts[file.name]) for file in own_files}
    files += own.values()
    return PackagePlan(name, model.class_name, tuple(files))


def _fills(typed: TypedGraph) -> Mapping[str, int]:
    """What the inputs hold in the samples of the command line."""
    sizes = sample_sizes(typed, 1)
    return (sample_fills(typed, sizes[0]) if sizes else None) or {}


def _exports(class_name: str) -> tuple[code.Statement, ...]:
    names = code.List((code.Constant(class_name),))
    return (
        code.ImportFrom(".model", (class_name,)),
        code.Assign(code.Name("__all__"), names),
    )


def _own_source(training: TrainingSpec | None) -> tuple[OwnFile, ...]:
    """The file of a function of one's own that gives the rows."""
    source = training.data.source if training is not None else None
    return (source.file,) if isinstance(source, OwnFunction) else ()
