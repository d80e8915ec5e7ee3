"""Makes a layer of a module entry: arguments evaluated, sizes inferred, the class asked."""

from __future__ import annotations

from collections.abc import Container, Sequence

from pydantic_core import ValidationError

from ...spec.layers.base import Layer
from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.dtype import DType
from ...spec.tensor.type import TensorType, shape_text
from ..resolve.bound import Input, Value
from ..resolve.graph import ModuleUse, Node
from ..resolve.problems import Problems
from .call_inputs import WrongInput, layer_inputs
from .evaluate import Evaluator, Unknown
from .read_argument import read_all
from .typed import Known


def instantiate(
    node: Node,
    use: ModuleUse,
    inputs: tuple[Known, ...],
    dtype: DType | None,
    evaluator: Evaluator,
    problems: Problems,
) -> tuple[Layer, tuple[Known, ...]]:
    """The layer and the types that it gives. Raises `Unknown` after reporting problems."""
    given = read_all(use.arguments, evaluator, problems)
    tensors = _forward_inputs(node, use.layer, inputs, problems)
    values: dict[str, object] = dict(given)
    _infer_sizes(node, use.layer, values, tensors, problems)
    if dtype is not None and "dtype" in use.layer.model_fields:
        values.setdefault("dtype", dtype)
    layer = _make(node, use.layer, values, problems).adapted(*tensors)
    if node.call is None:
        return layer, ()
    try:
        output = layer.output(*tensors)
    except Refusal as refusal:
        _report(node, use, refusal, tensors, problems)
        raise Unknown from None
    return layer, output if isinstance(output, tuple) else (output,)


def _forward_inputs(
    node: Node, layer: type[Layer], inputs: tuple[Known, ...], problems: Problems
) -> list[Known]:
    """The values for forward's arguments in their order; None for an optional one left out."""
    if node.call is None:
        return []
    keys = [key for key, _ in node.call.arguments]
    try:
        return layer_inputs(layer, list(zip(keys, inputs, strict=True)))
    except WrongInput as error:
        place = node.call.path if error.place is None else node.call.arguments[error.place][1].path
        refusal = error.refusal
        problems.error(refusal.code, refusal.message, place, help=refusal.help)
        raise Unknown from None


def check_arguments(node: Node, use: ModuleUse, evaluator: Evaluator, problems: Problems) -> None:
    """Reports what is wrong with a layer's arguments whatever its inputs are."""
    given = read_all(use.arguments, evaluator, problems)
    _make(node, use.layer, dict(given), problems, left_out=use.layer.inferred())


def _infer_sizes(
    node: Node,
    layer: type[Layer],
    values: dict[str, object],
    tensors: Sequence[Known],
    problems: Problems,
) -> None:
    """Fills in the sizes that were left out."""
    names = [name.rstrip("?") for name in layer.forward_inputs]
    by_name = dict(zip(names, tensors, strict=False))
    for field, mark in layer.inferred().items():
        if field in values:
            continue
        tensor = by_name.get(mark.input)
        if not isinstance(tensor, TensorType):
            problems.error(
                "missing-argument",
                f"{layer.__name__} needs {field}: it has no input here to take it from",
                node.path,
                help=f"{field} = …",
            )
            raise Unknown
        said, help = _refused_size(layer.__name__, field, tensor, mark.dim)
        if said is not None:
            place = _written_input(node, 0) or node.path
            code = "not-constant" if help else "shape-mismatch"
            labels = _origins(node, tensors, place)
            problems.error(code, said, place, labels=labels, help=help)
            raise Unknown
        values[field] = tensor.shape[mark.dim]


def _refused_size(
    layer: str, field: str, tensor: TensorType, dim: int
) -> tuple[str | None, str | None]:
    """Why a size can't be taken from an input, and what to try; None where it can."""
    seen = shape_text(tensor.shape)
    if not -tensor.rank <= dim < tensor.rank:
        has = f"{tensor.rank} dimension{'' if tensor.rank == 1 else 's'}"
        said = f"{layer} takes {field} from dimension {dim} of its input, which has only {has}"
        return f"{said}: {seen}", None
    size = tensor.shape[dim]
    if size.constant is not None:
        return None, None
    said = f"{field} of {layer} must be known at build, and the input's size {size} varies"
    help = "declare a number for it, or reduce the dimension (pooling, mean, flatten)"
    return f"{said}: {seen}", help


def _make(
    node: Node,
    layer: type[Layer],
    values: dict[str, object],
    problems: Problems,
    left_out: Container[str] = (),
) -> Layer:
    """The layer. left_out: arguments that are not missed."""
    try:
        return layer(**values)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=False):
            name = str(details["loc"][0]) if details["loc"] else ""
            if details["type"] == "missing" and name in left_out:
                continue
            if details["type"] == "missing":
                problems.error(
                    "missing-argument",
                    f"{layer.__name__} needs {name}",
                    node.path,
                    help=f"{name} = …",
                )
                continue
            said = details["msg"].removeprefix("Value error, ")
            place = (*node.path, *details["loc"]) if name else node.path
            problems.error(
                "invalid-value", f"{name} of {layer.__name__} {said}".replace("  ", " "), place
            )
        raise Unknown from None
    except Refusal as refusal:
        place = (*node.path, refusal.argument) if refusal.argument in values else node.path
        problems.error(refusal.code, refusal.message, place, help=refusal.help)
        raise Unknown from None


def _report(
    node: Node, use: ModuleUse, refusal: Refusal, tensors: Sequence[Known], problems: Problems
) -> None:
    """Reports a refusal of forward at the argument or the input at fault."""
    names = [name.rstrip("?") for name in use.layer.forward_inputs]
    argument = refusal.argument or ""
    place = node.path
    if argument in use.arguments:
        place = (*node.path, argument)
    elif argument in names and _written_input(node, names.index(argument)) is not None:
        place = _written_input(node, names.index(argument)) or place
    labels: list[tuple[Path, None, str]] = []
    if refusal.other is not None and refusal.other in use.arguments:
        labels.append(((*node.path, refusal.other), None, "this asks for it"))
    labels += _origins(node, tensors, place)
    problems.error(
        refusal.code,
        f"{use.layer.__name__}: {refusal.message}",
        place,
        labels=labels,
        help=refusal.help,
    )


def _origins(node: Node, tensors: Sequence[Known], at: Path) -> list[tuple[Path, None, str]]:
    """Where the inputs come from, for a problem at a place."""
    labels: list[tuple[Path, None, str]] = []
    scope = node.path[: 1 if node.path[0] == "model" else 2]
    for value, (_, source) in zip(tensors, node.call.arguments if node.call else (), strict=False):
        origin = source.value
        if not isinstance(value, TensorType):
            continue
        if isinstance(origin, Input):
            labels.append(((*scope, "inputs", origin.name), None, f"is {value}"))
        elif isinstance(origin, Value) and origin.output == "input":
            labels.append((origin.entry, None, f"takes {value}"))
        elif isinstance(origin, Value):
            labels.append((origin.entry, None, f"gives {value}"))
    # What is repeated takes its own output, and the problem's place says so.
    return [label for label in labels if label[0] != at and node.repeat is None]


def _written_input(node: Node, place: int) -> tuple[str | int, ...] | None:
    """Where an input is written, None where it is the value before."""
    if node.call is None or place >= len(node.call.arguments):
        return None
    path = node.call.arguments[place][1].path
    return None if path == node.path else path
