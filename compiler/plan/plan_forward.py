"""TypedGraph -> `forward` of a class: straight-line code, one statement for each value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property

from ..elaborate.typed import state
from ..emit import code
from ..emit.names_read import names_read
from ..resolve.bound import Bound, Each, Input, Key, Param, State, Value, maker
from ..resolve.dependence import all_nodes
from ..resolve.graph import Formula, Node, TensorUse
from .class_plan import ClassPlan, ModelPlanner
from .contiguity import Contiguity
from .forward_sizes import optional_place, params_unpacked, size_statements
from .forward_state import ForwardState
from .fused_attention import ATTENTION, has_fused_attention
from .init_words import ResetWords
from .needed_sizes import sizes_in
from .nest import is_untyped, nested, only_handed_on
from .plan_call import layer_call
from .plan_conditions import ConditionPlanner
from .plan_loops import LoopPlanner
from .plan_tensors import is_declared
from .plan_ties import is_typed
from .rnn_arguments import RNN
from .steps import Step
from .targets import paired, variables_in
from .translate import Words
from .variables import input_names, output_names


class ForwardPlanner:
    """Plans `forward` of one class."""

    def __init__(self, owner: ModelPlanner, plan: ClassPlan) -> None:
        self.owner = owner
        self.plan = plan
        self.state = ForwardState(plan)
        self.steps = self.state.steps
        self.layers = self.state.layers
        self.variables = self.state.variables
        self.names = self.state.names
        self.targets = self.state.targets
        self.assigned = self.state.assigned
        self.conditions = ConditionPlanner(self)
        self.sizes_used: dict[str, None] = {}
        self.words = Words(
            value=self._value,
            param=self._param,
            size=self._size,
            layer=lambda path: self.state.owners.layer(self.layers[path]),
            state=self._state,
            device=self._device,
            dtype=lambda node: owner.factory_dtype(plan, node),
            is_contiguous=self._is_contiguous,
            condition=self.test,
            is_list=self._is_list,
            loop_index=lambda: self.loops.index(),
        )
        self.words.function = owner.function
        self.build_words: Words = ResetWords(owner, plan)
        self.build_words.value = self._value
        self.build_words.loop_index = self.words.loop_index
        self.loops = LoopPlanner(self.state, self.words, self.conditions)

    @cached_property
    def _contiguity(self) -> Contiguity:
        scope = self.plan.scope
        entries = {node.path: node for node in all_nodes(scope.nodes)}
        return Contiguity(entries, inputs_are=scope.path == ("model",))

    def _is_contiguous(self, node: Bound) -> bool:
        return not self.owner.channels_last and self._contiguity.is_sure(node)

    def body(self) -> tuple[code.Statement, ...]:
        """The statements of forward."""
        for index, step in enumerate(self.steps):
            self._check_uses(step)
            if step.part == "begins":
                self.loops.begin(step, index)
            else:
                part = self.conditions.statements(step, index)
                self.loops.parts[-1].append(part)
        (parts,) = self.loops.parts
        made = [*self.conditions.arranged(parts), *self._end()]
        known = {*(item.name for item in self.plan.scope.inputs), *self.conditions.declared}
        is_model = self.plan.scope.path == ("model",)
        statements = self._typed(nested(made, known, layers_in_layers=not is_model), known)
        statements = [*self._first(statements), *statements]
        unpacked = size_statements(self.plan, self.sizes_used, self.owner.problems)
        unpacked, statements = params_unpacked(self.plan, unpacked, statements)
        if self.words.needs_derivative:
            return self._under_grad(unpacked, statements)
        self.owner.modules |= self.words.modules
        return (*unpacked, *statements)

    def _typed(
        self, statements: Sequence[code.Statement], known: Collection[str]
    ) -> list[code.Statement]:
        """The statements, with annotations where type checkers can't tell the type."""
        for statement in statements:
            match statement:
                case code.Assign(target, value, None) if is_untyped(value):
                    self.state.note(target)
        free = {*known, *only_handed_on(statements)}
        untyped = {name: held for name, held in self.state.untyped.items() if name not in free}
        if any("PackedSequence" in names_read(held) for held in untyped.values()):
            self.words.modules.add(f"{RNN}PackedSequence")
        return _annotated(statements, untyped)

    def _first(self, body: Sequence[code.Statement]) -> tuple[code.Statement, ...]:
        """What the other statements need before them."""
        return ()

    def _check_uses(self, step: Step) -> None:
        """Reports an entry that some uses of the class would need other code for."""
        names = {one.name for one in step.typed if not one.absent}
        if (len(names) > 1 and not step.is_from_end) or step.is_displaced:
            self.owner.problems.error(
                "uses-differ",
                "the uses of this block need different code: this entry has another number in some",
                step.node.path,
                help="give it a name",
            )

    def statement(self, step: Step, index: int) -> list[code.Statement]:
        """The statements of one step, in forward's order."""
        node = step.node
        if step.part == "ends":
            return self.loops.end(step, index)
        if isinstance(node.action, TensorUse):
            self.names[node.path] = f"self.{node.attribute}"
            return []
        if step.part == "enters" or (step.is_absent and node.call is not None):
            return self._pass_on(step, index)
        if step.is_opened or (node.call is None and not isinstance(node.action, Formula)):
            return []
        if node.repeat is not None:
            return self._loop(step, index)
        return self._assign(step, index, self._called(step))

    def _pass_on(self, step: Step, index: int) -> list[code.Statement]:
        """What an absent entry or an opened container takes, named where it is computed."""
        node = step.node
        if node.path in self.variables.aliases and step.part != "enters":
            return []
        assert node.call is not None
        value = self.words.expression(node.call.arguments[0][1].bound)
        target = code.Name(self.variables.choose(step, index, step.first.inputs[0]))
        self.names[f"{node.path}.input" if step.part == "enters" else node.path] = target.id
        self.assigned.add(target.id)
        return [code.Assign(target, value)]

    def _called(self, step: Step) -> code.Expression:
        node = step.node
        if isinstance(node.action, Formula):
            return self.words.expression(node.action.expression.bound)
        layer = self.state.owners.layer(step)
        return layer_call(node, layer, self._arguments(node), self.words.modules)

    def _arguments(self, node: Node) -> list[tuple[str | None, code.Expression]]:
        assert node.call is not None
        names = input_names(node, self.owner.graph)
        # What may be left out is named where there are several such.
        optional = [name for name in names if name.endswith("?")]
        places = [name.rstrip("?") if len(optional) == 1 else name for name in names]
        made: list[tuple[str | None, code.Expression]] = []
        for place, (name, argument) in enumerate(node.call.arguments):
            # In forward's order, a module's arguments need no names.
            is_next = name in places[place : place + 1] and not any(key for key, _ in made)
            made.append((None if is_next else name, self.words.expression(argument.bound)))
        if node.path in self.conditions.passed:
            made[0] = (made[0][0], self.conditions.passed[node.path])
        return made

    def _loop(self, step: Step, index: int) -> list[code.Statement]:
        """A repeat: `for block in self.h: x = block(x)`."""
        given = self._arguments(step.node)
        renewed = self.targets.renewed(step, index, given)
        targets = renewed.targets
        statements: list[code.Statement] = [
            code.Assign(variable, value)
            for target, (_, values) in zip(targets, given, strict=False)
            for variable, value in paired(target, values)
            if variable != value
        ]
        again = [(name, target) for target, (name, _) in zip(targets, given, strict=False)]
        target = targets[0] if len(targets) == 1 else code.Tuple(targets)
        self.state.note(target)
        wishes = [name.rstrip("?") for name in input_names(step.node, self.owner.graph)]
        once, others = self.targets.staying(step, index, given, wishes, renewed)
        for assigned in once:
            self.state.note(assigned.target, is_known=True)
        variable, times, layer = self.loops.times.repeat(step)
        call = layer_call(step.node, layer, [*again, *others], self.words.modules)
        before, collected = self.loops.collected(step, code.Name(self.names[step.node.path]))
        loop = code.For(code.Name(variable), times, (code.Assign(target, call), *collected))
        return [*statements, *once, *before, loop, *self._made_differentiable(step)]

    def _assign(self, step: Step, index: int, value: code.Expression) -> list[code.Statement]:
        action = step.node.action
        target = self.targets.assigned(step, index)
        # What a module gives has no type for type checkers.
        is_known = isinstance(action, Formula) and not is_untyped(value)
        self.state.note(target, is_known=is_known)
        if value == target:
            # An entry that only names a value anew.
            return self._made_differentiable(step)
        comment = self.state.comments.comment(step, self.targets.read(step))
        made = code.Assign(target, value, comment=comment)
        return [made, *self._made_differentiable(step)]

    def _made_differentiable(self, step: Step) -> list[code.Statement]:
        """A value that is derived by must be in the graph, whatever it was computed from."""
        path = step.node.path
        keys: list[Key] = [
            path,
            *(f"{path}.{name}" for name in output_names(step.node, step.first)[1:]),
        ]
        keys += [f"{path}[{place}]" for place in range(len(step.node.names))]
        return self.state.differentiable(keys)

    def _value(self, node: Bound) -> code.Expression:
        if isinstance(node, Each):
            return self._each(node)
        assert isinstance(node, Input | Value)
        return code.Name(self.names[self.variables.resolved(node)])

    def _each(self, node: Each) -> code.Expression:
        """The list of what a repeat's times or a container's entries give."""
        items: list[code.Expression | code.Starred] = []
        for value in node.values:
            step = self.layers.get(maker(value))
            if step is None or step.is_absent:
                continue
            held = code.Name(self.names[self.variables.resolved(value)])
            items.append(code.Starred(held) if step.node.repeat is not None else held)
        if len(items) == 1 and isinstance(items[0], code.Starred):
            return items[0].value  # type: ignore[return-value]
        return code.List(tuple(items))

    def _state(self, node: State) -> code.Expression:
        """`self.fc.weight`; of a layer in a container, by its path."""
        step = self.layers[node.entry]
        layer = step.first.layer
        if layer is None:
            return self._state_inside(step, node.name)
        if step.container is None and is_declared(type(layer).__name__, node.name):
            return code.Attribute(self.state.owners.layer(step), node.name)
        trainable = layer.state()[node.name].trainable
        getter = "get_parameter" if trainable else "get_buffer"
        return self.state.owners.tensor(step, getter, node.name)

    def _state_inside(self, step: Step, name: str) -> code.Expression:
        """`self.block.fc.weight`"""
        assert step.first.scope is not None
        path, blocks = [step.name or "", *name.split(".")], self.owner.graph.blocks
        if step.container is None and is_typed(path, self.plan.scope, blocks):
            return code.Name(f"self.{'.'.join(path)}")
        trainable = state(step.first.scope)[name].trainable
        getter = "get_parameter" if trainable else "get_buffer"
        return self.state.owners.tensor(step, getter, name)

    def _is_list(self, node: Bound) -> bool:
        """Whether a param or an entry's value is a list, and no tensor."""
        if isinstance(node, Param):
            owner = self.plan if node.owner == "block" else self.owner.classes[""]
            return isinstance(owner.uses[0].params[node.name], tuple)
        assert isinstance(node, Value)
        if isinstance(node.output, str):
            return False
        return isinstance(self.layers[node.entry].typed[0].outputs[node.output or 0], tuple)

    def _param(self, name: str) -> code.Expression:
        self.plan.kept[name] = code.Name(name)
        return code.Name(f"self.{name}")

    def _size(self, name: str) -> code.Expression:
        place = optional_place(self.plan, name)
        if place is not None:
            # Only where the input is given has it sizes.
            return code.Subscript(code.Name(f"{place[0]}.shape"), code.Constant(place[1]))
        self.sizes_used[name] = None
        return code.Name(name)

    def test(self, test: Bound) -> code.Expression:
        """A test that the uses differ in, or that is known when the model runs.

        What it reads of the constructor's arguments is kept as attributes.
        """
        if all(text in self.plan.sizes for text in sizes_in(test, self.plan.uses[0])):
            return self.build_words.expression(test)
        return self.words.translate(test)  # type: ignore[no-any-return]

    def _device(self) -> code.Expression | None:
        inputs = self.plan.scope.inputs
        return code.Name(inputs[0].name) if inputs else None

    def _under_grad(
        self, unpacked: list[code.Statement], statements: list[code.Statement]
    ) -> tuple[code.Statement, ...]:
        """Derivatives need the graph even in eval mode, and leave the caller's tensors alone."""
        self.owner.needs_derivative = True
        inputs = [
            code.Assign(
                code.Name(item.name),
                code.Call(code.Name("differentiable"), (code.Name(item.name),)),
            )
            for item in self.plan.scope.inputs
            if item.name in self.state.derived
        ]
        self.owner.modules |= self.words.modules
        contexts = [code.Call(code.Name("differentiating"))]
        if has_fused_attention(self.plan.uses, self.owner.blocks):
            self.owner.modules |= {f"{ATTENTION}SDPBackend", f"{ATTENTION}sdpa_kernel"}
            contexts.append(code.Call(code.Name("sdpa_kernel"), (code.Name("SDPBackend.MATH"),)))
        return (*unpacked, code.With(tuple(map(code.WithItem, contexts)), (*inputs, *statements)))

    def _end(self) -> tuple[code.Statement, ...]:
        """What stands behind the entries."""
        return (self._return(),)

    def _return(self) -> code.Statement:
        outputs = self.plan.scope.outputs
        values = [self.words.expression(argument.bound) for _, argument in outputs]
        if len(values) == 1:
            return code.Return(values[0])
        if self.plan.scope.path != ("model",):
            return code.Return(code.Tuple(tuple(values)))
        return code.Return(code.Call(code.Name(f"{self.plan.scope.name}Output"), tuple(values)))


def _annotated(
    statements: Sequence[code.Statement], waiting: dict[str, code.Expression]
) -> list[code.Statement]:
    """The statements, with the variables annotated that some untyped value fills.

    waiting: what is not annotated yet; what these statements annotate is taken out.
    """
    found: list[code.Statement] = []
    for statement in statements:
        if isinstance(statement, code.For | code.If):
            for name in variables_in(statement.target) if isinstance(statement, code.For) else ():
                waiting.pop(name, None)
            found.append(replace(statement, body=tuple(_annotated(statement.body, waiting))))
            continue
        made = variables_in(statement.target) if isinstance(statement, code.Assign) else ()
        new = {name: waiting.pop(name) for name in dict.fromkeys(made) if name in waiting}
        if new and isinstance(statement, code.Assign) and isinstance(statement.target, code.Name):
            statement = replace(statement, annotation=new[statement.target.id])
        else:
            found += [code.Assign(code.Name(name), None, held) for name, held in new.items()]
        found.append(statement)
    return found
