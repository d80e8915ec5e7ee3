"""Params of type module: `norm: Callable[..., nn.Module] = nn.BatchNorm2d`, and their calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...spec.kinds import Kind
from ...spec.layers.base import Layer
from ...spec.record import Record
from ..elaborate.typed import TypedNode
from ..emit import code
from ..resolve.bound import Param
from ..resolve.graph import Argument, BlockUse, ModuleUse, Node, ParamUse
from .class_plan import input_size
from .common_sizes import shared_formulas

if TYPE_CHECKING:
    from .init_words import InitWords
    from .plan_init import InitPlanner


def maker(use: ModuleUse | BlockUse, words: InitWords, dtype: str | None) -> code.Expression:
    """What makes a module: its class, or a `partial` of it with some of the arguments.

    dtype: the model's own element type, of which a layer is made where it has one.
    """
    if isinstance(use, BlockUse):
        named = {key: words.argument(item) for key, item in use.arguments.items()}
        return _partial(code.Name(use.block), (), named, words)
    fields = use.layer.model_fields
    made = {
        name: words.argument(use.arguments[name], _kind(use.layer, name))
        for name in fields
        if name in use.arguments
    }
    if dtype is not None and "dtype" in fields and "dtype" not in made:
        words.modules.add("torch")
        made["dtype"] = code.Name(f"torch.{dtype}")
    first = _leading(use.layer, made)
    args = tuple(made.pop(name) for name in first)
    return _partial(code.Name(f"nn.{use.layer.__name__}"), args, made, words)


def _leading(layer: type[Layer], given: Mapping[str, object]) -> list[str]:
    """The arguments that stand by place in a `partial`: as in a call of the module."""
    names = []
    for name in list(layer.model_fields)[: layer.positional]:
        if name not in given:
            break
        names.append(name)
    return names


def _partial(
    made: code.Name,
    args: tuple[code.Expression, ...],
    named: Mapping[str, code.Expression],
    words: InitWords,
) -> code.Expression:
    if not args and not named:
        return made
    words.modules.add("partial")
    keywords = tuple(code.Keyword(key, value) for key, value in named.items())
    return code.Call(code.Name("partial"), (made, *args), keywords)


def _kind(layer: type[Layer], name: str) -> Kind | None:
    marks = layer.model_fields[name].metadata
    return next((mark for mark in marks if isinstance(mark, Kind)), None)


class _Given(Record):
    """An argument that the call of a param gives: as an entry writes it, or as a value.

    name: None by place.
    """

    name: str | None
    written: Argument | None
    value: Any
    kind: Kind | None = None


def param_call(
    planner: InitPlanner, node: Node, use: ParamUse, typed: Sequence[TypedNode]
) -> code.Expression:
    """The call that makes the module of an entry: one for whatever the param stands for."""
    callee = planner.words.expression(use.param)
    # An Identity takes any arguments, and needs none.
    strict = [one for one in typed if type(one.layer).__name__ != "Identity"] or typed[:1]
    calls = [list(_given(planner, use, one)) for one in strict]
    shapes = [[(item.name, item.written is None) for item in call] for call in calls]
    if any(shape != shapes[0] for shape in shapes):
        planner.owner.problems.error(
            "uses-differ",
            f"the uses of this block need different code: what {use.param.name} stands for takes"
            " other arguments in each",
            node.path,
            help="give the arguments where the module is named: "
            '{ type = "GroupNorm", num_groups = 8 }',
        )
        return code.Call(callee)
    scopes = [planner.present[typed.index(one)] for one in strict]
    args: list[code.Expression] = []
    keywords: list[code.Keyword] = []
    for items in zip(*calls, strict=True):
        first = items[0]
        if first.written is not None:
            made = planner.words.argument(first.written, first.kind)
        else:
            values = [item.value for item in items]
            formulas = shared_formulas(values, scopes, planner.model_params)
            codes = [planner.literal(value, first.kind) for value in formulas]
            made = planner.owner.common(codes, node.path, f"what {use.param.name} takes")
        if first.name is None:
            args.append(made)
        else:
            keywords.append(code.Keyword(first.name, made))
    return code.Call(callee, tuple(args), tuple(keywords))


def _given(planner: InitPlanner, use: ParamUse, typed: TypedNode) -> Iterator[_Given]:
    """What the module of one use of the class takes, beyond what its value has already."""
    action = typed.node.action
    if isinstance(action, BlockUse):
        inner = planner.owner.classes[action.block]
        for text, name in inner.arguments.items():
            yield _Given(name, None, input_size(typed, text))
        for name, argument in use.arguments.items():
            yield _Given(name, argument, None)
        for name in inner.model_params:
            yield _Given(name, Argument(use.path, Param(name, "model", (0, 0))), None)
        return
    assert isinstance(action, ModuleUse)
    assert typed.layer is not None
    layer = action.layer
    preset = {*action.arguments} - {*use.arguments}
    preset |= {"dtype"} if planner.owner.dtype is not None else set()
    place = len(_leading(layer, dict.fromkeys(preset)))
    for index, (name, field) in enumerate(layer.model_fields.items()):
        value = getattr(typed.layer, name)
        written = use.arguments.get(name)
        is_default = not field.is_required() and value == field.default
        if name in preset or (written is None and is_default):
            continue
        by_place = index == place and index < layer.positional
        place += by_place
        yield _Given(None if by_place else name, written, value, _kind(layer, name))
