"""TypedGraph -> the classes of `model.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...spec.source import OwnFile
from ..elaborate.settled import settled
from ..elaborate.typed import TypedGraph, TypedScope, own_leaves
from ..emit import code
from ..emit.imports import arranged
from ..resolve.graph import Argument, BlockUse, Graph, Scope
from ..resolve.problems import Problems
from .class_plan import ClassPlan, ModelPlanner, block_uses
from .docstrings import docstring
from .fused_attention import ATTENTION
from .init_words import ResetWords
from .param_arguments import constructor_arguments, drop_unread
from .plan_forward import ForwardPlanner
from .plan_init import InitPlanner
from .plan_parametrize import PARAMETRIZATIONS, late_statements, parametrize_method
from .plan_reset import reset_statements
from .rnn_arguments import RNN
from .size_arguments import find_arguments, settle_arguments
from .size_words import settle_words
from .sure_parameters import SureParameters


@dataclass(frozen=True)
class ModelPlan:
    """`model.py`: its imports, its helper functions and its classes, blocks before their use."""

    imports: tuple[code.Statement, ...]
    definitions: tuple[code.Statement, ...]
    class_name: str
    has_derivatives: bool
    own_files: tuple[OwnFile, ...] = ()


def plan_model(
    graph: Graph, typed: TypedGraph, problems: Problems, *, channels_last: bool = False
) -> ModelPlan:
    """Plans the classes. Reports where the uses of a block would need different code.

    channels_last: whether images lie so in memory.
    """
    order = _callees_first(graph, typed)
    classes = {name: _class_plan(graph.blocks[name], typed.blocks[name]) for name in order}
    root = _class_plan(graph.model, (typed.root,))
    classes[""] = root
    owner = ModelPlanner(graph, classes, problems, graph.model.dtype, typed.late, typed.blocks)
    owner.channels_last = channels_last
    params = [param.name for param in graph.model.params]
    definitions: list[code.Statement] = []
    if any(scope.calls_blocks for scope in (graph.model, *graph.blocks.values())):
        # Imported where blocks are called: in most specs none is.
        from .plan_functions import plan_functions

        definitions += plan_functions(owner, typed)
    for name in order:
        find_arguments(classes[name], classes, params, problems)
    if problems:
        return ModelPlan((), (), graph.model.name, False)
    root.model_params = tuple(params)
    callers = [classes[""], *(classes[name] for name in order)]
    for name in reversed(order):
        settle_arguments(classes[name], callers, params)
        settle_words(classes[name], callers)
    for name in [*order, ""]:
        definitions += _class(owner, classes[name], typed)
    own_files = tuple(owner.own)
    imports = arranged(module_imports(owner))
    return ModelPlan(
        imports, tuple(definitions), graph.model.name, owner.needs_derivative, own_files
    )


def _class_plan(scope: Scope, uses: tuple[TypedScope, ...]) -> ClassPlan:
    return ClassPlan(settled(scope, uses), uses)


def _callees_first(graph: Graph, typed: TypedGraph) -> list[str]:
    """The blocks in use, each after those that it contains or has as a param's default."""
    order: dict[str, None] = {}

    def visit(scope: Scope, uses: Sequence[TypedScope]) -> None:
        inner = [
            node.scope.scope.name for use in uses for node in block_uses(use.nodes) if node.scope
        ]
        named = [name for param in scope.params for name in _blocks_named(param.default)]
        for name in dict.fromkeys((*inner, *named)):
            if name not in order and typed.blocks[name]:
                visit(graph.blocks[name], typed.blocks[name])
                order[name] = None

    visit(graph.model, [typed.root])
    return list(order)


def _blocks_named(argument: Argument | None) -> list[str]:
    """The blocks that a param's default names."""
    value = argument.value if argument is not None else None
    if not isinstance(value, BlockUse):
        return []
    inner = [name for item in value.arguments.values() for name in _blocks_named(item)]
    return [*inner, value.block]


