"""Params and inputs of the model and of blocks: their values and types at the scope's door."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ...spec import registry
from ...spec.expression import nodes
from ...spec.names import shown
from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.check import need_at_least
from ...spec.tensor.dim import Dim, Symbol
from ...spec.tensor.dtype import DEFAULT, DTYPES, DType
from ...spec.tensor.facts import Condition, Contradiction, Facts, Unusable, assume
from ...spec.tensor.type import TensorType
from ..resolve.bound import Broken, Input, Size, Value, walk
from ..resolve.graph import Argument, InputDeclaration, ParamDeclaration, Scope, parts
from ..resolve.problems import Problems
from . import numbers
from .describe import describe
from .environment import Environment
from .evaluate import Evaluator, Unknown
from .read_argument import read_all, read_argument
from .typed import Known, ModuleValue, OptionalType

MAX_CONDITIONS: Final = 50
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int, Dim),
    "float": (float, int, Dim),
    "bool": (bool,),
    "str": (str,),
    "module": (ModuleValue,),
    "list": (tuple,),
}


def param_values(
    scope: Scope,
    given: Mapping[str, Known],
    model_params: Mapping[str, Known],
    problems: Problems,
    inputs: Mapping[str, Known] | None = None,
    sizes: dict[str, Dim] | None = None,
    places: Mapping[str, Path] = MappingProxyType({}),
) -> dict[str, Known]:
    """The value of each param: as given, else its default. Whole numbers know their name.

    places: where the given ones stand.
    """
    values: dict[str, Known] = {}
    environment = constants(values, model_params or values, inputs, sizes)
    environment.owners = owners_of_sizes(scope)
    evaluator = Evaluator(environment)
    for param in scope.params:
        if param.name in given:
            value = given[param.name]
        elif param.default is not None:
            try:
                value = read_argument(param.default, evaluator, problems)
            except Unknown:
                continue
        elif scope.path == ("model",):
            problems.error(
                "missing-argument",
                f"the model's param {param.name} has no value",
                param.path,
                help=f"give it a default, or --set {param.name}=…",
            )
            continue
        else:
            continue
        if _fits(param, value, places.get(param.name, param.path), problems):
            values[param.name] = _named(param.name, value)
    return values


def _fits(param: ParamDeclaration, value: object, path: Path, problems: Problems) -> bool:
    varies = isinstance(value, Dim) and value.constant is None
    if varies or isinstance(value, TensorType):
        problems.error(
            "not-constant",
            f"the param {param.name} must be known at build, this is {describe(value)}",
            path,
            help="what varies enters a block through its inputs",
        )
        return False
    if param.type is None or (
        isinstance(value, _TYPES[param.type]) and isinstance(value, bool) == (param.type == "bool")
    ):
        return True
    problems.error(
        "wrong-type",
        f"{param.name} is of type {param.type}, this is {describe(value)}",
        path,
        labels=[(param.path, None, "declared here")],
    )
    return False


def _named(name: str, value: Known) -> Known:
    """A whole number that knows the param's name as its formula."""
    if numbers.is_integer(value):
        return Dim.of(value).with_origin(Dim.of(Symbol(name)))
    return value


def constants(
    params: dict[str, Known],
    model_params: Mapping[str, Known] | None = None,
    inputs: Mapping[str, Known] | None = None,
    sizes: dict[str, Dim] | None = None,
) -> Environment:
    """An environment in which no entry has a value yet."""

    def nothing(*_: object) -> TensorType:
        raise Unknown

    owner = params if model_params is None else model_params
    return Environment(
        {} if inputs is None else inputs,
        params,
        owner,
        {} if sizes is None else sizes,
        nothing,
        nothing,
    )


def declare_model_inputs(
    scope: Scope, params: dict[str, Known], dtype: DType | None, problems: Problems
) -> tuple[dict[str, Dim], dict[str, Known], Facts | None]:
    """Sizes and types of the model's inputs, with what `where` says of the sizes."""
    symbols = {name: Symbol(name) for name in scope.sizes}
    facts = _facts(scope, symbols, params, problems)
    sizes = {name: Dim.of(symbol) for name, symbol in symbols.items()}
    if facts is not None:
        sizes |= {name: facts.substitution[name] for name in sizes if name in facts.substitution}
    evaluator = Evaluator(constants(params, params, {}, sizes))
    inputs: dict[str, Known] = {}
    for item in scope.inputs:
        if item.shape is None:
            continue
        shape = _declared_shape(item, evaluator, problems)
        element = _declared_dtype(item, dtype, problems)
        if shape is not None and element is not None:
            inputs[item.name] = as_declared(item, TensorType(shape, element))
    return sizes, inputs, facts


def as_declared(item: InputDeclaration, tensor: TensorType) -> Known:
    """The type of an input, which may be None where it is optional."""
    return OptionalType(tensor, item.path) if item.optional else tensor


