"""Strategies that draw whole specs of networks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import strategies as st
from spec_scope import Scope
from spec_words import BlockPlan, Entry, Shape
from torch import Tensor

Draw = Callable[[st.SearchStrategy[Any]], Any]

# The sizes of one sample; every drawn spec is sound for these, and so far as it says for others.
SAMPLE = {"batch": 3, "height": 19, "width": 16, "time": 9, "h": 4, "w": 5, "rows": 3}
OTHERS = (
    SAMPLE,
    {"batch": 2, "height": 16, "width": 25, "time": 12, "h": 5, "w": 4, "rows": 2},
    {"batch": 5, "height": 21, "width": 33, "time": 8, "h": 6, "w": 7, "rows": 5},
)


@dataclass(frozen=True)
class Drawn:
    """A spec, and its inputs: shapes in the words of the sizes, with the element type."""

    tree: dict[str, Any]
    inputs: tuple[tuple[Shape, str], ...]

    def sample(self, sizes: dict[str, int], seed: int = 0) -> tuple[Tensor, ...]:
        """Random inputs of some sizes."""
        generator = torch.Generator().manual_seed(seed)
        made = []
        for shape, dtype in self.inputs:
            numbers = [int(eval(size, dict(sizes))) for size in shape]
            if dtype == "int64":
                made.append(torch.randint(0, 7, numbers, generator=generator))
            else:
                made.append(torch.randn(numbers, generator=generator))
        return tuple(made)


@st.composite
def specs(draw: Draw) -> Drawn:
    """A spec of a model with some blocks."""
    blocks: list[BlockPlan] = []
    sections: dict[str, Any] = {}
    for index in range(draw(st.integers(0, 3))):
        plan, section = _block(draw, ("Narrow", "WideBlock", "Mix")[index], blocks)
        blocks.append(plan)
        sections[plan.name] = section
    return _model(draw, blocks, sections)


def _bare(entry: Entry, draw: Draw) -> Any:
    """Without arguments, often the bare name."""
    if "layers" in entry:
        entry = {**entry, "layers": [_bare(child, draw) for child in entry["layers"]]}
    return entry["type"] if set(entry) == {"type"} and draw(st.booleans()) else entry


def _block(draw: Draw, name: str, earlier: Sequence[BlockPlan]) -> tuple[BlockPlan, dict[str, Any]]:
    """A block, sound for each input that its words admit."""
    rank = draw(st.sampled_from((2, 3, 4)))
    declared = draw(st.booleans())
    feature = 1 if rank == 4 else rank - 1
    shape = tuple(f"x.shape[{dim}]" for dim in range(rank))
    if declared:
        words = {2: ("rows", "features"), 3: ("rows", "steps", "features")}
        shape = words.get(rank, ("rows", "planes", "rise", "run"))
    inputs = ("x", "other") if draw(st.integers(0, 3)) == 0 else ("x",)
    values: dict[str, tuple[int, ...]] = {}
    params: dict[str, Any] = {}
    required = []
    if draw(st.booleans()):
        values["channels"], params["channels"] = (4, 6, 10), "int"
        required.append("channels")
    if draw(st.booleans()):
        values["wide"], params["wide"] = (8, 4), 8
    if draw(st.booleans()):
        values["flag"], params["flag"] = (True, False), True
    constants = {}
    if "channels" in values and draw(st.booleans()):
        constants["twice"] = params["twice"] = "2 * channels"
    static = {shape[feature], *(set(values) - {"flag"}), *constants}
    sizes = dict.fromkeys([*shape, *static], 12)
    taken = {*inputs, *params, *shape, "index", "rows", "batch"}
    scope = Scope(draw, shape, "x", static, sizes, earlier, taken)
    scope.flags = ("flag",) if "flag" in values else ()
    if len(inputs) == 2:
        scope.expression("_ + other", shape)
    for _ in range(draw(st.integers(1, 5))):
        scope.step()
    _read_all(scope, {*params} - {"flag"}, scope.flags)
    section: dict[str, Any] = {"layers": [_bare(entry, draw) for entry in scope.entries]}
    outputs: tuple[tuple[str, Shape], ...] = (("", scope.shape),)
    if draw(st.integers(0, 4)) == 0:
        outputs = _second_output(scope)
        section["layers"] = [_bare(entry, draw) for entry in scope.entries]
        section["outputs"] = [item[0] for item in outputs]
    if params:
        section["params"] = params
    if declared:
        section["inputs"] = {item: list(shape) for item in inputs}
    elif inputs != ("x",):
        section["inputs"] = list(inputs)
    plan = BlockPlan(
        name,
        inputs,
        shape,
        frozenset({shape[feature]}),
        values,
        tuple(required),
        outputs,
        constants,
    )
    return plan, section


def _second_output(scope: Scope) -> tuple[tuple[str, Shape], ...]:
    """The last value, and one computed from it."""
    first = scope.read(scope.name_current())
    shape = scope.shape
    second = scope.fresh()
    scope.entries.append({"name": second, "expr": f"{first} * 2"})
    return ((first, shape), (second, shape))


def _read_all(scope: Scope, params: set[str], flags: Sequence[str] = ()) -> None:
    """Reads every param and value that nothing has read."""
    text = " ".join(_texts(scope.entries))
    for name in sorted(params):
        if not re.search(rf"\b{name}\b", text):
            scope.expression(f"_ * {name}", scope.shape)
    for flag in flags:
        if not re.search(rf"\b{flag}\b", text):
            scope.follow({"type": "Tanh", "when": flag}, scope.shape)
    while unread := [name for name in scope.unread if name != scope.current]:
        scope.expression(f"_ + {scope.read(unread[0])}.mean()", scope.shape)


def _texts(value: Any) -> Iterator[str]:
    """All that is written as a value: params of the same name given to a block are no reads."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts([item for key, item in value.items() if key not in ("type", "name")])
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


