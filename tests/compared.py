"""Compares a compiled network with another module that should be the same network."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

import specc
from specc.loading import import_package

UNDERIVABLE = ("is not implemented", "(input_is_complex == grad_is_complex)")
"""Words of torch where it has no derivative: of a function, or of real numbers made complex."""


class Network:
    """A network compiled from a tree: its package, its summary and its module."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        problems = specc.check(tree)
        assert not problems, problems
        compiled = specc.compile(tree)
        self.files = compiled.files
        self.summary = compiled.summary
        self.package: ModuleType = import_package(compiled.package, compiled.files)
        self.module: nn.Module = getattr(self.package, tree["model"]["name"])()

    def __call__(self, *inputs: Tensor | None) -> tuple[Any, ...]:
        """The outputs, in order."""
        made = self.module(*inputs)
        return tuple(made) if isinstance(made, tuple) else (made,)


def own_tests(network: Network) -> None:
    """The tests that come with the package pass."""
    name = network.package.__name__
    tests = importlib.import_module(f"{name}.test_{name}")
    for test in [value for key, value in vars(tests).items() if key.startswith("test_")]:
        test()


def state_of(module: nn.Module) -> list[tuple[str, tuple[int, ...], str]]:
    """Names, shapes and dtypes of a state_dict, in its order."""
    return [
        (name, tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        for name, tensor in module.state_dict().items()
    ]


def assert_same_tensor(one: Tensor | None, other: Tensor | None, what: str) -> None:
    """Bit for bit, where nan equals nan."""
    if one is None or other is None:
        assert one is other, what
        return
    assert one.dtype == other.dtype, what
    if one.is_complex():
        one, other = (torch.view_as_real(each.detach().resolve_conj()) for each in (one, other))
    assert torch.equal(one.isnan(), other.isnan()), what
    assert torch.equal(one.nan_to_num(), other.nan_to_num()), what


def gradients(
    outputs: Sequence[Tensor | None], module: nn.Module, inputs: Sequence[Tensor | None]
) -> list[Tensor | None]:
    """Of the outputs' sum, by every parameter and every floating-point input; none where torch
    knows no derivative of something on the way."""
    given = [*dict(module.named_parameters()).values(), *inputs]
    wanted = [tensor for tensor in given if tensor is not None and tensor.requires_grad]
    made = [output for output in outputs if output is not None and output.requires_grad]
    real = [torch.view_as_real(one) if one.is_complex() else one for one in made]
    total = sum((output.sum() for output in real), torch.zeros(()))
    if not wanted or not total.requires_grad:
        return []
    try:
        return list(torch.autograd.grad(total, wanted, allow_unused=True))
    except RuntimeError as error:
        if not any(words in str(error) for words in UNDERIVABLE):
            raise
        return []


def assert_same(
    network: Network,
    module: nn.Module,
    run: Any,
    samples: Sequence[Sequence[Tensor | None]],
    *,
    exact: bool = True,
) -> None:
    """Names, outputs and gradients are the same, in eval mode and in training.

    module: holds the other network's weights, which become those of `network`.
    run: the other network's outputs for inputs.
    exact: whether gradients are the same bit for bit.
    """
    assert state_of(network.module) == state_of(module)
    module.load_state_dict(network.module.state_dict())
    for training in (False, True):
        network.module.train(training)
        module.train(training)
        for sample in samples:
            inputs = [
                tensor.detach().clone().requires_grad_()
                if tensor is not None and tensor.is_floating_point()
                else tensor
                for tensor in sample
            ]
            torch.manual_seed(0)
            mine = network(*inputs)
            torch.manual_seed(0)
            others = run(*inputs)
            where = f"in {'training' if training else 'eval mode'}:\n{network.files['model.py']}"
            assert len(mine) == len(others), where
            for one, other in zip(mine, others, strict=True):
                assert_same_tensor(one, other, where)
            ours = gradients(mine, network.module, inputs)
            theirs = gradients(others, module, inputs)
            assert len(ours) == len(theirs), where
            # A gradient that cancels out is as inexact as the others are large.
            largest = max(
                (g.nan_to_num().norm().item() for g in theirs if g is not None), default=0
            )
            for one_gradient, other_gradient in zip(ours, theirs, strict=True):
                if exact or one_gradient is None or other_gradient is None:
                    assert_same_tensor(one_gradient, other_gradient, f"gradient {where}")
                else:
                    difference = (one_gradient - other_gradient).nan_to_num().norm()
                    assert difference <= 1e-4 * largest + 1e-6, f"gradient {where}"
    for (name, one), other in zip(
        network.module.state_dict().items(), module.state_dict().values(), strict=True
    ):
        assert_same_tensor(one, other, name)
