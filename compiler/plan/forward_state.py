"""What is known of a `forward` while its statements are planned one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ...spec.tensor.type import PackedType
from ..emit import code
from ..resolve.bound import Key
from .class_plan import ClassPlan
from .owners import Owners
from .shape_comments import ShapeComments
from .steps import steps
from .targets import Targets, annotation, variables_in
from .variables import Variables, derived_by


class ForwardState:
    """The steps of one class's forward, and which variables hold what so far.

    layers: the steps by the paths of their entries.
    derived: the values that something derives by. assigned: the variables in use.
    untyped: variables whose type type checkers can't tell, with their annotations.
    packed: variables of packed sequences, whose type they can.
    """

    def __init__(self, plan: ClassPlan) -> None:
        self.plan = plan
        self.steps = list(steps(plan.scope.nodes, [use.nodes for use in plan.uses]))
        self.comments = ShapeComments(plan, self.steps)
        self.layers = {step.node.path: step for step in self.steps}
        self.variables = Variables(plan, self.steps)
        self.names = self.variables.names
        self.targets = Targets(self.variables)
        self.owners = Owners()
        self.derived = {self.variables.resolved(node) for node in derived_by(self.steps)}
        self.assigned = {item.name for item in plan.scope.inputs}
        self.packed: set[str] = set()
        self.untyped: dict[str, code.Expression] = {}

    def note(self, target: code.Expression, *, is_known: bool = False) -> None:
        """Notes the variables of an assignment, and the types that type checkers can't tell."""
        held = {name: self.variables.held[name] for name in variables_in(target)}
        self.assigned |= held.keys()
        if is_known:
            # What packs has a type that type checkers know, and is the first value here.
            self.packed |= {name for name, value in held.items() if isinstance(value, PackedType)}
        else:
            new = {name: annotation(held[name]) for name in held if name not in self.packed}
            self.untyped = {**new, **self.untyped}

    def differentiable(self, keys: Iterable[Key]) -> list[code.Statement]:
        """Makes values that are derived by part of the graph, whatever they were computed from."""
        made = [code.Name(self.names[key]) for key in keys if key in self.derived]
        return [code.Assign(name, code.Call(code.Name("differentiable"), (name,))) for name in made]

    def unused(self, wishes: Iterable[str], besides: Collection[str] = ()) -> str:
        """The first name that means nothing here, for what is no value of the spec."""
        taken = {*self.plan.scope.sizes, *besides, *self.variables.reserved}
        taken |= {name for s in self.steps if not s.has_no_code for name in s.node.names}
        taken |= {item.name for item in self.plan.scope.inputs}
        return next(name for name in wishes if name not in taken)