def declarations(scope: Scope, argument: Argument) -> list[Path]:
    """Where the inputs and sizes that an argument reads are declared."""
    read = {part.name for part in parts(argument) if isinstance(part, Input | Size)}
    found = []
    for item in scope.inputs:
        sizes = [part for size in item.shape or () for part in parts(size)]
        names = {part.name for part in sizes if isinstance(part, Size)}
        if read & {item.name, *names}:
            found.append(item.path)
    return found


def owners_of_sizes(scope: Scope) -> dict[str, str]:
    """The sizes that only an optional input has, with its name."""
    owners: dict[str, str] = {}
    for item in reversed(scope.inputs):
        for argument in item.shape or ():
            for part in parts(argument):
                if isinstance(part, Size) and item.optional:
                    owners[part.name] = item.name
                elif isinstance(part, Size):
                    owners.pop(part.name, None)
    return owners


def _declared_dtype(
    item: InputDeclaration, default: DType | None, problems: Problems
) -> DType | None:
    if item.dtype is None:
        return default or DEFAULT
    if item.dtype in DTYPES:
        return item.dtype
    unknown_dtype(item.dtype, (*item.path, "dtype"), problems)
    return None


def unknown_dtype(name: str, path: Path, problems: Problems) -> None:
    """Reports a name that is no element type's."""
    close = registry.closest(name, DTYPES)
    problems.error(
        "invalid-value",
        f"{shown(name)} is no element type",
        path,
        help=f"did you mean {close}?" if close else f"one of {', '.join(DTYPES)}",
        replacement=f'"{close}"' if registry.slip(name, DTYPES) else None,
    )


def _declared_shape(
    item: InputDeclaration, evaluator: Evaluator, problems: Problems
) -> tuple[Dim, ...] | None:
    shape = []
    for argument in item.shape or ():
        try:
            value = read_argument(argument, evaluator, problems)
        except Unknown:
            return None
        if not numbers.is_integer(value) or (isinstance(value, int | Dim) and _negative(value)):
            problems.error(
                "invalid-value",
                f"a size is a whole number of at least 0, this is {describe(value)}",
                argument.path,
            )
            return None
        try:
            need_at_least(Dim.of(value), 0, "a size is a whole number of at least 0")
        except Refusal as refusal:
            problems.error("invalid-value", refusal.message, argument.path)
            return None
        shape.append(Dim.of(value))
    return tuple(shape)


def _negative(value: int | Dim) -> bool:
    constant = value.constant if isinstance(value, Dim) else value
    return constant is not None and constant < 0


def _facts(
    scope: Scope, symbols: Mapping[str, Symbol], params: dict[str, Known], problems: Problems
) -> Facts | None:
    """What the inputs' `where` says of the sizes; None where it says nothing."""
    sizes = {name: Dim.of(symbol) for name, symbol in symbols.items()}
    evaluator = Evaluator(constants(params, params, {}, sizes))
    conditions: list[Condition] = []
    places: list[Argument] = []
    for item in scope.inputs:
        for argument in item.conditions:
            for condition in conditions_of(argument, evaluator, problems):
                conditions.append(condition)
                places.append(argument)
    if not conditions:
        return None
    if len(conditions) > MAX_CONDITIONS:
        said = f"at most {MAX_CONDITIONS} conditions on sizes are allowed"
        problems.error("too-complex", said, places[MAX_CONDITIONS].path)
        return None
    result = assume(tuple(symbols.values()), conditions)
    if isinstance(result, Facts):
        return result
    if isinstance(result, Contradiction):
        first, *others = dict.fromkeys(place.path for place in places)
        problems.error(
            "contradiction",
            "no sizes satisfy all of these conditions",
            first,
            labels=[(other, None, "together with this one") for other in others],
        )
    elif isinstance(result, Unusable):
        place = places[conditions.index(result.condition)]
        problems.error(
            "unusable-condition",
            f"this condition can't be used exactly: {result.reason}",
            place.path,
        )
    return None


def conditions_of(argument: Argument, evaluator: Evaluator, problems: Problems) -> list[Condition]:
    """A comparison as conditions on sizes: `1 <= h <= 8` is two."""
    node = argument.value
    if isinstance(node, Broken):
        return []
    for part in walk(node):
        if isinstance(part, Input | Value):
            problems.error(
                "wrong-type",
                "where speaks of sizes, this is a tensor",
                argument.path,
                within=part.at,
                help="name its size in a declared shape, and use that name",
            )
            return []
    if not isinstance(node, nodes.Compare) or any(op.startswith("is") for op in node.ops):
        problems.error(
            "wrong-type", "where needs a comparison of sizes, such as time <= 256", argument.path
        )
        return []
    parts = [Argument(argument.path, operand) for operand in node.operands]
    try:
        values = read_all(dict(enumerate(parts)), evaluator, problems).values()
    except Unknown:
        return []
    sizes = [Dim.of(value) for value in values if numbers.is_integer(value)]
    if len(sizes) < len(parts):
        problems.error("wrong-type", "where compares sizes, whole numbers", argument.path)
        return []
    return [
        Condition(left, op, right)
        for left, op, right in zip(sizes, node.ops, sizes[1:], strict=False)
        if op != "is" and op != "is not"
    ]
