"""Expressions as they stand in the output: what is decided at build is not decided there again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...spec.expression import nodes
from ...spec.source import Path
from ..resolve.bound import FunctionCall, Input, walk
from ..resolve.dependence import all_nodes
from ..resolve.graph import Argument, Container, Formula, Node, Scope
from .typed import TypedNode, TypedScope


def settled(scope: Scope, uses: Sequence[TypedScope]) -> Scope:
    """A scope whose conditional expressions keep a test only where the uses differ in it.

    A test of an optional input stays: the caller decides it.
    """
    taken = _taken(uses)
    if not taken:
        return scope
    optional = {item.name for item in scope.inputs if item.optional}
    return _Settler(taken, optional, uses).scope(scope)


def settled_use(typed: TypedScope) -> TypedScope:
    """A scope as one use runs it: without what that use never reaches."""
    taken = _taken([typed])
    if not taken:
        return typed
    scope = _Settler(taken, set(), [typed]).scope(typed.scope)
    by_path = {node.path: node for node in all_nodes(scope.nodes)}
    made = tuple(_with(node, by_path) for node in typed.nodes)
    return typed.replace(scope=scope, nodes=made)


def _taken(uses: Sequence[TypedScope]) -> dict[str, frozenset[bool]]:
    found: dict[str, frozenset[bool]] = {}
    for use in uses:
        for text, sides in use.decided.items():
            found[text] = found.get(text, frozenset()) | sides
    return found


def _with(typed: TypedNode, nodes: Mapping[Path, Node]) -> TypedNode:
    node = nodes[typed.node.path]
    # What a param of type module stands for in this use stays.
    action = node.action if isinstance(node.action, Formula | Container) else typed.node.action
    return typed.replace(
        node=node.replace(action=action),
        children=tuple(_with(child, nodes) for child in typed.children),
        times=tuple(_with(time, nodes) for time in typed.times),
    )


class _Settler:
    """Rewrites the expressions of one scope.

    taken: the sides that are taken at all, by the text of a conditional expression.
    """

    def __init__(
        self,
        taken: Mapping[str, frozenset[bool]],
        optional: set[str],
        uses: Sequence[TypedScope],
    ) -> None:
        self.taken = taken
        self.optional = optional
        self.made_as_model = frozenset().union(*(use.made_as_model for use in uses))

    def scope(self, scope: Scope) -> Scope:
        outputs = tuple((name, self._argument(argument)) for name, argument in scope.outputs)
        return scope.replace(nodes=tuple(map(self._node, scope.nodes)), outputs=outputs)

    def _node(self, node: Node) -> Node:
        action, call = node.action, node.call
        if isinstance(action, Formula):
            action = Formula(self._argument(action.expression))
        elif isinstance(action, Container):
            action = action.replace(children=tuple(map(self._node, action.children)))
        if call is not None:
            arguments = tuple((name, self._argument(value)) for name, value in call.arguments)
            call = call.replace(arguments=arguments)
        return node.replace(action=action, call=call)

    def _argument(self, argument: Argument) -> Argument:
        return argument.replace(value=self._part(argument.value))

    def _part(self, part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(map(self._part, part))
        if isinstance(part, Argument):
            return self._argument(part)
        if not isinstance(part, nodes.Node) or self._is_known_by_text(part):
            return part
        if isinstance(part, nodes.Conditional):
            sides = self.taken.get(repr(part), frozenset())
            if len(sides) == 1 and not self._is_callers(part.test):
                return self._part(part.body if True in sides else part.orelse)
        return part.replace(**{name: self._part(getattr(part, name)) for name in part.field_names})

    def _is_known_by_text(self, part: nodes.Node) -> bool:
        return isinstance(part, FunctionCall) and repr(part) in self.made_as_model

    def _is_callers(self, test: object) -> bool:
        return any(isinstance(part, Input) and part.name in self.optional for part in walk(test))
