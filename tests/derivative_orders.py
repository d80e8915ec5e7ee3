"""How often torch derives its functions and modules: found by deriving, argument by argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import torch
from drawn import within
from module_database import layer_of
from operator_database import TENSOR_FIRST, NotStridedError, plain, registered
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.testing._internal.common_modules import module_db

from specc.spec.ops.base import Function
from specc.spec.registry import load

OFTEN = 2
"""How often what can be derived again and again is derived."""
UNKNOWN = ("is not implemented", "support automatic diff", "is not differentiable with respect to")
"""Words of torch where it knows no derivative."""
MOST = 25


class Order(NamedTuple):
    """How often something is derived: so that the result can be, too, and at all."""

    again: int
    times: int


WHOLE = Order(OFTEN, OFTEN)


class Derived(NamedTuple):
    """A call that is derived by one of its arguments, all of which are named."""

    by: str
    given: frozenset[str]
    order: Order


def flat(value: Any) -> list[Tensor]:
    """The tensors in a value."""
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in flat(item)]
    return [value] if isinstance(value, Tensor) else []


def _copied(value: Any, leaves: list[Tensor] | None) -> Any:
    """A copy of an argument; by what becomes a leaf the call is derived."""
    if isinstance(value, Tensor):
        made = value.detach().clone()
        if leaves is None or not made.is_floating_point():
            return made
        leaves.append(made.requires_grad_())
        return made * 1
    if isinstance(value, list | tuple) and flat(value):
        return type(value)(_copied(item, leaves) for item in value)
    return value


def order_of(run: Callable[[], Any], leaves: Sequence[Tensor]) -> Order | None:
    """How often a call is derived; None where it passes no gradient, or where something else
    than a missing derivative stops it."""
    try:
        values = [one for one in flat(run()) if one.requires_grad]
    except Exception as error:
        return Order(-1, -1) if _is_unknown(error) else None
    # Of a square, what is derived depends on the gradient that comes in.
    values = [one * one for one in values]
    for again in range(OFTEN):
        parts = [torch.view_as_real(one) if one.is_complex() else one for one in values]
        total = sum((part.sum() for part in parts if part.requires_grad), torch.zeros(()))
        if not total.requires_grad:
            return None if not again else WHOLE
        try:
            found = torch.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
        except RuntimeError as error:
            return Order(again, again + _passes(run, leaves, again)) if _is_unknown(error) else None
        values = [one for one in found if one is not None]
    return WHOLE


def _passes(run: Callable[[], Any], leaves: Sequence[Tensor], again: int) -> int:
    """1 where a backward pass goes through what can't be derived so that the result can be."""
    if again:
        return 0
    total = sum((one * one).sum() for one in flat(run()) if one.requires_grad)
    try:
        torch.autograd.grad(total, leaves, allow_unused=True)  # type: ignore[arg-type]
    except RuntimeError:
        return 0
    return 1


def _is_unknown(error: Exception) -> bool:
    return any(word in str(error) for word in UNKNOWN)


def derivations(
    call: Callable[..., Any], names: Sequence[str], args: Sequence[Any], keywords: dict[str, Any]
) -> Iterator[Derived]:
    """A call, derived by each of its arguments."""
    given = dict(zip(names, args, strict=False)) | keywords
    said = frozenset(name for name, value in given.items() if value is not None)
    for by in given:
        leaves: list[Tensor] = []

        def copied(name: str, value: Any, by: str = by, leaves: list[Tensor] = leaves) -> Any:
            return _copied(value, leaves if name == by else None)

        made = [copied(name, value) for name, value in zip(names, args, strict=False)]
        named = {name: copied(name, value) for name, value in keywords.items()}
        if leaves:
            with within(10), sdpa_kernel(SDPBackend.MATH):
                order = order_of(lambda: call(*made, **named), leaves)  # noqa: B023
            if order is not None:
                yield Derived(by, said, order)


def of_operator(operator: Any) -> Iterator[Derived]:
    """The samples that torch's own tests have of a function."""
    name = registered(operator.name)
    function = load("ops", name)
    assert isinstance(function, Function)
    names = list(function.parameters)
    if name in TENSOR_FIRST:
        first = [names[TENSOR_FIRST[name].index(i)] for i in range(len(TENSOR_FIRST[name]))]
        names[: len(first)] = first
    if torch.float32 not in operator.supported_dtypes("cpu"):
        return
    for sample in islice(operator.sample_inputs("cpu", torch.float32), MOST):
        args, keywords = [sample.input, *sample.args], dict(sample.kwargs)
        if keywords.get("options") is not None:
            continue  # no spec can say how a loss is cut in chunks
        try:
            plain([one for one in args if isinstance(one, Tensor | list | tuple)])
            operator(*_copied(args, None), **{k: _copied(v, None) for k, v in keywords.items()})
        except (NotStridedError, RuntimeError, ValueError):
            continue
        if all(0 < tensor.numel() < 5000 for tensor in flat(args)):
            yield from derivations(operator, names, args, keywords)


def of_module(kind: type[nn.Module]) -> Iterator[Derived]:
    """The samples that torch's own tests have of a module."""
    layer = layer_of(kind.__name__)
    assert layer is not None
    names = [name.rstrip("?") for name in layer.forward_inputs]
    for info in (info for info in module_db if info.module_cls is kind):
        for training in (True, False):
            for sample in info.module_inputs_func(
                info, device="cpu", dtype=torch.float32, requires_grad=False, training=training
            ):
                options = sample.constructor_input.kwargs.get("options")
                if sample.forward_input is None or options is not None:
                    continue
                given, called = sample.constructor_input, sample.forward_input
                module = kind(*given.args, **given.kwargs).train(training)
                for parameter in module.parameters():
                    parameter.requires_grad_(False)
                yield from derivations(module, names, called.args, dict(called.kwargs))
