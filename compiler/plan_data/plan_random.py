"""Rows that are drawn afresh for each batch -> the statements of `data.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...spec.data.random import Random
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan.translate import Words
from ..resolve.bound import Bound, Input
from ..training.read_random import BATCH
from .data_classes import DataFields, local_name, row_type


def random_imports(source: Random) -> Iterator[code.Import | code.ImportFrom]:
    """What the statements need."""
    yield code.ImportFrom("__future__", ("annotations",))
    yield code.ImportFrom("collections.abc", ("Iterator",))
    yield code.ImportFrom("dataclasses", ("dataclass",))
    yield code.Import("torch")
    yield code.ImportFrom("torch", ("Tensor",))
    modules = {module for expression in source.drawn.values() for module in _drawn(expression)[1]}
    if "math" in modules:
        yield code.Import("math")
    if "F" in modules:
        yield code.Import("torch.nn.functional", "F")


_DATA: Final = '''
ROWS = COUNT  # in an epoch


@dataclass(frozen=True)
class Data:
    """Rows that are drawn afresh for each batch.

    Attributes:
        rows: how many are drawn in an epoch
        device: where they are drawn
    """

    rows: int
    device: str | torch.device = "cpu"

    def __len__(self) -> int:
        return self.rows

    def to(self, device: str | torch.device) -> Data:
        """Return rows that are drawn on another device."""
        return Data(self.rows, device)

    def draw(self, batch: int) -> Batch:
        """Return new rows.

        Shape:
            {DESCRIBED}
        """
        DRAWN
        return FIELDS

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield new rows, `size` at a time."""
        return map(self.draw, [size] * (self.rows // size))


def load_data() -> Data:
    """Return what draws the rows."""
    return Data(ROWS)
'''


def random_statements(
    source: Random, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`Data`, which draws rows, and `load_data`."""
    drawn: list[code.Statement] = []
    for (field, _), expression in zip(fields.all.items(), source.drawn.values(), strict=True):
        drawn.append(code.Assign(code.Name(field), _drawn(expression)[0]))
    described = [f"{name}: {row_type(tensor)}" for name, tensor in fields.all.items()]
    return quote(
        _DATA,
        COUNT=code.Constant(source.count),
        Batch=quoted(f"tuple[{', '.join(['Tensor'] * len(fields.all))}]"),
        DESCRIBED="\n    ".join(described),
        DRAWN=drawn,
        FIELDS=code.Tuple(tuple(map(code.Name, fields.all))),
    )


def _drawn(expression: Bound) -> tuple[code.Expression, set[str]]:
    """An expression as Python, and the modules that it uses."""

    def value(node: Bound) -> code.Expression:
        assert isinstance(node, Input)
        return code.Name(node.name if node.name in (BATCH, "target") else local_name(node.name))

    def nothing(_: object) -> code.Expression:
        raise TypeError("what is drawn has no params, sizes or layers")

    words = Words(
        value=value,
        param=nothing,
        size=nothing,
        layer=nothing,
        state=nothing,
        device=lambda: code.Name("self"),
    )
    return words.translate(expression), words.modules
