"""The parameters that layers of a type have, whatever numbers a caller gives."""

from __future__ import annotations

from collections.abc import Iterator

from ..elaborate.typed import TypedGraph, leaves
from ..resolve.dependence import all_nodes
from ..resolve.graph import Graph, ModuleUse, ParamUse
from .plan_tensors import is_declared

Owned = tuple[str, str]
"""A parameter by its name in the model, and the type of what owns it."""


class SureParameters:
    """The parameters of a model.

    owned: those that it has as the spec has it.
    """

    def __init__(self, graph: Graph, typed: TypedGraph) -> None:
        self._graph = graph
        self._state = [item for leaf in leaves(typed.root) for item in leaf.state()]
        self.owned: list[Owned] = [
            (name, owner)
            for leaf in leaves(typed.root)
            for name, owner, entry in leaf.unparametrized()
            if entry.trainable
        ]

    def has(self, type: str, parameter: str) -> bool:
        """Whether every layer of a type has a parameter, and torch tells its type."""
        if not is_declared(type, parameter) or _depends(self._graph, parameter):
            return False
        entries = {
            tuple(name.rpartition(".")[::2]) for name, owner, _ in self._state if owner == type
        }
        return all((module, parameter) in entries for module, _ in entries)

    def has_only(self, type: str, parameter: str) -> bool:
        """Whether no layer of a type has another parameter."""
        names = {name.rpartition(".")[2] for name, owner in self.owned if owner == type}
        return names == {parameter} and not any(
            _depends(self._graph, switch) for switch in ("bias", "affine", "elementwise_affine")
        )


def _depends(graph: Graph, parameter: str) -> bool:
    """Whether it may follow from a param if a layer has a parameter."""
    for scope in (graph.model, *graph.blocks.values()):
        for node in all_nodes(scope.nodes):
            if isinstance(node.action, ParamUse):
                return True
            for use in _modules(node.action):
                written = use.arguments.get(parameter)
                if written is not None and not written.is_plain:
                    return True
    return False


def _modules(action: object) -> Iterator[ModuleUse]:
    """A module, with those among its arguments."""
    if isinstance(action, ModuleUse):
        yield action
        for inner in action.modules.values():
            yield from _modules(inner)
