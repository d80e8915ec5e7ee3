"""What the times of a repeat share, and what one hands to the next.

Sizes that change from one time to the next have names of their own in the formulas of each time
(`places.running`), so that the code of all times can be the same: a loop with variables. Which
sizes change is known only when a repeat has been typed; where some do, the model is typed again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ...spec.expression import nodes
from ...spec.expression.parser import parse
from ...spec.source import Path
from ...spec.tensor.dim import Atom, Dim, Symbol
from ...spec.tensor.type import TensorType
from ..resolve.bound import Named
from ..resolve.graph import (
    Argument,
    Container,
    Formula,
    LayerUse,
    ModuleUse,
    Node,
    Recurrence,
    parts,
)
from ..resolve.problems import Problems
from .declare import constants
from .describe import describe
from .evaluate import Evaluator, Unknown
from .places import index_of, running, running_names
from .typed import Known, TypedNode, returned

Place = tuple[int, int]
"""An input that each time of a repeat renews, and one of its dimensions."""


def need_to_go_on(
    time: TypedNode, inputs: tuple[Known, ...], outputs: tuple[Known, ...], problems: Problems
) -> None:
    """Reports a further value of a module that can't be what the next time takes in its place.

    inputs, outputs: of this time; each output is to take the place of one input.
    Raises `Unknown` after reporting.
    """
    pairs = zip(inputs[1:], outputs[1:], strict=False)
    unlike = [pair for pair in pairs if pair[0] is not None and pair[0] != pair[1]]
    if time.layer is None or not unlike:
        return
    taken, given = map(describe, unlike[0])
    problems.error(
        "not-supported",
        f"each time takes the values of the one before: {type(time.layer).__name__} gives {given}"
        f" where it takes {taken}",
        (*time.node.path, "repeat"),
        help="repeat a block that holds it, and takes and gives one value",
    )
    raise Unknown


def reads_index(node: Node) -> bool:
    """Whether a repeated entry's numbers, or those of its children, may vary with `index`."""
    action = node.action
    arguments = [item for one in node.parametrized for item in one.arguments.values()]
    if isinstance(action, LayerUse):
        arguments += action.all_arguments()
        own = action.own if isinstance(action, ModuleUse) else None
        arguments += own.arguments() if own is not None else ()
    elif isinstance(action, Formula):
        arguments.append(action.expression)
    elif isinstance(action, Container) and any(map(_child_reads_index, action.children)):
        return True
    return reads_number(arguments)


def _child_reads_index(node: Node) -> bool:
    arguments = [item for item in (node.when, node.repeat) if item is not None]
    if node.call is not None:
        arguments += [argument for _, argument in node.call.arguments]
    if isinstance(node.action, Recurrence):
        return reads_number([*arguments, *node.action.heads()])
    # Within a repeat of its own, `index` is that one's.
    return reads_number(arguments) or (node.repeat is None and reads_index(node))


def counts_times(node: Node) -> bool:
    """Whether something within a loop reads the loop's own `index` in forward."""
    action = node.action
    assert isinstance(action, Container)
    outputs = action.outputs if isinstance(action, Recurrence) else ()
    within = any(map(_reads_own_index, action.children))
    return within or reads_number(argument for _, argument in outputs)


def _reads_own_index(node: Node) -> bool:
    arguments = [argument for _, argument in node.call.arguments] if node.call is not None else []
    inside: tuple[Node, ...] = ()
    match node.action:
        case Formula(expression):
            arguments.append(expression)
        case Recurrence():
            arguments += node.action.heads()
        case Container(children) if node.repeat is None:
            inside = children
    return reads_number(arguments) or any(map(_reads_own_index, inside))


def reads_number(arguments: Iterable[Argument]) -> bool:
    """Whether arguments read `index`."""
    return any(
        isinstance(part, Named) and part.name == "index"
        for argument in arguments
        for part in parts(argument)
    )


def numbered(path: Path, index: int) -> Dim:
    """The number of a repeat's time, by the name that formulas have for it."""
    return Dim.of(index).with_origin(Dim.of(Symbol(index_of(path))))


