"""What the whole-number inputs of a sample hold, so that sequences which are packed have a step.

Indices and flags are zeros in samples; lengths that are packed must lie between 1 and the time.
Where lengths are computed, as in `(tokens != 0).sum(dim=1)`, the formula is followed for inputs
that are filled with one number.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from ...spec.expression import nodes
from ...spec.record import Record
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import TensorType
from ..resolve.bound import Bound, FunctionCall, Input, MethodCall, Param, Property, Size, Value
from ..resolve.graph import Formula, Node, parts
from .typed import TypedGraph, TypedNode, TypedScope

_FILLS: Final = (1, 0, 2)
_UNCHANGED: Final = frozenset(["to", "long", "int", "contiguous", "clone"])
_COMPARED: Final = {"ne": "!=", "eq": "==", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_OPERATORS: Final[Mapping[str, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "!=": operator.ne,
    "==": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class _Unfollowed(Exception):
    """What a formula gives hangs on more than the numbers that fill tensors."""


class _Filled(Record):
    """A tensor of one number, or a number; a flag is 0 or 1."""

    number: int
    shape: tuple[int, ...] = ()


def sample_fills(typed: TypedGraph, sizes: Mapping[str, int]) -> Mapping[str, int] | None:
    """What fills the inputs that lengths are computed from, at these sizes of the model; the others
    may hold zeros. None where no number is known to fit."""
    for fill in _FILLS:
        read: dict[str, int] = {}

        def value(name: str, fill: int = fill, read: dict[str, int] = read) -> _Filled:
            tensor = typed.root.inputs.get(name)
            if tensor is None or is_floating_point(tensor.dtype):
                raise _Unfollowed
            read[name] = fill
            return _Filled(fill, tuple(size.evaluate(sizes) for size in tensor.shape))

        try:
            if all(_Follower(typed.root, value, sizes).fits()):
                return read
        except _Unfollowed:
            continue
    return None


class _Follower:
    """Follows lengths through the model or a block.

    value: what an input holds.
    """

    def __init__(
        self, typed: TypedScope, value: Callable[[str], _Filled], sizes: Mapping[str, int]
    ) -> None:
        self.typed = typed
        self.value = value
        self.sizes = sizes
        self.made: dict[Path, TypedNode] = {}

    def fits(self) -> Iterator[bool]:
        """For all that is packed, whether its lengths are between 1 and the time."""
        return self._fits(self.typed.nodes)

    def _fits(self, entries: Sequence[TypedNode]) -> Iterator[bool]:
        for typed in entries:
            if typed.absent:
                continue
            self.made[typed.node.path] = typed
            for call in _packings(typed.node):
                yield self._fits_one(call)
            for inner in (*typed.times[:1], typed):
                if inner.scope is not None:
                    yield from _Follower(inner.scope, self._passed(inner), self.sizes).fits()
                yield from self._fits(inner.children)

    def _passed(self, use: TypedNode) -> Callable[[str], _Filled]:
        """What the inputs of a block hold."""
        assert use.scope is not None
        names = [item.name for item in use.scope.scope.inputs]
        given = use.node.call.arguments if use.node.call is not None else ()
        sources = {key or names[place]: one for place, (key, one) in enumerate(given)}

        def value(name: str) -> _Filled:
            if name not in sources:
                raise _Unfollowed
            return self._follow(sources[name].value)

        return value

    def _fits_one(self, call: FunctionCall) -> bool:
        given = dict(zip(_ARGUMENTS, call.args, strict=False)) | dict(call.keywords)
        if self._is_list(given["lengths"]):
            return True
        number = self._follow(given["lengths"]).number
        if number <= 1:
            return number == 1
        batch_first = self._follow(given.get("batch_first", _FALSE)).number
        return number <= self._shape(given["input"])[batch_first]

    def _is_list(self, node: Bound) -> bool:
        """Whether lengths are a list, which is held to the time where it is typed."""
        if isinstance(node, Param):
            return isinstance(self.typed.params.get(node.name), tuple)
        return isinstance(node, nodes.Sequence)

    def _shape(self, node: object) -> tuple[int, ...]:
        match node:
            case Input(name):
                tensor: object = self.typed.inputs.get(name)
            case Value(entry, None) if entry in self.made:
                tensor = self.made[entry].outputs[0]
            case _:
                tensor = None
        if not isinstance(tensor, TensorType):
            raise _Unfollowed
        return tuple(size.evaluate(self.sizes) for size in tensor.shape)

    def _follow(self, node: object) -> _Filled:
        """What an expression gives."""
        match node:
            case nodes.Constant(int(number)):
                return _Filled(int(number))
            case Input(name):
                return self.value(name)
            case Value(entry, None) if entry in self.made:
                return self._entry(self.made[entry])
            case Size(name):
                return _Filled(self.typed.sizes[name].evaluate(self.sizes))
            case Param(name) if isinstance(self.typed.params.get(name), Dim | int):
                return _Filled(int(self.typed.params[name]))  # type: ignore[arg-type]
            case nodes.Subscript(Property(value, "shape"), place):
                return _Filled(self._shape(value)[self._follow(place).number])
            case nodes.Unary("-", operand):
                return _joined("-", _Filled(0), self._follow(operand))
            case nodes.Binary(left, op, right) if op in _OPERATORS:
                return _joined(op, self._follow(left), self._follow(right))
            case nodes.Compare((left, right), (op,)) if op in _OPERATORS:
                return _joined(op, self._follow(left), self._follow(right))
            case MethodCall(receiver, name, args, keywords):
                return self._call(name, (receiver, *args), dict(keywords))
            case FunctionCall(name, args, keywords):
                return self._call(name, args, dict(keywords))
        raise _Unfollowed

    def _entry(self, typed: TypedNode) -> _Filled:
        action = typed.node.action
        if isinstance(action, Formula) and len(typed.node.names) <= 1:
            return self._follow(action.expression.value)
        raise _Unfollowed

    def _call(self, name: str, args: Sequence[Bound], keywords: Mapping[str, Bound]) -> _Filled:
        if not args:
            raise _Unfollowed
        value, *rest = map(self._follow, args if name not in _UNCHANGED else args[:1])
        named = {key: self._follow(one) for key, one in keywords.items() if name not in _UNCHANGED}
        if name in _UNCHANGED:
            return value
        if name in _COMPARED and len(rest) == 1:
            return _joined(_COMPARED[name], value, rest[0])
        if name == "sum" and not named.keys() - {"dim"}:
            return _summed(value, *rest, *named.values())
        if name == "clamp" and not named.keys() - {"min", "max"}:
            return _clamped(value, dict(zip(("min", "max"), rest, strict=False)) | named)
        raise _Unfollowed


_ARGUMENTS: Final = ("input", "lengths", "batch_first", "enforce_sorted")
_FALSE: Final = nodes.Constant(False, (0, 0))


def _packings(node: Node) -> Iterator[FunctionCall]:
    """The calls in an entry that pack by lengths."""
    arguments = [one for _, one in node.call.arguments] if node.call is not None else []
    arguments += [node.action.expression] if isinstance(node.action, Formula) else []
    for argument in arguments:
        for part in parts(argument):
            if isinstance(part, FunctionCall) and part.name == "pack_padded_sequence":
                yield part


def _joined(op: str, left: _Filled, right: _Filled) -> _Filled:
    if left.shape and right.shape and left.shape != right.shape:
        raise _Unfollowed
    number = int(_OPERATORS[op](left.number, right.number))
    return _Filled(number, left.shape or right.shape)


def _summed(value: _Filled, *dims: _Filled) -> _Filled:
    dim = next(iter(dims), _Filled(0))
    if not dims or not -len(value.shape) <= dim.number < len(value.shape):
        raise _Unfollowed
    sizes = list(value.shape)
    return _Filled(value.number * sizes.pop(dim.number), tuple(sizes))


def _clamped(value: _Filled, bounds: Mapping[str, _Filled]) -> _Filled:
    number = value.number
    if "min" in bounds:
        number = max(number, bounds["min"].number)
    if "max" in bounds:
        number = min(number, bounds["max"].number)
    return value.replace(number=number)