def _class(owner: ModelPlanner, plan: ClassPlan, typed: TypedGraph) -> list[code.Statement]:
    scope = plan.scope
    # What forward reads of the constructor's names is kept there.
    body = () if scope.is_sequential else ForwardPlanner(owner, plan).body()
    constructor = InitPlanner(owner, plan)
    constructor.reset = reset_body(owner, plan, typed)
    late: list[code.Statement] = []
    if owner.late and scope.path != ("model",):
        late = late_statements(scope, plan.uses, owner.late, ResetWords(owner, plan))
    init = constructor.body()
    drop_unread(owner, plan, init)
    statements: list[code.Statement] = []
    returns = _returned(plan)
    if scope.path == ("model",) and len(scope.outputs) > 1:
        owner.modules.add("NamedTuple")
        statements.append(_output_class(plan))
        returns = code.Name(f"{scope.name}Output")
    args = tuple(_input_arg(item.name, item.optional) for item in scope.inputs)
    methods: list[code.Statement] = []
    arguments = constructor_arguments(owner, plan)
    if len(init) > 1 or arguments or scope.is_sequential:
        methods.append(
            code.FunctionDef(
                "__init__", (code.Arg("self"),), code.Constant(None), None, init, kwonly=arguments
            )
        )
    if constructor.reset:
        methods.append(reset_method(constructor.reset))
    methods += [parametrize_method(late)] if late else []
    if body:
        methods.append(code.FunctionDef("forward", (code.Arg("self"), *args), returns, None, body))
    doc = docstring(plan, typed)
    base = code.Name("nn.Sequential" if scope.is_sequential else "nn.Module")
    statements.append(code.ClassDef(scope.name, (base,), doc, tuple(methods)))
    return statements


def reset_body(
    owner: ModelPlanner, plan: ClassPlan, typed: TypedGraph
) -> tuple[code.Statement, ...]:
    """The body of `init_weights`."""
    # The layers from files of one's own.
    own = dict.fromkeys(type(leaf.typed.layer).__name__ for leaf in own_leaves(typed.root))
    return reset_statements(
        plan.scope.nodes,
        plan.scope.init,
        ResetWords(owner, plan),
        owner.graph.model.name,
        tuple(own),
        SureParameters(owner.graph, typed),
    )


def reset_method(body: tuple[code.Statement, ...]) -> code.FunctionDef:
    return code.FunctionDef(
        "init_weights",
        (code.Arg("self"),),
        code.Constant(None),
        "Set the first values that differ from torch's own.",
        body,
    )


def _input_arg(name: str, optional: bool) -> code.Arg:
    return code.Arg(name, _tensor(optional), code.Constant(None) if optional else None)


def _tensor(optional: bool) -> code.Expression:
    """The type of a value that may be None, or never is."""
    tensor = code.Name("Tensor")
    return code.BinOp(tensor, "|", code.Constant(None)) if optional else tensor


def _returned(plan: ClassPlan) -> code.Expression:
    """The type of what a block returns."""
    in_training = plan.outputs_of_training()
    types = tuple(_tensor((name or "returns") in in_training) for name, _ in plan.scope.outputs)
    return types[0] if len(types) == 1 else code.Subscript(code.Name("tuple"), code.Tuple(types))


def _output_class(plan: ClassPlan) -> code.ClassDef:
    """The NamedTuple of a class with several outputs."""
    fields = tuple(
        code.Assign(code.Name(name), None, _tensor(name in plan.outputs_of_training()))
        for name, _ in plan.scope.outputs
    )
    return code.ClassDef(
        f"{plan.scope.name}Output",
        (code.Name("NamedTuple"),),
        f"What {plan.scope.name} returns.",
        fields,
    )


def module_imports(owner: ModelPlanner) -> list[code.Import | code.ImportFrom]:
    """What the code of modules imports."""
    modules = owner.modules
    known: dict[str, code.Import | code.ImportFrom] = {
        "math": code.Import("math"),
        "OrderedDict": code.ImportFrom("collections", ("OrderedDict",)),
        "Callable": code.ImportFrom("collections.abc", ("Callable",)),
        "partial": code.ImportFrom("functools", ("partial",)),
        "fnmatchcase": code.ImportFrom("fnmatch", ("fnmatchcase",)),
        "NamedTuple": code.ImportFrom("typing", ("NamedTuple",)),
        "torch": code.Import("torch"),
        "F": code.Import("torch.nn.functional", "F"),
    }
    known["checkpoint"] = code.ImportFrom("torch.utils.checkpoint", ("checkpoint",))
    made: list[code.Import | code.ImportFrom] = [
        statement for name, statement in known.items() if name in modules
    ]
    made.append(code.ImportFrom("torch", ("Tensor", "nn")))
    for module in (PARAMETRIZATIONS, RNN, ATTENTION):
        names = [name.removeprefix(module) for name in modules if module in name]
        if names:
            made.append(code.ImportFrom(module[:-1], tuple(names)))
    if owner.needs_derivative:
        made.append(
            code.ImportFrom(".derivatives", ("derivative", "differentiable", "differentiating"))
        )
    for file, classes in owner.own.items():
        made.append(code.ImportFrom(f".{file.module}", tuple(classes)))
    return made
