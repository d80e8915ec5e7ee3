"""What is verified: the package of a spec, imported, with inputs to call its model with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from ..compiler.compile import Checked
from ..compiler.elaborate.sample_sizes import sample_sizes
from ..compiler.elaborate.sample_values import sample_fills
from ..compiler.elaborate.typed import OptionalType, there

SEED = 0
_SIZES = 4
_COUNTS = (64, 8, 2)


class Subject:
    """A package and what `check` knows of its spec.

    checked: the sound spec. package: its module. summary: as `specc summary` gives it.
    """

    def __init__(self, checked: Checked, package: ModuleType, summary: Mapping[str, Any]) -> None:
        self.checked = checked
        self.package = package
        self.summary = summary

    def model(self, seed: int = SEED) -> nn.Module:
        """A new model, with weights drawn from a seed."""
        torch.manual_seed(seed)
        made: nn.Module = getattr(self.package, self.summary["model"])()
        return made

    def sizes(self, *, training: bool = False) -> list[dict[str, int]]:
        """A few sizes that the model takes, the smallest first."""
        found = sample_sizes(self.checked.typed, _SIZES, training=training)
        return [sizes for sizes in found if sample_fills(self.checked.typed, sizes) is not None]

    def inputs(self, sizes: Mapping[str, int], seed: int = SEED) -> tuple[Tensor, ...]:
        """Numbers for each input: random ones, or those of which it is known that they fit."""
        typed = self.checked.typed
        fills = sample_fills(typed, sizes) or {}
        generator = torch.Generator().manual_seed(seed)
        found = []
        for name, tensor in typed.root.inputs.items():
            shape = [size.evaluate(sizes) for size in tensor.shape]
            dtype = getattr(torch, tensor.dtype)
            if dtype.is_floating_point or dtype.is_complex:
                drawn = torch.rand(shape, generator=generator, dtype=torch.float64)
                found.append(drawn.to(dtype))
            elif name in fills or dtype == torch.bool:
                found.append(torch.full(shape, fills.get(name, 0), dtype=dtype))
            else:
                drawn = torch.randint(self._indices, shape, generator=generator)
                found.append(drawn.to(dtype))
        return tuple(found)

    @cached_property
    def _indices(self) -> int:
        """So many first whole numbers can surely be given as indices: 0 can, more are tried."""
        sizes = next(iter(self.sizes()), {})
        for count in _COUNTS:
            # What `inputs` reads of this property meanwhile.
            self.__dict__["_indices"] = count
            try:
                with torch.no_grad():
                    self.model().eval()(*self.inputs(sizes))
            except (IndexError, RuntimeError):
                continue
            return count
        return 1

    def outputs(
        self, sizes: Mapping[str, int], *, training: bool
    ) -> Iterator[tuple[str, tuple[int, ...] | None, torch.dtype | None]]:
        """Name, shape and dtype of each output as `check` says; None for what is None then."""
        for name, output in self.checked.typed.root.outputs:
            if isinstance(output, OptionalType) and not training:
                yield name, None, None
                continue
            tensor = there(output)
            shape = tuple(size.evaluate(sizes) for size in tensor.shape)
            yield name, shape, getattr(torch, tensor.dtype)


def values(output: object) -> Sequence[Tensor | None]:
    """The tensors of what a model returned: one, or the fields of a NamedTuple."""
    return output if isinstance(output, tuple) else (output,)


def differentiable(output: object) -> list[Tensor]:
    """Those that a gradient can start from."""
    return [value for value in values(output) if value is not None and value.requires_grad]


def at(sizes: Mapping[str, int]) -> str:
    """Sizes for a reader."""
    return ", ".join(f"{name}={size}" for name, size in sizes.items()) or "its fixed sizes"
