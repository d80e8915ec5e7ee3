"""Max pooling over windows of varying width, drawn at random.

Source: https://docs.pytorch.org/docs/stable/nn.html#pooling-layers
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..kinds import Flag, Integer, Optional, Real, Repeated
from ..ops import fractional_pooling as functions
from ..ops.base import Result
from ..ops.conv import Along2, Along3
from ..refusal import Refusal
from ..tensor.type import TensorType
from .base import Layer

Target2 = Annotated[int | tuple[int, ...] | None, Optional(Repeated(Integer(1), 2))]
Target3 = Annotated[int | tuple[int, ...] | None, Optional(Repeated(Integer(1), 3))]
_RATIO = Real(above=0.0, below=1.0)
Ratio2 = Annotated[float | tuple[float, ...] | None, Optional(Repeated(_RATIO, 2))]
Ratio3 = Annotated[float | tuple[float, ...] | None, Optional(Repeated(_RATIO, 3))]


class _FractionalMaxPool(Layer):
    kernel_size: int | tuple[int, ...]
    output_size: int | tuple[int, ...] | None = None
    output_ratio: float | tuple[float, ...] | None = None

    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "indices")
    positional: ClassVar[int] = 1

    def _need_one(self) -> None:
        if (self.output_size is None) == (self.output_ratio is None):
            raise Refusal(
                "either output_size or output_ratio must be given",
                argument="output_size",
                other="output_ratio",
            )


class FractionalMaxPool2d(_FractionalMaxPool):
    """The maximum of windows whose widths are drawn at random.

    Shape: (N, C, H, W) -> (N, C, *output_size), or each size times output_ratio; N may be missing.
    With return_indices there are two outputs of this shape.
    """

    kernel_size: Along2
    output_size: Target2 = None
    output_ratio: Ratio2 = None
    return_indices: Flag = False

    example: ClassVar[str] = '{ type = "FractionalMaxPool2d", kernel_size = 2, output_ratio = 0.5 }'

    def output(self, input: TensorType) -> Result:
        self._need_one()
        return functions.fractional_max_pool2d(input, **dict(self))


class FractionalMaxPool3d(_FractionalMaxPool):
    """The maximum of windows whose widths are drawn at random.

    Shape: (N, C, D, H, W) -> (N, C, *output_size), or each size times output_ratio; N may be
    missing. With return_indices there are two outputs of this shape.
    """

    kernel_size: Along3
    output_size: Target3 = None
    output_ratio: Ratio3 = None
    return_indices: Flag = False

    example: ClassVar[str] = '{ type = "FractionalMaxPool3d", kernel_size = 2, output_size = 2 }'

    def output(self, input: TensorType) -> Result:
        self._need_one()
        return functions.fractional_max_pool3d(input, **dict(self))
