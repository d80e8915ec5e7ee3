"""What a model computes, as numbers: equal numbers are equal computations.

A computation is what is done, and the numbers of what it is done to; names of values, blocks and
layers without tensors leave no trace. Layers that hold tensors are known by their old paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ...spec import registry
from ...spec.expression import nodes as expression
from ...spec.layers.base import Layer
from ...spec.ops.base import Function
from ...spec.record import Record
from ...spec.source import Document, Path
from ...spec.tensor.dim import Dim
from ...spec.tensor.meaning import restored
from ..elaborate.call_inputs import input_places
from ..elaborate.typed import (
    Known,
    ModuleValue,
    TypedGraph,
    TypedNode,
    TypedScope,
    output_names,
)
from ..resolve.bound import (
    BlockCall,
    Each,
    FunctionCall,
    Input,
    LayerCall,
    MethodCall,
    Named,
    Param,
    Size,
    State,
    Value,
)
from ..resolve.graph import (
    Argument,
    BlockUse,
    Container,
    Formula,
    ModuleUse,
    Recurrence,
    TensorUse,
)

Numbers = dict[object, int]
"""Each computation that was met, and its number. One table serves both models."""
Traced = tuple[int, ...]
"""The numbers of an entry's values."""


class Place(Record):
    """An entry that was traced, for calling it again: what its tensors' names begin with."""

    typed: TypedNode
    path: str


class Frame(Record):
    """What names mean in one use of a scope.

    values: of each entry its outputs' names and numbers. made: the entries.
    index: the number of a repeat's time, or the trace of a recurrence's.
    """

    scope: TypedScope
    inputs: Mapping[str, int]
    values: dict[Path, tuple[tuple[str, ...], Traced]]
    made: dict[Path, Place]
    times: dict[Path, list[Traced]]
    index: object = None

    def within(self, index: object) -> Frame:
        """The same names within one time of a repeat."""
        return self.replace(index=index)


