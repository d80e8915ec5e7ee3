"""What comments and docstrings call the sizes of inputs whose shapes a block does not declare."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ...spec.tensor.dim import Dim, Symbol
from ..elaborate.places import size_place
from ..emit import code
from ..resolve.graph import Container, ModuleUse, Node
from .class_plan import ClassPlan, block_uses, input_size

_SPATIAL: Final[Mapping[int, tuple[str, ...]]] = {
    3: ("length",),
    4: ("height", "width"),
    5: ("depth", "height", "width"),
}
_OF_MAPS: Final = re.compile(r"(Conv|Pool|Pad|BatchNorm|InstanceNorm|Dropout)\w*([123])d$")


def settle_words(plan: ClassPlan, callers: Sequence[ClassPlan]) -> None:
    """Finds what to call each size that the class has no name of its own for.

    A size is called as the constructor calls it, or as all callers do, or as such maps usually are.
    Callers come before what they call.
    """
    maps = {
        int(found[2]) for layer in _layers(plan.scope.nodes) if (found := _OF_MAPS.search(layer))
    }
    for item in plan.scope.inputs:
        types = [use.inputs[item.name] for use in plan.uses if item.name in use.inputs]
        ranks = {tensor.rank for tensor in types}
        if item.shape is not None or len(ranks) != 1:
            continue
        rank = ranks.pop()
        usual = _usual(plan, item.name, _SPATIAL.get(rank, ())) if rank - 2 in maps else []
        for place in range(rank):
            text = f"{item.name}.shape[{place}]"
            word = _own(plan, text)
            if word is None:
                word = _callers_word(plan, callers, text)
            if word is None and 2 <= place < 2 + len(usual):
                word = usual[place - 2]
            if word is not None:
                plan.words[text] = word


def _own(plan: ClassPlan, text: str) -> Dim | None:
    if text in plan.formulas:
        return plan.formulas[text]
    match plan.sizes.get(text):
        case code.Name(name):
            return Dim.of(Symbol(name))
        case code.Constant(int(value)):
            return Dim.of(value)
    return None


def _callers_word(plan: ClassPlan, callers: Sequence[ClassPlan], text: str) -> Dim | None:
    owner, _ = size_place(plan.scope, text)
    sizes = [
        caller.in_words(input_size(node, text))
        for caller in callers
        for use in caller.uses
        for node in block_uses(use.nodes)
        # An optional input may be left out.
        if node.scope is not None and node.scope.scope is plan.scope and owner in node.scope.inputs
    ]
    return sizes[0] if len({str(size) for size in sizes}) == 1 else None


def _usual(plan: ClassPlan, owner: str, words: Sequence[str]) -> list[Dim]:
    """What the extents of a map are usually called; none where something else is called so."""
    several = sum(item.shape is None for item in plan.scope.inputs) > 1
    taken = {param.name for param in plan.scope.params} | {*plan.arguments.values()}
    taken |= {*plan.scope.sizes, *plan.model_params}
    names = [*words]
    if several or not taken.isdisjoint(names):
        names = [f"{owner}_{word}" for word in words]
    return [Dim.of(Symbol(name)) for name in names] if taken.isdisjoint(names) else []


def _layers(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node.action, ModuleUse):
            yield node.action.layer.__name__
        elif isinstance(node.action, Container):
            yield from _layers(node.action.children)
