"""Types a recurrence: its layers once, what it carries as a fixed point, its outputs stacked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.check import counting_to, dimension, need_at_least, need_equal
from ...spec.tensor.dim import Dim, Symbol
from ...spec.tensor.type import TensorType, shape_text
from ..resolve.graph import Argument, Carried, Node, Recurrence
from ..resolve.problems import Problems
from . import numbers
from .cases import read_value
from .describe import describe
from .environment import Environment
from .evaluate import Evaluator, Unknown
from .typed import Known, TypedNode

_SHORT: Final = "a recurrence runs at least once, for outputs to be stacked"


class Depth(Protocol):
    """Counts the recurrences around what is typed."""

    depth: int


class Scope(Protocol):
    """The scope in which a recurrence stands."""

    problems: Problems
    environment: Environment
    evaluator: Evaluator

    def value(self, argument: Argument) -> Known:
        """What an argument gives. Raises `Unknown` where it gives nothing."""

    def nodes(self, nodes: Sequence[Node], number: int | None) -> tuple[TypedNode, ...]:
        """Entries, typed in order, without those that failed."""


class RecurrenceElaborator:
    """Types one recurrence."""

    def __init__(self, scope: Scope, node: Node, action: Recurrence, depth: Depth) -> None:
        self.scope = scope
        self.node = node
        self.action = action
        self.depth = depth
        self.problems = scope.problems
        self.environment = scope.environment

    def run(self, inputs: tuple[Known, ...], number: str | None) -> TypedNode:
        """The typed node. Raises `Unknown` after reporting.

        number: of its first layer without a name, where what it stands in numbers them.
        """
        dim = self._dim()
        length = self._length(inputs, dim)
        initial = [self._tensor(one.initial, "what is carried") for one in self.action.carried]
        heads = self._slices(inputs, dim)
        heads |= {
            one.held.entry: first for one, first in zip(self.action.carried, initial, strict=True)
        }
        self.environment.values |= {path: ((), (tensor,)) for path, tensor in heads.items()}
        start = 0 if self.node.names else None if number is None else int(number)
        with self._counting(length) as index:
            children = self.scope.nodes(self.action.children, start)
            if len(children) < len(self.action.children):
                raise Unknown
            lasts = self._renewed(initial)
            stacks = [
                self._stacked(argument, dim, length, index) for _, argument in self.action.outputs
            ]
        own = number if self.node.names else None
        outputs = (*stacks, *lasts)
        made = TypedNode(self.node, inputs, outputs, children=children, number=own)
        return made.replace(length=length, index=index, heads=heads)

    @contextmanager
    def _counting(self, length: Dim) -> Iterator[Symbol]:
        """`index` stands for every number below the length."""
        outer = self.environment.index
        last = None if length.constant is None else length.constant - 1
        name = f"index{self.depth.depth + 1}" if self.depth.depth else "index"
        symbol = Symbol(name, 0, last)
        self.environment.index = Dim.of(symbol)
        self.depth.depth += 1
        try:
            with counting_to(symbol, length):
                yield symbol
        finally:
            self.depth.depth -= 1
            self.environment.index = outer

    def _dim(self) -> int:
        value = self.scope.value(self.action.dim)
        whole = value.constant if isinstance(value, Dim) else value
        if isinstance(whole, int) and not isinstance(whole, bool):
            return whole
        raise self._refused(
            "wrong-type", f"dim is a whole number, this is {describe(value)}", self.action.dim
        )

    def _length(self, inputs: tuple[Known, ...], dim: int) -> Dim:
        """How many times the layers run."""
        if self.action.times is not None:
            where, length = self.action.times, self._times(self.action.times)
        else:
            where, length = self._common_length(inputs, dim)
        with self._reporting(where):
            need_at_least(length, 1, _SHORT, code="invalid-value")
        return length

    def _times(self, times: Argument) -> Dim:
        value = self.scope.value(times)
        if numbers.is_integer(value):
            return Dim.of(value)
        said = f"scan is what is scanned, or how many times: this is {describe(value)}"
        raise self._refused("wrong-type", said, times)

    def _common_length(self, inputs: tuple[Known, ...], dim: int) -> tuple[Argument, Dim]:
        assert self.node.call is not None
        lengths: list[tuple[Argument, Dim]] = []
        for (_, argument), value in zip(self.node.call.arguments, inputs, strict=True):
            if not isinstance(value, TensorType):
                said = f"tensors are scanned, this is {describe(value)}"
                raise self._refused("wrong-type", said, argument)
            if not value.rank:
                raise self._refused(
                    "wrong-type", "a tensor without dimensions has no slices", argument
                )
            with self._reporting(argument, self.action.dim, "along this dimension"):
                lengths.append((argument, value.shape[dimension(dim, value.rank)]))
        first, length = lengths[0]
        for argument, other in lengths[1:]:
            with self._reporting(argument, first, f"is of length {length}"):
                need_equal(other, length, "what is scanned together must be of one length")
        return first, length

    def _slices(self, inputs: tuple[Known, ...], dim: int) -> dict[Path, TensorType]:
        assert self.node.call is not None
        found = {}
        for (_, argument), value in zip(self.node.call.arguments, inputs, strict=True):
            assert isinstance(value, TensorType)
            at = dimension(dim, value.rank)
            found[argument.path] = value.with_shape((*value.shape[:at], *value.shape[at + 1 :]))
        return found

    def _tensor(self, argument: Argument, what: str) -> TensorType:
        value = read_value(argument, self.scope.evaluator, self.problems)
        if isinstance(value, TensorType):
            return value
        help = "as a tensor: zeros(()), full((), 0.5)" if numbers.is_number(value) else None
        said = f"{what} must be a tensor, this is {describe(value)}"
        raise self._refused("wrong-type", said, argument, help)

    def _renewed(self, initial: Sequence[TensorType]) -> list[TensorType]:
        """What the last time hands on: of the same type as the first values."""
        failed = False
        for one, first in zip(self.action.carried, initial, strict=True):
            try:
                self._check_alike(one, first)
            except Unknown:
                failed = True
        if failed:
            raise Unknown
        return list(initial)

    def _check_alike(self, one: Carried, first: TensorType) -> None:
        renewed = self._tensor(one.renewed, "what is carried")
        said = f"{one.name} begins as {first} and goes on as {renewed}"
        begins = f"begins as {first}"
        if first.rank != renewed.rank or first.dtype != renewed.dtype:
            code = "dtype-mismatch" if first.rank == renewed.rank else "shape-mismatch"
            labels = [(one.initial.path, None, begins)]
            self.problems.error(code, said, one.renewed.path, labels=labels)
            raise Unknown
        for size, other in zip(renewed.shape, first.shape, strict=True):
            with self._reporting(one.renewed, one.initial, begins):
                need_equal(size, other, said)

    def _stacked(self, argument: Argument, dim: int, length: Dim, index: Symbol) -> TensorType:
        """The type of an output of all times."""
        one = self._tensor(argument, "an output")
        if any(index in size.symbols for size in one.shape):
            said = f"outputs are stacked, and the shape of this one varies: {shape_text(one.shape)}"
            raise self._refused("shape-mismatch", said, argument)
        with self._reporting(self.action.dim, argument, "is stacked along it"):
            at = dimension(dim, one.rank + 1)
        return one.with_shape((*one.shape[:at], length, *one.shape[at:]))

    def _refused(self, code: str, said: str, at: Argument, help: str | None = None) -> Unknown:
        """A problem, reported."""
        self.problems.error(code, said, at.path, help=help)
        return Unknown()

    @contextmanager
    def _reporting(
        self, at: Argument, other: Argument | None = None, what: str = ""
    ) -> Iterator[None]:
        """Reports a refusal at an argument, with what is to be seen at another one.

        Raises `Unknown` then.
        """
        labels = [(other.path, None, what)] if other is not None else []
        try:
            yield
        except Refusal as refusal:
            self.problems.error(
                refusal.code, refusal.message, at.path, labels=labels, help=refusal.help
            )
            raise Unknown from None
