"""Adam for gradients of which most rows are zero.

Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html
"""

from typing import Annotated, ClassVar

from ..kinds import Flag, Real
from ..refusal import Refusal
from ..tensor.type import TensorType
from .base import Betas, Gradient, Optimizer

AboveZero = Annotated[float, Real(above=0.0, finite=False)]


class SparseAdam(Optimizer):
    """Adam that changes the rows of an embedding that a batch has used, and no others."""

    lr: AboveZero = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: AboveZero = 1e-8
    maximize: Flag = False

    takes_complex: ClassVar[bool] = False
    takes_sparse: ClassVar[bool] = True

    def check_parameter(self, parameter: TensorType, gradient: Gradient) -> None:
        super().check_parameter(parameter, gradient)
        if gradient == "dense":
            raise Refusal(
                "SparseAdam takes sparse gradients, this parameter's are dense",
                help="sparse = true makes those of an Embedding sparse; Adam takes dense ones",
            )

    def kept(self) -> tuple[int, int]:
        return 2, 0
