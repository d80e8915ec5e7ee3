"""The network's part of a spec: `[model]` and `[blocks.NAME]`.

Entries are told apart by their keys; the arguments of a module stay as they were written, since
only the class that its `type` names knows them.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from .fields import Anything, Expressions, Formula, Formulas, Many, Scanned, Text
from .schema import Before, Schema

MAX_LAYERS = 100_000
"""At most so many leaf layers may a model have."""
MAX_LOOPS = 6
"""At most so many repeats and recurrences may stand within each other."""


Layers = Annotated[tuple[Any, ...], Anything]
"""Entries; each is read by the class that its keys tell (see `entry_class`)."""


class Section(Schema):
    """A table of the spec: nothing unknown, nothing converted."""


class Input(Section):
    """An input of the model or a block; `"x"` or `["batch", 5]` are short for tables."""

    shape: Many[Formula] | None = None
    dtype: Text | None = None
    where: Formulas = ()
    optional: bool = False


class Param(Section):
    """A param of the model or a block: a type (then it is required), or a default."""

    type: Text | None = None
    default: Any = None


class Entry(Section):
    """What any entry of `layers` may have."""

    name: Any = None
    when: Formula | None = None
    keep: bool = False


class CallEntry(Entry):
    """An entry that makes a module."""

    inputs: Any = None
    repeat: Formula | None = None
    shared: bool = False
    parametrize: dict[str, Any] | None = None
    recompute: bool = False
    call: bool = True


class ModuleEntry(CallEntry):
    """A module of torch.nn or a block, by its type. What else is written are its arguments."""

    extra: ClassVar[Literal["forbid", "allow"]] = "allow"

    type: Text


class ExpressionEntry(Entry):
    """Mathematics on values."""

    expr: Text


class ContainerEntry(CallEntry):
    """A scope of names. `layers` are read one by one, as those of the model."""

    layers: Layers


class RecurrenceEntry(ContainerEntry):
    """Layers that run once for each slice of tensors, or so many times, with the same weights.

    scan: the tensors by what their slices are called, or how many times.
    dim: the dimension along which tensors are sliced and outputs stacked.
    carry: what each time hands to the next, by name: the first values.
    """

    scan: Scanned
    dim: Formula = 0
    carry: Expressions = {}
    outputs: Formulas = ()

    @property
    def adds_no_name(self) -> bool:
        """Whether its layers belong to what it stands in."""
        return self.name is None and self.repeat is None


class TensorEntry(Entry):
    """A tensor of the model's own: `Parameter` (trained) or `Buffer` (not)."""

    type: Literal["Parameter", "Buffer"]
    shape: Many[Formula] | None = None
    value: Any = None
    init: Any = None
    dtype: Text | None = None
    requires_grad: bool = True
    persistent: bool = True


def entry_class(value: object) -> type[Entry] | None:
    """The class of an entry, told by its keys; None where it is no entry."""
    if isinstance(value, str):
        return ModuleEntry
    if not isinstance(value, dict):
        return None
    if value.get("type") in ("Parameter", "Buffer"):
        return TensorEntry
    forms: tuple[tuple[str, type[Entry]], ...] = (
        ("type", ModuleEntry),
        ("expr", ExpressionEntry),
        ("scan", RecurrenceEntry),
        ("layers", ContainerEntry),
    )
    return next((form for key, form in forms if key in value), None)


def _inputs(value: object) -> object:
    """`["x", "y"]` is short for a table of inputs without declared shapes."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    if isinstance(value, dict):
        return {
            name: {"shape": item} if isinstance(item, list) else item
            for name, item in value.items()
        }
    return value


def _params(value: object) -> object:
    """`channels = "int"` and `stride = 1` are short for tables."""
    if not isinstance(value, dict):
        return value
    return {name: item if isinstance(item, dict) else _param(item) for name, item in value.items()}


PARAM_TYPES = ("int", "float", "bool", "str", "list", "module")


def _param(value: object) -> dict[str, object]:
    return {"type": value} if value in PARAM_TYPES else {"default": value}


Inputs = Annotated[dict[str, Input], Before(_inputs)]
Params = Annotated[dict[str, Param], Before(_params)]


class Model(Section):
    """`[model]`: the network itself."""

    name: Text
    params: Params = {}
    require: Formulas = ()
    inputs: Inputs
    layers: Layers
    outputs: Formulas = ()
    tie: dict[str, Text] = {}
    init: Any = None
    dtype: Text | None = None


class Block(Section):
    """`[blocks.NAME]`: a class of its own in the output."""

    params: Params = {}
    require: Formulas = ()
    inputs: Inputs = {"x": Input()}
    layers: Layers
    outputs: Formulas = ()
    sequential: bool = False


class Budget(Section):
    """`[budget]`: limits such as `"<= 12M"`; `at` says for which sizes the cost is meant."""

    parameters: Text | None = None
    flops: Text | None = None
    at: dict[str, int] = {}


def _tables(value: object) -> object:
    """One table or a list of tables."""
    if isinstance(value, dict):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Tables = Annotated[tuple[dict[str, Any], ...], Before(_tables)]


class Spec(Section):
    """A whole spec. What most specs don't have is read by its class where there is any: blocks
    and budget here, the sections of training by the classes that they name."""

    specc: Literal[1] = 1
    include: Many[Text] = ()
    model: Model
    blocks: dict[str, Any] = {}
    data: dict[str, Any] | None = None
    loss: Tables = ()
    optimizer: Tables = ()
    scheduler: Tables = ()
    training: dict[str, Any] | None = None
    budget: Any = None
    plot: Tables = ()
