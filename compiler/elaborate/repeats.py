"""What the times of a repeat share, and what one hands to the next."""

from __future__ import annotations

from ..resolve.bound import Named
from ..resolve.graph import Container, Formula, LayerUse, Node, parts
from ..resolve.problems import Problems
from .describe import describe
from .evaluate import Unknown
from .typed import Known, TypedNode


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
    arguments = [node.when] if node.when is not None else []
    if isinstance(action, LayerUse):
        arguments += action.all_arguments()
    elif isinstance(action, Formula):
        arguments.append(action.expression)
    elif isinstance(action, Container) and any(map(reads_index, action.children)):
        return True
    if node.call is not None:
        arguments += [argument for _, argument in node.call.arguments]
    return any(
        isinstance(part, Named) and part.name == "index"
        for argument in arguments
        for part in parts(argument)
    )
