"""Elements replaced where a mask says so, or all of them.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from ..refusal import Refusal
from ..tensor.check import need_rank
from ..tensor.dtype import category
from ..tensor.type import TensorType
from .base import Operand, Tensor, function
from .factory import filled
from .pointwise import elementwise, keep, need_storable


@function("torch", method=True)
def masked_fill(input: Tensor, mask: Tensor, value: Operand) -> TensorType:
    """`value` where the mask is true."""
    need_mask(mask)
    need_filling(value, input)
    if isinstance(value, TensorType) and category(value.dtype) == "complex":
        need_complex(input)
    return _over(input, mask)


@function("torch", method=True)
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> TensorType:
    """The elements of source, in order, where the mask is true."""
    need_mask(mask)
    need_dtype_of(input, source, "source")
    return _over(input, mask)


@function("torch")
def fill(input: Tensor, value: Operand) -> TensorType:
    """`value` everywhere."""
    if isinstance(value, TensorType):
        need_filling(value, input)
    return filled(input, value, "value")


def _over(input: TensorType, mask: TensorType) -> TensorType:
    shape = elementwise(keep, input, mask, names=("input", "mask")).shape
    return TensorType(shape, input.dtype)


def need_mask(mask: TensorType, argument: str = "mask") -> None:
    """Refuses a mask that is not of true and false."""
    if mask.dtype != "bool":
        raise Refusal(
            f"a mask must be bool, not {mask.dtype}", code="dtype-mismatch", argument=argument
        )


def need_filling(value: object, input: TensorType) -> None:
    """Refuses a value that is no single number, or does not fit the input's element type."""
    if isinstance(value, TensorType):
        need_rank(value, (0,), "value", "a single number")
    elif isinstance(value, bool | int | float):
        need_storable(value, input.dtype, "value")


def need_complex(input: TensorType, argument: str = "value") -> None:
    """Refuses a real input, into which a complex value would go."""
    if category(input.dtype) != "complex":
        raise Refusal(
            f"a complex value does not fit {input.dtype}",
            code="dtype-mismatch",
            argument=argument,
            other="input",
        )


def need_dtype_of(input: TensorType, source: TensorType, argument: str) -> None:
    """Refuses a source of another element type than the input's."""
    if source.dtype != input.dtype:
        raise Refusal(
            f"{argument} must be {input.dtype} as the input, not {source.dtype}",
            code="dtype-mismatch",
            argument=argument,
            other="input",
        )
