"""functions.md, and a page for each family of functions."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from specc.spec import registry
from specc.spec.ops.base import Function
from specc.spec.ops.refused import RefusedFunction
from specc.spec.refusal import Refusal

from .examples import INPUTS, function_example, type_text
from .words import NOTE, by_family, source, title

_HEAD = """\
# Functions

What expressions can call, by torch's own names and with torch's own arguments: a page a family.
[language.md](language.md#expressions) says how. A `*` stands before arguments that are given by
name alone. What is a method too can be written behind its first argument: `relu(x)` as `x.relu()`.
"""


def pages() -> Iterator[tuple[str, Iterator[str]]]:
    """Each page by its path below docs/."""
    yield "functions.md", _index()
    for module, functions in _families():
        yield f"functions/{_file(module)}.md", _page(module, functions)


def _families() -> Iterator[tuple[str, Mapping[str, Function[Any]]]]:
    """The families of functions that are not refused."""
    for module, names in by_family("ops"):
        found = {name: registry.load("ops", name) for name in names}
        known = {
            name: one
            for name, one in found.items()
            if isinstance(one, Function) and not isinstance(one, RefusedFunction)
        }
        if known:
            yield module, known


def _file(module: str) -> str:
    return module.rpartition(".")[2]


def _index() -> Iterator[str]:
    yield from (NOTE, _HEAD)
    for module, functions in _families():
        names = ", ".join(f"`{written(name, one)}`" for name, one in functions.items())
        yield f"## {title(module)}\n"
        yield f"[{_file(module)}](functions/{_file(module)}.md): {names}\n"
    yield from ("## Not in a model", "", "These are known, and refused:", "")
    for name in registry.families("ops"):
        found = registry.load("ops", name)
        if isinstance(found, RefusedFunction):
            yield f"- `{written(name, found)}`: {_reason(name, found)}"


def _reason(name: str, function: RefusedFunction) -> str:
    try:
        function.bind(name, (), {})
    except Refusal as refusal:
        return f"{refusal.message}{f': {refusal.help}' if refusal.help else ''}"


def written(name: str, function: Function[Any]) -> str:
    """A function's name as expressions write it."""
    short = name.removeprefix("method_")
    return function.prefix + short[len(function.prefix) :]


def _page(module: str, functions: Mapping[str, Function[Any]]) -> Iterator[str]:
    yield from (NOTE, f"# {title(module)}\n")
    rows = []
    used: set[str] = set()
    for name, function in functions.items():
        example = function_example(name, function)
        assert example is not None, f"{name} has no example"
        text, outputs = example
        used |= {one for one in INPUTS if one in text}
        call = f"`{written(name, function)}({_signature(function)})`"
        method = "method" if function.namespace == "method" else "both" if function.method else ""
        rows.append(
            f"| {call} | {method} | {_shapes(function)} | `{text}` | {', '.join(outputs)} |"
        )
    yield from (
        "| function | method | shapes | example | gives |",
        "| --- | --- | --- | --- | --- |",
    )
    yield from (*rows, "")
    inputs = ", ".join(f"`{name}` {type_text(name)}" for name in INPUTS if name in used)
    if inputs:
        yield f"In the examples: {inputs}.\n"
    there = source(module)
    if there is not None:
        yield f"In torch: <{there}>."


def _shapes(function: Function[Any]) -> str:
    """The first line of a rule's docstring, where it has one of its own."""
    text = inspect.getdoc(function.rule) or ""
    return text.split("\n")[0].replace("*", r"\*").replace("|", r"\|")


def _signature(function: Function[Any]) -> str:
    parts: list[str] = []
    for name, parameter in function.parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and not any(p.startswith("*") for p in parts):
            parts.append("*")
        if parameter.kind is parameter.VAR_POSITIONAL:
            parts.append(f"*{name}")
        elif parameter.default is parameter.empty:
            parts.append(name)
        else:
            parts.append(f"{name}={_python(parameter.default)}")
    return ", ".join(parts)


def _python(value: object) -> str:
    """A value as an expression writes it."""
    return f'"{value}"' if isinstance(value, str) else repr(value)
