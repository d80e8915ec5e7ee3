"""Lists in `[data]` -> the statements of `data.py` that hold them and make tensors of them."""

from __future__ import annotations

from ...spec.data.lists import Lists
from ...spec.tensor.dtype import DType, is_floating_point
from ...spec.tensor.type import TensorType
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan.values import constant
from .data_classes import DataFields

_NATURAL: tuple[DType, ...] = ("float32", "int64", "bool")
"""What torch makes of Python's numbers when nothing else is said."""


def list_constant(
    source: Lists, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The rows as they stand in the spec."""
    types = dict(zip(_names(model, fields), fields.all.values(), strict=True))
    lists = [
        (code.Constant(name), _list(source.arrays[name].items, is_floating_point(tensor.dtype)))
        for name, tensor in types.items()
    ]
    return quote("ROWS: dict[str, list[Any]] = LISTS", LISTS=code.Dict(tuple(lists)))


def list_loading(
    source: Lists, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`load_data`."""
    made = tuple(
        code.Keyword(field, _tensor(name, tensor, len(source.arrays[name].shape)))
        for name, (field, tensor) in zip(_names(model, fields), fields.all.items(), strict=True)
    )
    return quote(
        '''
        def load_data() -> Data:
            """Return all rows."""
            return MADE
        ''',
        MADE=code.Call(code.Name("Data"), (), made),
    )


def _names(model: ModelInterface, fields: DataFields) -> list[str]:
    """The keys of the lists, in the order of the fields of `Data`."""
    target = ["target"] if fields.target is not None else []
    return [*(name for name, _ in model.inputs), *target]


def _list(items: tuple[object, ...], is_fraction: bool) -> code.List:
    return code.List(
        tuple(
            _list(item, is_fraction)
            if isinstance(item, tuple)
            else constant(float(item) if is_fraction else item)  # type: ignore[arg-type]
            for item in items
        )
    )


def _tensor(name: str, tensor: TensorType, rank: int) -> code.Expression:
    rows = quoted("ROWS[NAME]", NAME=code.Constant(name))
    dtype = (code.Keyword("dtype", code.Name(f"torch.{tensor.dtype}")),)
    keywords = () if tensor.dtype in _NATURAL else dtype
    made = code.Call(code.Name("torch.tensor"), (rows,), keywords)
    return made if rank == tensor.rank else quoted("MADE.unsqueeze(1)", MADE=made)
