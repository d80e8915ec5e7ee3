"""Containers in a constructor: `nn.Sequential`, `nn.ModuleList` or `nn.ModuleDict`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..elaborate.typed import TypedNode
from ..emit import code
from ..resolve.graph import Container, LayerUse, Node
from ..resolve.sequential import is_numbered, is_sequential
from .alike import alike
from .plan_repeats import module_list
from .steps import is_in_some, owned

if TYPE_CHECKING:
    from .plan_init import InitPlanner


def container(
    init: InitPlanner, node: Node, children: Sequence[Node], typed: Sequence[TypedNode]
) -> code.Expression:
    """The call that makes a container, with its children."""
    items: list[Any] = []
    for child, inside in owned(children, [*zip(*(one.children for one in typed), strict=True)]):
        if all(one.absent for one in inside):
            continue
        if is_in_some(inside):
            from .plan_grown import grown_container

            return grown_container(init, node, typed)
        items += child_items(init, child, inside, is_numbered(node))
    if is_sequential(node):
        return code.Call(code.Name("nn.Sequential"), sequence(init, items, is_numbered(node)))
    if is_numbered(node):
        loop = alike(items, init.repeats.free("index"))
        return module_list(items if loop is None else [code.Starred(loop)])
    return code.Call(code.Name("nn.ModuleDict"), (_dict(init, items),))


def child_items(
    init: InitPlanner, child: Node, typed: Sequence[TypedNode], is_list: bool
) -> list[Any]:
    """A child as items of a list, or as pairs of name and layer."""
    if not isinstance(child.action, LayerUse | Container):
        return []
    is_spread = child.repeat is not None and not child.shared and not child.names
    if is_list:
        return init.repeats.items(child, typed) if is_spread else [init.construct(child, typed)]
    if is_spread:
        return init.repeats.pairs(child, typed)
    return [code.Tuple((code.Constant(typed[0].name or ""), init.construct(child, typed)))]


def sequence(init: InitPlanner, items: Sequence[Any], is_list: bool) -> tuple[Any, ...]:
    """What an `nn.Sequential` is made of: modules, or those with their names."""
    return tuple(items) if is_list else (_ordered(init, items),)


def _ordered(init: InitPlanner, pairs: Sequence[Any]) -> code.Expression:
    """`OrderedDict(conv=nn.Conv2d(…), …)`, or one from pairs, a generator or a dict."""
    init.owner.modules.add("OrderedDict")
    named: list[Any] = [pair.items for pair in pairs if isinstance(pair, code.Tuple)]
    if len(named) == len(pairs) and all(key.value.isidentifier() for key, _ in named):
        keywords = tuple(code.Keyword(key.value, layer) for key, layer in named)
        return code.Call(code.Name("OrderedDict"), keywords=keywords)
    given: Any = code.List(tuple(pairs))
    if len(pairs) == 1 and isinstance(pairs[0], code.Starred):
        given = whole(pairs[0].value)
    return code.Call(code.Name("OrderedDict"), (given,))


def _dict(init: InitPlanner, pairs: Sequence[Any]) -> code.Expression:
    """`{"conv": nn.Conv2d(…), …}`"""
    if all(isinstance(pair, code.Tuple) for pair in pairs):
        return code.Dict(tuple((pair.items[0], pair.items[1]) for pair in pairs))
    if len(pairs) > 1:
        return _ordered(init, pairs)
    value: Any = pairs[0].value
    if isinstance(value, code.GeneratorExp) and isinstance(value.element, code.Tuple):
        key, made = value.element.items
        return code.DictComp(key, made, value.target, value.iter)  # type: ignore[arg-type]
    held: code.Name = whole(value)
    return held


def whole(items: Any) -> Any:
    """What gives pairs, or the dict whose items they are."""
    if isinstance(items, code.Call) and isinstance(items.func, code.Name):
        return code.Name(items.func.id.removesuffix(".items"))
    return items
