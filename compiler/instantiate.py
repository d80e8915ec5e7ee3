"""Makes a layer of a module entry: arguments evaluated, sizes inferred, the class asked."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from ..spec.layers.base import Layer
from ..spec.refusal import Refusal
from ..spec.source import Path
from ..spec.tensor.dtype import DType
from ..spec.tensor.type import TensorType, shape_text
from .bound import Input, Value
from .evaluate import Evaluator, Unknown, describe
from .graph import ModuleUse, Node
from .problems import Problems
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
    layer = _make(node, use.layer, values, problems)
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
    names = [name.rstrip("?") for name in layer.forward_inputs]
    required = [name for name in layer.forward_inputs if not name.endswith("?")]
    named: dict[str, Known] = {}
    for place, ((key, argument), value) in enumerate(zip(node.call.arguments, inputs, strict=True)):
        if (key is None and place >= len(names)) or (key is not None and key not in names):
            problems.error(
                "wrong-arguments",
                f"{layer.__name__} takes {', '.join(names)}, not {key or f'{place + 1} inputs'}",
                argument.path,
            )
            raise Unknown
        if not isinstance(value, TensorType | None):
            problems.error(
                "wrong-type",
                f"{layer.__name__} takes tensors, this is {describe(value)}",
                argument.path,
            )
            raise Unknown
        named[key or names[place]] = value
    missing = [name for name in required if name not in named]
    if missing:
        problems.error(
            "missing-input",
            f"{layer.__name__} needs {' and '.join(missing)}",
            node.call.path,
            help=f"inputs = [{', '.join(names)}]",
        )
        raise Unknown
    return [named.get(name) for name in names]


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
            )
            raise Unknown
        if not -tensor.rank <= mark.dim < tensor.rank:
            problems.error(
                "shape-mismatch",
                f"{layer.__name__} takes {field} from dimension {mark.dim} of its input,"
                f" which is {shape_text(tensor.shape)}",
                _input_place(node),
            )
            raise Unknown
        size = tensor.shape[mark.dim]
        if size.constant is None:
            problems.error(
                "not-constant",
                f"{field} of {layer.__name__} must be known at build, and the input's size"
                f" {size} varies: {shape_text(tensor.shape)}",
                _input_place(node),
                help="declare a number for it, or reduce the dimension (pooling, mean, flatten)",
            )
            raise Unknown
        values[field] = size


def _input_place(node: Node) -> tuple[str | int, ...]:
    return _written_input(node, 0) or node.path


def _make(node: Node, layer: type[Layer], values: dict[str, object], problems: Problems) -> Layer:
    try:
        return layer(**values)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=False):
            name = str(details["loc"][0]) if details["loc"] else ""
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
    for value, (_, source) in zip(tensors, node.call.arguments if node.call else (), strict=False):
        origin = source.value
        if isinstance(value, TensorType) and isinstance(origin, Value) and source.path == place:
            labels.append((origin.entry, None, f"gives {value}"))
        elif isinstance(value, TensorType) and isinstance(origin, Input):
            labels.append((("model", "inputs", origin.name), None, f"is {value}"))
        elif isinstance(value, TensorType) and isinstance(origin, Value):
            labels.append((origin.entry, None, f"gives {value}"))
    problems.error(
        refusal.code,
        f"{use.layer.__name__}: {refusal.message}",
        place,
        labels=labels,
        help=refusal.help,
    )


def _written_input(node: Node, place: int) -> tuple[str | int, ...] | None:
    """Where an input is written, None where it is the value before."""
    if node.call is None or place >= len(node.call.arguments):
        return None
    path = node.call.arguments[place][1].path
    return None if path == node.path else path
