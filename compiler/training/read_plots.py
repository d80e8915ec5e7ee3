"""Document -> Curves: the pictures of a model's outputs over one of its inputs."""

from __future__ import annotations

from ...spec.plot import Plot
from ...spec.record import Record
from ...spec.source import Path
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import TensorType, shape_text
from ..elaborate.interface import ModelInterface
from ..elaborate.typed import TypedGraph
from ..resolve.bound import Input, Value
from ..resolve.graph import Argument, Container, Formula, Graph, Node, Recurrence, parts
from ..resolve.problems import Problems
from .read_table import read_table, unknown_name


class Fixed(Record):
    """An input that does not vary: every element is `value`."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    value: float


class Curves(Record):
    """One picture.

    axis: the input that varies. fixed: the other inputs. outputs: what is drawn.
    """

    plot: Plot
    axis: TensorType
    fixed: tuple[Fixed, ...]
    outputs: tuple[str, ...]


def read_plots(
    graph: Graph, typed: TypedGraph, model: ModelInterface, problems: Problems
) -> tuple[Curves, ...]:
    """The spec's pictures; what is wrong with one is reported."""
    tables = problems.raw(("plot",))
    listed = tables if isinstance(tables, list) else [] if tables is None else [tables]
    found = []
    for index, table in enumerate(listed):
        path: Path = ("plot", index) if isinstance(tables, list) else ("plot",)
        values = table if isinstance(table, dict) else {}
        plot = read_table(Plot, values, path, problems, what="[[plot]]")
        if plot is None:
            continue
        before = len(problems.found)
        _check_axis(plot, model, path, problems)
        _check_outputs(plot, model, path, problems)
        _check_inputs(plot, graph, model, path, problems)
        if len(problems.found) == before:
            curves = _curves(plot, typed, model, path, problems)
            found += [curves] if curves is not None else []
    return tuple(found)


def _check_axis(plot: Plot, model: ModelInterface, path: Path, problems: Problems) -> None:
    inputs = dict(model.inputs)
    place = (*path, "x", "name")
    tensor = inputs.get(plot.x.name)
    if tensor is None:
        unknown_name(plot.x.name, inputs, "an input", place, problems)
    elif tensor.rank != 1 or tensor.shape[0].is_constant or not is_floating_point(tensor.dtype):
        problems.error(
            "wrong-axis",
            f"an axis is a list of numbers of any length, {plot.x.name} is {tensor}",
            place,
            labels=[(("model", "inputs", plot.x.name), None, "declared here")],
        )


def _check_outputs(plot: Plot, model: ModelInterface, path: Path, problems: Problems) -> None:
    outputs = dict(model.outputs)
    axis = dict(model.inputs).get(plot.x.name)
    if not plot.y:
        problems.error("no-curve", "y names no output", (*path, "y"))
    for index, name in enumerate(plot.y):
        place = (*path, "y", index)
        tensor = outputs.get(name)
        if tensor is None:
            unknown_name(name, outputs, "an output", place, problems)
        elif name in model.of_training:
            problems.error("no-value", f"{name} is None in eval mode, which draws", place)
        elif name in plot.y[:index]:
            problems.error("duplicate-name", f"{name} is drawn twice", place)
        elif axis is not None and tensor.shape != axis.shape:
            problems.error(
                "shape-mismatch",
                f"a curve has a value for each {plot.x.name} {shape_text(axis.shape)},"
                f" {name} is {shape_text(tensor.shape)}",
                place,
            )


def _check_inputs(
    plot: Plot, graph: Graph, model: ModelInterface, path: Path, problems: Problems
) -> None:
    names = [name for name, _ in model.inputs if name != plot.x.name]
    for name in plot.inputs:
        if name not in names:
            unknown_name(name, names, "another input", (*path, "inputs", name), problems)
    known = {name for name, _ in model.outputs}
    if plot.x.name not in dict(model.inputs) or not known.issuperset(plot.y):
        # What is drawn, over what, may be something else.
        return
    read = _inputs_read(graph, list(plot.y))
    for name in names:
        if name in read and name not in plot.inputs:
            problems.error(
                "missing-input",
                f"{' and '.join(plot.y)} depend on {name}, whose value is not given",
                path,
                help=f"inputs = {{ {name} = … }}",
            )


def _inputs_read(graph: Graph, outputs: list[str]) -> set[str]:
    """The inputs of the model that any of these outputs depends on."""
    scope = graph.model
    nodes = {node.path: node for node in scope.nodes}
    found: set[str] = set()
    visited: set[Path] = set()

    def visit_argument(argument: Argument) -> None:
        for part in parts(argument):
            if isinstance(part, Input):
                found.add(part.name)
            elif isinstance(part, Value):
                visit(next(n for path, n in nodes.items() if part.entry[: len(path)] == path))

    def visit(node: Node) -> None:
        if node.path in visited:
            return
        visited.add(node.path)
        for _, argument in node.call.arguments if node.call is not None else ():
            visit_argument(argument)
        if isinstance(node.action, Formula):
            visit_argument(node.action.expression)
        if isinstance(node.action, Container):
            for child in node.action.children:
                visit(child)
        for argument in node.action.read() if isinstance(node.action, Recurrence) else ():
            visit_argument(argument)

    for name, argument in scope.outputs:
        if name in outputs or not name:
            visit_argument(argument)
    return found


def _curves(
    plot: Plot, typed: TypedGraph, model: ModelInterface, path: Path, problems: Problems
) -> Curves | None:
    inputs = dict(model.inputs)
    axis = inputs[plot.x.name]
    shapes = [tensor.shape for tensor in inputs.values()]
    symbols = {symbol for shape in shapes for size in shape for symbol in size.symbols}
    sizes = {symbol.name: symbol.minimum for symbol in symbols}
    sizes |= {symbol.name: plot.x.points for symbol in axis.shape[0].symbols}
    broken = [need.bound for need in typed.needs if not need.bound.holds(sizes)]
    said: object = broken or axis
    facts = typed.facts
    excluded = facts is not None and not facts.holds(sizes | facts.given_sizes(sizes))
    if facts is not None and excluded:
        said = " and ".join(map(str, facts.conditions))
    if broken or excluded or axis.shape[0].evaluate(sizes) != plot.x.points:
        problems.error(
            "wrong-points",
            f"{plot.x.points} points are not a size that the model takes: {said}",
            (*path, "x", "points"),
        )
        return None
    fixed = tuple(
        Fixed(
            name,
            tuple(size.evaluate(sizes) for size in tensor.shape),
            tensor.dtype,
            plot.inputs.get(name, 0.0),
        )
        for name, tensor in inputs.items()
        if name != plot.x.name
    )
    return Curves(plot, axis, fixed, tuple(plot.y))
