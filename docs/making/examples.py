"""Examples of the reference: models of one layer or function, compiled as they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

import tomli

import specc
from specc.spec.kinds import Either, Kind, Optional, Repeated
from specc.spec.layers.base import Layer
from specc.spec.ops.base import Function, Numeric, SizeKind, TensorKind, kind_of
from specc.spec.refusal import Refusal
from specc.spec.tensor.dim import Dim, Symbol
from specc.spec.tensor.type import TensorType

from .function_examples import CALLS

Shape = tuple[str | int, ...]
SHAPES: tuple[Shape, ...] = (
    ("batch", 4),
    ("batch", 4, "length"),
    ("batch", 4, "height", "width"),
    ("batch", 4, "depth", "height", "width"),
    ("batch", 4, 12, 12),
    ("batch", 4, 4, 12, 12),
    ("batch", 16, 6),
)
"""What an example is called with: the first that it takes."""
NAMED: Mapping[str, tuple[Shape, str]] = {
    "tokens": (("batch", "time"), "int64"),
    "classes": (("batch",), "int64"),
    "labels": (("batch", 8), "int64"),
    "input_lengths": (("batch",), "int64"),
    "target_lengths": (("batch",), "int64"),
    "output": (("batch", 8), "float32"),
    "probability": (("batch", 1), "float32"),
    "yes": (("batch", 1), "float32"),
    "log_variance": (("batch", 8), "float32"),
    "target": (("batch", 8), "float32"),
    "first": (("batch",), "float32"),
    "second": (("batch",), "float32"),
    "distance": (("batch",), "float32"),
    "signs": (("batch",), "float32"),
    "sequence": (("time", "batch", 8), "float32"),
    "question": (("source", "batch", 8), "float32"),
    "encoded": (("source", "batch", 8), "float32"),
    "answer": (("time", "batch", 8), "float32"),
}
"""Inputs of examples that stand for one thing."""


def declared(name: str, shape: Shape, dtype: str) -> str:
    """The declaration of an input in TOML."""
    sizes = ", ".join(f'"{size}"' if isinstance(size, str) else str(size) for size in shape)
    if dtype == "float32":
        return f"inputs.{name} = [{sizes}]"
    return f'inputs.{name} = {{ shape = [{sizes}], dtype = "{dtype}" }}'


def layer_example(layer: type[Layer]) -> tuple[str, Mapping[str, Any]] | None:
    """A spec with the layer, and its summary; None where the layer has no example."""
    required = any(
        field.is_required() and name not in layer.inferred()
        for name, field in layer.model_fields.items()
    )
    entries = layer.example or ("" if required else f'"{layer.__name__}"')
    if not entries:
        return None
    names = _inputs(entries)
    for shape in SHAPES:
        for dtype in ("float32", "int64"):
            lines = [declared(name, *NAMED.get(name, (shape, dtype))) for name in names]
            body = "".join(f"  {line.strip().rstrip(',')},\n" for line in entries.split("\n"))
            text = '[model]\nname = "Example"\n' + "\n".join(lines) + f"\nlayers = [\n{body}]\n"
            if not specc.check(text, format="toml"):
                return text, specc.compile(text, format="toml").summary
    raise AssertionError(f"no input fits the example of {layer.__name__}")


def _inputs(entries: str) -> list[str]:
    """The names that the entries of an example read and none of them declares."""
    made: set[str] = set()
    read: dict[str, None] = {}
    for entry in tomli.loads(f"entries = [{entries}]")["entries"]:
        given = entry.get("inputs") if isinstance(entry, dict) else None
        values = given.values() if isinstance(given, dict) else given or ()
        for value in [given] if isinstance(given, str) else values:
            words = re.findall(r"[a-z_]\w*(?![\w(=])", value) if isinstance(value, str) else []
            read |= dict.fromkeys(
                word for word in words[:1] if word not in made and word not in ("none", "true")
            )
        made |= {entry["name"]} if isinstance(entry, dict) and "name" in entry else set()
    return list(read) or ["x"]


INPUTS: Mapping[str, tuple[Shape, str]] = {
    "x": (("batch", 8), "float32"),
    "matrix": (("batch", 4, 4), "float32"),
    "image": (("batch", 3, 16, 16), "float32"),
    "vector": ((8,), "float32"),
    "square": ((4, 4), "float32"),
    "tokens": (("batch", 8), "int64"),
    "classes": (("batch",), "int64"),
    "index": ((8,), "int64"),
    "mask": (("batch", 8), "bool"),
    "sequence": (("batch", 4, 8), "float32"),
    "volume": (("batch", 2, 8, 8, 8), "float32"),
    "waves": (("batch", 8), "complex64"),
    "pairs": (("batch", 8, 2), "float32"),
    "scalar": ((), "float32"),
    "square8": ((8, 8), "float32"),
    "grid": (("batch", 4, 4, 2), "float32"),
    "places": (("batch", 4, 4, 4, 3), "float32"),
    "affine": (("batch", 2, 3), "float32"),
    "spectrum": ((3, 9), "complex64"),
}
"""The inputs of the functions' examples."""


