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


class PackedType(Record):
    """What is known of a `PackedSequence`: sequences of different lengths, without padding.

    padded: the type of the same sequences with padding, (batch, time, *).
    lengths: how long each of them is, where that does not hang on data.
    """

    padded: TensorType
    lengths: tuple[Dim, ...] | None = None

    @property
    def batch(self) -> Dim:
        """Number of sequences."""
        return self.padded.shape[0]

    @property
    def time(self) -> Dim:
        """What no sequence is longer than."""
        return self.padded.shape[1]

    @property
    def features(self) -> Shape:
        """The shape of one step of a sequence."""
        return self.padded.shape[2:]

    def with_features(self, *sizes: Dim | int) -> PackedType:
        """The same sequences, of steps of another shape."""
        return self.replace(padded=self.padded.with_shape((*self.padded.shape[:2], *sizes)))

    def __str__(self) -> str:
        return f"packed {self.padded}"


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
    """The tensors in a value, lists and tuples opened; of what is packed, the padded one."""
    if isinstance(value, TensorType):
        yield value
    elif isinstance(value, PackedType):
        yield value.padded
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors(item)
