"""Settles which tensors of a module are computed from others, and what stands for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic_core import ValidationError

from ...spec import registry
from ...spec.layers.base import Layer
from ...spec.parametrizations import Parametrization
from ...spec.refusal import Refusal
from ...spec.source import Path
from ..resolve.graph import Container, Graph, InitRule, Node, Parametrized, Scope
from ..resolve.problems import Problems
from .evaluate import Evaluator, Unknown
from .read_argument import read_all
from .typed import Leaf


def settle_parametrized(
    node: Node, layer: Layer, evaluator: Evaluator, problems: Problems
) -> dict[str, Parametrization]:
    """The parametrizations of a module by its tensors' names. Raises `Unknown`."""
    settled: dict[str, Parametrization] = {}
    # What a module inside holds is not the module's own to compute.
    own = {name: entry for name, entry in layer.state().items() if entry.owner is None}
    trainable = [name for name, entry in own.items() if entry.trainable]
    for one in node.parametrized:
        if one.tensor not in trainable:
            close = registry.closest(one.tensor, trainable)
            kind = type(layer).__name__
            has = f"it has {', '.join(trainable)}" if trainable else f"a {kind} has no parameters"
            problems.error(
                "unknown-name",
                f"this {kind} has no parameter {one.tensor}",
                one.path,
                part="key",
                help=f"did you mean {close}?" if close else has,
                replacement=registry.slip(one.tensor, trainable),
            )
            raise Unknown
        made = _made(one, evaluator, problems)
        try:
            made.state(layer.state()[one.tensor], type(layer).__name__)
        except Refusal as refusal:
            given = refusal.argument in one.arguments
            place = (*one.path, refusal.argument or "") if given else one.path
            problems.error(refusal.code, refusal.message, place, help=refusal.help)
            raise Unknown from None
        settled[one.tensor] = made
    return settled


def _made(one: Parametrized, evaluator: Evaluator, problems: Problems) -> Parametrization:
    values = read_all(one.arguments, evaluator, problems)
    try:
        return one.function(**values)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=False):
            said = details["msg"].removeprefix("Value error, ")
            name = str(details["loc"][0])
            problems.error(
                "invalid-value", f"{name} of {one.function.torch_name()} {said}", (*one.path, name)
            )
        raise Unknown from None


def filled_before(
    rules: Sequence[InitRule], leaves: Sequence[Leaf], graph: Graph, problems: Problems
) -> frozenset[Path]:
    """The entries whose parametrized tensors a rule fills: that comes first.

    Reports those that the code could only reach under a condition, or among others.
    """
    found: set[Path] = set()
    patterns = [pattern for rule in rules for _, pattern in rule.patterns]
    reached = {path for scope in (graph.model, *graph.blocks.values()) for path in _reached(scope)}
    for leaf in leaves:
        node = leaf.typed.node
        names = [
            (f"{leaf.path}.{name}", type(leaf.typed.layer)) for name in leaf.typed.parametrized
        ]
        if not any(p.matches(name, kind.__name__) for name, kind in names for p in patterns):
            continue
        if node.path not in reached:
            problems.error(
                "not-supported",
                "an init rule fills this tensor before it is parametrized; under a when, and in a"
                " repeat inside a container, this is not part of this version",
                (*node.path, "parametrize"),
                part="key",
                help="leave its first values to torch, or make it an entry of a block",
            )
        found.add(node.path)
    return frozenset(found)


def _reached(scope: Scope) -> Iterator[Path]:
    """The entries that are always there, at a place that the code can name."""
    for node in scope.nodes:
        if not node.may_be_absent:
            yield node.path
            yield from () if node.repeat is not None else _always(node)


def _always(node: Node) -> Iterator[Path]:
    for child in node.action.children if isinstance(node.action, Container) else ():
        if not child.may_be_absent and child.repeat is None:
            yield child.path
            yield from _always(child)