def with_names(
    path: Path, inputs: tuple[Known, ...], first: tuple[Known, ...], places: Collection[Place]
) -> tuple[Known, ...]:
    """What a time takes: sizes that change by their names, all others as the first time says them.

    inputs: of this time. first: of the first one.
    """
    return tuple(
        _named(path, number, taken, before, places)
        for number, (taken, before) in enumerate(zip(inputs, first, strict=True))
    )


def _named(
    path: Path, number: int, taken: Known, before: Known, places: Collection[Place]
) -> Known:
    if not isinstance(taken, TensorType) or not isinstance(before, TensorType):
        return taken
    earlier = (index_of(path), *(running(path, *place) for place in places))
    shape = []
    for dim, size in enumerate(taken.shape):
        if (number, dim) in places:
            size = size.with_origin(Dim.of(Symbol(running(path, number, dim))))
        elif dim < before.rank and size == before.shape[dim]:
            size = before.shape[dim]
        elif _reads(size, earlier):
            # The number, and the sizes, in this formula are those of an earlier time.
            size = size.with_origin(None)
        shape.append(size)
    return TensorType(tuple(shape), taken.dtype)


def changing(times: Sequence[TypedNode]) -> Iterator[Place]:
    """The sizes that are another number in some time than in the first one."""
    first, *others = [time.inputs for time in times]
    for number, before in enumerate(first):
        for inputs in others:
            taken = inputs[number]
            if not isinstance(taken, TensorType) or not isinstance(before, TensorType):
                continue
            pairs = zip(before.shape, taken.shape, strict=False)
            sizes = [(dim, size) for dim, (old, size) in enumerate(pairs) if old != size]
            yield from ((number, dim) for dim, size in sizes if size.constant is not None)


def left_behind(
    last: TypedNode, taken: tuple[Known, ...], places: Collection[Place], count: str
) -> tuple[Known, ...]:
    """What a repeat gives: sizes that only names within it say are said by what its last time
    leaves in their variables, or by the last time's number.

    taken: what the last time takes. count: the formula of how many times there are.
    """
    renewed = returned(last)[: len(taken)]
    path = last.node.path
    names = [running(path, *place) for place in places]
    found: list[Known] = []
    for number, output in enumerate(last.outputs):
        if not isinstance(output, TensorType):
            found.append(output)
            continue
        shape = []
        for dim, size in enumerate(output.shape):
            is_kept = (
                number < len(renewed) and renewed[number] is output and (number, dim) in places
            )
            if _reads(size, (*names, index_of(path))) and is_kept:
                size = size.with_origin(Dim.of(Symbol(running(path, number, dim))))
            elif _reads(size, names):
                size = size.with_origin(None)
            elif _reads(size, (index_of(path),)):
                size = size.with_origin(_at_last(size, index_of(path), count))
            shape.append(size)
        found.append(TensorType(tuple(shape), output.dtype))
    return tuple(found)


def _at_last(size: Dim, index: str, count: str) -> Dim:
    """A size's formula with the number of the last time."""
    number = f"({count} - 1)" if not count.isdigit() else str(int(count) - 1)

    def last(symbol: Atom) -> Dim | None:
        if not isinstance(symbol, Symbol) or index not in symbol.name:
            return None
        # The last one of a list needs no length.
        items = count.removeprefix("len(").removesuffix(")")
        if symbol.name == f"{items}[{index}]":
            return Dim.of(Symbol(f"{items}[-1]"))
        return _settled(symbol.name.replace(index, number))

    assert size.origin is not None
    return size.origin.replace(last)


def _settled(text: str) -> Dim:
    """What a formula is called: itself, or its number where it is one of plain numbers."""
    formula = parse(text)
    if any(isinstance(node, nodes.Name) for node in nodes.walk(formula)):
        return Dim.of(Symbol(text))
    number = Evaluator(constants({})).evaluate(formula)  # type: ignore[arg-type]
    return number if isinstance(number, Dim) else Dim.of(int(number))  # type: ignore[arg-type]


def _reads(size: Dim, names: Collection[str]) -> bool:
    symbols = size.origin.symbols if size.origin is not None else ()
    return any(name in names for symbol in symbols for name in running_names(symbol.name))
