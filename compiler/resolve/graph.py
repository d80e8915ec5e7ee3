"""The Graph: a spec with all its names bound. Numbers are not yet known, nor types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ...spec.expression import nodes as expression
from ...spec.layers.base import Layer
from ...spec.record import Record, field
from ...spec.source import OwnFile, Path
from .bound import Bound, Named, Param, Size, Value, walk
from .patterns import Pattern

if TYPE_CHECKING:
    from ...spec.initializers import Initializer
    from ...spec.parametrizations import Parametrization


class Argument(Record):
    """A value in the spec: an expression (a plain number is one too), or a list of arguments.

    Of a param of type module it is a module, or a block, that is made where the param is used.
    """

    path: Path
    value: Bound | tuple[Argument, ...] | ModuleUse | BlockUse

    @property
    def bound(self) -> Bound:
        """The expression of an argument that is neither a list nor a module."""
        if isinstance(self.value, tuple | ModuleUse | BlockUse):
            raise TypeError("this is no expression")
        return self.value

    @property
    def is_plain(self) -> bool:
        """Whether it is written as a plain value, or a list of them."""
        if isinstance(self.value, tuple):
            return all(item.is_plain for item in self.value)
        return isinstance(self.value, expression.Constant | ModuleUse | BlockUse)


class Call(Record):
    """What a module or block is called with: expressions by place (None) or by name."""

    path: Path
    arguments: tuple[tuple[str | None, Argument], ...]


class DeclaredShape(Record):
    """What an entry says of a tensor that its layer takes or gives; dtype: None where left out."""

    path: Path
    sizes: tuple[Argument, ...]
    dtype: str | None


class OwnClass(Record):
    """The class of one's own that an entry uses, and what the entry says of it.

    inputs: by the names of forward's arguments. sizes: the names that these shapes bind.
    outputs: what forward returns, in order.
    """

    file: OwnFile
    inputs: Mapping[str, DeclaredShape]
    sizes: tuple[str, ...]
    outputs: tuple[DeclaredShape, ...]

    def arguments(self) -> Iterator[Argument]:
        """The sizes that are declared."""
        for shape in (*self.inputs.values(), *self.outputs):
            yield from shape.sizes


class ModuleUse(Record):
    """A module of torch.nn, or of a file of one's own, with its constructor arguments.

    path: where it is written. modules: those of its arguments that are modules.
    own: where the class is one's own.
    """

    layer: type[Layer]
    arguments: Mapping[str, Argument]
    path: Path
    modules: Mapping[str, ModuleUse] = MappingProxyType({})
    own: OwnClass | None = None

    def all_arguments(self) -> Iterator[Argument]:
        """The arguments, with those of the modules among them."""
        yield from self.arguments.values()
        for module in self.modules.values():
            yield from module.all_arguments()


class BlockUse(Record):
    """A block with its params."""

    block: str
    arguments: Mapping[str, Argument]

    def all_arguments(self) -> Iterator[Argument]:
        """The values of its params."""
        yield from self.arguments.values()


class ParamUse(Record):
    """The module that a param of type module stands for.

    arguments: those that the entry gives; the param's value may have others.
    path: where the entry is written.
    """

    param: Param
    arguments: Mapping[str, Argument]
    path: Path

    def all_arguments(self) -> Iterator[Argument]:
        """The param, and the arguments that the entry gives."""
        yield Argument(self.path, self.param)
        yield from self.arguments.values()


LayerUse = ModuleUse | BlockUse | ParamUse
"""What makes a module."""


class Formula(Record):
    """Mathematics on values."""

    expression: Argument


class Container(Record):
    """A scope of names.

    is_chain: whether every child is a module that takes just the value before it.
    """

    children: tuple[Node, ...]
    is_chain: bool = False

    @property
    def last(self) -> Node | None:
        """The child whose value is the container's; None where that is its input."""
        valued = [child for child in self.children if child.has_value]
        return valued[-1] if valued else None


class Carried(Record):
    """A value that each time of a loop hands to the next one.

    name: what the spec calls it; None for what a repeated container takes.
    initial: the first one. renewed: what a time hands on.
    held: what reads it within a time, before it is renewed. last: what reads it after the loop.
    """

    name: str | None
    initial: Argument
    renewed: Argument
    held: Value
    last: Value


class Recurrence(Container):
    """Layers that run once for each slice of what the node is called with, by the slices' names.

    times: how many times they run, where nothing is sliced.
    dim: the dimension along which values are sliced and outputs stacked.
    outputs: by their names, within a time. One without a name is the last value.
    """

    dim: Argument = Argument((), expression.Constant(0, (0, 0)))
    times: Argument | None = None
    carried: tuple[Carried, ...] = ()
    outputs: tuple[tuple[str, Argument], ...] = ()

    @property
    def carried_names(self) -> list[str]:
        """The names of what it carries: outside they mean the last ones."""
        return [one.name or "" for one in self.carried]

    @property
    def names(self) -> tuple[str, ...]:
        """What may be read of it, in the order of its values: stacked outputs, the last ones."""
        carried = self.carried_names
        return (*("" if name in carried else name for name, _ in self.outputs), *carried)

    def heads(self) -> list[Argument]:
        """What it reads before its first time, beside what it is called with."""
        times = [self.times] if self.times is not None else []
        return [*times, *(one.initial for one in self.carried)]

    def read(self) -> list[Argument]:
        """What it reads itself, beside what it is called with."""
        within = [*(one.renewed for one in self.carried), *(item for _, item in self.outputs)]
        return [*self.heads(), *within]


