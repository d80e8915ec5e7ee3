"""Makes a layer of a module entry: arguments evaluated, sizes inferred, the class asked."""

from __future__ import annotations

from collections.abc import Container, Mapping

from pydantic_core import ErrorDetails, ValidationError

from ...spec import registry
from ...spec.layers.base import Layer
from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.dtype import DType
from ...spec.tensor.type import PackedType, TensorType, shape_text
from ..resolve.bound import Input, Value
from ..resolve.graph import Argument, ModuleUse, Node
from ..resolve.problems import Problems
from ..resolve.retyped import retyped
from .call_inputs import WrongInput, input_places, layer_inputs, outputs_of
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
    named = _forward_inputs(node, use.layer, inputs, problems)
    layer = _Maker(node, dtype, evaluator, problems).make(use, named)
    names = (name.rstrip("?") for name in use.layer.forward_inputs)
    layer = layer.adapted(*(named.get(name) for name in names))
    if use.own is not None:
        from ...spec.own_layer import OwnLayer
        from .own_rule import own_rule

        assert isinstance(layer, OwnLayer)
        layer = layer.ruled(own_rule(use.own, layer, dtype, evaluator, problems))
    if node.call is None:
        return layer, ()
    try:
        output = outputs_of(layer, named)
    except Refusal as refusal:
        _report(node, use, refusal, named, problems)
        raise Unknown from None
    return layer, output if isinstance(output, tuple) else (output,)


def _forward_inputs(
    node: Node, layer: type[Layer], inputs: tuple[Known, ...], problems: Problems
) -> dict[str, Known]:
    """The values for forward's arguments by name."""
    if node.call is None:
        return {}
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
    _Maker(node, None, evaluator, problems).check(use)


class _Maker:
    """Makes the layer of an entry, and those among its arguments."""

    def __init__(
        self, node: Node, dtype: DType | None, evaluator: Evaluator, problems: Problems
    ) -> None:
        self.node = node
        self.dtype = dtype
        self.evaluator = evaluator
        self.problems = problems

    def make(self, use: ModuleUse, inputs: Mapping[str, Known]) -> Layer:
        """The layer. inputs: of forward, by name. Raises `Unknown` after reporting problems."""
        values: dict[str, object] = dict(read_all(use.arguments, self.evaluator, self.problems))
        kinds = use.layer.modules()
        for name, inner in use.modules.items():
            first = inner.layer.forward_inputs[0]
            taken = inputs.get(kinds[name].takes)
            values[name] = self.make(inner, {**inputs, first: taken})
        self._infer_sizes(use, values, inputs)
        if self.dtype is not None and "dtype" in use.layer.model_fields:
            values.setdefault("dtype", self.dtype)
        return self._made(use, values)

    def check(self, use: ModuleUse) -> None:
        """Reports what is wrong with the arguments alone."""
        for inner in use.modules.values():
            self.check(inner)
        given = read_all(use.arguments, self.evaluator, self.problems)
        self._made(use, given, left_out={*use.layer.inferred(), *use.modules})

    def _infer_sizes(
        self, use: ModuleUse, values: dict[str, object], inputs: Mapping[str, Known]
    ) -> None:
        """Fills in the sizes that were left out."""
        layer, problems = use.layer, self.problems
        for field, mark in layer.inferred().items():
            given = inputs.get(mark.input)
            tensor = given.padded if isinstance(given, PackedType) else given
            has_default = not layer.model_fields[field].is_required()
            if field in values or (has_default and not isinstance(tensor, TensorType)):
                continue
            if not isinstance(tensor, TensorType):
                problems.error(
                    "missing-argument",
                    f"{layer.__name__} needs {field}: it has no input here to take it from",
                    use.path,
                    help=f"{field} = …",
                )
                raise Unknown
            said, help = _refused_size(layer.__name__, field, tensor, mark.dim)
            if said is not None:
                place = _written_inputs(self.node, layer).get(mark.input) or use.path
                code = "not-constant" if help else "shape-mismatch"
                labels = _origins(self.node, layer, inputs, place)
                problems.error(code, said, place, labels=labels, help=help)
                raise Unknown
            if mark.usual is None or values.get(mark.usual) != tensor.shape[mark.dim]:
                values[field] = tensor.shape[mark.dim]

    def _made(
        self, use: ModuleUse, values: Mapping[str, object], left_out: Container[str] = ()
    ) -> Layer:
        """The layer. left_out: arguments that are not missed."""
        name = use.layer.__name__
        try:
            return use.layer(**values)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_context=False):
                self._report_argument(use, details, values, left_out)
            raise Unknown from None
        except Refusal as refusal:
            place = _written_argument(use, refusal.argument or "") or use.path
            said = f"{name}: {refusal.message}" if use.path != self.node.path else refusal.message
            self.problems.error(refusal.code, said, place, help=refusal.help)
            raise Unknown from None

    def _report_argument(
        self,
        use: ModuleUse,
        details: ErrorDetails,
        values: Mapping[str, object],
        left_out: Container[str],
    ) -> None:
        layer = use.layer.__name__
        name = str(details["loc"][0]) if details["loc"] else ""
        if details["type"] != "missing":
            said = details["msg"].removeprefix("Value error, ")
            given = _written_argument(use, name)
            place = (*given, *details["loc"][1:]) if given is not None else use.path
            said = f"{name} of {layer} {said}".replace("  ", " ")
            meant = None
            if given is not None and use.arguments[name].is_plain:
                meant = retyped(lambda given: use.layer(**given), values, details["loc"])
            self.problems.error("invalid-value", said, place, replacement=meant)
        elif name not in left_out:
            said = f"{layer} needs {name}"
            written = _as_written(use.layer, name)
            self.problems.error("missing-argument", said, use.path, help=f"{name} = {written}")


