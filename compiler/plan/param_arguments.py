"""What constructors and functions take for params: their arguments, typed, with their defaults."""

from __future__ import annotations

from collections.abc import Sequence

from ..emit import code
from ..emit.names_read import names_read
from .class_plan import ClassPlan, ModelPlanner
from .plan_init import InitPlanner, is_filled_in

_ANNOTATIONS = {"int": "int", "float": "float", "bool": "bool", "str": "str"}


def constructor_arguments(owner: ModelPlanner, plan: ClassPlan) -> tuple[code.Arg, ...]:
    """Sizes that differ between uses, the class's params, the model's params that it reads."""
    found = [code.Arg(name, code.Name("int")) for name in plan.arguments.values()]
    words = InitPlanner(owner, plan).words
    values = plan.uses[0].params
    for param in plan.scope.params:
        if param.is_constant or param.name in plan.unread:
            continue
        default: code.Expression | None = None
        annotation = param_annotation(param.type, values[param.name])
        if is_filled_in(param, words, owner):
            annotation = code.BinOp(annotation, "|", code.Constant(None))
            default = code.Constant(None)
        elif param.default is not None and owner.is_written(param.default):
            default = words.argument(param.default)
        found.append(code.Arg(param.name, annotation, default))
    if plan.scope.path != ("model",):
        found += model_arguments(owner, plan)
    if any(param.type == "module" for param in plan.scope.params):
        owner.modules.add("Callable")
    owner.modules |= words.modules
    return tuple(sorted(found, key=lambda arg: arg.default is not None))


def drop_unread(owner: ModelPlanner, plan: ClassPlan, init: Sequence[code.Statement]) -> None:
    """Takes from the arguments of a constructor what its statements do not read.

    What a param of type module may stand for is called with all that such modules take.
    """
    scopes = (owner.graph.model, *owner.graph.blocks.values())
    is_block = plan.scope.path != ("model",)
    if is_block and any(param.type == "module" for scope in scopes for param in scope.params):
        return
    read = {name.partition(".")[0] for name in names_read(tuple(init))}
    plan.arguments = {text: name for text, name in plan.arguments.items() if name in read}
    plan.model_params = tuple(name for name in plan.model_params if name in read)
    plan.unread = frozenset(param.name for param in plan.scope.params) - read


def model_arguments(owner: ModelPlanner, plan: ClassPlan) -> tuple[code.Arg, ...]:
    """The model's params that a class or function of a block reads."""
    declared = {param.name: param for param in owner.graph.model.params}
    root = owner.classes[""].uses[0].params
    return tuple(
        code.Arg(name, param_annotation(declared[name].type, root[name]))
        for name in plan.model_params
    )


def param_annotation(declared: str | None, value: object) -> code.Expression:
    """The type of a param, from its declaration or from a value."""
    if declared == "module":
        makes = code.Tuple((code.Constant(...), code.Name("nn.Module")))
        return code.Subscript(code.Name("Callable"), makes)
    if declared is not None and declared in _ANNOTATIONS:
        return code.Name(_ANNOTATIONS[declared])
    if isinstance(value, tuple):
        kinds = [param_annotation(None, item) for item in value]
        inner = kinds[0] if kinds else code.Name("int")
        if code.Name("float") in kinds:
            inner = code.Name("float")
        return code.Subscript(code.Name("tuple"), code.Tuple((inner, code.Constant(...))))
    if isinstance(value, bool):
        return code.Name("bool")
    return code.Name({float: "float", str: "str"}.get(type(value), "int"))
