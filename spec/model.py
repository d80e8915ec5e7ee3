"""The network's part of a spec: `[model]` and `[blocks.NAME]`.

Entries are told apart by their keys; the arguments of a module stay as they were written, since
only the class that its `type` names knows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from .fields import (
    SCALAR,
    STRINGS,
    Anything,
    Condition,
    Count,
    DTypeText,
    Expressions,
    Formulas,
    Many,
    NameList,
    Scanned,
    Size,
    Text,
    Whole,
)
from .kinds import JsonSchema
from .schema import Before, Form, Schema

MAX_LAYERS = 100_000
"""At most so many leaf layers may a model have."""
MAX_LOOPS = 6
"""At most so many repeats and recurrences may stand within each other."""


_LISTED: Final[JsonSchema] = {"type": "array", "items": SCALAR}
_ARRAY: Final[JsonSchema] = {"type": ["boolean", "number", "string", "array"]}
"""What is no table."""


def defined(name: str) -> JsonSchema:
    """The JSON Schema of a form that `spec/language_schema.py` makes of the classes."""
    return {"$ref": f"#/$defs/{name}"}


Layers = Annotated[tuple[Any, ...], Anything, Form(defined("layers"))]
"""Entries; each is read by the class that its keys tell (see `entry_class`)."""


class Section(Schema):
    """A table of the spec: nothing unknown, nothing converted."""


class Input(Section):
    """An input of the model or a block; `"x"` or `["batch", 5]` are short for tables.

    shape: its sizes: numbers, names of sizes that vary, and expressions over these.
    dtype: its element type; left out, float32.
    where: conditions on its sizes, such as "time <= context".
    optional: whether it may be left out, which `mask is None` tells.
    """

    shape: Many[Size] | None = None
    dtype: DTypeText | None = None
    where: Formulas = ()
    optional: bool = False


class Param(Section):
    """A param of the model or a block: a type (then it is required), or a default.

    type: "int", "float", "bool", "str", "list" or "module"; else an expression over earlier params.
    default: its value where none is given.
    """

    type: Text | None = None
    default: Any = None


class Entry(Section):
    """What any entry of `layers` may have.

    name: what others call its value, and its module in the code and in checkpoints.
    when: a condition decided at build, or "training"; where it fails, the input passes through.
    keep: whether it stays though nothing reads its value.
    """

    name: Annotated[Any, Form({"type": "string"})] = None
    when: Condition | None = None
    keep: bool = False


class CallEntry(Entry):
    """An entry that makes a module.

    inputs: what it is called with: an expression, a list of them, or a table by argument name;
        left out, the value before.
    repeat: how many times it stands in a chain; numbers may then vary with `index`.
    shared: whether a repeat has the same weights each time.
    parametrize: which of its tensors are computed from others, as by "weight_norm".
    recompute: whether its activations are computed again in the backward pass, to save memory.
    call: whether it is called where it stands; else it is declared for calling later.
    renamed_from: what it was called before, for weights that were kept then.
    """

    inputs: Annotated[
        Any, Form({"anyOf": [SCALAR, _LISTED, {"type": "object", "additionalProperties": SCALAR}]})
    ] = None
    repeat: Count | None = None
    shared: bool = False
    parametrize: dict[str, Annotated[Any, Form(defined("parametrization"))]] | None = None
    recompute: bool = False
    call: bool = True
    renamed_from: NameList = ()


class ModuleEntry(CallEntry):
    """A module of torch.nn or a block, by its type. What else is written are its arguments."""

    extra: ClassVar[Literal["forbid", "allow"]] = "allow"

    type: Text


class ExpressionEntry(Entry):
    """Mathematics on values.

    name: what others call its value, or a list of names for its several values.
    expr: an expression on earlier values, with torch's functions: "relu(h) + x".
    """

    name: Annotated[Any, Form({"anyOf": [{"type": "string"}, STRINGS]})] = None
    expr: Text


class ContainerEntry(CallEntry):
    """A scope of names. `layers` are read one by one, as those of the model.

    layers: the entries inside, in order.
    """

    layers: Layers


class RecurrenceEntry(ContainerEntry):
    """Layers that run once for each slice of tensors, or so many times, with the same weights.

    scan: the tensors by what their slices are called, or how many times.
    dim: the dimension along which tensors are sliced and outputs stacked.
    carry: what each time hands to the next, by name: the first values.
    outputs: the values of each time that are stacked; left out, the last one.
    """

    scan: Scanned
    dim: Whole = 0
    carry: Expressions = {}
    outputs: Formulas = ()

    @property
    def adds_no_name(self) -> bool:
        """Whether its layers belong to what it stands in."""
        return self.name is None and self.repeat is None


class TensorEntry(Entry):
    """A tensor of the model's own: `Parameter` (trained) or `Buffer` (not).

    only: the keys that one of the two alone has.
    shape: its sizes, where an init fills it.
    value: a number, lists of numbers, or an expression on params and earlier Buffers.
    init: what fills it: a function of torch.nn.init.
    dtype: its element type; left out, the model's.
    requires_grad: whether it is trained.
    persistent: whether checkpoints hold it.
    renamed_from: what it was called before, for weights that were kept then.
    """

    only: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Parameter": ("init", "requires_grad", "shape"),
        "Buffer": ("persistent",),
    }

    type: Literal["Parameter", "Buffer"]
    shape: Many[Size] | None = None
    value: Annotated[Any, Form(_ARRAY)] = None
    init: Annotated[Any, Form(defined("initializer"))] = None
    dtype: DTypeText | None = None
    requires_grad: bool = True
    persistent: bool = True
    renamed_from: NameList = ()


class BrokenEntry(Entry):
    """An entry that can't be read, which has been reported. written: what stands there."""

    written: Any = None


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


