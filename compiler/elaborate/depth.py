"""The depth of a model: how many layers stand one behind the other on its longest path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...spec.expression import nodes
from ..resolve.bound import BlockCall, Bound, Gradient, Input, Property, Value, key
from ..resolve.graph import ModuleUse, Node, Recurrence
from .run_scope import ScopeRun
from .typed import TypedGraph, TypedNode, TypedScope

Ways = Mapping[object, int]
"""How many layers lie on the longest path to a value, from each thing that it may begin with: an
input of the block around it, what a recurrence carries, or the model's own beginning (None)."""
_BEGIN: Ways = {None: 0}


def depth_of(typed: TypedGraph, sizes: Mapping[str, int]) -> tuple[int, Mapping[str, int]]:
    """The model's depth, and by how much each of its entries is further than what it takes.

    sizes: those that say how often recurrences run.
    """
    run = _Scope(_Owner(typed.blocks, sizes), typed.root, dict.fromkeys(typed.root.inputs, _BEGIN))
    outputs = run.run()
    shares = {}
    for one in typed.root.nodes:
        if one.node.path in run.taken:
            share = _longest(run.values[one.node.path]) - run.taken[one.node.path]
            shares[str(one.name or one.node.path[-1])] = share
    return max(map(_longest, outputs)), shares


def depends_on(entries: Sequence[TypedNode], known: set[int] | None = None) -> frozenset[str]:
    """The sizes that say how often the recurrences among entries run, those in blocks included.

    known: the bodies of blocks that were seen, by their identity.
    """
    seen: set[int] = set() if known is None else known
    found: frozenset[str] = frozenset()
    for one in entries:
        inside = depends_on([*one.children, *one.times], seen)
        if one.scope is not None and id(one.scope) not in seen:
            seen.add(id(one.scope))
            inside |= depends_on(one.scope.nodes, seen)
        if one.length is not None:
            inside |= {symbol.name for symbol in one.length.symbols}
        found |= inside - {one.index.name} if one.index is not None else inside
    return found


def _longest(ways: Ways) -> int:
    return max(ways.values(), default=0)


def _union(found: Iterable[Ways]) -> Ways:
    """The ways to what is made of several values."""
    longest: dict[object, int] = {}
    for ways in found:
        for begin, length in ways.items():
            longest[begin] = max(length, longest.get(begin, 0))
    return longest


def _behind(ways: Ways, given: Mapping[object, Ways]) -> Ways:
    """Ways from what is given: they begin where these do."""
    return _union(
        {first: before + length for first, before in given.get(begin, {begin: 0}).items()}
        for begin, length in ways.items()
    )


class _Owner:
    """Holds what is shared by the scopes of one model.

    last: the indices of the last times of the recurrences around what is run.
    """

    def __init__(
        self, blocks: Mapping[str, tuple[TypedScope, ...]], sizes: Mapping[str, int]
    ) -> None:
        self.blocks = blocks
        self.sizes = sizes
        self.last: dict[str, int] = {}
        self.known: dict[int, list[Ways]] = {}

    def count(self, typed: TypedNode) -> int:
        """How often a recurrence runs: where that follows an index, as often as at either end."""
        assert typed.length is not None
        ends = (self.last, dict.fromkeys(self.last, 0))
        return max(typed.length.evaluate({**self.sizes, **end}) for end in ends)

    def outputs(self, typed: TypedScope, given: Mapping[str, Ways]) -> list[Ways]:
        """What a block gives for its inputs by name."""
        if id(typed) not in self.known:
            inputs: dict[str, Ways] = {item.name: {item.name: 0} for item in typed.scope.inputs}
            self.known[id(typed)] = _Scope(self, typed, inputs).run()
        begun: dict[object, Ways] = {i.name: given.get(i.name, {}) for i in typed.scope.inputs}
        return [_behind(ways, begun) for ways in self.known[id(typed)]]


