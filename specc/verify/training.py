"""Whether the loss of a spec falls under its own optimizer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from ..compiler.elaborate.interface import interface
from ..compiler.plan_training.plan_formula import loss_arguments, loss_parameters
from ..compiler.training.training_spec import TARGET, TrainingSpec
from ..spec.tensor.dtype import is_floating_point
from ..spec.tensor.type import TensorType
from .finding import Finding, failed, passed, skipped
from .subject import SEED, Subject, at

_STEPS = 100
_SECONDS = 10.0
_FALLS = 1e-5
"""The least part of the first loss by which it falls, beyond what rounding does."""
_CLASSES = 2


def examine_training(subject: Subject) -> Finding:
    """The spec's own loss falls on one drawn batch, by steps of its own optimizer."""
    what = "training"
    spec = subject.checked.training
    if spec is None:
        return skipped(what, "the spec has no loss and optimizer")
    if spec.takes_turns:
        return skipped(what, "its optimizers step on losses of their own, which need not all fall")
    sizes = next(iter(subject.sizes(training=True)[-1:]), None)
    if sizes is None:
        return skipped(what, "no inputs are known that the model takes in training")
    inputs = subject.inputs(sizes)
    target = None if spec.target_type is None else _target(spec, spec.target_type, sizes)
    try:
        train = import_module(f"{subject.summary['package']}.train")
    except ModuleNotFoundError as error:
        return skipped(what, f"train.py needs {error.name}")
    try:
        losses = _losses(subject, spec, train, inputs, target)
    except _Refused as error:
        return skipped(what, f"the loss takes nothing that is drawn: {error}")
    first, lowest = losses[0], min(filter(math.isfinite, losses), default=math.nan)
    if not math.isfinite(first):
        return skipped(what, f"at {at(sizes)}, the loss of drawn numbers is {first}")
    names = " and ".join(dict.fromkeys(type(t.optimizer).__name__ for t in spec.optimizers))
    says = f"at {at(sizes)}, the loss falls from {first:.5g} to {lowest:.5g}"
    says += f" in {len(losses) - 1} steps of {names}"
    has_fallen = lowest < first - _FALLS * abs(first)
    if not has_fallen and spec.schedulers:
        return skipped(what, f"{says}; a scheduler says how far steps go")
    return passed(what, says) if has_fallen else failed(what, says)


class _Refused(Exception):
    """The loss can't be computed of what is drawn."""


def _target(spec: TrainingSpec, type: TensorType, sizes: dict[str, int]) -> Tensor:
    """Drawn numbers that the loss takes as targets."""
    generator = torch.Generator().manual_seed(SEED)
    shape = [size.evaluate(sizes) for size in type.shape]
    dtype = getattr(torch, type.dtype)
    targets = spec.targets
    if targets.only is not None:
        known = torch.tensor(tuple(targets.only))
        return known[torch.randint(len(known), shape, generator=generator)].to(dtype)
    low = 0.0 if targets.low is None else targets.low
    if is_floating_point(type.dtype):
        high = low + 1 if targets.high is None else targets.high
        return (low + (high - low) * torch.rand(shape, generator=generator)).to(dtype)
    return torch.randint(int(low), int(low) + _CLASSES, shape, generator=generator).to(dtype)


def _losses(
    subject: Subject,
    spec: TrainingSpec,
    train: ModuleType,
    inputs: Sequence[Tensor],
    target: Tensor | None,
) -> list[float]:
    """The loss before each step, and after the last. Raises `_Refused`."""
    model = subject.model().train()
    loss_fn: nn.Module = train.Loss() if spec.has_own_loss else train.build_loss()
    compute = _compute(subject, spec, model, loss_fn.train(), inputs, target)
    try:
        losses = [compute().item()]
    except (IndexError, RuntimeError, ValueError) as error:
        raise _Refused(" ".join(str(error).split())) from error
    optimizers = _optimizers(spec, train, model, loss_fn)

    def closure() -> float:
        model.zero_grad()
        loss_fn.zero_grad()
        loss = compute()
        if loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    until = time.monotonic() + _SECONDS
    while len(losses) <= _STEPS and time.monotonic() < until:
        if any(term.optimizer.takes_closure for term in spec.optimizers):
            for optimizer in optimizers:
                optimizer.step(closure)
        else:
            closure()
            _clip(spec, [*model.parameters(), *loss_fn.parameters()])
            for optimizer in optimizers:
                optimizer.step()
        losses.append(compute().item())
    return losses


def _compute(
    subject: Subject,
    spec: TrainingSpec,
    model: nn.Module,
    loss_fn: nn.Module,
    inputs: Sequence[Tensor],
    target: Tensor | None,
) -> Callable[[], Tensor]:
    """What computes the loss of a batch, the same way each time."""
    known = interface(subject.checked.typed)
    read = loss_parameters(spec, known)
    names = [name for name, _ in known.inputs]
    fields: dict[str, Any] = {**dict(zip(names, inputs, strict=True)), TARGET: target}

    def compute() -> Tensor:
        torch.manual_seed(1)
        output = model(*inputs)
        state = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        given = [
            state[name] if name in read else fields[name] for name in loss_arguments(spec, known)
        ]
        loss: Tensor = loss_fn(output, *given)
        return loss

    return compute


def _optimizers(
    spec: TrainingSpec, train: ModuleType, model: nn.Module, loss_fn: nn.Module
) -> list[torch.optim.Optimizer]:
    given = (model, loss_fn) if spec.loss_learns else (model,)
    if spec.has_several_optimizers:
        several: list[torch.optim.Optimizer] = train.build_optimizers(*given)
        return several
    return [train.build_optimizer(*given)]


def _clip(spec: TrainingSpec, parameters: list[nn.Parameter]) -> None:
    """Bounds gradients as the spec says."""
    settings = spec.training
    if settings.clip_grad_value is not None:
        nn.utils.clip_grad_value_(parameters, settings.clip_grad_value)
    if settings.clip_grad_norm is not None:
        nn.utils.clip_grad_norm_(parameters, settings.clip_grad_norm)
