"""Numbers written out, as tensors.

Source: https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
"""

from collections.abc import Iterator
from typing import Annotated, Any

from ..kinds import Kind
from ..refusal import Refusal
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, DType, category, of_number, rank
from ..tensor.type import TensorType
from .base import Numeric, OptionalDType, alias, function
from .pointwise import need_storable


class NestedNumbers(Kind):
    """A number, or equally long lists of them."""

    expects = "a number, or equally long lists of numbers"

    def read(self, value: object) -> Any:
        self._shape(value)
        return value

    def _shape(self, value: object) -> tuple[int, ...]:
        if not isinstance(value, list | tuple):
            Numeric().read(value)
            return ()
        shapes = {self._shape(item) for item in value}
        if len(shapes) > 1:
            raise self.refused(value)
        return (len(value), *(shapes.pop() if shapes else ()))


Numbers = Annotated[Any, NestedNumbers()]


@function("torch", factory=True)
def tensor(data: Numbers, *, dtype: OptionalDType = None) -> TensorType:
    """The numbers in the shape of their lists: float32, int64 or bool after what they are."""
    numbers = list(_flat(data))
    natural = dtype or _common(numbers)
    for number in numbers:
        _need_fit(number, natural)
    return TensorType.of(_lengths(data), natural)


as_tensor = alias(tensor)


@function("torch", factory=True)
def asarray(obj: Numbers, *, dtype: OptionalDType = None) -> TensorType:
    """As tensor."""
    return tensor(obj, dtype=dtype)


def _flat(data: object) -> Iterator[bool | int | float | Dim]:
    if isinstance(data, list | tuple):
        for item in data:
            yield from _flat(item)
    else:
        assert isinstance(data, bool | int | float | Dim)
        yield data


def _lengths(data: object) -> tuple[int, ...]:
    if not isinstance(data, list | tuple):
        return ()
    return (len(data), *(_lengths(data[0]) if data else ()))


def _common(numbers: list[bool | int | float | Dim]) -> DType:
    """The type of the number of the highest category."""
    types: list[DType] = [
        "int64" if isinstance(number, Dim) else of_number(number) for number in numbers
    ]
    return max(types, key=lambda dtype: rank(category(dtype)), default=DEFAULT)


def _need_fit(number: bool | int | float | Dim, dtype: DType) -> None:
    """Refuses whole numbers that are too large; broken ones become infinite."""
    if isinstance(number, Dim) or category(dtype) not in ("integer", "bool"):
        if isinstance(number, int) and not -(2**63) <= number < 2**63:
            raise Refusal(f"{number} does not fit int64", argument="data")
        return
    need_storable(number, dtype, "data")