class Tracer:
    """Traces one model.

    old_paths: for each place of the model its path in the old one.
    words: what its sizes are in the old model's words.
    """

    def __init__(
        self,
        graph: TypedGraph,
        document: Document,
        old_paths: Callable[[str], str],
        words: Mapping[str, Dim],
        numbers: Numbers,
    ) -> None:
        self.graph = graph
        self.document = document
        self.old_paths = old_paths
        self.words = words
        self.numbers = numbers
        self.depth = 0

    def outputs(self) -> Traced:
        """The numbers of what the model returns."""
        root = self.graph.root
        inputs = {item.name: self.number("input", item.name) for item in root.scope.inputs}
        return self.scope(root, inputs, "")

    def number(self, *parts: object) -> int:
        """The number of a computation."""
        return self.numbers.setdefault(parts, len(self.numbers))

    def scope(self, scope: TypedScope, inputs: Mapping[str, int], prefix: str) -> Traced:
        """What the model or a block gives for inputs by name."""
        frame = Frame(scope, inputs, {}, {}, {})
        self.nodes(scope.nodes, prefix, frame)
        return tuple(self.read(argument, frame) for _, argument in scope.scope.outputs)

    def nodes(self, nodes: Iterable[TypedNode], prefix: str, frame: Frame) -> None:
        """Traces entries in order; their values are then known by their paths."""
        for typed in nodes:
            outputs = self._node(typed, prefix, frame)
            if typed.node.in_training:
                outputs = tuple(self.number("training", one) for one in outputs)
            frame.values[typed.node.path] = (output_names(typed), outputs)

    def _node(self, typed: TypedNode, prefix: str, frame: Frame) -> Traced:
        path = f"{prefix}{typed.name}"
        frame.made[typed.node.path] = Place(typed, path)
        if typed.node.call is None and not isinstance(typed.node.action, Formula):
            return (self._tensor(typed, path, frame),) if typed.tensor is not None else ()
        given = self._given(typed, frame)
        if typed.absent:
            return tuple(given.values())[:1]
        if typed.times:
            return self._repeat(typed, prefix, given, frame)
        return self.once(typed, path, given, frame)

    def _given(self, typed: TypedNode, frame: Frame) -> dict[str, int]:
        call = typed.node.call
        if call is None:
            return {}
        keys = [key for key, _ in call.arguments]
        numbers = [self.read(argument, frame) for _, argument in call.arguments]
        names = input_names(typed, keys)
        return dict(zip(names, numbers, strict=True))

    def once(self, typed: TypedNode, path: str, given: Mapping[str, int], frame: Frame) -> Traced:
        """What an entry gives when it is called once."""
        action = typed.node.action
        if typed.layer is not None:
            return self._layer(typed, path, given)
        if typed.scope is not None:
            inputs = {item.name: given.get(item.name, -1) for item in typed.scope.scope.inputs}
            return self.scope(typed.scope, inputs, f"{path}.")
        if isinstance(action, Recurrence):
            from .trace_loop import trace_loop

            return trace_loop(self, typed, action, path, tuple(given.values()), frame)
        if isinstance(action, Container):
            return self._container(typed, action, path, given, frame)
        assert isinstance(action, Formula)
        value = self.read(action.expression, frame)
        count = len(typed.outputs)
        several = (self.number("item", place, value) for place in range(count))
        return (value,) if count == 1 else tuple(several)

    def _container(
        self, typed: TypedNode, action: Container, path: str, given: Mapping[str, int], frame: Frame
    ) -> Traced:
        taken = tuple(given.values())
        frame.values[typed.node.path] = (("input",), taken)
        self.nodes(typed.children, f"{path}.", frame)
        last = action.last
        return frame.values[last.path][1] if last is not None else taken

    def _repeat(
        self, typed: TypedNode, prefix: str, given: Mapping[str, int], frame: Frame
    ) -> Traced:
        outputs: Traced = ()
        current = dict(given)
        times = frame.times.setdefault(typed.node.path, [])
        times.clear()
        for index in range(typed.count):
            time = typed.times[min(index, len(typed.times) - 1)]
            path = f"{prefix}{time_name(typed, index)}"
            outputs = self.once(time, path, current, frame.within(index))
            times.append(outputs)
            current |= dict(zip(current, outputs, strict=False))
        return outputs

    def _layer(self, typed: TypedNode, path: str, given: Mapping[str, int]) -> Traced:
        layer = typed.layer
        assert layer is not None
        known = layer.is_own or bool(typed.own_state())
        held = self.old_paths(path) if known else None
        what = (layer_key(layer), self._source(typed), parametrized_key(typed), held)
        made = self.number("layer", what, tuple(sorted(given.items())))
        # What is only declared gives nothing where it stands.
        count = len(typed.outputs) or len(layer.forward_outputs)
        several = (self.number("output", place, made) for place in range(count))
        return (made,) if count == 1 else tuple(several)

    def _source(self, typed: TypedNode) -> str | None:
        """What stands in the file of a class of one's own."""
        action = typed.node.action
        own = action.own if isinstance(action, ModuleUse) else None
        return None if own is None else self.document.texts[own.file.name]

    def _tensor(self, typed: TypedNode, path: str, frame: Frame) -> int:
        action, entry = typed.node.action, typed.tensor
        assert isinstance(action, TensorUse)
        assert entry is not None
        # What a checkpoint keeps is what it keeps; anything else follows from the spec.
        if entry.persistent or action.value is None:
            return self.number("tensor", self.old_paths(path))
        return self.number("buffer", self.read(action.value, frame), entry.type.dtype)

    def read(self, argument: Argument, frame: Frame) -> int:
        """The number of what an argument gives."""
        if isinstance(argument.value, tuple):
            return self.number("list", *(self.read(item, frame) for item in argument.value))
        if isinstance(argument.value, ModuleUse | BlockUse):
            return self.number("module", repr(argument.value))
        return self.trace(argument.value, frame)

    def trace(self, node: object, frame: Frame) -> int:
        """The number of what an expression gives."""
        match node:
            case Input(name):
                return frame.inputs[name]
            case Value(entry, output):
                names, numbers = frame.values[entry]
                place = names.index(output) if isinstance(output, str) else output or 0
                return numbers[place]
            case Param(name, owner):
                params = (frame.scope if owner == "block" else self.graph.root).params
                return self.number("known", known_key(params[name], self.words))
            case Size(name):
                return self.number("known", known_key(frame.scope.sizes[name], self.words))
            case Named("index"):
                return self.number("index", frame.index)
            case State(entry, name):
                return self.number("tensor", self.old_paths(f"{frame.made[entry].path}.{name}"))
            case Each():
                return self._each(node, frame)
            case _:
                return self._call(node, frame)

    def _call(self, node: object, frame: Frame) -> int:
        match node:
            case LayerCall(entry, args, keywords):
                place = frame.made[entry]
                keys = [*(None for _ in args), *(key for key, _ in keywords)]
                values = [self.trace(arg, frame) for arg in (*args, *(v for _, v in keywords))]
                given = dict(zip(input_names(place.typed, keys), values, strict=True))
                return self._joined(self.once(place.typed, place.path, given, frame))
            case BlockCall():
                return self._function(node, frame)
            case MethodCall(receiver, name, args, keywords):
                # Most methods are the functions of their names.
                own = registry.method_name(name)
                return self._plain(own, (receiver, *args), keywords, frame)
            case FunctionCall(name, args, keywords):
                return self._plain(name.replace(".", "_"), args, keywords, frame)
            case expression.Constant(value):
                return self.number("known", known_key(value, self.words))
        assert isinstance(node, expression.Node)
        parts = (getattr(node, name) for name in node.field_names if name != "at")
        return self.number(type(node).__name__, *(self._part(part, frame) for part in parts))

    def _plain(
        self,
        name: str,
        args: Sequence[object],
        keywords: Sequence[tuple[str, object]],
        frame: Frame,
    ) -> int:
        """A call of a tensor's function, its arguments by their names."""
        by_place = [self.trace(arg, frame) for arg in args]
        by_name = {key: self.trace(value, frame) for key, value in keywords}
        function = registry.load("ops", name)
        if isinstance(function, Function):
            places = function.places(len(args), by_name)[: len(args)]
            if len(places) == len(args) and by_name.keys().isdisjoint(places):
                by_name |= dict(zip(places, by_place, strict=True))
                by_place = []
        return self.number("call", name, *by_place, *sorted(by_name.items()))

    def _part(self, part: object, frame: Frame) -> object:
        if isinstance(part, tuple):
            return tuple(self._part(item, frame) for item in part)
        return self.trace(part, frame) if isinstance(part, expression.Node) else repr(part)

    def _function(self, node: BlockCall, frame: Frame) -> int:
        """A block of nothing but expressions, called as a function."""
        uses = self.graph.blocks.get(node.block, ())
        if not uses:
            return self._plain(node.block, node.args, node.keywords, frame)
        names = [item.name for item in uses[0].scope.inputs]
        given = dict(zip(names, (self.trace(arg, frame) for arg in node.args), strict=False))
        given |= {key: self.trace(value, frame) for key, value in node.keywords}
        inputs = {name: given.get(name, -1) for name in names}
        return self._joined(self.scope(uses[0], inputs, ""))

    def _joined(self, numbers: Traced) -> int:
        return numbers[0] if len(numbers) == 1 else self.number("several", *numbers)

    def _each(self, node: Each, frame: Frame) -> int:
        found: list[int] = []
        for value in node.values:
            path = value.entry[:-1]
            if path in frame.made and not frame.made[path].typed.absent:
                times = frame.times.get(path) or [frame.values[path][1]]
                found += [outputs[0] for outputs in times]
        return self.number("each", *found)


