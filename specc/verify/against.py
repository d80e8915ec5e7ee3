"""A spec's model against one that was written by hand: the same weights, results and gradients."""

from __future__ import annotations

import copy
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, permutations, product

import torch
from torch import Tensor, nn

from ..spec.record import Record
from .finding import Finding, failed, passed
from .subject import SEED, Subject, at, differentiable, values

_EQUAL_IN_DOUBLE = 1e-12
_SHOWN = 8
_TRIED = 200


class AgainstError(Exception):
    """The other model can't be made."""


class Pairing(Record):
    """Which tensor of the other model each tensor of ours is.

    names: from our name to theirs. how: why these belong together.
    """

    names: Mapping[str, str]
    how: str


Reference = str | Callable[[], nn.Module]
"""A class, or a function that makes a module; or where one is, as `package.module:Name`."""


def other_model(reference: Reference) -> nn.Module:
    """The module that is compared with. Raises AgainstError."""
    if not isinstance(reference, str):
        return reference()
    # Found as `python -m` would find it.
    path, _, name = reference.partition(":")
    if not path or not name:
        raise AgainstError(f"{reference} is not of the form module:Class")
    sys.path.insert(0, os.getcwd())
    try:
        made: object = importlib.import_module(path)
        for part in name.split("."):
            made = getattr(made, part)
        torch.manual_seed(SEED)
        model = made() if callable(made) and not isinstance(made, nn.Module) else made
    except Exception as error:
        # What a user's file raises when it is imported is the user's to see.
        raise AgainstError(f"{reference}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(os.getcwd())
    if not isinstance(model, nn.Module):
        raise AgainstError(f"{reference} makes {type(model).__name__}, no nn.Module")
    return model


def compare(subject: Subject, reference: Reference) -> Iterator[Finding]:
    """Findings on whether both models are the same function of the same weights."""
    try:
        other = other_model(reference)
    except AgainstError as error:
        yield failed("against", str(error))
        return
    paired = pair(subject, other)
    if isinstance(paired, str):
        yield failed("weights", paired)
        return
    renamed = [f"{ours} = {theirs}" for ours, theirs in paired.names.items() if ours != theirs]
    yield passed("weights", f"{len(paired.names)} tensors, {paired.how}", _shortened(renamed))
    for training in (False, True):
        yield _compared(subject, other, paired, training=training)


def pair(subject: Subject, other: nn.Module) -> Pairing | str:
    """Which weights belong together, or why none do.

    Of the pairings that shapes allow, the first with which both models agree; if they agree with
    none, the first.
    """
    first = next(_pairings(subject, other), None)
    if first is None:
        ours, theirs = _tensors(subject.model()), _tensors(other)
        if len(ours) != len(theirs):
            said = f"there are {len(ours)} tensors here and {len(theirs)} there"
        else:
            said = "shapes do not match one to one"
        return said + _only(ours, theirs)
    agreeing = (one for one in _pairings(subject, other) if _agrees(subject, other, one))
    return next(agreeing, first)


def _pairings(subject: Subject, other: nn.Module) -> Iterator[Pairing]:
    """Tensors of equal shapes: by name, in the order of use or declaration, or as shapes allow."""
    ours, theirs = _tensors(subject.model()), _tensors(other)
    if {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in theirs.items()}:
        yield Pairing({name: name for name in ours}, "equal by name")
    used = _order_of_use(subject, subject.model()), _order_of_use(subject, other)
    declared = list(ours), list(theirs)
    for how, (first, second) in {
        "in the order in which they are used": used,
        "in the order in which they are declared": declared,
    }.items():
        shapes = [ours[name].shape for name in first], [theirs[name].shape for name in second]
        if len(first) == len(ours) and shapes[0] == shapes[1]:
            yield Pairing(dict(zip(first, second, strict=True)), how)
    yield from _permuted(ours, theirs)


def _permuted(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> Iterator[Pairing]:
    """Tensors of equal shapes and equal last names, in every order that there is time for."""
    groups = [_grouped(tensors) for tensors in (ours, theirs)]
    sizes = [{key: len(names) for key, names in group.items()} for group in groups]
    if sizes[0] != sizes[1]:
        return
    first = [name for names in groups[0].values() for name in names]
    orders = [permutations(groups[1][key]) for key in groups[0]]
    for order in islice(product(*orders), _TRIED):
        second = [name for names in order for name in names]
        yield Pairing(dict(zip(first, second, strict=True)), "by their shapes")


def _grouped(tensors: Mapping[str, Tensor]) -> dict[tuple[object, ...], list[str]]:
    found: dict[tuple[object, ...], list[str]] = {}
    for name, value in tensors.items():
        found.setdefault((tuple(value.shape), name.rpartition(".")[2]), []).append(name)
    return found


def _agrees(subject: Subject, other: nn.Module, paired: Pairing) -> bool:
    """Whether both give nearly the same for the smallest inputs."""
    sizes = next(iter(subject.sizes()), None)
    if sizes is None:
        return True
    said = _difference(subject, other, paired, sizes, training=False, double=True)
    return said is None


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    return dict(model.state_dict())


def _only(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> str:
    """Examples of what is in one of them alone."""
    here = [f"{name} {tuple(value.shape)}" for name, value in ours.items() if name not in theirs]
    there = [f"{name} {tuple(value.shape)}" for name, value in theirs.items() if name not in ours]
    said = f"; only here: {', '.join(here[:3])}" if here else ""
    return said + (f"; only there: {', '.join(there[:3])}" if there else "")


def _order_of_use(subject: Subject, model: nn.Module) -> list[str]:
    """The names of the tensors in the order in which forward meets their layers."""
    names: list[str] = []
    hooks = []

    def note(prefix: str, module: nn.Module) -> None:
        own = [*module._parameters, *module._buffers]
        held = [f"{prefix}.{name}" if prefix else name for name in own]
        names.extend(name for name in held if name in known and name not in names)

    known = model.state_dict()
    for prefix, module in model.named_modules():
        hook = module.register_forward_pre_hook(lambda m, _, prefix=prefix: note(prefix, m))
        hooks.append(hook)
    sizes = next(iter(subject.sizes()), None)
    try:
        if sizes is not None:
            with torch.no_grad():
                model.eval()(*subject.inputs(sizes))
    finally:
        for hook in hooks:
            hook.remove()
    return names


def _compared(subject: Subject, other: nn.Module, paired: Pairing, *, training: bool) -> Finding:
    """Results and gradients at each of the sizes, in one mode."""
    what = "training mode" if training else "eval mode"
    exact = True
    found = subject.sizes(training=training)
    for sizes in found:
        for double in (False, True):
            said = _difference(subject, other, paired, sizes, training=training, double=double)
            if said is None:
                break
            exact = False
        else:
            return failed(what, f"at {at(sizes)}: {said}")
    tried = "; ".join(map(at, found))
    if exact:
        return passed(what, f"outputs and gradients are equal bit for bit at {tried}")
    says = f"outputs and gradients differ by less than {_EQUAL_IN_DOUBLE:g} in float64 at {tried}"
    return passed(what, says)


def _difference(
    subject: Subject,
    other: nn.Module,
    paired: Pairing,
    sizes: Mapping[str, int],
    *,
    training: bool,
    double: bool,
) -> str | None:
    """What differs, None where nothing does: bit for bit, or in float64 by next to nothing."""
    ours = subject.model()
    state = ours.state_dict()
    other = copy.deepcopy(other)
    other.load_state_dict({theirs: state[name] for name, theirs in paired.names.items()})
    inputs = subject.inputs(sizes)
    if double:
        ours, other = ours.double(), other.double()
        inputs = tuple(v.double() if v.is_floating_point() else v for v in inputs)
    first, second = (_measured(m.train(training), inputs) for m in (ours, other))
    if len(first[0]) != len(second[0]):
        return f"{len(first[0])} outputs here, {len(second[0])} there"
    for index, (a, b) in enumerate(zip(first[0], second[0], strict=True)):
        if not _same(a, b, double=double):
            return f"output {index} differs{_by(a, b)}"
    for name, theirs in paired.names.items():
        a, b = first[1].get(name), second[1].get(theirs)
        if not _same(a, b, double=double):
            return f"the gradient of {name} differs{_by(a, b)}"
    return None


def _measured(
    model: nn.Module, inputs: Sequence[Tensor]
) -> tuple[list[Tensor | None], dict[str, Tensor]]:
    """The outputs of a model, and the gradients of their weighed sum by its parameters."""
    model.zero_grad()
    torch.manual_seed(1)
    output = model(*inputs)
    found = differentiable(output)
    if found:
        weights = [torch.linspace(1.0, 2.0, v.numel(), dtype=v.dtype) for v in found]
        total = [(v.reshape(-1) * w).sum() for v, w in zip(found, weights, strict=True)]
        torch.autograd.backward(total)
    named = model.named_parameters()
    return list(values(output)), {name: p.grad for name, p in named if p.grad is not None}


def _same(a: Tensor | None, b: Tensor | None, *, double: bool) -> bool:
    if a is None or b is None:
        return a is b
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if not double:
        return torch.equal(a.nan_to_num(), b.nan_to_num())
    return torch.allclose(a, b, rtol=_EQUAL_IN_DOUBLE, atol=_EQUAL_IN_DOUBLE, equal_nan=True)


def _by(a: Tensor | None, b: Tensor | None) -> str:
    if a is None or b is None:
        return f": there is none {'here' if a is None else 'there'}"
    if a.shape != b.shape or a.dtype != b.dtype:
        return f": {tuple(a.shape)} {a.dtype} here, {tuple(b.shape)} {b.dtype} there"
    return f" by up to {(a - b).abs().max().item():.3g}"


def _shortened(lines: Sequence[str]) -> list[str]:
    if len(lines) <= _SHOWN:
        return list(lines)
    return [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more"]
