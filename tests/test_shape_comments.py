"""The shapes in comments and docstrings are those at run time, in the words of each class."""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from compared import Network
from test_zoo import HEAVY, NAMES, SAMPLES, SMALL, tree
from torch import Tensor, nn

_ASSIGNED = re.compile(r"^ {8,}(?P<target>[a-z]\w*)(: Tensor)? = ")
_SHAPE = re.compile(r"^\((?P<sizes>.*)\)$")
_NAMES = {"max": max, "min": min, "math": math}


def commented(source: str) -> list[tuple[int, str, str]]:
    """The line on which each commented assignment ends, its variable, and the comment."""
    lines = source.splitlines()
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    found = []
    above = ""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("# "):
            above += (" " if above else "") + text[2:]
            continue
        match = _ASSIGNED.match(line)
        comment = above or (line.partition("  # ")[2] if match else "")
        above = ""
        if match and _SHAPE.match(comment):
            ends = [node.end_lineno or 0 for node in statements if node.lineno == number]
            found.append((max(ends), match["target"], comment))
    return found


def instrumented(source: str) -> str:
    """The source, with a call of `seen` behind each commented assignment."""
    lines = source.splitlines()
    for end, target, comment in sorted(commented(source), reverse=True):
        start = max(n for n in range(end) if _ASSIGNED.match(lines[n]))
        indent = " " * (len(lines[start]) - len(lines[start].lstrip()))
        lines.insert(end, f"{indent}seen(self, {target}, {comment!r})")
    return "\n".join(lines)


def declared(module: type[nn.Module]) -> dict[str, list[str]]:
    """The shapes that a class's docstring says, by the name of the input."""
    text = " ".join((module.__doc__ or "").split())
    part = text.partition("Shape:")[2]
    return {
        name: _items(sizes)
        for name, sizes in re.findall(r"(\w+): (\(.*?\)) (?:float|int|bool|complex)\d*", part)
    }


def _items(text: str) -> list[str]:
    node = ast.parse(text, mode="eval").body
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return [ast.unparse(part) for part in parts]


class Watch:
    """Notes the words of each module's call, and compares comments with shapes."""

    def __init__(self) -> None:
        self.words: dict[int, dict[str, Any]] = {}
        self.count = 0

    def made(self, module: nn.Module, given: dict[str, Any]) -> None:
        """The numbers with which a module is made."""
        signature = inspect.signature(type(module).__init__)
        defaults = {
            name: one.default
            for name, one in signature.parameters.items()
            if one.default is not inspect.Parameter.empty
        }
        self.words[id(module)] = defaults | given

    def called(self, module: nn.Module, inputs: dict[str, Any]) -> None:
        """The sizes of what a module is called with, by the words of its docstring."""
        words = self.words.setdefault(id(module), {})
        for name, sizes in declared(type(module)).items():
            if isinstance(inputs.get(name), Tensor):
                for word, size in zip(sizes, inputs[name].shape, strict=True):
                    if word.isidentifier():
                        words[word] = size
                    elif (linear := re.fullmatch(r"(\d+) \* (\w+)", word)) is not None:
                        words.setdefault(linear[2], size // int(linear[1]))

    def seen(self, module: nn.Module, value: Tensor, comment: str) -> None:
        """Compares a value's shape with its comment."""
        words = self.words[id(module)]
        known = {**_NAMES, **words}
        try:
            shape = eval(comment, {"__builtins__": {}}, known)
        except NameError:
            # A constant of the class: its formula stands in the constructor alone.
            return
        self.count += 1
        wanted = shape if isinstance(shape, tuple) else (shape,)
        assert tuple(value.shape) == wanted, f"{type(module).__name__}: {comment} of {value.shape}"


def watched(files: Mapping[str, str], watch: Watch) -> dict[str, Any]:
    """The classes of a model.py whose calls are watched."""
    source = instrumented(files["model.py"].replace("from .derivatives", "from derivatives"))
    space: dict[str, Any] = {"seen": watch.seen, "__name__": "watched"}
    exec(compile(source, "model.py", "exec"), space)
    for made in [one for one in space.values() if isinstance(one, type)]:
        if issubclass(made, nn.Module) and made.__module__ == "watched":
            _watch(made, watch)
    return space


def _watch(made: type[nn.Module], watch: Watch) -> None:
    init, forward = made.__init__, made.forward
    names = [*inspect.signature(forward).parameters][1:]

    def new_init(self: nn.Module, **given: Any) -> None:
        init(self, **given)
        watch.made(self, given)

    def new_forward(self: nn.Module, *args: Any, **given: Any) -> Any:
        watch.called(self, dict(zip(names, args, strict=False)) | given)
        return forward(self, *args, **given)

    new_init.__signature__ = inspect.signature(init)  # type: ignore[attr-defined]
    made.__init__ = new_init  # type: ignore[method-assign]
    made.forward = new_forward


@pytest.mark.parametrize("name", [name for name in NAMES if name not in HEAVY | {"burgers"}])
def test_comments_are_the_shapes_at_run_time(name: str) -> None:
    network = Network(tree(name))
    watch = Watch()
    model = watched(network.files, watch)[tree(name)["model"]["name"]]()
    with torch.no_grad():
        for inputs in SAMPLES[name]():
            model(*inputs)
    assert watch.count > 0


@pytest.mark.parametrize("name", SMALL)
def test_comments_are_the_shapes_with_other_numbers(name: str) -> None:
    params, samples = SMALL[name]
    watch = Watch()
    space = watched(Network(tree(name)).files, watch)
    model = space[tree(name)["model"]["name"]](**params)
    with torch.no_grad():
        for inputs in samples():
            model(*inputs)
    assert watch.count > 0