def input_names(typed: TypedNode, keys: Sequence[str | None]) -> list[str]:
    """What an entry's forward calls the values that it is given."""
    node = typed.times[0] if typed.times else typed
    if node.layer is not None:
        return list(input_places(type(node.layer), keys))
    if node.scope is not None:
        names = [item.name for item in node.scope.scope.inputs]
        return [key or names[place] for place, key in enumerate(keys)]
    return [key or str(place) for place, key in enumerate(keys)]


def time_name(typed: TypedNode, index: int) -> str:
    """What one time of a repeat is called."""
    if typed.node.shared:
        return str(typed.name)
    if typed.named:
        return typed.named[index]
    if typed.number is not None:
        return str(int(typed.number) + index)
    return f"{typed.name}.{index}"


def layer_key(layer: Layer) -> tuple[object, ...]:
    """A layer's type and arguments, but for those that change no value."""
    # One size alone may stand in a list, too.
    kept = (
        (name, known_key(value[0] if isinstance(value, tuple) and len(value) == 1 else value, {}))
        for name, value in layer
        if name != "inplace"
    )
    return (type(layer).__name__, *kept)


def parametrized_key(typed: TypedNode) -> tuple[object, ...]:
    """How tensors of a layer are computed from others."""
    return tuple((name, repr(by)) for name, by in typed.parametrized.items())


def known_key(value: Known | Layer, words: Mapping[str, Dim]) -> object:
    """A plain value: numbers by kind and value, sizes in the old model's words."""
    if isinstance(value, Dim):
        if value.constant is not None:
            return ("int", str(value.constant))
        return ("size", str(restored(value).substitute(words)))
    if isinstance(value, tuple | list):
        return tuple(known_key(item, words) for item in value)
    if isinstance(value, Layer):
        return layer_key(value)
    if isinstance(value, ModuleValue):
        return (value.name, known_key(value.arguments, words))
    return (type(value).__name__, repr(value))
