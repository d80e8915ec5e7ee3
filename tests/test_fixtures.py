"""Layers and functions against rows recorded from torch and from public networks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic_core import ValidationError
from torch_fixtures import AROUND, needs_fixtures, output, rows, value
from torch_reference import (
    Accepted,
    agree_on_call,
    assert_agree,
    module_parameters,
    of_type,
    of_types,
    our_call,
)

from specc.spec.layers.base import Layer
from specc.spec.ops.base import Function
from specc.spec.ops.refused import RefusedFunction
from specc.spec.refusal import Refusal
from specc.spec.registry import families, load, method_name
from specc.spec.tensor.type import TensorType

pytestmark = needs_fixtures
# The recorder passes the tensor first, whatever torch's signature says.
TENSOR_FIRST = {
    **{"where": (1, 0, 2), "embedding": (1, 0), "embedding_bag": (1, 0), "einsum": (1, 0)},
    "special_polygamma": (1, 0),
}
# Told by no type: the device, what is written into, and what autograd does.
LEFT_OUT = {"device", "out", "requires_grad", "layout", "memory_format", "pin_memory"}


def known(name: str, package: str, key: str) -> Iterator[Mapping[str, Any]]:
    for row in rows(name):
        around = f"{row[key]} {row.get('variant', '')}".rstrip() in AROUND
        if function_name(row[key]) in families(package) and not around:
            yield row


def function_name(recorded: str) -> str:
    if recorded.startswith("nn.functional."):
        return recorded.removeprefix("nn.functional.")
    return method_name(recorded.replace(".", "_"))


def called(row: Mapping[str, Any]) -> tuple[str, list[Any], dict[str, Any]]:
    name = function_name(row["op"])
    args = [value(arg) for arg in row["args"]]
    if name in TENSOR_FIRST:
        args = [args[place] for place in TENSOR_FIRST[name]]
    keywords = {key: value(item) for key, item in row["kwargs"].items() if key not in LEFT_OUT}
    return name, args, keywords


def types_in(values: list[Any]) -> list[TensorType]:
    return [one for one in values if isinstance(one, TensorType)]


@pytest.fixture(scope="module")
def samples() -> list[Mapping[str, Any]]:
    return list(known("op_samples.jsonl", "ops", "op"))


def test_recorded_calls(samples: list[Mapping[str, Any]]) -> None:
    assert len(samples) > 3400
    for row in samples:
        name, args, keywords = called(row)
        function = load("ops", name)
        assert isinstance(function, Function)
        if isinstance(function, RefusedFunction):
            continue
        ours = our_call(lambda: function.bind(name, args, keywords))  # noqa: B023 - called at once
        theirs = Accepted(output(row["output"]))
        inputs = [of_type(tensor) for tensor in types_in([*args, *keywords.values()])]
        assert_agree(name, ours, theirs, inputs)


def test_recorded_refusals() -> None:
    checked = 0
    for row in known("op_errors.jsonl", "ops", "op"):
        if "out" in row["kwargs"]:
            continue
        name, args, keywords = called(row)
        function = load("ops", name)
        assert isinstance(function, Function)
        try:
            function.bind(name, args, keywords)
        except Refusal:
            checked += 1
        else:
            # What was refused are values: torch takes others of the same types.
            indices = any(tensor.dtype == "int64" for tensor in types_in(args))
            assert agree_on_call(name, args, keywords, zero=indices)
    assert checked > 70


def built(name: str, arguments: Mapping[str, Any], dtype: str = "float32") -> Layer:
    """A layer of recorded arguments; the recorder kept a dtype for the whole row."""
    cls = load("layers", name)
    assert isinstance(cls, type)
    assert issubclass(cls, Layer)
    given = {key: item for key, item in arguments.items() if key in cls.model_fields}
    if given.get("dtype") == {"__nojson__": "dtype"}:
        given["dtype"] = dtype
    made = {key: item if isinstance(item, Layer) else value(item) for key, item in given.items()}
    return cls(**made)


def transformer_arguments(name: str, params: Mapping[str, list[int]]) -> dict[str, Any]:
    """What the recorder left out of a transformer's arguments, as its parameters tell."""
    if "Transformer" not in name:
        return {}
    shared = {
        "d_model": next(shape[0] for key, shape in params.items() if key.endswith("norm1.bias")),
        "dim_feedforward": next(s[0] for key, s in params.items() if key.endswith("linear1.bias")),
    }
    layers = {key.partition(".layers.")[::2] for key in params}
    depths = {
        part: {rest.split(".")[0] for one, rest in layers if one == part} for part, _ in layers
    }
    if name.endswith("Layer"):
        return shared | {"nhead": 4}
    if name == "Transformer":
        depth = {part: len(numbers) for part, numbers in depths.items()}
        return shared | {f"num_{part}_layers": depth[part] for part in ("encoder", "decoder")}
    inner = built(f"{name}Layer", shared | {"nhead": 4})
    norm = built("LayerNorm", {"normalized_shape": shared["d_model"]})
    return {f"{name.removeprefix('Transformer').lower()}_layer": inner, "norm": norm}


