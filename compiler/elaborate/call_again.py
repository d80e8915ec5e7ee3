"""Second calls of a layer or block, with the same weights, and reads of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...spec import registry
from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.cost import spend
from ...spec.tensor.type import TensorType
from ..resolve.graph import BlockUse, InputDeclaration
from ..resolve.problems import Problems
from .call_inputs import WrongInput, block_inputs, layer_inputs, outputs_of
from .callers import in_callers_words
from .evaluate import Unknown
from .flops import flops_of
from .typed import Known, TypedNode, TypedScope, held, state

Body = Callable[[TypedNode, Mapping[str, Known]], tuple[TypedScope | None, Mapping[str, Known]]]
"""Types the body of an earlier block for further inputs; gives its params too."""


def call_again(
    earlier: TypedNode,
    args: Sequence[Known],
    keywords: Mapping[str, Known],
    declared: Sequence[InputDeclaration],
    body: Body,
) -> Known:
    """What a second call gives: one value, or several as they are returned.

    Raises `Refusal`, or `Unknown` where the body failed.

    declared: the inputs of the block, if it is one.
    """
    if earlier.absent or earlier.times:
        what = "its when is false" if earlier.absent else "it is a repeat"
        raise Refusal(f"{_called(earlier)} can't be called again: {what}", code="not-callable")
    given = [*((None, arg) for arg in args), *keywords.items()]
    try:
        if earlier.scope is not None:
            if keywords:
                raise Refusal("a block is called again by place", code="wrong-arguments")
            named = block_inputs(earlier.scope.scope.name, declared, given)
            return _block(earlier, named, body)
        assert earlier.layer is not None
        layer = earlier.layer
        outputs = outputs_of(layer, layer_inputs(type(layer), given))
    except WrongInput as error:
        refusal = error.refusal
        raise Refusal(refusal.message, code=refusal.code) from None
    return layer.returned(outputs) if isinstance(outputs, tuple) else outputs


def _called(earlier: TypedNode) -> str:
    """What messages call an entry: one in a container may have no name."""
    return earlier.node.names[0] if earlier.node.names else "this layer"


def refuse_absent(entry: Path, made: Mapping[object, TypedNode]) -> None:
    """Raises `Refusal` for an entry inside a container that is left out."""
    around = (made.get(entry[:end]) for end in range(1, len(entry)))
    if any(one is not None and one.absent for one in around):
        said = "this is in a container that is not there: its when is false"
        raise Refusal(said, code="not-callable")


def is_pending(typed: TypedNode) -> bool:
    """Whether an entry is a block that is only declared, and not called yet."""
    is_block = isinstance(typed.node.action, BlockUse) and typed.node.call is None
    return is_block and typed.scope is None and not typed.absent


def first_call(
    pending: TypedNode,
    args: Sequence[Known],
    keywords: Mapping[str, Known],
    declared: Sequence[InputDeclaration],
    body: Body,
) -> TypedNode:
    """A block that was only declared, with the sizes that its first call gives it.

    Raises as `call_again` does.
    """
    assert isinstance(pending.node.action, BlockUse)
    given = [*((None, arg) for arg in args), *keywords.items()]
    try:
        named = block_inputs(pending.node.action.block, declared, given)
    except WrongInput as error:
        raise Refusal(error.refusal.message, code=error.refusal.code) from None
    scope, _ = body(pending, named)
    if scope is None:
        raise Unknown
    return pending.replace(inputs=tuple(named.values()), scope=scope)


def with_first_calls(
    nodes: Sequence[TypedNode], made: Mapping[object, TypedNode], problems: Problems
) -> tuple[TypedNode, ...]:
    """The entries, blocks that were only declared with what their first calls made of them.

    Reports those that are never called.
    """
    found = []
    for typed in nodes:
        if is_pending(typed):
            typed = made[typed.node.path]
        if is_pending(typed) and not problems:
            said = "this block is never called: its first call would settle its sizes"
            problems.error("not-called", said, (*typed.node.path, "call"), part="key")
        found.append(typed.replace(children=with_first_calls(typed.children, made, problems)))
    return tuple(found)


def _block(earlier: TypedNode, named: Mapping[str, Known], body: Body) -> Known:
    scope, given = body(earlier, named)
    if scope is None:
        raise Unknown
    again = TypedNode(earlier.node, tuple(named.values()), (), scope=scope)
    if held(again) != held(earlier):
        raise Refusal(
            f"{_called(earlier)} is called again with the same weights, and inputs of these"
            " types would need others",
            code="shape-mismatch",
        )
    spend(flops_of(scope.nodes))
    outputs = in_callers_words(scope, given, named)
    return outputs if len(outputs) > 1 else outputs[0]


def read_state(earlier: TypedNode, name: str) -> TensorType:
    """A parameter or buffer of an earlier layer. Raises `Refusal`."""
    if earlier.scope is not None:
        return _read_inside(earlier, earlier.scope, name)
    if earlier.layer is None:
        said = "its when is false" if earlier.absent else "it is repeated"
        said = "the block is not called before" if is_pending(earlier) else said
        raise Refusal(f"{name} can't be read: {said}", code="unknown-attribute")
    if earlier.layer.is_own:
        kind = type(earlier.layer).__name__
        problem = f"{name} can't be read: what {kind} holds is known to its own file alone"
        raise Refusal(problem, code="unknown-attribute", help="give it as one of its outputs")
    entries = earlier.layer.state()
    if name not in entries:
        outputs = earlier.layer.forward_outputs
        raise Refusal(
            f"{_called(earlier)} has no output and no parameter {name}",
            code="unknown-attribute",
            help=_what_it_has(name, outputs if len(outputs) > 1 else (), tuple(entries)),
        )
    return entries[name].type


def _read_inside(earlier: TypedNode, scope: TypedScope, name: str) -> TensorType:
    """A parameter or buffer of a layer inside a block."""
    entries = state(scope)
    if name not in entries:
        raise Refusal(
            f"{_called(earlier)} has no parameter {name}",
            code="unknown-attribute",
            help=_what_it_has(name, (), tuple(entries)),
        )
    return entries[name].type


def _what_it_has(name: str, outputs: tuple[str, ...], parameters: tuple[str, ...]) -> str:
    known = (*outputs, *parameters)
    # So short a name as `h_n` is far from `h_m` by closeness, and one letter from it.
    slips = (one for one in known if registry.is_near(name, one))
    close = registry.closest(name, known) or next(slips, None)
    if close is not None:
        return f"did you mean {close}?"
    said = f"its parameters: {', '.join(parameters) or 'none'}"
    return f"its outputs: {', '.join(outputs)}; {said}" if outputs else said
