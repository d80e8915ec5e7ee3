"""What a loop of `forward` goes over: the times of a repeat, the slices of a recurrence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...spec.names import snake_case
from ..emit import code
from ..resolve.graph import BlockUse, Container, Node, Recurrence
from ..resolve.sequential import is_sequential
from .forward_state import ForwardState
from .steps import Step, is_spread, slices
from .template_names import joined
from .translate import Words

_TRUE = code.Constant(True)


class LoopTimes:
    """Plans the heads of loops in one forward."""

    def __init__(self, state: ForwardState, words: Words) -> None:
        self.state = state
        self.words = words

    def repeat(self, step: Step) -> tuple[str, code.Expression, code.Expression]:
        """How a loop goes over a repeat: its variable, what it goes over, the layer."""
        node, owners = step.node, self.state.owners
        if is_spread(step):
            variable = self.variable(node)
            return variable, owners.repeated(step), code.Name(variable)
        (bound,) = step.times()
        times = code.Call(code.Name("range"), (self.words.expression(bound),))
        if node.shared or not node.template:
            return "_", times, owners.layer(step)
        index = self.state.unused(numbered("index"))
        words = replace(self.words, loop_index=lambda: code.Name(index))
        layer = code.Call(code.Name("self.get_submodule"), (joined(node.template, words),))
        return index, times, layer

    def variable(self, node: Node) -> str:
        """A name for one time of a repeat."""
        wish = "layer"
        if isinstance(node.action, BlockUse):
            wish = snake_case(node.action.block)
        elif isinstance(node.action, Container) and not is_sequential(node):
            wish = one_of(node.names[0]) if node.names else wish
        other = wish if wish == "layer" else f"{wish}_layer"
        return self.state.unused((wish, *numbered(other)), self.state.assigned)

    def over(self, step: Step) -> code.Expression:
        """What a recurrence goes over."""
        action = step.node.action
        assert isinstance(action, Recurrence)
        if action.times is not None:
            times = self.words.expression(action.times.bound)
            return code.Call(code.Name("range"), (times,))
        dim = self.words.expression(action.dim.bound)
        parts = [
            code.Call(code.Attribute(self.words.expression(item.bound), "unbind"), (dim,))
            for _, item in slices(step.node)
        ]
        if len(parts) == 1:
            return parts[0]
        return code.Call(code.Name("zip"), tuple(parts), (code.Keyword("strict", _TRUE),))


def numbered(wish: str) -> Sequence[str]:
    """A name, and what it may be where that means something else."""
    return (wish, *(f"{wish}{number}" for number in range(2, 1000)))


def counted(
    index: str, target: code.Name | code.Tuple, over: code.Expression
) -> tuple[code.Name | code.Tuple, code.Expression]:
    """The head of a loop that counts its times."""
    if target == code.Name("_"):
        return code.Name(index), over
    return code.Tuple((code.Name(index), target)), code.Call(code.Name("enumerate"), (over,))


def one_of(name: str) -> str:
    """`blocks` -> `block`: what one time of a repeat is called; `layer` where it has no plural."""
    one = name.removesuffix("s")
    return one if len(name) > 3 and one != name and not one.endswith("s") else "layer"
