"""Functions of torch that no model of this language can hold, each with its reason."""

from ..refusal import Refusal
from ..tensor.type import TensorType
from .base import Tensor, function


def _depends_on_data(name: str, help: str) -> Refusal:
    return Refusal(
        f"the shape of what {name} gives depends on data",
        code="shape-depends-on-data",
        argument="input",
        help=help,
    )


@function("torch", method=True)
def nonzero(input: Tensor) -> TensorType:
    raise _depends_on_data("nonzero", "where(condition, a, b) keeps the shape")


@function("torch", method=True)
def unique(input: Tensor) -> TensorType:
    raise _depends_on_data("unique", "make categories when the data is prepared")


@function("torch", method=True)
def masked_select(input: Tensor, mask: Tensor) -> TensorType:
    raise _depends_on_data("masked_select", "where(mask, a, b) keeps the shape")


@function("method")
def item(input: Tensor) -> TensorType:
    raise Refusal("item leaves torch: a model gives tensors", argument="input")


@function("method")
def tolist(input: Tensor) -> TensorType:
    raise Refusal("tolist leaves torch: a model gives tensors", argument="input")


@function("method")
def numpy(input: Tensor) -> TensorType:
    raise Refusal("numpy leaves torch: a model gives tensors", argument="input")
