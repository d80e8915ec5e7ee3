"""What names mean to the interpreter: values, layers, functions."""

from __future__ import annotations

import ast
import builtins
import math
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


@dataclass
class Layer:
    """An earlier entry that holds layers: what its name means beside its value."""

    run: Callable[..., Any]
    _module: nn.Module | None
    _members: Mapping[str, Any]
    inside: Mapping[str, Layer]
    is_callable: bool
    each: Sequence[Any] = ()

    def __call__(self, *args: Any) -> Any:
        made = self.run(*args)
        return made[0] if len(made) == 1 else made

    def __getattr__(self, name: str) -> Any:
        if name in self._members:
            return self._members[name]
        return getattr(self._module, name)


@dataclass
class Frame:
    """What names mean in a scope: values, and layers for calls and for reading inside."""

    values: ChainMap[str, Any]
    layers: ChainMap[str, Layer] = field(default_factory=ChainMap)
    each: list[Any] = field(default_factory=list)

    def child(self) -> Frame:
        return Frame(self.values.new_child(), self.layers.new_child())


class LayerNames(ast.NodeTransformer):
    """`fc(x)` and `fc.weight` mean the layer, `fc` its value."""

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        self.layers = layers

    def _layer(self, node: ast.expr, callable_only: bool = False) -> ast.expr:
        if isinstance(node, ast.Name) and node.id in self.layers:
            # A value's name leaves the function of that name to calls.
            names = (
                "_layers" if self.layers[node.id].is_callable or not callable_only else "_functions"
            )
            name = ast.Name(names, ast.Load())
            return ast.Subscript(name, ast.Constant(node.id), ast.Load())
        if isinstance(node, ast.Attribute):
            inside = ast.Attribute(self._layer(node.value), "inside", ast.Load())
            return ast.Subscript(inside, ast.Constant(node.attr), ast.Load())
        return self.visit(node)  # type: ignore[no-any-return]

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "each":
            return ast.Attribute(self._layer(node.args[0]), "each", ast.Load())
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        else:
            node.func = self._layer(node.func, callable_only=True)
        node.args = [self.visit(arg) for arg in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        if node.attr not in ("shape", "dtype") and not isinstance(node.value, ast.Call):
            node.value = self._layer(node.value)
        else:
            node.value = self.visit(node.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, str) and isinstance(
            getattr(torch, node.value, None), torch.dtype
        ):
            return ast.Subscript(ast.Name("_dtypes", ast.Load()), node, ast.Load())
        return node


class Functions(dict[str, Any]):
    """Functions by name: torch.nn.functional's, else torch's; Python's own on plain numbers."""

    def __missing__(self, name: str) -> Any:
        found = getattr(F, name, None) or getattr(torch, name, None)
        plain = getattr(math, name, None) or getattr(builtins, name, None)
        if found is None or not callable(plain):
            return found or plain
        return lambda *args, **keywords: (
            found if any(isinstance(arg, Tensor) for arg in args) else plain
        )(*args, **keywords)


def grad(of: Tensor, by: Tensor) -> Tensor:
    return torch.autograd.grad(of.sum(), by, create_graph=True, materialize_grads=True)[0]


class Names(dict[str, Any]):
    """Names for `eval`, which asks a dict's `__missing__`."""

    def __init__(self, found: ChainMap[str, Any]) -> None:
        super().__init__()
        self.found = found

    def __missing__(self, name: str) -> Any:
        return self.found[name]
