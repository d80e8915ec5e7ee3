"""Blocks whose class is an `nn.Sequential`: all of them is the call of its constructor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..elaborate.typed import TypedNode
from ..emit import code
from ..resolve.graph import Node
from ..resolve.sequential import are_numbered
from .plan_containers import child_items, sequence
from .plan_grown import can_be_said

if TYPE_CHECKING:
    from .plan_init import InitPlanner


def sequential_init(planner: InitPlanner) -> list[code.Statement]:
    """The statements that make the modules; what only some uses have is appended."""
    plan = planner.plan
    nodes = plan.scope.nodes
    typed = [[use.nodes[index] for use in plan.uses] for index in range(len(nodes))]
    if not any(_differs(uses) for uses in typed):
        made: list[Any] = []
        is_list = are_numbered(nodes)
        for index, node in enumerate(nodes):
            planner.position = index
            uses = typed[index]
            if not uses[0].absent and can_be_said(planner, node, uses, len(uses), is_list):
                made += child_items(planner, node, uses, is_list)
        before, planner.before = planner.before, []
        return [*before, _super(*sequence(planner, made, is_list))]
    if not are_numbered(nodes):
        planner.owner.problems.error(
            "uses-differ",
            "the uses of this block need different code: an entry is present in some only, and"
            " names stand beside numbers",
            plan.scope.path,
            part="key",
            help="leave out the names",
        )
        return []
    return _appended(planner, nodes, typed)


def _differs(typed: Sequence[TypedNode]) -> bool:
    return len({one.absent for one in typed}) > 1


def _super(*args: code.Expression | code.Starred) -> code.Statement:
    made = code.Attribute(code.Call(code.Name("super")), "__init__")
    return code.Expr(code.Call(made, args))


def _appended(
    planner: InitPlanner, nodes: Sequence[Node], typed: Sequence[Sequence[TypedNode]]
) -> list[code.Statement]:
    """`layers = [nn.Linear(3, 4)]`, `if norm: layers.append(…)`, `super().__init__(*layers)`."""
    taken = {*planner.plan.arguments.values(), *planner.plan.model_params}
    taken |= {param.name for param in planner.plan.scope.params}
    wishes = ("layers", *(f"layers_{number}" for number in range(2, 1000)))
    held = code.Name(next(name for name in wishes if name not in taken))
    first: list[code.Expression] = []
    later: list[code.Statement] = []
    for index, (node, uses) in enumerate(zip(nodes, typed, strict=True)):
        present = [one for one in uses if not one.absent]
        if not present:
            continue
        planner.position = index
        planner.present = [
            use for use, one in zip(planner.plan.uses, uses, strict=True) if not one.absent
        ]
        items = child_items(planner, node, present, True)
        before, planner.before = planner.before, []
        if not (_differs(uses) or later or before):
            first += items
            continue
        body = (*before, *(code.Expr(_added(held, item)) for item in items))
        if not _differs(uses):
            later += body
        elif planner.is_decided(node):
            assert node.when is not None
            later.append(code.If(planner.words.argument(node.when), body))
    annotation = code.Subscript(code.Name("list"), code.Name("nn.Module"))
    made = code.Assign(held, code.List(tuple(first)), annotation=annotation)
    return [made, *later, _super(code.Starred(held))]


def _added(held: code.Name, item: code.Expression) -> code.Call:
    if isinstance(item, code.Starred):
        return code.Call(code.Attribute(held, "extend"), (item.value,))
    return code.Call(code.Attribute(held, "append"), (item,))