class _Scope(ScopeRun[Ways]):
    """Runs one scope through.

    taken: how far what an entry takes is, by its path.
    """

    def __init__(self, owner: _Owner, typed: TypedScope, inputs: Mapping[str, Ways]) -> None:
        super().__init__(typed)
        self.owner = owner
        for name, ways in inputs.items():
            self.hold(name, ways)
        self.taken: dict[object, int] = {}

    def entered(self, node: Node, inputs: Sequence[Ways]) -> None:
        self.taken[node.path] = _longest(_union(inputs))

    def times(self, typed: TypedNode) -> list[TypedNode]:
        last = len(typed.times) - 1
        return [typed.times[min(index, last)] for index in range(typed.count)]

    def joined(self, values: Sequence[Ways]) -> Ways:
        return _union(values)

    def read(self, node: Input | Value) -> Ways:
        return self.values.get(key(node), {})

    def tensor(self, typed: TypedNode, name: str | None) -> Ways:
        return {}

    def layer(self, typed: TypedNode, action: ModuleUse, inputs: Sequence[Ways]) -> list[Ways]:
        ways = {begin: length + 1 for begin, length in _union([*inputs, _BEGIN]).items()}
        return [ways] * max(1, len(typed.outputs))

    def block(self, typed: TypedNode, given: dict[str, Ways]) -> list[Ways]:
        assert typed.scope is not None
        return self.owner.outputs(typed.scope, given)

    def slice(self, held: Ways) -> Ways:
        return held

    def stacked(self, given: Sequence[Ways], count: int) -> list[Ways]:
        return [_union(given[place::count]) for place in range(count)]

    def recurrence(
        self, typed: TypedNode, action: Recurrence, inputs: Sequence[Ways]
    ) -> list[Ways]:
        """What all its times give, found from one of them."""
        carried = [(typed.node.path, "carried", place) for place in range(len(action.carried))]
        kept = [(typed.node.path, "kept", place) for place in range(len(action.outputs))]
        initial = [self.value(one.initial.bound) for one in action.carried]
        scanned = typed.node.call.arguments if typed.node.call is not None else ()
        for (_, argument), held in zip(scanned, inputs, strict=True):
            self.hold(argument.path, held)
        for one, begin in zip(action.carried, carried, strict=True):
            self.hold(one.held.entry, {begin: 0})
        count = self.owner.count(typed)
        if typed.index is not None:
            self.owner.last[typed.index.name] = count - 1
        self.nodes(typed.children)
        time: dict[object, Ways] = {}
        for (_, argument), begin in zip(action.outputs, kept, strict=True):
            time[begin] = _union([{begin: 0}, self.value(argument.bound)])
        for one, begin in zip(action.carried, carried, strict=True):
            time[begin] = self.value(one.renewed.bound)
        given: dict[object, Ways] = {**dict(zip(carried, initial, strict=True))}
        given |= {begin: {} for begin in kept}
        made = _repeated(time, count)
        return [_behind(made[begin], given) for begin in (*kept, *carried)]

    def function(
        self, name: str, args: tuple[Bound, ...], keywords: tuple[tuple[str, Bound], ...]
    ) -> Ways:
        return _union(self.value(arg) for arg in (*args, *(value for _, value in keywords)))

    def called_block(self, node: BlockCall) -> Ways:
        found: list[Ways] = []
        for use in self.owner.blocks[node.block]:
            names = [item.name for item in use.scope.inputs]
            written = [*zip(names, node.args, strict=False), *node.keywords]
            found += self.owner.outputs(use, {name: self.value(arg) for name, arg in written})
        return _union(found)

    def gradient(self, node: Gradient) -> Ways:
        return _union([self.value(node.of), self.value(node.by)])

    def operation(self, node: Bound) -> Ways:
        if isinstance(node, Property):
            return {}
        return _union(self.value(part) for part in nodes.children(node))  # type: ignore[arg-type]


def _repeated(time: Mapping[object, Ways], count: int) -> Mapping[object, Ways]:
    """What so many times make of what the first one is given, from what one does."""
    made: Mapping[object, Ways] = {begin: {begin: 0} for begin in time}
    while count:
        if count % 2:
            made = {begin: _behind(ways, made) for begin, ways in time.items()}
        time = {begin: _behind(ways, time) for begin, ways in time.items()}
        count //= 2
    return made
