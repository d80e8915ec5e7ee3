"""The sizes of inputs that the constructor of a class needs, and those that its repeats carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...spec.expression import nodes as expression
from ...spec.layers.base import Layer
from ...spec.record import Record
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ...spec.tensor.type import TensorType
from ..elaborate.places import running, running_names, size_place
from ..elaborate.typed import TypedNode, TypedScope, returned
from ..resolve.bound import Input, Property, Size, State, Value, walk
from ..resolve.graph import Argument, BlockUse, Container, LayerUse, ModuleUse, Node, TensorUse
from .class_plan import ClassPlan, input_size
from .steps import expressions


class Needed(Record):
    """A size by its text (`x.shape[1]`, or one that a repeat carries along).

    wish: the name of what needs it. first_of: the repeat that begins with it, if that needs it.
    """

    text: str
    wish: str
    first_of: Path | None = None


class Carried(Record):
    """A size that changes from one time of a repeat to the next, and that its times need.

    place, dim: of the input that has it.
    """

    text: str
    wish: str
    place: int
    dim: int

    def first(self, typed: TypedNode) -> Dim:
        """What it is before the first time."""
        return _size(typed.inputs[self.place], self.dim)

    def taken(self, time: TypedNode) -> Dim:
        """What it is for one time."""
        return _size(time.inputs[self.place], self.dim)

    def given(self, time: TypedNode) -> Dim:
        """What it is after one time."""
        outputs = returned(time)
        given = outputs[self.place] if self.place < len(outputs) else time.inputs[self.place]
        return _size(given, self.dim)


def _size(value: object, dim: int) -> Dim:
    assert isinstance(value, TensorType)
    return value.shape[dim]


class SizeReader:
    """Finds the sizes that entries of one class need."""

    def __init__(self, plan: ClassPlan, classes: Mapping[str, ClassPlan]) -> None:
        self.plan = plan
        self.classes = classes
        self.inputs = {item.name for item in plan.scope.inputs}

    def of_class(self) -> Iterator[Needed]:
        """Those that anything in the class needs, params included."""
        yield from self.of_entries(0)
        for param in self.plan.scope.params:
            if param.default is not None:
                yield from _named(sizes_read(param.default, self.plan.uses[0]))

    def of_entries(self, start: int) -> Iterator[Needed]:
        """Those that the entries from a place on need."""
        for use in self.plan.uses:
            yield from self._of_typed(use.nodes[start:])
        for node in all_nodes(self.plan.scope.nodes[start:]):
            for argument in _build_time_arguments(node):
                yield from _named(sizes_read(argument, self.plan.uses[0]))
            yield from _named(_sizes_tested(node, self.plan))

    def carried(self, typed: Sequence[TypedNode]) -> list[Carried]:
        """What a repeat carries along; typed: the repeat, in each use."""
        times = [time for one in typed for time in one.times]
        wishes: dict[str, str] = {}
        for found in self._of_typed(times):
            wishes.setdefault(found.text, found.wish)
        path, first = times[0].node.path, times[0].inputs
        places = [
            (place, dim)
            for place, value in enumerate(first)
            if isinstance(value, TensorType)
            for dim in range(value.rank)
        ]
        texts = {running(path, *place): place for place in places}
        # What one needs for its next value is carried, too.
        while True:
            made = [Carried(text, wishes[text], *texts[text]) for text in texts if text in wishes]
            given = [carried.given(time) for carried in made for time in times]
            new = [one for size in given for one in self._of(size, "size")]
            if all(one.text in wishes for one in new):
                return made
            wishes = {one.text: one.wish for one in new} | wishes

    def _of_typed(self, typed: Iterable[TypedNode]) -> Iterator[Needed]:
        for one in typed:
            action = one.node.action
            if one.layer is not None and isinstance(action, ModuleUse):
                yield from self._of(one.layer, "")
            if one.scope is not None and isinstance(action, BlockUse):
                for text, wish in self.classes[action.block].arguments.items():
                    yield from self._of(input_size(one, text), wish)
            yield from self._of_typed(one.children)
            yield from self._of_typed(one.times)
            if one.times:
                yield from self._of_loop(one)

    def _of_loop(self, typed: TypedNode) -> Iterator[Needed]:
        for carried in self.carried([typed]):
            for found in self._of(carried.first(typed), carried.wish):
                yield found.replace(first_of=typed.node.path)
            for time in typed.times:
                yield from self._of(carried.given(time), carried.wish)

    def _of(self, value: object, wish: str) -> Iterator[Needed]:
        if isinstance(value, tuple):
            for item in value:
                yield from self._of(item, wish)
        if isinstance(value, Layer):
            for name, item in value:
                yield from self._of(item, name)
        if isinstance(value, Dim) and value.origin is not None:
            for symbol in sorted(value.origin.symbols, key=lambda symbol: symbol.name):
                name = symbol.name
                if name.partition(".shape[")[0] in self.inputs and "[" in name:
                    exact = str(value.origin) == name
                    yield Needed(name, wish if exact else _place_name(name))
                elif name in self.plan.uses[0].sizes:
                    yield Needed(name, name)
                for text in running_names(name):
                    exact = str(value.origin) == text
                    yield Needed(text, wish if exact and wish else "channels")


def _sizes_tested(node: Node, plan: ClassPlan) -> Iterator[str]:
    """The sizes by which an entry's conditional expressions choose a side, known at build."""
    for part in walk(expressions(node)):
        if isinstance(part, expression.Conditional):
            texts = list(sizes_in(part.test, plan.uses[0]))
            known = [text for text in texts if text is not None and _is_number(plan, text)]
            yield from known if len(known) == len(texts) else ()