TYPES: Mapping[str, TensorType] = {
    name: TensorType.of([Dim.of(Symbol(n)) if isinstance(n, str) else n for n in shape], dtype)  # type: ignore[arg-type]
    for name, (shape, dtype) in INPUTS.items()
}
Choice = tuple[str, object]
"""A value as an expression writes it, and as a rule takes it."""


def function_example(name: str, function: Function[Any]) -> tuple[str, list[str]] | None:
    """A call that the language takes, and the types that it gives."""
    if name in CALLS:
        outputs = _given(CALLS[name])
        return (CALLS[name], outputs) if outputs is not None else None
    for text, values in islice(_calls(name, function), 5_000):
        try:
            function.bind(name, values, {})
        except Refusal:
            continue
        outputs = _given(text)
        if outputs is not None:
            return text, outputs
    return None


def _calls(name: str, function: Function[Any]) -> Iterator[tuple[str, list[object]]]:
    """Calls of a function with what its required arguments may be."""
    required = [p for p in function.parameters.values() if p.default is p.empty]
    choices = [_choices(kind_of(p.annotation)) for p in required]
    short = name.removeprefix("method_")
    for chosen in product(*choices):
        texts = [
            text if p.kind is not p.KEYWORD_ONLY else f"{p.name}={text}"
            for p, (text, _) in zip(required, chosen, strict=True)
        ]
        values = [value for _, value in chosen]
        if function.namespace == "method":
            yield f"{texts[0]}.{short}({', '.join(texts[1:])})", values
        else:
            yield f"{function.prefix}{short[len(function.prefix) :]}({', '.join(texts)})", values


def _choices(kind: Kind | None) -> list[Choice]:
    match kind:
        case TensorKind():
            return list(TYPES.items())
        case Optional():
            return _choices(kind.kind)
        case Either():
            return [choice for one in kind.kinds for choice in _choices(one)]
        case Repeated():
            inner = _choices(kind.kind)
            lengths = (kind.length,) if kind.length else (2, 1, 3)
            many: list[Choice] = [
                (f"[{', '.join([text] * n)}]", [value] * n)
                for n in lengths
                for text, value in inner
            ]
            return (inner if kind.single else []) + many
        case SizeKind() | Numeric():
            return [("2", 2), ("4", 4), ("0.5", 0.5)]
    if kind is not None and kind.strings:
        return [(f'"{text}"', text) for text in sorted(kind.strings)]
    return [("2", 2), ("1", 1), ("0.5", 0.5), ("0", 0), ("True", True)]


def _given(expression: str) -> list[str] | None:
    """The types that an expression gives, or None where it is refused."""
    for count in range(1, 7):
        model = model_of(expression, count)
        if not specc.check(model):
            return [_type(one) for one in specc.compile(model).summary["outputs"][:count]]
    return None


def model_of(expression: str, count: int) -> dict[str, Any]:
    """A model of one expression that gives `count` values."""
    names = [name for name in INPUTS if re.search(rf"\b{name}\b", expression)]
    values = [f"value{index}" for index in range(count)]
    layers = [{"name": values if count > 1 else values[0], "expr": expression}]
    outputs = list(values)
    if not names:
        # A model has an input, which something reads.
        names = ["x"]
        layers.append({"name": "same", "expr": "x"})
        outputs.append("same")
    inputs = {name: {"shape": list(INPUTS[name][0]), "dtype": INPUTS[name][1]} for name in names}
    model = {"name": "Example", "inputs": inputs, "layers": layers, "outputs": outputs}
    return {"model": model}


def type_text(name: str) -> str:
    """The type of an input of the examples."""
    shape, dtype = INPUTS[name]
    return _type({"shape": shape, "dtype": dtype})


def _type(output: Mapping[str, Any]) -> str:
    sizes = ", ".join(map(str, output["shape"]))
    return f"({sizes}{',' if len(output['shape']) == 1 else ''}) {output['dtype']}"