def _inputs_form(tables: JsonSchema) -> JsonSchema:
    table = tables["additionalProperties"]
    forms = {"anyOf": [table["properties"]["shape"], table]}
    return {"anyOf": [STRINGS, {**tables, "additionalProperties": forms}]}


def _params_form(tables: JsonSchema) -> JsonSchema:
    return {**tables, "additionalProperties": {"anyOf": [_ARRAY, tables["additionalProperties"]]}}


Inputs = Annotated[dict[str, Input], Before(_inputs, _inputs_form)]
Params = Annotated[dict[str, Param], Before(_params, _params_form)]


class Model(Section):
    """`[model]`: the network itself.

    name: the class of the model, and in snake_case the package.
    params: the numbers that the model may be made with, each with its type or default.
    require: conditions on params.
    inputs: the shapes of what forward takes, by name.
    layers: the entries, in order.
    outputs: what forward returns; left out, the last value.
    tie: parameters that are one: the left becomes the right one.
    init: first values by pattern, such as "Conv2d.weight"; torch's own defaults stay otherwise.
    dtype: the element type of parameters; left out, float32.
    """

    name: Text
    params: Params = {}
    require: Formulas = ()
    inputs: Inputs
    layers: Layers
    outputs: Formulas = ()
    tie: dict[str, Text] = {}
    init: Annotated[Any, Form(defined("init"))] = None
    dtype: DTypeText | None = None


class Block(Section):
    """`[blocks.NAME]`: a class of its own in the output.

    params: what each use gives, with its type or default.
    require: conditions on params.
    inputs: the names of what it is called with, which may have shapes; left out, "x".
    layers: the entries, in order.
    outputs: what it returns; left out, the last value.
    sequential: whether its class is an nn.Sequential, its children numbered.
    """

    params: Params = {}
    require: Formulas = ()
    inputs: Inputs = {"x": Input()}
    layers: Layers
    outputs: Formulas = ()
    sequential: bool = False


class Budget(Section):
    """`[budget]`: limits such as `"<= 12M"`; `at` says for which sizes the cost is meant.

    parameters: a limit on the number of parameters.
    flops: a limit on the floating-point operations of a forward pass.
    weights: a limit on the bytes of parameters and buffers.
    activations: a limit on the bytes of what layers give, all kept as in training.
    optimizer_state: a limit on the bytes that the optimizers keep from step to step.
    depth: a limit on the layers that stand one behind the other on the longest path.
    training_memory: a limit on the bytes of weights, gradients, optimizer state and activations.
    at: the sizes for which the cost is meant.
    """

    parameters: Text | None = None
    flops: Text | None = None
    weights: Text | None = None
    activations: Text | None = None
    optimizer_state: Text | None = None
    depth: Text | None = None
    training_memory: Text | None = None
    at: dict[str, int] = {}


def _tables(value: object) -> object:
    """One table or a list of tables."""
    if isinstance(value, dict):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _one_or_several(name: str) -> Form:
    one = defined(name)
    return Form({"anyOf": [one, {"type": "array", "items": one}]})


Tables = Annotated[tuple[dict[str, Any], ...], Before(_tables)]
Blocks = Annotated[
    dict[str, Any], Form({"type": "object", "additionalProperties": defined("block")})
]


TRAINED: Final = ("data", "loss", "optimizer", "training")
"""The sections that training needs; a spec has all of them, or none."""


class Spec(Section):
    """A whole spec. What most specs don't have is read by its class where there is any: blocks
    and budget here, the sections of training by the classes that they name.

    specc: the edition of the language.
    include: files beside this one, whose blocks it uses.
    model: the network itself.
    blocks: the classes that entries use, by name.
    data: where the rows come from.
    loss: what is minimised; several losses add up.
    optimizer: what changes the parameters.
    scheduler: how the learning rate changes as training goes on.
    training: how long, in what steps, watched how.
    budget: limits that `check` holds.
    plot: pictures of the model's outputs over one of its inputs.
    """

    specc: Literal[1] = 1
    include: Many[Text] = ()
    model: Model
    blocks: Blocks = {}
    data: Annotated[dict[str, Any] | None, Form(defined("data"))] = None
    loss: Annotated[Tables, _one_or_several("loss")] = ()
    optimizer: Annotated[Tables, _one_or_several("optimizer")] = ()
    scheduler: Annotated[Tables, _one_or_several("scheduler")] = ()
    training: Annotated[dict[str, Any] | None, Form(defined("training"))] = None
    budget: Annotated[Any, Form(defined("budget"))] = None
    plot: Annotated[Tables, _one_or_several("plot")] = ()
