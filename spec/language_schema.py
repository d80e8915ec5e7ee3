"""The JSON Schema of the language: of all that a spec may say, made of the classes that read it.

Editors complete and check specs by it. It is as strict as a schema can be that knows neither the
blocks of the spec nor its params and sizes: what it refuses, `check` refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, get_args

from . import registry
from .arguments import Arguments
from .initializers import initializers
from .json_schema import Branch, by_type, properties, required, summary, table
from .kinds import JsonSchema
from .layers.base import Layer, ModuleArgument
from .model import (
    TRAINED,
    Block,
    Budget,
    CallEntry,
    ContainerEntry,
    ExpressionEntry,
    Model,
    RecurrenceEntry,
    Spec,
    TensorEntry,
    defined,
)
from .parametrizations import parametrizations
from .training_schema import training_sections

EDITION: Final = get_args(Spec.model_fields["specc"].annotation)[0]
_TORCH: Final = "https://docs.pytorch.org/docs/stable/generated/torch.nn"
_STRING: Final[JsonSchema] = {"type": "string"}
_OPEN: Final[JsonSchema] = {"type": "object", "additionalProperties": True, "required": ["type"]}


def language_schema() -> JsonSchema:
    """The JSON Schema of a spec, draft 2020-12."""
    spec = table(Spec)
    spec["properties"]["model"] = table(Model)
    said = "An expression, such as the name of a param, or 4 * width"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:specc:language:{EDITION}",
        "title": f"specc, edition {EDITION}",
        "x-tombi-toml-version": "v1.1.0",
        **spec,
        "dependentRequired": {name: [*TRAINED] for name in (*TRAINED, "scheduler")},
        "$defs": {
            "expression": {**_STRING, "description": said},
            "layers": {"type": "array", "items": defined("layer"), "minItems": 1},
            "layer": _layer(),
            **{f"entry_{key}": said for key, said in properties(CallEntry).items()},
            **_module_arguments(),
            "block": table(Block),
            "init": _init(),
            "initializer": _functions(initializers()),
            "parametrization": _functions(parametrizations()),
            **training_sections(),
            "budget": table(Budget),
        },
    }


def _layers() -> dict[str, type[Layer]]:
    found = {name: registry.load("layers", name) for name in sorted(registry.families("layers"))}
    return {
        name: layer
        for name, layer in found.items()
        if isinstance(layer, type) and issubclass(layer, Layer)
    }


def _layer() -> JsonSchema:
    """An entry of `layers`."""
    known = _layers()
    bare = [name for name, layer in known.items() if not _needed(layer)]
    common = {key: defined(f"entry_{key}") for key in CallEntry.model_fields}
    branches = [_module(layer, common) for layer in known.values()]
    branches += [_tensor(name) for name in TensorEntry.only]
    said = "A block of the spec, a param of type module, or a class in a file: ./layers.py:Name"
    other = {**_STRING, "not": {"enum": [*known, *TensorEntry.only]}}
    branches.append(Branch(other, said, common, more=True))
    forms = [table(RecurrenceEntry), table(ContainerEntry), table(ExpressionEntry)]
    names = [{"enum": bare, "description": "A module without arguments"}, _STRING]
    return by_type(branches, *forms, *names)


def _needed(layer: type[Layer]) -> tuple[str, ...]:
    """The arguments that no input settles."""
    return required(layer, left_out=layer.inferred())


def _module(layer: type[Layer], common: Mapping[str, JsonSchema]) -> Branch:
    name = layer.__name__
    said = f"{summary(layer)}. {_TORCH}.{name}.html"
    arguments = properties(layer, formulas=True)
    return Branch(name, said, {**arguments, **common}, _needed(layer))


def _tensor(name: str) -> Branch:
    """A Parameter or a Buffer."""
    others = [key for kind, keys in TensorEntry.only.items() if kind != name for key in keys]
    fields = properties(TensorEntry)
    own = {key: schema for key, schema in fields.items() if key not in ("type", *others)}
    if "shape" not in own:
        return Branch(name, summary(TensorEntry), own, ("name", "value"))
    filled = {
        "oneOf": [{"required": ["value"]}, {"required": ["shape", "init"]}],
    }
    return Branch(name, summary(TensorEntry), own, ("name",), rule=filled)


def _module_arguments() -> dict[str, JsonSchema]:
    """Modules among the arguments of others: any, and those of the types that one takes."""
    found = {"module": {"anyOf": [_STRING, _OPEN]}}
    known = _layers()
    for layer in known.values():
        for kind in layer.modules().values():
            if kind.types:
                branches = [_module(known[name], {}) for name in kind.types]
                names = {"enum": [name for name in kind.types if not _needed(known[name])]}
                others = [names] if names["enum"] else []
                found[_definition(kind)] = by_type(branches, *others)
    return found


def _definition(kind: ModuleArgument) -> str:
    reference: str = kind.json_schema()["$ref"]
    return reference.rpartition("/")[2]


def _functions(known: Mapping[str, type[Arguments]]) -> JsonSchema:
    """A function by its name, or by a table with its arguments."""
    bare = [name for name, function in known.items() if not required(function)]
    return by_type(_function_branches(known), {"enum": bare})


def _function_branches(
    known: Mapping[str, type[Arguments]], beside: Mapping[str, JsonSchema] | None = None
) -> Iterator[Branch]:
    for name, function in known.items():
        arguments = {**properties(function, formulas=True), **(beside or {})}
        needs = (*required(function), *(beside or {}))
        yield Branch(name, summary(function), arguments, needs)


def _init() -> JsonSchema:
    """`[model] init`: rules in order, each with its pattern, or a table by pattern."""
    strings = {"type": "array", "items": _STRING, "minItems": 1}
    match = {"match": {"anyOf": [_STRING, strings]}}
    rules = by_type(_function_branches(initializers(), match))
    return {
        "anyOf": [
            {"type": "array", "items": rules},
            {"type": "object", "additionalProperties": defined("initializer")},
        ]
    }
