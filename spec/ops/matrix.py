"""Products of matrices and vectors. Source: https://docs.pytorch.org/docs/stable/nn.functional.html"""

from ..refusal import Refusal
from ..tensor.check import need_equal, need_rank
from ..tensor.type import TensorType, shape_text
from .base import OptionalTensor, Tensor, function


def need_same_dtype(argument: str, input: TensorType, other: str, weight: TensorType) -> None:
    """Refuses two tensors of different dtypes, which torch's products do not promote."""
    if input.dtype != weight.dtype:
        raise Refusal(
            f"{argument} is {input.dtype}, but {other} is {weight.dtype}: torch doesn't convert here",
            code="dtype-mismatch",
            argument=argument,
            other=other,
            help=f"convert it: {argument}.to(\"{weight.dtype}\")",
        )


@function("F")
def linear(input: Tensor, weight: Tensor, bias: OptionalTensor = None) -> TensorType:
    """(*, in_features), (out_features, in_features) -> (*, out_features)"""
    need_rank(weight, (1, 2), "weight", "(out_features, in_features)")
    if input.rank == 0:
        raise Refusal("linear needs at least one dimension", code="shape-mismatch", argument="input")
    need_equal(
        input.shape[-1],
        weight.shape[-1],
        f"the last size of {shape_text(input.shape)} must be in_features",
        argument="input",
        other="in_features",
    )
    need_same_dtype("input", input, "weight", weight)
    return input.with_shape((*input.shape[:-1], *weight.shape[:-1]))
