"""Entries of forward that do not always run: in training only, or in some uses of a class only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from ...spec.source import Path
from ..elaborate.typed import TypedNode
from ..emit import code
from ..emit.names_read import names_read
from ..resolve.bound import Key, Value, values_in
from ..resolve.graph import Container, Formula
from .steps import Condition, Step
from .targets import variables_in
from .variables import output_names

if TYPE_CHECKING:
    from .plan_forward import ForwardPlanner

_OPTIONAL = code.BinOp(code.Name("Tensor"), "|", code.Constant(None))


@dataclass
class Part:
    """The statements of a step. before: what stands before the `if` of one of its conditions."""

    conditions: tuple[Condition, ...]
    statements: list[code.Statement]
    before: dict[Condition, list[code.Statement]] = field(default_factory=dict)


class ConditionPlanner:
    """Plans what stands under an `if`, and what is assigned before it.

    declared: variables that need no annotation further on.
    passed: what entries take first, where it has been given a name before.
    """

    def __init__(self, forward: ForwardPlanner) -> None:
        self.forward = forward
        self.variables = forward.variables
        self.declared: set[str] = set()
        self.passed: dict[Path, code.Name] = {}
        self.begun: set[Condition] = set()
        self.groups = dict(_groups(forward.steps))
        self.outputs = [argument.bound for _, argument in forward.plan.scope.outputs]

    def statements(self, step: Step, index: int) -> Part:
        """The statements of a step, in forward's order."""
        made = Part(step.conditions, [])
        for condition in step.conditions:
            if condition.path is not None and condition not in self.begun:
                self.begun.add(condition)
                made.before[condition] = self._pass_on(condition, index)
        leaves = step.in_training and not step.is_opened and self._leaves(step)
        if leaves:
            self._name_anew(step)
        made.statements = self.forward.statement(step, index)
        if leaves:
            made.before[Condition()] = [*made.before.get(Condition(), []), *self._nothing_yet(step)]
        if step.own_condition is not None and step.is_opened:
            made.statements += self._landed(step)
        return made

    def _pass_on(self, condition: Condition, index: int) -> list[code.Statement]:
        """Names the value of an entry that may be absent: what it takes first, to begin with."""
        assert condition.path is not None
        step = self.forward.layers[condition.path]
        assert step.node.call is not None
        taken = self.forward.words.expression(step.node.call.arguments[0][1].bound)
        end = self.forward.steps.index(step)
        if (
            isinstance(taken, code.Name)
            and taken.id.isidentifier()
            and not (self.variables.is_alive(taken.id, end))
        ):
            self._fix(step, taken.id)
            self.variables.names[condition.path] = taken.id
            return []
        name = self.variables.free(self._wish(step), index - 1, step.outputs[0])
        self._fix(step, name)
        # The value that is read later is the last one that a variable is noted to hold.
        self.variables.names |= {f"{condition.path}.input": name, condition.path: name}
        self.forward.assigned.add(name)
        self.declared.add(name)
        self.passed[condition.path] = code.Name(name)
        return [code.Assign(code.Name(name), taken)]

    def _fix(self, step: Step, name: str) -> None:
        """Lets a variable hold the value of a step, and of the last entry in it."""
        fixed = self.variables.fixed
        fixed[step.node.path] = name
        if step.is_opened:
            last = self.forward.layers.get(self.variables.resolved(step.last))  # type: ignore[arg-type]
            if last is not None and last.own_condition is None and not last.is_opened:
                fixed[last.node.path] = name

    def _wish(self, step: Step) -> str:
        """What the variable of a value is called: as the outermost entry whose value it is."""
        same = [
            other
            for other in self.forward.steps
            if other.node.names and other.node.call is not None
            if self.variables.resolved(Value(other.node.path, None, (0, 0))) == step.node.path
        ]
        names = [other.node.names[0] for other in same]
        wish = names[-1] if names else step.name or "out"
        return wish if wish.isidentifier() else "out"

    def _landed(self, step: Step) -> list[code.Statement]:
        """What the entries of an opened container give, as its value."""
        target = code.Name(self.variables.fixed[step.node.path])
        # From here on, this is the value that the variable holds.
        del self.variables.names[step.node.path]
        made = self.forward.words.expression(step.last)
        self.variables.names[step.node.path] = target.id
        return [] if made == target else [code.Assign(target, made)]

    def _keys(self, step: Step) -> list[Key]:
        """What holds the values of a step."""
        path = step.node.path
        names = output_names(step.node, step.first)[1:]
        places = range(len(step.node.names) if len(step.node.names) > 1 else 0)
        return [path, *(f"{path}.{name}" for name in names), *(f"{path}[{i}]" for i in places)]

    def _read_outside(self, step: Step) -> list[Key]:
        """The values of a step that are read where it may not have run."""
        group = self.groups.get(self.forward.steps.index(step))
        parts = [*self.outputs]
        for index, other in enumerate(self.forward.steps):
            if self.groups.get(index) != group:
                parts += other.read()
        read = {self.variables.resolved(node) for part in parts for node in values_in(part)}
        return [key for key in self._keys(step) if key in read]

    def _leaves(self, step: Step) -> bool:
        return bool(self._read_outside(step))

    def _name_anew(self, step: Step) -> None:
        """A variable of its own for a value that is None in eval mode."""
        taken = {*self.forward.assigned, *self.forward.plan.scope.sizes}
        wish = self._wish(step)
        wishes = (wish, *(f"{wish}_{number}" for number in range(2, 1000)))
        name = next(name for name in wishes if name not in taken)
        self.variables.fixed[step.node.path] = name
        self.variables.held[name] = step.first.outputs[0]

    def _nothing_yet(self, step: Step) -> list[code.Statement]:
        """`aux: Tensor | None = None`"""
        names = [self.variables.names[key] for key in self._read_outside(step)]
        self.declared |= set(names)
        return [code.Assign(code.Name(name), code.Constant(None), _OPTIONAL) for name in names]

    def arranged(self, parts: Sequence[Part], depth: int = 0) -> list[code.Statement]:
        """The statements of all steps, those under one condition together."""
        found: list[code.Statement] = []
        shown = [part for part in parts if part.statements or part.before]
        for condition, group in groupby(shown, lambda part: part.conditions[depth : depth + 1]):
            inside = list(group)
            if not condition:
                found += [statement for part in inside for statement in part.statements]
                continue
            outside = [one for part in inside for one in part.before.get(condition[0], [])]
            body = tuple(self.arranged(inside, depth + 1))
            found += outside
            if body:
                found.append(code.If(self._test(condition[0], body, outside), body))
        return found

    def _test(
        self,
        condition: Condition,
        body: Sequence[code.Statement],
        outside: Sequence[code.Statement],
    ) -> code.Expression:
        if condition.path is not None:
            step = self.forward.layers[condition.path]
            if step.container is not None or _has_no_layer(step.first):
                # What holds no layer is no attribute that could be None.
                assert step.node.when is not None
                return self.forward.test(step.node.when.bound)
            return code.Compare(
                self.forward.state.owners.layer(step), ("is not",), (code.Constant(None),)
            )
        made_here = {name for one in (*outside, *body) for name in _assigned(one)}
        read = dict.fromkeys(name.split(".")[0] for name in names_read(tuple(body)))
        # What another part of training has made is there only if that part has run.
        needed = [name for name in read if name in self.optional - made_here]
        tests = [code.Compare(code.Name(n), ("is not",), (code.Constant(None),)) for n in needed]
        if not tests:
            return code.Name("self.training")
        return tests[0] if len(tests) == 1 else code.BoolOp("and", tuple(tests))

    @property
    def optional(self) -> set[str]:
        """The variables that are None in eval mode."""
        return {
            self.variables.names[key]
            for step in self.forward.steps
            if step.in_training and not step.is_opened
            for key in self._read_outside(step)
            if key in self.variables.names
        }


def _has_no_layer(typed: TypedNode) -> bool:
    """Whether an entry is a container of formulas alone."""
    action = typed.node.action
    if not isinstance(action, Container):
        return isinstance(action, Formula)
    times = typed.times or (typed,)
    return all(_has_no_layer(child) for time in times for child in time.children)


def _groups(steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """The number of the `if self.training` that each step of training stands in."""
    number, before = 0, None
    for index, step in enumerate(steps):
        is_said = step.node.call is not None or isinstance(step.node.action, Formula)
        if step.part in ("begins", "ends"):
            # What stands in a loop does not go on behind it.
            before = None
        if not step.in_training:
            before = None if is_said and not step.is_opened else before
            continue
        outer = step.conditions[: step.conditions.index(Condition())]
        if outer != before:
            number += 1
        before = outer
        yield index, number


def _assigned(statement: code.Statement) -> Iterator[str]:
    match statement:
        case code.Assign(target):
            yield from variables_in(target)
        case code.If(_, body) | code.For(_, _, body):
            for inner in body:
                yield from _assigned(inner)
