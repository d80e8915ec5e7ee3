"""Loops of `forward` over several statements: repeats of opened containers, and recurrences."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...spec.source import Path
from ..elaborate.repeats import counts_times, reads_number
from ..emit import code
from ..resolve.bound import Key, each_time, key, values_in
from ..resolve.graph import Carried, Recurrence
from .forward_state import ForwardState
from .loop_times import LoopTimes, counted, numbered
from .nest import is_untyped
from .plan_conditions import ConditionPlanner, Part
from .steps import Step, carried, slices
from .translate import Words


@dataclass
class _Loop:
    """A loop whose statements are being planned.

    index: the variable that counts. handed: those of what a time hands to the next.
    lists: those of the results to stack, by their places among the outputs.
    body: its statements so far. before: those before it.
    """

    path: Path
    target: code.Name | code.Tuple
    over: code.Expression
    before: list[code.Statement]
    body: list[code.Statement]
    index: str | None = None
    handed: list[str] = field(default_factory=list)
    lists: dict[int, str] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)


class LoopPlanner:
    """Puts the statements of steps together, those within loops into the loops' bodies.

    running: the loops around the step at hand. parts: the statements so far, those outside of all
    loops first.
    """

    def __init__(self, state: ForwardState, words: Words, conditions: ConditionPlanner) -> None:
        self.state = state
        self.words = words
        self.conditions = conditions
        self.times = LoopTimes(state, words)
        self.running: list[_Loop] = []
        self.parts: list[list[Part]] = [[]]
        self.ends = {s.node.path: i for i, s in enumerate(state.steps) if s.part == "ends"}

    def index(self) -> code.Expression:
        """What the innermost loop that counts calls its count."""
        names = (loop.index for loop in reversed(self.running) if loop.index is not None)
        return code.Name(next(names))

    def begin(self, step: Step, index: int) -> None:
        """Plans the head of a loop."""
        if isinstance(step.node.action, Recurrence):
            loop = self._recurrence(step, step.node.action, index)
        else:
            loop = self._repeat(step, index)
        if loop.index is None and self._counts(step, index):
            loop.index = self.state.unused(numbered("index"))
            loop.reserved.add(loop.index)
            loop.target, loop.over = counted(loop.index, loop.target, loop.over)
        # Whatever else the loop needs keeps its name until the loop is over.
        loop.reserved -= self.state.variables.reserved
        self.state.variables.reserved |= loop.reserved
        self.running.append(loop)
        self.parts.append([])

    def _counts(self, step: Step, index: int) -> bool:
        """Whether something in a loop reads the number of its time."""
        inside = self.state.steps[index + 1 : self.ends[step.node.path]]
        tests = [one.node.when for one in inside if one.own_condition is not None]
        return counts_times(step.node) or reads_number([test for test in tests if test])

    def end(self, step: Step, index: int) -> list[code.Statement]:
        """The loop, with the statements before and behind it."""
        loop = self.running[-1]
        made_inside = self.conditions.arranged(self.parts.pop(), len(step.conditions))
        before, collected = self._collected_entries(step)
        ending = [*self._appended(step, loop), *collected, *self._handed_on(step, loop)]
        body = [*loop.body, *made_inside, *ending] if made_inside or ending else []
        self.running.pop()
        for one, name in zip(carried(step.node), loop.handed, strict=True):
            self.state.names[key(one.last)] = name
        made = self._stacked(step, loop, index)
        keys = [key(one.last) for one in carried(step.node)]
        made += self.state.differentiable(dict.fromkeys([*keys, *_results(step)]))
        self.state.variables.reserved -= loop.reserved
        self.state.owners.times.pop(step.node.path, None)
        loops = [code.For(loop.target, loop.over, tuple(body))] if body else []
        return [*loop.before, *before, *loops, *made]

    def _collected_entries(self, step: Step) -> tuple[list[code.Statement], list[code.Statement]]:
        """Likewise `collected`, of a repeat of several entries."""
        if step.node.repeat is None:
            return [], []
        return self.collected(step, self.words.expression(step.last))

    def collected(
        self, step: Step, made: code.Expression
    ) -> tuple[list[code.Statement], list[code.Statement]]:
        """The list of what a repeat's times give, where something reads it, and what fills it.

        made: what a time gives.
        """
        held = key(each_time(step.node.path))
        if not self.state.variables.reads[held]:
            return [], []
        name = "_".join((*step.node.names[:1], "outputs"))
        name = self.state.unused(numbered(name), self.state.assigned)
        self.state.variables.reserved.add(name)
        self.state.names[held] = name
        kind = code.Subscript(code.Name("list"), code.Name("Tensor"))
        append = code.Expr(code.Call(code.Name(f"{name}.append"), (made,)))
        return [code.Assign(code.Name(name), code.List(()), kind)], [append]

    def _repeat(self, step: Step, index: int) -> _Loop:
        node, state = step.node, self.state
        variable, over, layer = self.times.repeat(step)
        loop = _Loop(node.path, code.Name(variable), over, [], [])
        for one in carried(node):
            value = self.words.expression(one.initial.bound)
            loop.before += self._initial(one, value, self._in_place(value, step, index), loop)
        if variable != "_":
            loop.reserved.add(variable)
            state.owners.times[node.path] = variable
        if variable != "_" and layer != code.Name(variable):
            # The variable is the number, by which the layer is found.
            loop.index, held = variable, self.times.variable(node)
            loop.reserved.add(held)
            state.owners.times[node.path] = held
            loop.body.append(code.Assign(code.Name(held), layer))
        loop.body += state.differentiable(key(one.held) for one in carried(node))
        return loop

    def _in_place(self, value: code.Expression, step: Step, index: int) -> str:
        """The variable that goes into a repeat, if it is not read again, else another one."""
        variables = self.state.variables
        name = value.id if isinstance(value, code.Name) and "." not in value.id else None
        if name is not None and not variables.is_alive(name, index):
            return name
        # The head is read after the first value has been assigned.
        begin = index - 1 if any(values_in(step.times())) else index
        return variables.choose(step, self.ends[step.node.path], step.first.inputs[0], begin)

    def _recurrence(self, step: Step, action: Recurrence, index: int) -> _Loop:
        state = self.state
        sliced = [item.bound for _, item in slices(step.node)]
        # The head is read after the first values have been assigned.
        head = [*sliced, *([action.times.bound] if action.times is not None else [])]
        over = self.times.over(step)
        loop = _Loop(step.node.path, code.Name("_"), over, [], [])
        for place, one in enumerate(action.carried):
            value = self.words.expression(one.initial.bound)
            later = [*(other.initial.bound for other in action.carried[place + 1 :]), *head]
            keys_read = map(state.variables.resolved, values_in(tuple(later)))
            read = [state.names.get(one_key) for one_key in keys_read]
            taken = {*loop.handed, *filter(None, read)}
            first = step.first.heads[one.held.entry]
            name = state.variables.free(one.name or "", index, first, taken)
            loop.before += self._initial(one, value, name, loop)
        names: list[str] = []
        for held, _ in slices(step.node):
            taken = {*loop.handed, *names}
            sliced_type = step.first.heads[held.entry]
            name = state.variables.free(str(held.entry[-1]), index, sliced_type, taken)
            state.names[key(held)] = name
            state.assigned.add(name)
            names.append(name)
        if names:
            targets = tuple(map(code.Name, names))
            loop.target = targets[0] if len(targets) == 1 else code.Tuple(targets)
        self._lists(step, action, loop)
        keys = [*(key(one.held) for one in action.carried), *(key(v) for v, _ in slices(step.node))]
        loop.body += state.differentiable(keys)
        return loop

    def _initial(
        self, one: Carried, value: code.Expression, name: str, loop: _Loop
    ) -> list[code.Statement]:
        """The statement for the first value of what a loop hands on."""
        target = code.Name(name)
        loop.handed.append(name)
        self.state.names[key(one.held)] = name
        self.state.variables.held.setdefault(name, None)
        self.state.note(target, is_known=not is_untyped(value))
        return [] if value == target else [code.Assign(target, value)]

    def _lists(self, step: Step, action: Recurrence, loop: _Loop) -> None:
        """The lists of the results that something reads."""
        keys = _results(step)
        read = [place for place, held in enumerate(keys) if self.state.variables.reads[held]]
        for place in read:
            name, _ = action.outputs[place]
            wish = f"{name}_outputs" if len(read) > 1 and name else "outputs"
            own = "_".join((*step.node.names, "outputs"))
            held = self.state.unused((wish, own, *numbered(own)), loop.lists.values())
            loop.lists[place] = held
            loop.reserved.add(held)
            loop.before.append(code.Assign(code.Name(held), code.List(())))

    def _appended(self, step: Step, loop: _Loop) -> list[code.Statement]:
        made: list[code.Statement] = []
        for place, name in loop.lists.items():
            assert isinstance(step.node.action, Recurrence)
            _, result = step.node.action.outputs[place]
            value = self.words.expression(result.bound)
            made.append(code.Expr(code.Call(code.Name(f"{name}.append"), (value,))))
        return made

    def _handed_on(self, step: Step, loop: _Loop) -> list[code.Statement]:
        """What the next time takes, where it is not in its variable yet; all at once."""
        pairs = [
            (code.Name(name), self.words.expression(one.renewed.bound))
            for one, name in zip(carried(step.node), loop.handed, strict=True)
        ]
        pairs = [(name, value) for name, value in pairs if name != value]
        if not pairs:
            return []
        if len(pairs) == 1:
            return [code.Assign(*pairs[0])]
        names, values = zip(*pairs, strict=True)
        return [code.Assign(code.Tuple(names), code.Tuple(values))]

    def _stacked(self, step: Step, loop: _Loop, index: int) -> list[code.Statement]:
        made: list[code.Statement] = []
        for place, held in loop.lists.items():
            assert isinstance(step.node.action, Recurrence)
            self.words.modules.add("torch")
            dim = self.words.expression(step.node.action.dim.bound)
            along = () if dim == code.Constant(0) else (code.Keyword("dim", dim),)
            value = code.Call(code.Name("torch.stack"), (code.Name(held),), along)
            name = self._result(step, place, index)
            comment = self.state.comments.comment(step, [place])
            self.state.names[_results(step)[place]] = name
            self.state.note(code.Name(name), is_known=True)
            made.append(code.Assign(code.Name(name), value, comment=comment))
        return made

    def _result(self, step: Step, place: int, index: int) -> str:
        """The variable for a stack."""
        assert isinstance(step.node.action, Recurrence)
        value = step.outputs[place]
        if place == 0:
            return self.state.variables.choose(step, index, value)
        return self.state.variables.free(step.node.action.outputs[place][0], index, value)


def _results(step: Step) -> list[Key]:
    """What reads of a recurrence's stacks refer to."""
    if not isinstance(step.node.action, Recurrence):
        return []
    path = step.node.path
    return [
        f"{path}.{name}" if place else path
        for place, (name, _) in enumerate(step.node.action.outputs)
    ]
