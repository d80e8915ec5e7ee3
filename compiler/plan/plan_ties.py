"""Parameters that are one: `self.lm_head.weight = self.wte.weight`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..emit import code
from ..resolve.graph import BlockUse, Graph, ModuleUse, Scope, TensorUse
from .plan_tensors import is_declared


def tie_statements(graph: Graph) -> tuple[code.Statement, ...]:
    """The statements that make the model's tied parameters one."""
    return tuple(
        code.Assign(
            _owned(tie.name, graph), _read(tie.target, graph), comment="one parameter, two uses"
        )
        for tie in graph.model.ties
    )


def _owned(name: str, graph: Graph) -> code.Name | code.Attribute:
    """A parameter to be replaced: `self.fc.weight`, `self.get_submodule("h.0.fc").weight`."""
    path, _, own = name.rpartition(".")
    if is_typed(name.split("."), graph.model, graph.blocks):
        return code.Name(f"self.{name}")
    held = code.Call(code.Name("self.get_submodule"), (code.Constant(path),))
    return code.Attribute(held, own)


def _read(name: str, graph: Graph) -> code.Expression:
    if is_typed(name.split("."), graph.model, graph.blocks):
        return code.Name(f"self.{name}")
    return code.Call(code.Name("self.get_parameter"), (code.Constant(name),))


def is_typed(parts: Sequence[str], scope: Scope, blocks: Mapping[str, Scope]) -> bool:
    """Whether type checkers follow a name: not into containers, repeats, and what may be absent."""
    first, *rest = parts
    node = next((node for node in scope.nodes if node.attribute == first), None)
    if node is None or node.may_be_absent or (node.repeat is not None and not node.shared):
        return False
    match node.action:
        case TensorUse():
            return not rest
        case ModuleUse(layer):
            return len(rest) == 1 and is_declared(layer.__name__, rest[0])
        case BlockUse(block):
            return is_typed(rest, blocks[block], blocks)
    return False