def _as_written(layer: type[Layer], argument: str) -> str:
    """An argument as a spec may write it: of a module the table, with what it needs."""
    kind = layer.modules().get(argument)
    inner = registry.load("layers", kind.types[0]) if kind is not None and kind.types else None
    if not (isinstance(inner, type) and issubclass(inner, Layer)):
        return "…"
    fields = inner.model_fields.items()
    needed = [name for name, field in fields if field.is_required()]
    rest = "".join(f", {name} = …" for name in needed if name not in inner.inferred())
    return f'{{ type = "{inner.__name__}"{rest} }}'


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


def _report(
    node: Node,
    use: ModuleUse,
    refusal: Refusal,
    inputs: Mapping[str, Known],
    problems: Problems,
) -> None:
    """Reports a refusal of forward at the argument or the input at fault."""
    argument = refusal.argument or ""
    place = _written_argument(use, argument)
    place = place or _written_inputs(node, use.layer).get(argument) or node.path
    other = _written_argument(use, refusal.other or "")
    labels: list[tuple[Path, None, str]] = [(other, None, "this asks for it")] if other else []
    labels += _origins(node, use.layer, inputs, place)
    problems.error(
        refusal.code,
        f"{use.layer.__name__}: {refusal.message}",
        place,
        labels=labels,
        help=refusal.help,
    )


def _written_argument(use: ModuleUse, name: str) -> Path | None:
    """Where an argument is written; `encoder_layer.d_model` is one of a module among them."""
    first, _, rest = name.partition(".")
    if rest and first in use.modules:
        return _written_argument(use.modules[first], rest)
    if name in use.arguments:
        return use.arguments[name].path
    return (*use.path, name) if name in use.modules else None


def _origins(
    node: Node, layer: type[Layer], inputs: Mapping[str, Known], at: Path
) -> list[tuple[Path, None, str]]:
    """Where the inputs come from, for a problem at a place."""
    labels: list[tuple[Path, None, str]] = []
    scope = node.path[: 1 if node.path[0] == "model" else 2]
    for name, argument in _sources(node, layer).items():
        value, origin = inputs.get(name), argument.value
        if not isinstance(value, TensorType | PackedType):
            continue
        if isinstance(origin, Input):
            labels.append(((*scope, "inputs", origin.name), None, f"is {value}"))
        elif isinstance(origin, Value) and origin.output == "input":
            labels.append((origin.entry, None, f"takes {value}"))
        elif isinstance(origin, Value):
            labels.append((origin.entry, None, f"gives {value}"))
    # What is repeated takes its own output, and the problem's place says so.
    return [label for label in dict.fromkeys(labels) if label[0] != at and node.repeat is None]


def _sources(node: Node, layer: type[Layer]) -> dict[str, Argument]:
    """What each of forward's arguments is given."""
    arguments = node.call.arguments if node.call else ()
    places = input_places(layer, [key for key, _ in arguments])
    return {name: arguments[place][1] for name, place in places.items()}


def _written_inputs(node: Node, layer: type[Layer]) -> dict[str, Path]:
    """Where each input is written; the value before is not."""
    sources = _sources(node, layer).items()
    return {name: source.path for name, source in sources if source.path != node.path}
