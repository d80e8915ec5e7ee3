"""Containers whose children are not the same in all uses of a class: lists that grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..elaborate.typed import TypedNode
from ..emit import code
from ..resolve.graph import Container, Node
from ..resolve.sequential import is_numbered, is_sequential
from .plan_containers import child_items, whole
from .steps import is_in_some, owned

if TYPE_CHECKING:
    from .plan_init import InitPlanner


def grown_container(init: InitPlanner, node: Node, typed: Sequence[TypedNode]) -> code.Expression:
    """The container; what fills a list or dict for it goes before.

    typed: as each use that has the container has it.
    """
    assert isinstance(node.action, Container)
    held = init.repeats.local(node)
    is_list = is_numbered(node)
    first: list[Any] = []
    rest: list[code.Statement] = []
    each = [*zip(*(one.children for one in typed), strict=True)]
    for child, inside in owned(node.action.children, each):
        before, items = _made(init, child, inside, is_list)
        if is_in_some(inside) and items:
            assert child.when is not None
            test = init.words.argument(child.when)
            rest.append(code.If(test, (*before, *_added(held, items, is_list))))
        elif rest or not (is_list or all(isinstance(item, code.Tuple) for item in items)):
            rest += [*before, *_added(held, items, is_list)]
        else:
            init.before += before
            first += items
    init.before += [_begun(held, first, is_list), *rest]
    if not is_sequential(node):
        return code.Call(code.Name("nn.ModuleList" if is_list else "nn.ModuleDict"), (held,))
    if is_list:
        return code.Call(code.Name("nn.Sequential"), (code.Starred(held),))
    init.owner.modules.add("OrderedDict")
    ordered = code.Call(code.Name("OrderedDict"), (held,))
    return code.Call(code.Name("nn.Sequential"), (ordered,))


def _made(
    init: InitPlanner, child: Node, typed: Sequence[TypedNode], is_list: bool
) -> tuple[list[code.Statement], list[Any]]:
    """A child as the uses that have it make it: what stands before it, and its layers."""
    present = [one for one in typed if not one.absent]
    if not present or not can_be_said(init, child, present, len(typed), is_list):
        return [], []
    before, init.before = init.before, []
    uses, init.present = (
        init.present,
        [use for use, one in zip(init.present, typed, strict=True) if not one.absent],
    )
    items = child_items(init, child, present, is_list)
    made, init.before, init.present = init.before, before, uses
    return made, items


def can_be_said(
    init: InitPlanner, child: Node, present: Sequence[TypedNode], uses: int, is_list: bool
) -> bool:
    """Whether one code makes a child for all uses; reports why it can't."""
    if len({one.name for one in present}) > 1 and not is_list:
        init.owner.problems.error(
            "uses-differ",
            "the uses of this block need different code: this entry has another number in some",
            child.path,
            help="give it a name",
        )
        return False
    return len(present) == uses or init.is_decided(child)


def _begun(held: code.Name, items: Sequence[Any], is_list: bool) -> code.Statement:
    module = code.Name("nn.Module")
    if is_list:
        kind = code.Subscript(code.Name("list"), module)
        return code.Assign(held, code.List(tuple(items)), kind)
    kind = code.Subscript(code.Name("dict"), code.Tuple((code.Name("str"), module)))
    pairs = tuple((pair.items[0], pair.items[1]) for pair in items)
    return code.Assign(held, code.Dict(pairs), kind)


def _added(held: code.Name, items: Sequence[Any], is_list: bool) -> Iterator[code.Statement]:
    for item in items:
        if isinstance(item, code.Starred):
            given = item.value if is_list else whole(item.value)
            method = "extend" if is_list else "update"
            yield code.Expr(code.Call(code.Name(f"{held.id}.{method}"), (given,)))
        elif is_list:
            yield code.Expr(code.Call(code.Name(f"{held.id}.append"), (item,)))
        else:
            yield code.Assign(code.Subscript(held, item.items[0]), item.items[1])
