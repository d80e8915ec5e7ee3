"""TypedGraph -> the classes of `model.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..spec.tensor.dim import Dim
from ..spec.tensor.type import TensorType, shape_text
from . import code
from .bound import Input, Property, walk
from .class_plan import ClassPlan, ModelPlanner, block_uses, input_size
from .graph import Argument, BlockUse, Container, Graph, ModuleUse, Node
from .imports import arranged
from .places import said, size_place
from .plan_forward import ForwardPlanner
from .plan_init import InitPlanner, ResetWords
from .plan_tensors import reset_statements
from .problems import Problems
from .translate import size_code
from .typed import TypedGraph, TypedNode, TypedScope


@dataclass(frozen=True)
class ModelPlan:
    """`model.py`: its imports, its helper functions and its classes, blocks before their use."""

    imports: tuple[code.Statement, ...]
    definitions: tuple[code.Statement, ...]
    class_name: str
    has_derivatives: bool


def plan_model(graph: Graph, typed: TypedGraph, problems: Problems) -> ModelPlan:
    """Plans the classes. Reports where the uses of a block would need different code."""
    order = _callees_first(graph)
    classes = {name: ClassPlan(graph.blocks[name], typed.blocks[name]) for name in order}
    root = ClassPlan(graph.model, (typed.root,))
    classes[""] = root
    owner = ModelPlanner(graph, classes, problems, graph.model.dtype)
    params = [param.name for param in graph.model.params]
    for name in order:
        _find_arguments(classes[name], classes, params)
    root.model_params = tuple(params)
    for name in reversed(order):
        _settle_arguments(classes[name], [classes[""], *(classes[n] for n in order)], params)
    definitions: list[code.Statement] = []
    for name in [*order, ""]:
        definitions += _class(owner, classes[name], typed)
    return ModelPlan(_imports(owner), tuple(definitions), graph.model.name, owner.needs_derivative)


def _callees_first(graph: Graph) -> list[str]:
    """The blocks in use, each after those that it contains."""
    order: dict[str, None] = {}

    def visit(nodes: Sequence[Node]) -> None:
        for node in nodes:
            if isinstance(node.action, Container):
                visit(node.action.children)
            elif isinstance(node.action, BlockUse) and node.action.block not in order:
                visit(graph.blocks[node.action.block].nodes)
                order[node.action.block] = None

    visit(graph.model.nodes)
    return list(order)


def _find_arguments(
    plan: ClassPlan, classes: dict[str, ClassPlan], model_params: Sequence[str]
) -> None:
    """Finds the sizes of inputs that the constructor needs, naming each by its first reader."""
    own = {param.name for param in plan.scope.params}
    inner_params: set[str] = set(plan.scope.model_params)
    for text, wish in _sizes_needed(plan, classes):
        if text not in plan.sizes:
            owner = text.partition(".")[0]
            name = next(
                name
                for name in (wish, f"{owner}_{wish}", *(f"{wish}_{i}" for i in range(2, 99)))
                if name not in own and name not in plan.arguments.values()
            )
            plan.arguments[text] = name
            plan.sizes[text] = code.Name(name)
    for node in _all_nodes(plan.scope.nodes):
        if isinstance(node.action, BlockUse):
            inner_params |= set(classes[node.action.block].model_params)
    plan.model_params = tuple(name for name in model_params if name in inner_params)


def _sizes_needed(plan: ClassPlan, classes: dict[str, ClassPlan]) -> list[tuple[str, str]]:
    """Sizes of inputs by their text, with the name of the argument that needs them."""
    found: list[tuple[str, str]] = []
    inputs = {item.name for item in plan.scope.inputs}

    def note(size: object, wish: str) -> None:
        if isinstance(size, tuple):
            for item in size:
                note(item, wish)
        if isinstance(size, Dim) and size.origin is not None:
            for symbol in sorted(size.origin.symbols, key=lambda symbol: symbol.name):
                if symbol.name.partition(".shape[")[0] in inputs and "[" in symbol.name:
                    exact = str(size.origin) == symbol.name
                    found.append((symbol.name, wish if exact else _place_name(symbol.name)))
                elif symbol.name in plan.uses[0].sizes:
                    found.append((symbol.name, symbol.name))

    def visit(typed: Sequence[TypedNode]) -> None:
        for one in typed:
            action = one.node.action
            if one.layer is not None and isinstance(action, ModuleUse):
                for name, value in one.layer:
                    if name not in action.arguments:
                        note(value, name)
            if one.scope is not None and isinstance(action, BlockUse):
                for text, wish in classes[action.block].arguments.items():
                    size = input_size(one, text)
                    note(size.with_origin(size), wish)
            visit(one.children)
            visit(one.times)

    for use in plan.uses:
        visit(use.nodes)
    for node in _all_nodes(plan.scope.nodes):
        for argument in _build_time_arguments(node):
            found += _sizes_read(argument)
    for param in plan.scope.params:
        found += _sizes_read(param.default) if param.default is not None else []
    return found


def _place_name(text: str) -> str:
    owner, _, rest = text.partition(".shape[")
    return f"{owner}_size{rest.rstrip(']')}"


def _build_time_arguments(node: Node) -> list[Argument]:
    arguments = [item for item in (node.when, node.repeat) if item is not None]
    if isinstance(node.action, ModuleUse | BlockUse):
        arguments += node.action.arguments.values()
    return arguments


def _sizes_read(argument: Argument) -> list[tuple[str, str]]:
    """`x.shape[1]` where a number at build reads it."""
    if isinstance(argument.value, tuple):
        return [pair for item in argument.value for pair in _sizes_read(item)]
    found = []
    for node in walk(argument.value):
        value, index = getattr(node, "value", None), getattr(node, "index", None)
        if isinstance(value, Property) and isinstance(value.value, Input):
            text = f"{value.value.name}.shape[{getattr(index, 'value', 0)}]"
            found.append((text, _place_name(text)))
    return found


def _all_nodes(nodes: Sequence[Node]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        found.append(node)
        if isinstance(node.action, Container):
            found += _all_nodes(node.action.children)
    return found


def _settle_arguments(
    plan: ClassPlan, callers: Sequence[ClassPlan], model_params: Sequence[str]
) -> None:
    """A size that is the same for all uses is no argument: it is a formula over the model's
    params where all callers say so, else a number."""
    for text in list(plan.arguments):
        sizes = [
            (caller, input_size(node, text))
            for caller in callers
            for use in caller.uses
            for node in block_uses(use.nodes)
            if node.scope is not None and node.scope.scope is plan.scope
        ]
        values = {_value(use, text) for use in plan.uses}
        if len(values) > 1 or None in values:
            continue
        formulas = {str(_in_model_words(caller, size, model_params)) for caller, size in sizes}
        del plan.arguments[text]
        first = _in_model_words(*sizes[0], model_params)
        if len(formulas) == 1 and first is not None:
            plan.sizes[text] = size_code(first, {})
            read = {symbol.name for symbol in first.symbols}
            plan.model_params = tuple(
                name for name in model_params if name in {*plan.model_params, *read}
            )
        else:
            plan.sizes[text] = code.Constant(values.pop())


def _value(use: TypedScope, text: str) -> int | None:
    name, dim = size_place(use.scope, text)
    return use.inputs[name].shape[dim].constant


def _in_model_words(caller: ClassPlan, size: Dim, model_params: Sequence[str]) -> Dim | None:
    """A size's formula where it reads nothing but the model's params."""
    formula = said(size)
    names = {symbol.name for symbol in formula.symbols}
    own = {param.name for param in caller.scope.params}
    is_model = caller.scope.path == ("model",)
    if names and names <= set(model_params) and (is_model or not names & own):
        return formula
    return None


def _class(owner: ModelPlanner, plan: ClassPlan, typed: TypedGraph) -> list[code.Statement]:
    forward = ForwardPlanner(owner, plan)
    body = forward.body()
    scope = plan.scope
    constructor = InitPlanner(owner, plan)
    constructor.reset = reset_statements(
        scope.nodes, scope.init, ResetWords(owner, plan), owner.class_names()
    )
    init = constructor.body()
    statements: list[code.Statement] = []
    returns: code.Expression = code.Name("Tensor")
    if len(scope.outputs) > 1:
        owner.modules.add("NamedTuple")
        statements.append(_output_class(plan))
        returns = code.Name(f"{scope.name}Output")
    args = tuple(_input_arg(item.name, item.optional) for item in scope.inputs)
    methods: list[code.Statement] = []
    arguments = _constructor_arguments(owner, plan)
    if len(init) > 1 or arguments:
        methods.append(
            code.FunctionDef(
                "__init__", (code.Arg("self"),), code.Constant(None), None, init, kwonly=arguments
            )
        )
    if constructor.reset:
        methods.append(_reset_method(constructor.reset))
    methods.append(code.FunctionDef("forward", (code.Arg("self"), *args), returns, None, body))
    doc = _docstring(plan, typed)
    statements.append(code.ClassDef(scope.name, (code.Name("nn.Module"),), doc, tuple(methods)))
    return statements


def _reset_method(body: tuple[code.Statement, ...]) -> code.FunctionDef:
    return code.FunctionDef(
        "reset_parameters",
        (code.Arg("self"),),
        code.Constant(None),
        "Give the parameters their first values.",
        body,
    )


def _input_arg(name: str, optional: bool) -> code.Arg:
    tensor: code.Expression = code.Name("Tensor")
    if optional:
        return code.Arg(name, code.BinOp(tensor, "|", code.Constant(None)), code.Constant(None))
    return code.Arg(name, tensor)


_ANNOTATIONS = {"int": "int", "float": "float", "bool": "bool", "str": "str", "module": "str"}


def _constructor_arguments(owner: ModelPlanner, plan: ClassPlan) -> tuple[code.Arg, ...]:
    """Sizes that differ between uses, the class's params, the model's params that it reads."""
    found = [code.Arg(name, code.Name("int")) for name in plan.arguments.values()]
    words = InitPlanner(owner, plan).words
    values = plan.uses[0].params
    for param in plan.scope.params:
        if param.is_constant:
            continue
        default = words.argument(param.default) if param.default is not None else None
        kind = param.type or _kind(values[param.name])
        found.append(code.Arg(param.name, code.Name(_ANNOTATIONS.get(kind, "int")), default))
    if plan.scope.path != ("model",):
        declared = {param.name: param for param in owner.graph.model.params}
        root = owner.classes[""].uses[0].params
        for name in plan.model_params:
            kind = declared[name].type or _kind(root[name])
            found.append(code.Arg(name, code.Name(_ANNOTATIONS.get(kind, "int"))))
    return tuple(sorted(found, key=lambda arg: arg.default is not None))


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return {float: "float", str: "str"}.get(type(value), "int")


def _output_class(plan: ClassPlan) -> code.ClassDef:
    """The NamedTuple of a class with several outputs."""
    fields = tuple(
        code.Assign(code.Name(name), None, code.Name("Tensor")) for name, _ in plan.scope.outputs
    )
    return code.ClassDef(
        f"{plan.scope.name}Output",
        (code.Name("NamedTuple"),),
        f"What {plan.scope.name} returns.",
        fields,
    )


def _docstring(plan: ClassPlan, typed: TypedGraph) -> str:
    scope = plan.scope
    is_model = scope.path == ("model",)
    if is_model:
        count = sum(int(entry.type.numel()) for entry in typed.parameters().values())
        title = (
            f"{scope.name}: a network of {count:,} parameters."
            if count
            else f"{scope.name}: a function of tensors."
        )
    else:
        title = f"The block {scope.name}."
    lines = [title]
    shapes = _shape_lines(plan)
    if shapes:
        lines += ["", "Shape:", *(f"    {line}" for line in shapes)]
    needs = [str(need.bound) for need in typed.needs if not need.training]
    if is_model and needs:
        lines += ["", "Needs:", *(f"    {need}" for need in needs)]
    return "\n".join(lines)


def _shape_lines(plan: ClassPlan) -> list[str]:
    """Inputs and outputs with their shapes; none where the block has no words for them."""
    scope = plan.scope
    named: list[tuple[str, list[TensorType | None]]] = [
        (item.name, [use.inputs.get(item.name) for use in plan.uses]) for item in scope.inputs
    ]
    named += [
        (name or "returns", [use.outputs[place][1] for use in plan.uses])
        for place, (name, _) in enumerate(scope.outputs)
    ]
    own = {*(param.name for param in scope.params), *scope.sizes, *scope.model_params}
    lines = []
    for name, types in named:
        texts = {_type_text(tensor) for tensor in types if tensor is not None}
        sizes = [said(size) for tensor in types if tensor is not None for size in tensor.shape]
        free = {symbol.name for size in sizes for symbol in size.symbols}
        if len(texts) == 1 and (scope.path == ("model",) or free <= own):
            lines.append(f"{name}: {texts.pop()}")
    return lines


def _type_text(tensor: TensorType) -> str:
    return f"{shape_text([said(size) for size in tensor.shape])} {tensor.dtype}"


def _imports(owner: ModelPlanner) -> tuple[code.Statement, ...]:
    modules = owner.modules
    known: dict[str, code.Import | code.ImportFrom] = {
        "math": code.Import("math"),
        "OrderedDict": code.ImportFrom("collections", ("OrderedDict",)),
        "fnmatchcase": code.ImportFrom("fnmatch", ("fnmatchcase",)),
        "NamedTuple": code.ImportFrom("typing", ("NamedTuple",)),
        "torch": code.Import("torch"),
        "F": code.Import("torch.nn.functional", "F"),
    }
    made: list[code.Import | code.ImportFrom] = [
        statement for name, statement in known.items() if name in modules
    ]
    made.append(code.ImportFrom("torch", ("Tensor", "nn")))
    if owner.needs_derivative:
        made.append(code.ImportFrom(".derivatives", ("derivative", "differentiable")))
    return arranged(made)
