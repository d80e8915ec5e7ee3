"""What is known of a tensor before it exists: its shape and the type of its elements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..record import Record
from .dim import Dim
from .dtype import DEFAULT, DType, itemsize

Shape = tuple[Dim, ...]


class TensorType(Record):
    """Shape and dtype of a tensor. Two types are equal where both are."""

    shape: Shape
    dtype: DType = DEFAULT

    @staticmethod
    def of(shape: Iterable[Dim | int], dtype: DType = DEFAULT) -> TensorType:
        return TensorType(tuple(Dim.of(size) for size in shape), dtype)

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def with_shape(self, shape: Iterable[Dim | int]) -> TensorType:
        return TensorType.of(shape, self.dtype)

    def with_dtype(self, dtype: DType) -> TensorType:
        return TensorType(self.shape, dtype)

    def numel(self) -> Dim:
        """Number of elements."""
        return product(self.shape)

    def nbytes(self) -> Dim:
        return self.numel() * itemsize(self.dtype)

    def __str__(self) -> str:
        return f"{shape_text(self.shape)} {self.dtype}"


def product(sizes: Iterable[Dim | int]) -> Dim:
    """The product of sizes; 1 where there are none."""
    result = Dim.of(1)
    for size in sizes:
        result = result * size
    return result


def shape_text(shape: Sequence[Dim | int]) -> str:
    """As torch writes a shape in its documentation: `(batch, 3, height // 2)`."""
    inner = ", ".join(map(str, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def tensors(value: object) -> Iterator[TensorType]:
    """The tensors in a value, lists and tuples opened."""
    if isinstance(value, TensorType):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors(item)
