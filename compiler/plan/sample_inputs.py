"""The inputs with which the test that comes with a package calls the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...spec.tensor.dtype import DType, is_floating_point
from ...spec.tensor.type import TensorType
from ..elaborate.sample_values import sample_fills
from ..elaborate.typed import TypedGraph
from ..emit import code
from ..emit.quote import quoted


def sample_inputs(
    typed: TypedGraph, sizes: Mapping[str, int]
) -> tuple[code.Expression, ...] | None:
    """A sample of each input, at some sizes; None where it is not known what the model can take."""
    fills = sample_fills(typed, sizes)
    if fills is None:
        return None
    inputs = typed.root.inputs.items()
    return tuple(_sample(tensor, sizes, fills.get(name, 0)) for name, tensor in inputs)


def _sample(tensor: TensorType, sizes: Mapping[str, int], fill: int) -> code.Expression:
    """Random numbers, which may be probabilities, or zeros where they may be indices or flags.

    fill: another number than zero, for lengths.
    """
    if fill:
        return sample([size.evaluate(sizes) for size in tensor.shape], tensor.dtype, fill)
    shape = [code.Constant(size.evaluate(sizes)) for size in tensor.shape]
    if not is_floating_point(tensor.dtype):
        dtype = code.Name(f"torch.{tensor.dtype}")
        return quoted(
            "torch.zeros(SHAPE, dtype=DTYPE)", SHAPE=code.Tuple(tuple(shape)), DTYPE=dtype
        )
    if tensor.dtype == "float32" and shape:
        return code.Call(code.Name("torch.rand"), tuple(shape))
    dtype = code.Name(f"torch.{tensor.dtype}")
    made = quoted("torch.rand(SHAPE)", SHAPE=code.Tuple(tuple(shape)))
    if tensor.dtype == "float32":
        return made
    return quoted("MADE.to(DTYPE)", MADE=made, DTYPE=dtype)


def sample(shape: Sequence[int], dtype: DType, fill: int = 0) -> code.Expression:
    """A tensor to try a model with: random numbers, which may be probabilities, or zeros where
    they may be indices.

    fill: another number than zero, where that is none that the model can take.
    """
    sizes = code.Tuple(tuple(map(code.Constant, shape)))
    keywords = () if dtype == "float32" else (code.Keyword("dtype", code.Name(f"torch.{dtype}")),)
    if is_floating_point(dtype):
        return code.Call(code.Name("torch.rand"), (sizes,), keywords)
    if fill > 1:
        return code.Call(code.Name("torch.full"), (sizes, code.Constant(fill)), keywords)
    return code.Call(code.Name("torch.ones" if fill else "torch.zeros"), (sizes,), keywords)
