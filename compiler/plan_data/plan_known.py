"""Functions of sklearn.datasets -> the statements of `data.py` that call them."""

from __future__ import annotations

from ...spec.data.base import Known
from ...spec.tensor.type import TensorType
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan.values import constant
from .data_classes import DataFields


def load_known(source: Known, fields: DataFields) -> tuple[code.Statement, ...]:
    """The body of `load_data`."""
    ((name, tensor),) = fields.inputs.items()
    arguments = [code.Keyword(key, constant(value)) for key, value in source.given().items()]
    if source.type_name().startswith("load_"):
        arguments.append(code.Keyword("return_X_y", code.Constant(True)))
    call = code.Call(code.Name(f"datasets.{source.type_name()}"), (), tuple(arguments))
    made = [code.Keyword(name, _shaped(name, tensor, source.features()))]
    if fields.target is not None:
        made.append(code.Keyword("target", _shaped("target", fields.target, source.targets())))
    return quote(
        """
        NAMES = CALL
        return MADE
        """,
        NAMES=quoted("NAME, TARGET", NAME=name, TARGET="target" if fields.target else "_"),
        CALL=call,
        MADE=code.Call(code.Name("Data"), (), tuple(made)),
    )


def _shaped(name: str, tensor: TensorType, columns: int) -> code.Expression:
    """A tensor of a row's shape, made of the library's array: (rows,) or (rows, columns)."""
    made = quoted("torch.tensor(NAME, dtype=DTYPE)", NAME=name, DTYPE=f"torch.{tensor.dtype}")
    is_target = name == "target"
    flat = is_target and columns == 1
    if tensor.rank == (1 if flat else 2):
        return made
    if flat and tensor.rank == 2:
        return quoted("MADE.unsqueeze(1)", MADE=made)
    sizes = tuple(code.Constant(int(size)) for size in tensor.shape[1:])
    return code.Call(code.Attribute(made, "reshape"), (quoted("-1"), *sizes))
