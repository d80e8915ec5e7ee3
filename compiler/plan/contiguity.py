"""Whether a value surely lies contiguous in memory, as `Tensor.view` wants it.

Types say nothing of strides. Where it is not sure, the planner writes `reshape`, which gives the
same values whatever the strides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...spec import registry
from ...spec.expression import nodes
from ...spec.source import Path
from ..resolve.bound import (
    BlockCall,
    Bound,
    Each,
    FunctionCall,
    Input,
    LayerCall,
    MethodCall,
    Value,
    maker,
)
from ..resolve.graph import Formula, ModuleUse, Node


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Made anew whatever goes in.
_FRESH: Final = _names(
    """arange bmm contiguous embedding empty expand_copy eye full linear linspace logspace matmul mm
    new_empty new_full new_ones new_tensor new_zeros ones rand randn tensor zeros"""
)
_FRESH_LAYERS: Final = ("Linear", "Conv", "Embedding")
_TRANSPOSED_LAYERS: Final = _names(
    """RNN LSTM GRU MultiheadAttention Transformer TransformerEncoder TransformerDecoder
    TransformerEncoderLayer TransformerDecoderLayer"""
)
# Other strides over the same memory, or results whose strides torch leaves open.
_PERMUTED: Final = _names(
    """adjoint as_strided broadcast_tensors broadcast_to cholesky cholesky_inverse cholesky_solve
    chunk diagonal dsplit einsum empty_permuted empty_strided expand expand_as geqrf hsplit imag
    inverse lu lu_solve meshgrid method_split method_unfold moveaxis movedim nanquantile narrow
    new_empty_strided ormqr pad_packed_sequence pad_sequence permute qr quantile real rot90
    scaled_dot_product_attention select split split_with_sizes stft svd swapaxes swapdims t
    tensor_split transpose triangular_solve unbind unpack_sequence unravel_index unsafe_chunk
    unsafe_split unsafe_split_with_sizes vsplit"""
)
_PERMUTED_NAMESPACES: Final = ("fft.", "linalg.")


class Contiguity:
    """Answers for the values of one scope."""

    def __init__(self, entries: Mapping[Path, Node], inputs_are: bool) -> None:
        """inputs_are: whether the scope's inputs are contiguous, as a model's are taken to be."""
        self.entries = entries
        self.inputs_are = inputs_are

    def is_sure(self, node: Bound) -> bool:
        """Whether a value is surely contiguous."""
        match node:
            case Input():
                return self.inputs_are
            case Value(entry, output):
                return not isinstance(output, int) and self._entry(entry)
            case Each(_, values):
                return all(self._entry(maker(value)) for value in values)
            case LayerCall(entry):
                return self._layer(entry)
            case BlockCall():
                return False
            case FunctionCall(name, args, keywords):
                return self._call(name, (*args, *(value for _, value in keywords)))
            case MethodCall(receiver, name, args, keywords):
                given = (receiver, *args, *(value for _, value in keywords))
                return self._call(registry.method_name(name), given)
            case nodes.Subscript():
                return False
            case nodes.Binary() | nodes.Unary() | nodes.Compare() | nodes.Conditional():
                return all(self.is_sure(child) for child in nodes.children(node))  # type: ignore[arg-type]
            case nodes.Sequence(items):
                return all(map(self.is_sure, items))
        # Numbers and sizes don't matter; what a block or a repeat gives is not known.
        return True

    def _call(self, name: str, args: tuple[Bound, ...]) -> bool:
        if name in _FRESH:
            return True
        if name in _PERMUTED or name.startswith(_PERMUTED_NAMESPACES):
            return False
        return all(map(self.is_sure, args))

    def _entry(self, path: Path) -> bool:
        node = self.entries.get(path)
        if node is None:
            return False
        if isinstance(node.action, Formula):
            return len(node.names) < 2 and self.is_sure(node.action.expression.bound)
        return self._layer(path) or (
            isinstance(node.action, ModuleUse)
            and not node.action.layer.is_own
            and node.action.layer.__name__ not in _TRANSPOSED_LAYERS
            and node.call is not None
            and all(self.is_sure(argument.bound) for _, argument in node.call.arguments)
        )

    def _layer(self, path: Path) -> bool:
        node = self.entries.get(path)
        if node is None or not isinstance(node.action, ModuleUse):
            return False
        layer = node.action.layer
        return not layer.is_own and layer.__name__.startswith(_FRESH_LAYERS)