class InitRule(Record):
    """Fills the parameters that one of its patterns matches.

    patterns: each with its place.
    """

    path: Path
    patterns: tuple[tuple[Path, Pattern], ...]
    function: type[Initializer]
    arguments: Mapping[str, Argument]


class Tie(Record):
    """The parameter `name` is the parameter `target`."""

    path: Path
    name: str
    target: str


class TensorUse(Record):
    """A Parameter (`trainable`) or Buffer of one's own.

    init: what fills it, where it has no value.
    """

    trainable: bool
    shape: Argument | None
    value: Argument | None
    init: InitRule | None
    dtype: str | None
    requires_grad: bool
    persistent: bool


class Parametrized(Record):
    """The tensor `tensor` of a module is computed from others."""

    path: Path
    tensor: str
    function: type[Parametrization]
    arguments: Mapping[str, Argument]


Action = LayerUse | Formula | Container | TensorUse


class Node(Record):
    """An entry of `layers`.

    names: the names that it binds; several where an expression's values are unpacked.
    attribute: the attribute of the owning class that holds it, None for expressions and for
        children of containers, which are numbered.
    call: what it is called with; None for what is not called where it stands.
    recompute: whether the backward pass computes anew what is inside, rather than keep it.
    template: what the times of a repeat are called, where each has a name of its own.
    renamed_from: what it was called before, for weights that were kept then.
    """

    path: Path
    names: tuple[str, ...]
    attribute: str | None
    action: Action
    call: Call | None
    when: Argument | None = None
    repeat: Argument | None = None
    shared: bool = False
    parametrized: tuple[Parametrized, ...] = ()
    recompute: bool = False
    template: tuple[str | Argument, ...] = ()
    renamed_from: tuple[str, ...] = field(default=(), compare=False)

    @property
    def may_be_absent(self) -> bool:
        """Whether a condition decides at build if there is such a layer."""
        return self.when is not None and not self.in_training

    @property
    def in_training(self) -> bool:
        """Whether it runs in training only."""
        return self.when is not None and is_training(self.when.value)

    @property
    def has_value(self) -> bool:
        """Whether it may be the value before."""
        return self.call is not None or isinstance(self.action, Formula)


class ParamDeclaration(Record):
    """A param: its type where it is required, its default where it has one."""

    name: str
    path: Path
    type: str | None
    default: Argument | None

    @property
    def is_constant(self) -> bool:
        """Whether it follows from other params and sizes: no use gives it."""
        return self.type is None and self.default is not None and not self.default.is_plain


class InputDeclaration(Record):
    """An input with its declared shape, or None where it takes any."""

    name: str
    path: Path
    shape: tuple[Argument, ...] | None
    dtype: str | None
    conditions: tuple[Argument, ...]
    optional: bool


class Scope(Record):
    """The model or a block.

    sizes: the names that declared shapes bind.
    outputs: what it returns, by name; one without a name is the last value.
    model_params: the model's params that a block reads.
    init, ties: of the model; blocks have none.
    is_sequential: whether a block's class is an `nn.Sequential`.
    requirements: what it requires of its params, as written.
    calls_blocks: whether its expressions call blocks as functions.
    """

    name: str
    path: Path
    params: tuple[ParamDeclaration, ...]
    inputs: tuple[InputDeclaration, ...]
    sizes: tuple[str, ...]
    require: tuple[Argument, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[tuple[str, Argument], ...]
    model_params: frozenset[str]
    dtype: str | None = None
    init: tuple[InitRule, ...] = ()
    ties: tuple[Tie, ...] = ()
    is_sequential: bool = False
    requirements: tuple[str, ...] = ()
    calls_blocks: bool = False

    def reads(self, name: str) -> bool:
        """Whether it has an input of this name."""
        return any(item.name == name for item in self.inputs)

    def sizes_read(self) -> bool:
        """Whether an expression reads a size that a declared shape binds."""
        return any(
            isinstance(part, Size)
            for node in self.nodes
            if isinstance(node.action, Formula)
            for part in parts(node.action.expression)
        )


def is_training(node: object) -> bool:
    """Whether an expression is just `training`."""
    return isinstance(node, Named) and node.name == "training"


class Graph(Record):
    """The model and the blocks that it may use."""

    model: Scope
    blocks: Mapping[str, Scope]


def parts(argument: Argument) -> Iterator[expression.Node]:
    """The nodes of an argument's expressions, lists opened."""
    if isinstance(argument.value, tuple):
        for item in argument.value:
            yield from parts(item)
    elif isinstance(argument.value, ModuleUse | BlockUse):
        for item in argument.value.all_arguments():
            yield from parts(item)
    else:
        yield from walk(argument.value)