def trainable(layer: Layer) -> dict[str, list[int]]:
    state = layer.state().items()
    return {key: [int(n) for n in entry.type.shape] for key, entry in state if entry.trainable}


def test_recorded_modules() -> None:
    checked = 0
    for row in rows("modules.jsonl"):
        # A lazy module is the other one with the sizes of its input left out.
        name = row["cls"].rpartition(".")[2].removeprefix("Lazy")
        cls = load("layers", name)
        assert isinstance(cls, type)
        assert issubclass(cls, Layer)
        inputs = [value(one) for one in row["forward_args"]]
        arguments = dict(row["bound"])
        if "Lazy" in row["cls"]:
            for key, mark in cls.inferred().items():
                arguments[key] = int(inputs[0].shape[mark.dim])
        layer = built(name, arguments, row["dtype"])
        named = {key: value(one) for key, one in row["forward_kwargs"].items()}
        assert of_types(layer.output(*inputs, **named)) == output(row["output"]), row
        assert trainable(layer) == row["params"], row
        ours = {key: of_type(entry.type) for key, entry in layer.state().items()}
        theirs = {key: output(one)[0] for key, one in row["state_dict"].items()}
        assert ours == theirs
        checked += 1
    assert checked > 600


def test_recorded_module_refusals() -> None:
    for row in rows("modules_errors.jsonl"):
        name = row["cls"].rpartition(".")[2]
        if name not in families("layers") or not row.get("json_able", True):
            continue
        signature = inspect.Signature(list(module_parameters(name).values()))
        bound = signature.bind(*row["args"], **row["kwargs"])
        inputs = [value(one) for one in row.get("forward_args", ())]
        with pytest.raises((ValidationError, Refusal)):
            used(name, bound.arguments, inputs)


def used(name: str, arguments: Mapping[str, Any], inputs: list[TensorType]) -> None:
    layer = built(name, arguments)
    layer.state()
    layer.output(*inputs)


def only_in_evaluation(name: str, inputs: list[TensorType]) -> bool:
    """Recorded in eval mode: training refuses a single value a channel."""
    return name.startswith("BatchNorm") and inputs[0].numel() == inputs[0].shape[1]


def test_leaves_of_public_networks() -> None:
    checked = 0
    for row in rows("leaf_calls.jsonl"):
        name = row["cls"].rpartition(".")[2]
        if name not in families("layers"):
            continue
        inputs = [value(one) for one in row["inputs"]]
        converted = {"dtype": inputs[0].dtype} if inputs[0].dtype == "float64" else {}
        unrecorded = transformer_arguments(name, row["params"])
        layer = built(name, row["config"] | converted | unrecorded)
        assert trainable(layer) == row["params"], row
        named = {key: value(one) for key, one in row["kwargs"].items()}
        if not only_in_evaluation(name, inputs):
            assert of_types(layer.output(*inputs, **named)) == output(row["output"]), row
        checked += 1
    assert checked > 1800