def _is_number(plan: ClassPlan, text: str) -> bool:
    """Whether a size of an input is a number in all uses."""
    owner, dim = size_place(plan.scope, text)
    shapes = [use.inputs[owner].shape for use in plan.uses if owner in use.inputs]
    has_one_rank = len({len(shape) for shape in shapes}) == 1 and len(shapes) == len(plan.uses)
    return has_one_rank and all(shape[dim].constant is not None for shape in shapes)


def _named(texts: Iterable[str | None]) -> list[Needed]:
    return [Needed(text, _place_name(text)) for text in texts if text is not None]


def _place_name(text: str) -> str:
    """A name for a size of an input where no argument of a layer lends one."""
    owner, bracket, rest = text.partition(".shape[")
    if not bracket:
        return text
    # Of images and volumes, and of what linear layers pass on, dimension 1 has a name.
    return f"{owner}_{'channels' if rest == '1]' else f'size{rest[:-1]}'}"


def _build_time_arguments(node: Node) -> list[Argument]:
    arguments = [item for item in (node.when, node.repeat) if item is not None]
    if isinstance(node.action, LayerUse):
        arguments += node.action.all_arguments()
    if isinstance(node.action, TensorUse):
        arguments += [item for item in (node.action.shape, node.action.value) if item is not None]
        arguments += node.action.init.arguments.values() if node.action.init is not None else ()
    return arguments


def sizes_read(argument: Argument, scope: TypedScope) -> Iterator[str | None]:
    """The sizes of inputs that an argument reads, by their text: `x.shape[1]`, `time`.

    None for what only the typed model knows: a shape as a whole, or that of another value.
    """
    if isinstance(argument.value, tuple):
        for item in argument.value:
            yield from sizes_read(item, scope)
    elif isinstance(argument.value, ModuleUse | BlockUse):
        for item in argument.value.all_arguments():
            yield from sizes_read(item, scope)
    else:
        yield from sizes_in(argument.value, scope)


def sizes_in(node: expression.Node, scope: TypedScope) -> Iterator[str | None]:
    """Likewise, that an expression reads."""
    text = size_text(node, scope)
    if text is not None or isinstance(node, Property | Value | Input | State):
        yield text
        return
    for child in expression.children(node):
        yield from sizes_in(child, scope)


def size_text(node: object, scope: TypedScope) -> str | None:
    """The text of a size of an input, where a node is one."""
    match node:
        case Size(name):
            return name
        case expression.Subscript(Property(Input(name), "shape"), index) if name in scope.inputs:
            rank = scope.inputs[name].rank
            match index:
                case expression.Constant(int(dim)):
                    return f"{name}.shape[{dim}]"
                case expression.Unary("-", expression.Constant(int(dim))):
                    return f"{name}.shape[{rank - dim}]"
    return None


def all_nodes(nodes: Sequence[Node]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        found.append(node)
        if isinstance(node.action, Container):
            found += all_nodes(node.action.children)
    return found
