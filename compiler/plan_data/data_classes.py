"""The classes of `data.py`: rows as tensors, parts of the data, what was fitted on them."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.metrics import METRICS
from ...spec.package_words import PACKAGE_WORDS
from ...spec.record import Record
from ...spec.tensor.type import TensorType
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec

_METRICS = {module for metric in METRICS.values() for module in metric.modules.values()}
_OURS = PACKAGE_WORDS | _METRICS
"""Names that the generated functions use beside the inputs' names."""

GENERATOR = code.Name("torch.Generator")


class DataFields(Record):
    """The names and types of the tensors of `Data`: the inputs, then the target if there is one.

    inputs: by their names in the code, which are the model's unless those clash with ours.
    """

    inputs: Mapping[str, TensorType]
    target: TensorType | None

    @property
    def all(self) -> dict[str, TensorType]:
        return {**self.inputs, **({"target": self.target} if self.target is not None else {})}

    @property
    def last(self) -> str:
        """The tensor that tells how many rows there are."""
        return list(self.all)[-1]

    def made(self, element: str) -> code.Call:
        """`Data(...)` with an expression for each field, which says FIELD."""
        return code.Call(code.Name("Data"), tuple(quoted(element, FIELD=name) for name in self.all))


def data_fields(spec: TrainingSpec, model: ModelInterface) -> DataFields:
    """What a row consists of."""
    inputs = {local_name(name): tensor for name, tensor in model.inputs}
    return DataFields(inputs, spec.target_type)


def local_name(name: str) -> str:
    """What the training code calls an input."""
    # Constants and classes have capitals, and the functions that read an input begin so.
    is_ours = name in _OURS or name.startswith("read_") or name.endswith("_optimizer")
    is_ours |= len(name) > 1 and name != name.lower()
    return f"{name}_input" if is_ours else name


def data_class(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`Data`: the rows that are trained on, measured or predicted."""
    described = [f"{name}: {row_type(tensor)}" for name, tensor in fields.all.items()]
    if fields.target is not None and fields.target.dtype == "int64":
        described[-1] += ", the number of the class"
    return quote(
        '''
        @dataclass(frozen=True, eq=False)
        class Data:
            """{SAYS}.

            Attributes:
                {DESCRIBED}
            """

            FIELDS

            METHODS
        ''',
        SAYS="Rows of inputs" + " with their targets" * (fields.target is not None),
        DESCRIBED="\n    ".join(described),
        FIELDS=[code.Assign(code.Name(name), None, code.Name("Tensor")) for name in fields.all],
        METHODS=_methods(spec, model, fields),
    )


def _methods(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    if spec.data.streams:
        return ()  # what a worker hands over
    methods = quote(
        """
        def __len__(self) -> int:
            return len(LAST)
        """,
        LAST=code.Name(f"self.{fields.last}"),
    )
    is_parted = spec.data.is_split and not spec.data.is_table
    if is_parted or not spec.full_batch:
        methods += quote(
            """
            def __getitem__(self, rows: Tensor) -> Data:
                return MADE
            """,
            MADE=fields.made("self.FIELD[rows]"),
        )
    methods += quote(
        '''
        def to(self, device: str | torch.device) -> Data:
            """Return the same rows on another device."""
            return MADE
        ''',
        MADE=fields.made("self.FIELD.to(device)"),
    )
    if not spec.full_batch:
        methods += shuffling(spec, model.smallest_batch) + _batching(fields)
    return methods


def row_type(tensor: TensorType) -> str:
    """The type of a tensor that holds something for each row, as docstrings say it."""
    sizes = ", ".join(["rows", *map(str, tensor.shape[1:])])
    shape = f"({sizes})" if tensor.rank > 1 else f"({sizes},)"
    return f"{shape} {tensor.dtype}"


def shuffling(spec: TrainingSpec, smallest: int) -> tuple[code.Statement, ...]:
    """The method that gives the rows in a new order."""
    seeded = spec.orders
    order = quoted(
        "torch.randperm(len(self), generator=generator)" if seeded else "torch.randperm(len(self))"
    )
    args = (code.Arg("self"), *((code.Arg("generator", GENERATOR),) if seeded else ()))
    says = "Return the same rows in a new order."
    body = quote("return self[ORDER]", ORDER=order)
    if smallest > 1:
        args += (code.Arg("size", code.Name("int")),)
        says = f"Return the rows in a new order, but no last batch of fewer than {smallest} rows."
        body = quote(
            """
            order = ORDER
            rest = len(self) % size
            return self[order[: len(self) - rest]] if rest < SMALLEST else self[order]
            """,
            ORDER=order,
            SMALLEST=code.Constant(smallest),
        )
    return (code.FunctionDef("shuffled", args, code.Name("Data"), says, body),)


def _batching(fields: DataFields) -> tuple[code.Statement, ...]:
    tensors = ", ".join(["Tensor"] * len(fields.all))
    splits = tuple(quoted("torch.split(self.FIELD, size)", FIELD=name) for name in fields.all)
    return quote(
        '''
        def batches(self, size: int) -> Iterator[BATCH]:
            """Yield the rows in order, `size` at a time; the last batch may be smaller."""
            return ZIPPED
        ''',
        BATCH=quoted(f"tuple[{tensors}]"),
        ZIPPED=code.Call(code.Name("zip"), splits, (code.Keyword("strict", code.Constant(True)),)),
    )
