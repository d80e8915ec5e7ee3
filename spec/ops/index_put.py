"""Elements written to what indices choose, as `tensor[indices] = values`.

Source: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
"""

from typing import Final

from ..refusal import Refusal
from ..tensor.check import is_one, need_equal
from ..tensor.dim import Dim
from ..tensor.dtype import category
from ..tensor.type import Shape, TensorType, shape_text
from .base import Flag, Tensor, Tensors, function
from .indexing import index as indexed
from .masking import need_complex, need_dtype_of, need_mask
from .selecting import need_whole

MASKS: Final = ("bool", "uint8")


@function("torch", method=True)
def index_put(
    input: Tensor, indices: Tensors, values: Tensor, accumulate: Flag = False
) -> TensorType:
    """The elements of values, broadcast, in place of `input[indices]`."""
    if not indices:
        raise Refusal("indices must hold at least one tensor", argument="indices")
    if any(tensor.dtype in MASKS for tensor in indices):
        return _put_masked(input, indices, values, accumulate)
    need_dtype_of(input, values, "values")
    for tensor in indices:
        need_whole(tensor, ("int64", "int32"), "indices")
    try:
        chosen = indexed(input, indices).shape
    except Refusal as refusal:
        raise refusal.renamed(index="indices") from None
    _need_broadcastable(values.shape, chosen)
    return input


def _put_masked(
    input: TensorType, indices: tuple[TensorType, ...], values: TensorType, accumulate: bool
) -> TensorType:
    """With one mask, how many elements it chooses is not known: values must fit any number."""
    mask = indices[0]
    if len(indices) > 1:
        raise Refusal(
            "whether the indices fit each other depends on data, as one of them is a mask",
            code="shape-depends-on-data",
            argument="indices",
        )
    fills = not accumulate and all(size == 1 for size in values.shape)
    _need_first_sizes(mask, input, least=0 if fills else 1)
    if fills:
        # Torch fills, which converts the value.
        need_mask(mask, "indices")
        if category(values.dtype) == "complex":
            need_complex(input, "values")
        return input
    need_dtype_of(input, values, "values")
    rest = input.shape[mask.rank :]
    if values.rank > len(rest) and values.shape[-len(rest) - 1] != 1:
        raise Refusal(
            "whether values fit depends on data: on how many elements the mask chooses",
            code="shape-depends-on-data",
            argument="values",
            help="where(mask, a, b) takes a value for each element",
        )
    _need_broadcastable(values.shape, (Dim.of(1), *rest))
    return input


def _need_first_sizes(mask: TensorType, input: TensorType, least: int) -> None:
    """Refuses a mask that has not the input's first sizes, `least` of them at least."""
    if not least <= mask.rank <= input.rank or not input.rank:
        raise Refusal(
            f"a mask has the first dimensions of {shape_text(input.shape)}, seen is"
            f" {shape_text(mask.shape)}",
            code="shape-mismatch",
            argument="indices",
            other="input",
        )
    for place, (seen, wanted) in enumerate(zip(mask.shape, input.shape, strict=False)):
        what = f"the mask's dimension {place} must be the input's"
        need_equal(seen, wanted, what, argument="indices", other="input")


def _need_broadcastable(shape: Shape, to: Shape) -> None:
    """Refuses values that torch does not expand to a shape."""
    if len(shape) > len(to):
        raise Refusal(
            f"values {shape_text(shape)} don't broadcast to {shape_text(to)}",
            code="shape-mismatch",
            argument="values",
            other="indices",
        )
    for seen, wanted in zip(reversed(shape), reversed(to), strict=False):
        if not is_one(seen):
            need_equal(
                seen,
                wanted,
                f"values {shape_text(shape)} don't broadcast to {shape_text(to)}",
                argument="values",
                other="indices",
            )
