"""What the planner knows of one class of the output: the model's, or a block's, with its uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...spec.source import OwnFile, Path
from ...spec.tensor.dim import Dim
from ..elaborate.places import said, size_place, without_running
from ..elaborate.typed import OptionalType, TypedNode, TypedScope
from ..emit import code
from ..resolve.bound import BlockCall, FunctionCall
from ..resolve.graph import Argument, BlockUse, Graph, Scope
from ..resolve.problems import Problems
from .translate import Words, no_function


@dataclass
class ClassPlan:
    """One class.

    uses: every set of numbers and types with which it is used; all share the class's code.
    sizes: what the constructor calls a size of an input, by its text (`x.shape[1]`): an argument
        of its own, a formula over the model's params, or a number.
    formulas: of those sizes that follow from the model's params.
    arguments: the constructor's arguments for such sizes, with the text of each.
    model_params: the model's params that the class or a class inside it reads, in their order.
    called_with: those that the functions read which it calls.
    unread: the params that its code does not read, since all uses are alike in what they decide.
    kept: what other methods read of the constructor's names, as attributes.
    words: what readers call a size of an input, by its text, where its shape is not declared.
    """

    scope: Scope
    uses: tuple[TypedScope, ...]
    sizes: dict[str, code.Expression] = field(default_factory=dict)
    formulas: dict[str, Dim] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    model_params: tuple[str, ...] = ()
    called_with: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    kept: dict[str, code.Expression] = field(default_factory=dict)
    words: dict[str, Dim] = field(default_factory=dict)

    def outputs_of_training(self) -> set[str]:
        """The outputs that are None in eval mode; a single one may be without a name."""
        outputs = [output for use in self.uses for output in use.outputs]
        return {name or "returns" for name, value in outputs if isinstance(value, OptionalType)}

    def in_words(self, size: Dim) -> Dim | None:
        """A size's formula as readers of the class know it; None where there are no words."""
        size = without_running(size)
        formula = said(size).substitute(self.words)
        if self.scope.path == ("model",) or formula.is_constant:
            return formula
        if size.origin is None:
            # It is said in the model's words, which may mean something else here.
            return None
        known = {*(param.name for param in self.scope.params), *self.scope.sizes}
        known |= {*self.model_params, *self.scope.model_params, *self.arguments.values()}
        known |= {symbol.name for word in self.words.values() for symbol in word.symbols}
        return formula if all(symbol.name in known for symbol in formula.symbols) else None


@dataclass
class ModelPlanner:
    """What is shared by the planning of all classes of one model.

    blocks: the bodies of each block.
    own: the classes in files of one's own that it has used so far.
    channels_last: whether images lie so in memory, and nothing made of them is surely contiguous.
    """

    graph: Graph
    classes: Mapping[str, ClassPlan]
    problems: Problems
    dtype: str | None
    late: frozenset[Path] = frozenset()
    blocks: Mapping[str, tuple[TypedScope, ...]] = field(default_factory=dict)
    modules: set[str] = field(default_factory=lambda: {"nn", "Tensor"})
    own: dict[OwnFile, set[str]] = field(default_factory=dict)
    needs_derivative: bool = False
    channels_last: bool = False
    function: Callable[[BlockCall, Words], code.Expression] = no_function

    def is_written(self, argument: Argument) -> bool:
        """Whether the output has all the classes that an argument names: those of blocks in use."""
        value = argument.value
        if not isinstance(value, BlockUse):
            return True
        return value.block in self.classes and all(map(self.is_written, value.arguments.values()))

    def factory_dtype(self, plan: ClassPlan, node: FunctionCall) -> str | None:
        """The element type that a factory's call takes from the model, if it does."""
        takes = {repr(node) in use.made_as_model for use in plan.uses}
        if len(takes) > 1:
            self.problems.error(
                "uses-differ",
                "the uses of this block need different code: with some numbers a tensor is of"
                " whole ones",
                plan.scope.path,
                help="give dtype",
            )
        return self.dtype if True in takes else None

    def common(self, codes: Sequence[code.Expression], path: Path, what: str) -> code.Expression:
        """The one code that all uses of a class share. Reports a difference."""
        if any(other != codes[0] for other in codes[1:]):
            self.problems.error(
                "uses-differ",
                f"the uses of this block need different code: {what} follows from sizes that no"
                " param of the block gives",
                path,
                help="make the number a param of the block, or use two blocks",
            )
        return codes[0]


def block_uses(typed: Sequence[TypedNode]) -> Iterator[TypedNode]:
    """The nodes among these, and inside their containers and repeats, that use a block."""
    for node in typed:
        if node.absent:
            continue
        if node.times:
            yield from block_uses(node.times)
        elif node.scope is not None:
            yield node
        else:
            yield from block_uses(node.children)


def input_size(typed: TypedNode, text: str) -> Dim:
    """The size that a block calls `x.shape[1]`, as its caller has it."""
    assert typed.scope is not None
    owner, dim = size_place(typed.scope.scope, text)
    names = [item.name for item in typed.scope.scope.inputs]
    keys: list[str | None] = [None] * len(typed.inputs)
    if typed.node.call is not None:
        keys = [key for key, _ in typed.node.call.arguments]
    for place, (key, tensor) in enumerate(zip(keys, typed.inputs, strict=True)):
        if (key or names[place]) == owner:
            return tensor.shape[dim]  # type: ignore[union-attr]
    raise KeyError(text)
