"""Whether gradients reach what is to be learned, and are right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.gradcheck import GradcheckError, gradcheck
from torch.func import functional_call

from .finding import Finding, failed, passed, skipped
from .subject import Subject, at, differentiable, values

_TRIES = 3
_TOLERANCE = 1e-3
_STEP = 1e-7
_DIRECTIONS = 3
_LARGE = 100_000
"""More numbers than this are not compared tensor by tensor."""


def examine_gradients(subject: Subject) -> Finding:
    """A gradient for every parameter, or the reason why there is none."""
    what = "gradients"
    sizes = next(iter(subject.sizes(training=True)[-1:]), None)
    if sizes is None:
        return skipped(what, "no inputs are known that the model takes in training")
    model = subject.model().train()
    parameters = dict(model.named_parameters())
    if not parameters:
        return skipped(what, "the model has no parameters")
    found = differentiable(model(*subject.inputs(sizes)))
    if found:
        torch.autograd.backward(torch.stack([_weighed(value) for value in found]).sum())
    wrong = [
        name
        for name, parameter in parameters.items()
        if parameter.grad is not None and not parameter.grad.isfinite().all()
    ]
    if wrong:
        return failed(what, f"not finite at {at(sizes)}: {', '.join(wrong)}")
    without = [name for name, parameter in parameters.items() if parameter.grad is None]
    reasons = [f"{name}: {_reason(subject, model, name, sizes)}" for name in without]
    reached = len(parameters) - len(without)
    if not reached:
        return failed(what, "none reaches any parameter", reasons)
    says = f"at {at(sizes)}, one for every parameter ({reached})"
    if without:
        says = f"at {at(sizes)}, one for {reached} of {len(parameters)} parameters"
    return passed(what, says, reasons)


def _weighed(value: Tensor) -> Tensor:
    """A sum in which each element counts otherwise, so that none cancel each other."""
    weights = torch.linspace(1.0, 2.0, value.numel(), dtype=torch.float64).reshape(value.shape)
    weighed: Tensor = (value.abs() if value.is_complex() else value).double() * weights
    return weighed.sum()


def _reason(subject: Subject, model: nn.Module, name: str, sizes: Mapping[str, int]) -> str:
    """Why no gradient reaches a parameter."""
    parameter = dict(model.named_parameters())[name]
    if not parameter.requires_grad:
        return "requires_grad = false"
    inputs = subject.inputs(sizes)
    model.eval()
    with torch.no_grad():
        before = [value.clone() for value in values(model(*inputs)) if value is not None]
        parameter.add_(torch.linspace(1.0, 2.0, parameter.numel()).reshape(parameter.shape))
        after = [value for value in values(model(*inputs)) if value is not None]
    model.train()
    changed = any(not torch.equal(*pair) for pair in zip(before, after, strict=True))
    if changed:
        return "reaches the outputs only through what has no derivative"
    return "no output depends on it"


def examine_derivatives(subject: Subject) -> Finding:
    """Derivatives against differences, in float64 at the smallest sizes, by inputs and parameters.

    Small models are held to torch.autograd.gradcheck, tensor by tensor; large ones to the
    derivatives in a few directions in which everything changes at once.
    """
    what = "gradcheck"
    sizes = next(iter(subject.sizes()), None)
    if sizes is None:
        return skipped(what, "no inputs are known that the model takes")
    said = ""
    for seed in range(_TRIES):
        # A kink, as of ReLU, between the two points of a difference is no fault: others are tried.
        function = _Function(subject, sizes, seed)
        try:
            if not function.compute(*function.tensors):
                return skipped(what, "no output has a derivative")
            says = function.check()
        except (GradcheckError, _Differ) as error:
            said = " ".join(str(error).split())
        except RuntimeError as error:
            return skipped(what, f"does not compute in float64: {' '.join(str(error).split())}")
        else:
            return passed(what, says)
    return failed(what, f"at {at(sizes)}: {said}")


class _Differ(Exception):
    """A derivative is not what differences say."""


class _Function:
    """The model in float64 and eval mode, as a function of its floating-point inputs and what it
    learns."""

    def __init__(self, subject: Subject, sizes: Mapping[str, int], seed: int) -> None:
        self.model = subject.model(seed).double().eval()
        given = subject.inputs(sizes, seed)
        self.given = [v.double() if v.is_floating_point() else v for v in given]
        self.free = [place for place, v in enumerate(self.given) if v.is_floating_point()]
        named = self.model.named_parameters()
        learned = {name: value.detach() for name, value in named if value.requires_grad}
        self.names = list(learned)
        places = [*(self.given[place] for place in self.free), *learned.values()]
        self.tensors = [value.clone().requires_grad_() for value in places]

    def compute(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """The outputs that have a derivative."""
        inputs = list(self.given)
        for place, tensor in zip(self.free, tensors, strict=False):
            inputs[place] = tensor
        state: dict[str, Any] = dict(zip(self.names, tensors[len(self.free) :], strict=True))
        state |= {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        torch.manual_seed(0)
        return tuple(differentiable(functional_call(self.model, state, tuple(inputs))))

    def check(self) -> str:
        """Compare; return what was compared. Raises GradcheckError or _Differ."""
        if sum(tensor.numel() for tensor in self.tensors) <= _LARGE:
            gradcheck(self.compute, self.tensors, fast_mode=True, atol=1e-4, rtol=_TOLERANCE)
            return f"derivatives by {len(self.tensors)} tensors equal differences, in float64"
        for seed in range(_DIRECTIONS):
            self._check_direction(torch.Generator().manual_seed(seed))
        return f"derivatives in {_DIRECTIONS} directions equal differences, in float64"

    def _check_direction(self, generator: torch.Generator) -> None:
        way = [
            torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
            for tensor in self.tensors
        ]
        total = self._total(*self.tensors)
        found = torch.autograd.grad(total, self.tensors, allow_unused=True)
        slope = sum((g * v).sum().item() for g, v in zip(found, way, strict=True) if g is not None)
        with torch.no_grad():
            above, below = (
                self._moved([t + sign * _STEP * v for t, v in zip(self.tensors, way, strict=True)])
                for sign in (1, -1)
            )
        difference = (above - below) / (2 * _STEP)
        if abs(difference - slope) > 10 * _TOLERANCE * max(abs(slope), abs(difference), 1e-6):
            raise _Differ(f"the derivative is {slope:.6g}, differences say {difference:.6g}")

    def _moved(self, tensors: list[Tensor]) -> float:
        with torch.enable_grad():
            return self._total(*(tensor.detach().requires_grad_() for tensor in tensors)).item()

    def _total(self, *tensors: Tensor) -> Tensor:
        return torch.stack([_weighed(value) for value in self.compute(*tensors)]).sum()
