"""Blocks that are called in expressions: functions, with shapes in their docstrings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from ...spec.names import refused_as_name, snake_case
from ..elaborate.settled import settled
from ..elaborate.typed import TypedGraph
from ..emit import code
from ..emit.names_read import names_read
from ..resolve.bound import BlockCall
from ..resolve.dependence import all_nodes, own_arguments
from ..resolve.graph import Graph, ModuleUse, Node, Scope, TensorUse, parts
from .class_plan import ClassPlan, ModelPlanner
from .docstrings import docstring
from .loop_times import one_of
from .param_arguments import model_arguments
from .plan_forward import ForwardPlanner
from .translate import Words

_USUAL = frozenset({"x", "key", "layers", "module", "name", "parameter", "path"})
"""What the code calls variables of its own."""
_VARIABLE: Final = re.compile(r"out.*|.*_outputs?\d*|(index|layer)\d*|.*_layer\d*")
"""What the code of `forward` may call some."""


def _found(graph: Graph, typed: TypedGraph, scopes: Sequence[Scope]) -> list[ClassPlan]:
    """The blocks that are called, each after those that it calls. scopes: of the classes."""
    order: dict[str, None] = {}

    def visit(scope: Scope) -> None:
        for name in _called(scope):
            if name not in order:
                visit(graph.blocks[name])
                order[name] = None

    for scope in scopes:
        visit(scope)
    plans = []
    for name in order:
        uses = typed.blocks[name]
        if uses:
            plans.append(ClassPlan(settled(graph.blocks[name], uses), uses))
    return plans


def _called(scope: Scope) -> Iterator[str]:
    for node in all_nodes(scope.nodes):
        for part in _parts(node):
            if isinstance(part, BlockCall):
                yield part.block
    for _, argument in scope.outputs:
        yield from (part.block for part in parts(argument) if isinstance(part, BlockCall))


def _parts(node: Node) -> Iterator[object]:
    arguments = list(own_arguments(node))
    if isinstance(node.action, TensorUse) and node.action.value is not None:
        arguments.append(node.action.value)
    for argument in arguments:
        yield from parts(argument)


def _names_of(
    functions: Sequence[ClassPlan], graph: Graph, classes: Collection[str]
) -> dict[str, str]:
    """What each function is called: nothing else in the code has its name."""
    taken = {*_USUAL, *classes, *(name for scope in _scopes(graph) for name in _names(scope))}
    # A loop over the times of a block has a variable that is called as the block.
    taken |= set(map(snake_case, classes))
    found: dict[str, str] = {}
    for plan in functions:
        wish = snake_case(plan.scope.name)
        wishes = (wish, f"apply_{wish}", *(f"apply_{wish}_{number}" for number in range(2, 1000)))
        free = (name for name in wishes if name not in taken and refused_as_name(name) is None)
        clear = (name for name in free if not _VARIABLE.fullmatch(name))
        found[plan.scope.name] = next(clear)
        taken.add(found[plan.scope.name])
    return found


def _scopes(graph: Graph) -> Sequence[Scope]:
    return (graph.model, *graph.blocks.values())


def _names(scope: Scope) -> Iterator[str]:
    yield from scope.sizes
    yield from (param.name for param in scope.params)
    yield from (item.name for item in scope.inputs)
    for node in all_nodes(scope.nodes):
        yield from node.names
        yield from map(one_of, node.names)
        yield from () if node.attribute is None else (node.attribute,)
        if isinstance(node.action, ModuleUse):
            yield from node.action.layer.forward_outputs


def _call(
    plans: Mapping[str, ClassPlan], names: Mapping[str, str], call: BlockCall, words: Words
) -> code.Expression:
    """`rotate(q, cos, sin)`; the model's params that it reads go with it."""
    keywords = [code.Keyword(key, words.translate(value)) for key, value in call.keywords]
    keywords += [code.Keyword(name, words.param(name)) for name in plans[call.block].model_params]
    args = tuple(map(words.translate, call.args))
    return code.Call(code.Name(names[call.block]), args, tuple(keywords))


def plan_functions(owner: ModelPlanner, typed: TypedGraph) -> list[code.Statement]:
    """The functions; from now on the planner knows how to call them, and each class with what."""
    graph = owner.graph
    plans = _found(graph, typed, [plan.scope for plan in owner.classes.values()])
    names = _names_of(plans, graph, owner.classes)
    known = {plan.scope.name: plan for plan in plans}
    owner.function = partial(_call, known, names)
    made: list[code.Statement] = [
        _function(owner, plan, names[plan.scope.name], typed) for plan in plans
    ]
    for plan in owner.classes.values():
        inner = [known[name].model_params for name in _called(plan.scope) if name in known]
        plan.called_with = frozenset(name for params in inner for name in params)
    return made


def _function(
    owner: ModelPlanner, plan: ClassPlan, name: str, typed: TypedGraph
) -> code.FunctionDef:
    body = _FunctionPlanner(owner, plan).body()
    read = {*names_read(body)}
    plan.model_params = tuple(p.name for p in owner.graph.model.params if p.name in read)
    kwonly = model_arguments(owner, plan)
    args = tuple(code.Arg(item.name, code.Name("Tensor")) for item in plan.scope.inputs)
    outputs = tuple(code.Name("Tensor") for _ in plan.scope.outputs)
    several = code.Subscript(code.Name("tuple"), code.Tuple(outputs))
    returns = several if len(outputs) > 1 else outputs[0]
    return code.FunctionDef(name, args, returns, docstring(plan, typed), body, kwonly=kwonly)


class _FunctionPlanner(ForwardPlanner):
    """Plans the body of a function: there is no module to keep anything."""

    def __init__(self, owner: ModelPlanner, plan: ClassPlan) -> None:
        super().__init__(owner, plan)
        self.words.param = code.Name
        self.build_words = self.words

    def _first(self, body: Sequence[code.Statement]) -> tuple[code.Statement, ...]:
        """The block's constants that the function reads."""
        found: tuple[code.Statement, ...] = ()
        for param in reversed(self.plan.scope.params):
            if param.default is not None and param.name in names_read((found, tuple(body))):
                value = self.words.expression(param.default.bound)
                found = (code.Assign(code.Name(param.name), value), *found)
        return found

    def _return(self) -> code.Statement:
        outputs = self.plan.scope.outputs
        values = tuple(self.words.expression(argument.bound) for _, argument in outputs)
        return code.Return(values[0] if len(values) == 1 else code.Tuple(values))
