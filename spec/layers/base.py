"""What every layer says of itself.

A layer is one class: its fields are the arguments of torch's module by the same name, in torch's
order, with torch's names and defaults. What is emitted follows from the fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar

from ..arguments import Arguments
from ..kinds import JsonSchema, Kind
from ..record import Record
from ..tensor.cost import counting
from ..tensor.dim import Dim
from ..tensor.type import PackedType, TensorType

T = TypeVar("T")


class Inferred(Record):
    """Marks a field that may be left out, since it follows from an input's size.

    dim: the dimension that it equals. input: the name of the input.
    usual: the field that it equals by default: where it does, it stays left out.
    """

    dim: int
    input: str = "input"
    usual: str | None = None


class StateEntry(Record):
    """One entry of a module's `state_dict`, or a buffer that is not in it.

    trainable: whether it is a parameter, rather than a buffer.
    frozen: whether it is a parameter that requires no gradient.
    owner: the type of the module inside that holds it; None where it is the module's own.
    """

    type: TensorType
    trainable: bool = True
    persistent: bool = True
    frozen: bool = False
    owner: str | None = None


def joined(**modules: Layer) -> dict[str, StateEntry]:
    """The state of a module with others inside, by their attributes."""
    return {
        f"{attribute}.{name}": entry.replace(owner=entry.owner or type(layer).__name__)
        for attribute, layer in modules.items()
        for name, entry in layer.state().items()
    }


class Layer(Arguments):
    """A torch module: arguments, output type, state, cost.

    Subclasses are named as torch's classes. Class variables:
    forward_inputs: the names of forward's arguments; those with a `?` may be left out.
    forward_kinds: what those of forward's arguments may be that are no single tensor.
    forward_outputs: the names of what forward returns, in torch's documentation's words.
    grouped: how many of the last outputs forward returns as one tuple: `output, (h_n, c_n)`.
    partial_outputs: those outputs that need not depend on all parameters.
    keyword_inputs: those of forward's arguments that it takes by name alone.
    is_own: whether its class stands in a file of the user's own, whose parameters and cost only
        torch knows.
    """

    forward_inputs: ClassVar[tuple[str, ...]] = ("input",)
    forward_kinds: ClassVar[Mapping[str, Kind]] = {}
    forward_outputs: ClassVar[tuple[str, ...]] = ("output",)
    grouped: ClassVar[int] = 0
    partial_outputs: ClassVar[tuple[str, ...]] = ()
    keyword_inputs: ClassVar[frozenset[str]] = frozenset()
    is_own: ClassVar[bool] = False
    example: ClassVar[str] = ""

    def output(
        self, *inputs: Any, **by_name: Any
    ) -> TensorType | tuple[TensorType | PackedType | None, ...]:
        """The type of what forward returns, the grouped ones side by side with the others.

        Raises `Refusal` where torch would.
        """
        raise TypeError(f"{type(self).__name__} has no output rule")

    def state(self) -> Mapping[str, StateEntry]:
        """Parameters and buffers by name, in `state_dict` order."""
        return {}

    def adapted(self, *inputs: object) -> Self:
        """The layer as it is made for these inputs: itself, but for what follows their types."""
        return self

    def flops(self, *inputs: Any, **by_name: Any) -> Dim:
        """Floating-point operations of one forward pass, as its functions count them."""
        with counting() as spent:
            self.output(*inputs, **by_name)
        return spent.total()

    @classmethod
    def inputs_by_place(cls) -> tuple[str, ...]:
        """Those of forward's arguments that may be given by place."""
        by_name = cls.keyword_inputs
        return tuple(name for name in cls.forward_inputs if name.rstrip("?") not in by_name)

    @classmethod
    def code_name(cls) -> str:
        """What the code that is written calls the class."""
        return f"nn.{cls.__name__}"

    @classmethod
    def returned(cls, outputs: Sequence[T]) -> tuple[T | tuple[T, ...], ...]:
        """Several outputs as forward returns them."""
        single = len(outputs) - cls.grouped
        return (*outputs[:single], tuple(outputs[single:])) if cls.grouped else tuple(outputs)

    @classmethod
    def inferred(cls) -> Mapping[str, Inferred]:
        """The fields that may be left out."""
        return {
            name: mark
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, Inferred)
        }

    @classmethod
    def modules(cls) -> Mapping[str, ModuleArgument]:
        """The fields that are modules."""
        return {
            name: kind
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(kind := getattr(mark, "kind", mark), ModuleArgument)
        }


class ModuleArgument(Kind):
    """A module that another one is given, written as a table with its `type`.

    takes: the input of the outer module with the type of what this one is called with.
    types: the names of the layers that it may be; where there are none, any of one input and
        one output.
    """

    def __init__(self, takes: str, *types: str) -> None:
        self.takes = takes
        self.types = types
        self.expects = f'a table such as {{ type = "{types[0] if types else "LayerNorm"}" }}'

    @property
    def wanted(self) -> str:
        """Which layers it may be."""
        return " or ".join(self.types) or "a layer of one input and one output"

    def fits(self, layer: type[Layer]) -> bool:
        """Whether a layer is of such a type."""
        if self.types:
            return layer.__name__ in self.types
        required = [name for name in layer.forward_inputs if not name.endswith("?")]
        return len(required) == len(layer.forward_outputs) == 1

    def read(self, value: object) -> Layer:
        if isinstance(value, Layer) and self.fits(type(value)):
            return value
        raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        """The schema of a module, which `spec/language_schema.py` defines."""
        return {"$ref": f"#/$defs/{'_or_'.join(['module', *self.types])}"}
