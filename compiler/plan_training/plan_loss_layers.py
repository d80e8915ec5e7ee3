"""The layers of losses, as code: planned as those of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from ...spec.record import Record
from ...spec.source import parse_toml
from ..elaborate.interface import ModelInterface
from ..elaborate.settled import settled
from ..elaborate.typed import TypedGraph, TypedScope
from ..emit import code
from ..plan.class_plan import ClassPlan, ModelPlanner
from ..plan.contiguity import Contiguity
from ..plan.param_arguments import constructor_arguments, drop_unread
from ..plan.plan_forward import ForwardPlanner
from ..plan.plan_init import InitPlanner
from ..plan.plan_model import module_imports, reset_body, reset_method
from ..plan.translate import Words
from ..resolve.dependence import all_nodes
from ..resolve.graph import Argument, Graph, InputDeclaration
from ..resolve.problems import Problems
from ..training.training_spec import TrainingSpec
from .plan_formula import first_output, formula_names

Ending = Callable[[Words], tuple[code.Statement, ...]]
"""The statements of the losses, and what is returned, in the words of a place."""


class LossCode(Record):
    """What of the class of the loss its layers decide.

    arguments: what its constructor takes. init: the statements of the constructor.
    methods: those that the constructor calls. forward: the statements of forward.
    """

    arguments: tuple[code.Arg, ...]
    init: tuple[code.Statement, ...]
    methods: tuple[code.Statement, ...]
    forward: tuple[code.Statement, ...]
    imports: tuple[code.Import | code.ImportFrom, ...]


class _LossForward(ForwardPlanner):
    """Plans `forward` of a loss: its layers, then what the losses make of them."""

    def __init__(
        self, owner: ModelPlanner, plan: ClassPlan, names: Mapping[str, str], ending: Ending
    ) -> None:
        super().__init__(owner, plan)
        self.called = names
        self.names.update(names)
        self.ending = ending

    @cached_property
    def _contiguity(self) -> Contiguity:
        # What a model gives may lie in memory in any order.
        entries = {node.path: node for node in all_nodes(self.plan.scope.nodes)}
        return Contiguity(entries, inputs_are=False)

    def _device(self) -> code.Expression:
        return code.Name(first_output(self.called))

    def _end(self) -> tuple[code.Statement, ...]:
        return self.ending(self.words)


def loss_code(spec: TrainingSpec, model: ModelInterface, ending: Ending) -> LossCode:
    """The code of the layers with that of the losses behind it."""
    assert spec.layers is not None
    names = formula_names(spec, model)
    plan = _plan(spec, spec.layers, names)
    # Of one use alone nothing can differ, so nothing is reported.
    problems = Problems(parse_toml("", ""))
    owner = ModelPlanner(Graph(plan.scope, {}), {"": plan}, problems, plan.scope.dtype)
    forward = _LossForward(owner, plan, names, ending).body()
    count = spec.scale_count
    if count is not None:
        plan.kept[count] = code.Name(f"{count.upper()}S")
    constructor = InitPlanner(owner, plan)
    constructor.reset = reset_body(owner, plan, TypedGraph(plan.uses[0], {}, None, ()))
    init = constructor.body()
    methods = (reset_method(constructor.reset),) if constructor.reset else ()
    drop_unread(owner, plan, init)
    arguments = constructor_arguments(owner, plan)
    return LossCode(arguments, init, methods, forward, tuple(module_imports(owner)))


def _plan(spec: TrainingSpec, typed: TypedScope, names: Mapping[str, str]) -> ClassPlan:
    """The class: what forward takes has the names of its code; losses read what the layers give."""
    called = dict.fromkeys(["output", *(names[item.name] for item in typed.scope.inputs)])
    scope = typed.scope.replace(
        inputs=tuple(
            InputDeclaration(name, ("loss",), None, None, (), optional=False)
            for name in called
            if "." not in name
        ),
        sizes=tuple(term.name for term in spec.losses),
        outputs=tuple(
            (term.name, Argument(term.path, part))
            for term in spec.losses
            for part in term.expressions
        ),
    )
    given = {names[name]: tensor for name, tensor in typed.inputs.items() if name in names}
    uses = (typed.replace(scope=scope, inputs=given),)
    return ClassPlan(settled(scope, uses), uses)
