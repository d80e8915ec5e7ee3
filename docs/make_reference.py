"""Writes layers.md, functions.md and training.md from the classes: `python docs/make_reference.py`.

The pages go into the folder that is named, else beside this file.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from specc.spec import registry
from specc.spec.arguments import Arguments
from specc.spec.initializers import initializers
from specc.spec.kinds import Kind, Optional, Reader
from specc.spec.layers.base import Inferred, Layer
from specc.spec.metrics import METRICS
from specc.spec.names import snake_case
from specc.spec.ops.base import Function
from specc.spec.refusal import Refusal
from specc.spec.schema import Field
from specc.spec.tensor.type import TensorType

_NOTE = "<!-- Written by docs/make_reference.py from the classes. Do not edit by hand. -->"

_LAYERS = """\
# Layers

Every module of `torch.nn` that this version knows, by torch's own name, with torch's own arguments.
How an entry is written, and what all entries may say, is in [language.md](language.md#layers).

An argument that is *taken from* a dimension may be left out; where it is given, it must fit. Where
a list is allowed, it has a value for each dimension. `dtype` is that of the parameters; left out,
it is the model's.
"""

_FUNCTIONS = """\
# Functions

What expressions can call, by torch's own names and with torch's own arguments:
[language.md](language.md#expressions) says how. A `*` stands before arguments that are given by
name alone. What is a method too can be written behind its first argument: `relu(x)` as `x.relu()`.
"""

_TRAINING = """\
# Training: losses, optimizers, schedulers, sources, first values, metrics

What the `type` of the sections of training may be, by the libraries' own names, with the
libraries' own arguments. What else the sections say is in [language.md](language.md#training).
"""


def main(folder: Path) -> None:
    pages = {"layers.md": _layers, "functions.md": _functions, "training.md": _training}
    for name, page in pages.items():
        lines = "\n".join(page()).rstrip("\n")
        (folder / name).write_text(lines + "\n", "utf-8", newline="\n")


def _by_family(package: str) -> Iterator[tuple[str, list[str]]]:
    """Each module that holds public names of a package, with these, in the order written."""
    found: dict[str, list[str]] = {}
    for name, module in registry.families(package).items():
        found.setdefault(module, []).append(name)
    yield from found.items()


def _title(module: str) -> str:
    """The first sentence of a family's docstring."""
    text = inspect.getdoc(import_module(module)) or module
    return text.split("\n")[0].split(". ")[0].rstrip(".")


def _layers() -> Iterator[str]:
    yield from (_NOTE, _LAYERS)
    for module, names in _by_family("layers"):
        links = ", ".join(f"[{name}](#{name.lower()})" for name in names)
        yield f"- {_title(module)}: {links}"
    yield ""
    for module, names in _by_family("layers"):
        yield f"## {_title(module)}\n"
        for name in names:
            layer = registry.load("layers", name)
            assert isinstance(layer, type)
            assert issubclass(layer, Layer)
            yield from _layer(layer)


def _layer(layer: type[Layer]) -> Iterator[str]:
    yield f"### {layer.__name__}\n"
    yield f"{_described(layer)}\n"
    required = any(
        field.is_required() and name not in layer.inferred()
        for name, field in layer.model_fields.items()
    )
    example = layer.example or ("" if required else f'"{layer.__name__}"')
    if example:
        yield from ("```toml", example, "```\n")
    yield from _inputs(layer)
    yield from _table(layer)


def _inputs(layer: type[Layer]) -> Iterator[str]:
    """What it is called with and what it gives, where that is more than one tensor."""
    if layer.forward_inputs != ("input",):
        yield f"Inputs: {', '.join(f'`{name}`' for name in layer.forward_inputs)}.\n"
    if layer.forward_outputs != ("output",):
        yield f"Values: {', '.join(f'`{name}`' for name in layer.forward_outputs)}.\n"


def _table(owner: type[Arguments]) -> Iterator[str]:
    """The arguments of a class."""
    if not owner.model_fields:
        yield "No arguments.\n"
        return
    rows = [
        f"| `{name}` | {_default(name, field)} | {_takes(kind)} |"
        for name, field in owner.model_fields.items()
        if (kind := _kind(field)) is not None
    ]
    if rows:
        yield from ("| argument | default | takes |", "| --- | --- | --- |", *rows, "")


def _default(name: str, field: Field) -> str:
    mark = next((mark for mark in field.metadata if isinstance(mark, Inferred)), None)
    if mark is not None:
        owner = "the input" if mark.input == "input" else f"`{mark.input}`"
        return f"taken from dimension {mark.dim} of {owner}"
    if field.is_required():
        return "**required**"
    if field.default is None:
        return "the model's" if name == "dtype" else "none"
    return f"`{_toml(field.default)}`"


def _toml(value: object) -> str:
    """A value as a spec writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _kind(field: Field) -> Kind | None:
    """What a field may be; None where it is no argument of its own."""
    found = (mark for mark in field.metadata if isinstance(mark, Kind))
    return next((kind for kind in found if not isinstance(kind, Reader)), None)


def _takes(kind: Kind) -> str:
    return f"{kind.expects}, or left out" if isinstance(kind, Optional) else kind.expects


def _described(owner: type) -> str:
    """A class's docstring, its shapes safe from Markdown."""
    return (inspect.getdoc(owner) or owner.__name__).replace("*", r"\*")


def _functions() -> Iterator[str]:
    yield from (_NOTE, _FUNCTIONS)
    refused: list[str] = []
    for module, names in _by_family("ops"):
        functions = {name: _function(name) for name in names}
        reasons = {name: _refusal(function) for name, function in functions.items()}
        refused += [f"- `{name}`: {reason}" for name, reason in reasons.items() if reason]
        if all(reasons.values()):
            continue
        yield f"## {_title(module)}\n"
        yield from ("| function | method | in torch |", "| --- | --- | --- |")
        for name, function in functions.items():
            yield _row(name, function)
        yield ""
    yield from ("## Not in a model", "", "These are known, and refused:", "", *refused)


def _function(name: str) -> Function[Any]:
    function = registry.load("ops", name)
    assert isinstance(function, Function)
    return function


def _refusal(function: Function[Any]) -> str | None:
    """Why a function of one tensor is refused whatever it is given."""
    names = list(function.parameters)
    try:
        function.rule(*(TensorType.of((2, 2), "float32") for _ in names))
    except Refusal as refusal:
        always = function.rule.__module__.endswith(".refused")
        help = f": {refusal.help}" if refusal.help else ""
        return f"{refusal.message}{help}" if always else None
    except Exception:  # a rule's arguments are not all tensors
        return None
    return None


def _row(name: str, function: Function[Any]) -> str:
    name = name.removeprefix("method_")
    written = function.prefix + name[len(function.prefix) :]
    spaces = {"F": "torch.nn.functional", "method": "a method alone"}
    method = "yes" if function.method else ""
    where = spaces.get(function.namespace, function.namespace)
    return f"| `{written}({_signature(function)})` | {method} | {where} |"


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


def _training() -> Iterator[str]:
    yield from (_NOTE, _TRAINING)
    yield from _classes("Losses", "losses", str)
    yield from _classes("Optimizers", "optimizers", str)
    yield from _classes("Schedulers", "schedulers", str)
    yield from _classes("Sources", "data", snake_case)
    yield "## First values\n"
    yield from ("`torch.nn.init`'s functions, for `init`.", "")
    yield from _arguments(initializers())
    yield "## Metrics\n"
    yield from ("| metric | where the loss takes the output for | better |", "| --- | --- | --- |")
    for name, metric in METRICS.items():
        yield f"| `{name}` | {', '.join(metric.modules)} | {metric.better} |"


def _classes(title: str, package: str, style: Callable[[str], str]) -> Iterator[str]:
    yield f"## {title}\n"
    found = {style(name): registry.load(package, name) for name in registry.families(package)}
    yield from _arguments(found)


def _arguments(classes: Mapping[str, object]) -> Iterator[str]:
    for name, found in classes.items():
        assert isinstance(found, type)
        assert issubclass(found, Arguments)
        yield f"### {name}\n"
        yield f"{_described(found)}\n"
        yield from _table(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