INPUTS: tuple[Shape, ...] = (
    ("batch", "6"),
    ("batch", "time", "8"),
    ("batch", "3", "height", "width"),
    ("batch", "2", "4*h", "16"),
    ("batch", "4", "h + 8", "8*w"),
)


def _model(draw: Draw, blocks: Sequence[BlockPlan], sections: dict[str, Any]) -> Drawn:
    shape = draw(st.sampled_from(INPUTS))
    static = {"depth", "size"} if draw(st.booleans()) else set()
    params = {"depth": 4, "size": "2 * depth"} if static else {}
    sizes = {**SAMPLE, "depth": 4, "size": 8}
    symbols = {"batch", "time", "height", "width", "h", "w"}
    first = draw(st.sampled_from(("features", "input", "image", "inputs")))
    inputs: dict[str, tuple[Shape, str]] = {first: (shape, "float32")}
    taken = {first, "second", "tokens", *static, *symbols}
    scope = Scope(draw, shape, first, static, sizes, blocks, taken)
    _further_inputs(draw, scope, inputs, shape)
    for _ in range(draw(st.integers(1, 7))):
        scope.step()
    for plan in blocks:
        if f"'type': '{plan.name}'" not in repr((scope.entries, sections)):
            sections = {name: item for name, item in sections.items() if name != plan.name}
    _read_all(scope, static)
    model: dict[str, Any] = {"name": "Net", "inputs": _declared(draw, inputs)}
    outputs = _outputs(draw, scope)
    model["layers"] = [_bare(entry, draw) for entry in scope.entries]
    if outputs:
        model["outputs"] = outputs
    if params:
        model["params"] = params
    used = _used(model["layers"], sections)
    tree: dict[str, Any] = {"model": model}
    if used:
        tree["blocks"] = {name: item for name, item in sections.items() if name in used}
    return Drawn(tree, tuple(inputs.values()))


def _used(layers: Sequence[Any], sections: dict[str, Any]) -> set[str]:
    """The blocks that entries use, directly or inside one another."""
    found: set[str] = set()
    for entry in layers:
        kind = entry if isinstance(entry, str) else entry.get("type")
        if kind in sections:
            found |= {kind, *_used(sections[kind]["layers"], sections)}
        if isinstance(entry, dict):
            found |= _used(entry.get("layers", []), sections)
    return found


def _further_inputs(
    draw: Draw, scope: Scope, inputs: dict[str, tuple[Shape, str]], shape: Shape
) -> None:
    """Perhaps a second input, or tokens."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        inputs["second"] = (shape, "float32")
        scope.expression("_ * 0.5 + second", shape)
    if kind == 1 and len(shape) == 3:
        inputs["tokens"] = (("batch", "time"), "int64")
        keep = scope.read(scope.name_current())
        name = scope.fresh()
        table: Entry = {"name": name, "type": "Embedding", "num_embeddings": 7}
        scope.entries.append({**table, "embedding_dim": 8, "inputs": "tokens"})
        position = draw(st.sampled_from(("", " + arange(time).unsqueeze(1) / time", " + zeros(8)")))
        scope.add({"expr": f"{keep} + {name}{position}"}, shape)


def _declared(draw: Draw, inputs: dict[str, tuple[Shape, str]]) -> dict[str, Any]:
    """Inputs as a spec declares them."""
    made: dict[str, Any] = {}
    for name, (shape, dtype) in inputs.items():
        sizes = [int(size) if size.isdigit() else size for size in shape]
        made[name] = sizes if dtype == "float32" else {"shape": sizes, "dtype": dtype}
    return made


def _outputs(draw: Draw, scope: Scope) -> list[str]:
    """Left out, or one or several values by name."""
    if draw(st.integers(0, 2)):
        return []
    last = scope.read(scope.name_current())
    reserved = {"index", "count"}
    others = [v.name for v in scope.values if v.name not in {last, *reserved}]
    if last in reserved or last == scope.values[0].name:
        return []
    if not others or draw(st.booleans()):
        return [last]
    return [last, draw(st.sampled_from(others))]


def shapes_at(shape: Sequence[int | str], sizes: dict[str, int]) -> tuple[int, ...]:
    """A shape of a summary, at some sizes."""
    return tuple(int(eval(str(size), dict(sizes))) for size in shape)
