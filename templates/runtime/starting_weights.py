"""Weights of another training, from which a new one starts."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .checkpoint import CheckpointError, read_checkpoint
from .library import needed

KEYS = ("model", "state_dict", "model_state_dict")
"""Under which of these a file keeps its weights, if it keeps other things, too."""
TOLD = 5
"""How many names are told of each problem."""


def start_from(
    model: nn.Module,
    path: str | Path,
    *,
    match: Sequence[str] = ("*",),
    rename: Mapping[str, str] | None = None,
    strict: bool = True,
) -> None:
    """Give a model the weights of a file.

    Args:
        path: a .safetensors file, or one of torch's
        match: globs of what is taken, by its names in the model
        rename: names in the model by those in the file, as globs: each * stands for
            the same in both
        strict: whether all of that must be in the file, and in the model

    Raises:
        CheckpointError: the file does not hold that; the model is as it was.
        LibraryError: safetensors is not installed, and the file is one of its.
    """
    renamed = _renamed(_read(path), rename or {}, path)
    found = {name: renamed[name] for name in _matching(renamed, match)}
    tensors = _tensors(model)
    own = {name: tensors[name] for name in _matching(tensors, match)}
    taken = {name: _as_complex(found[name], own[name]) for name in found if name in own}
    ids = _identities(model, own)
    known = {ids[name] for name in taken}
    problems = dict(_misfits(taken, own, ids))
    if strict or not taken:
        problems["missing"] = [name for name in own if ids[name] not in known]
    if strict:
        problems["not in the model"] = [name for name in found if name not in own]
    said = [f"{what}: {_listed(names)}" for what, names in problems.items() if names]
    if said:
        words = "; ".join(said)
        raise CheckpointError(f"training can't start from {path}: {words}")
    model.load_state_dict(taken, strict=False)


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    state: dict[str, Any] = model.state_dict()
    return {name: one for name, one in state.items() if isinstance(one, Tensor)}


def _identities(model: nn.Module, names: Iterable[str]) -> dict[str, int]:
    """Return the same number for the names of one weight, each of which will do."""
    weights: dict[str, object] = dict(model.named_parameters(remove_duplicate=False))
    return {name: id(weights.get(name, name)) for name in names}


def _read(path: str | Path) -> dict[str, Tensor]:
    """Return the tensors of a file by their names, on the CPU."""
    if Path(path).suffix.lower() == ".safetensors":
        files = needed("safetensors.torch", "safetensors")
        try:
            return dict(files.load_file(path))
        except needed("safetensors", "safetensors").SafetensorError as error:
            said = f"{path} is no safetensors file: {error}"
            raise CheckpointError(said) from error
    saved = read_checkpoint(path)
    held = [saved, *(saved[key] for key in KEYS if key in saved)]
    for weights in held:
        if _are_weights(weights):
            return dict(weights)
    keys = " or ".join(KEYS)
    raise CheckpointError(
        f"{path} does not hold weights by their names, nor under {keys}:"
        f" there are {_listed(map(str, saved))}"
    )


def _are_weights(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(name, str) for name in value)
        and all(isinstance(one, Tensor) for one in value.values())
    )


def _matching(names: Iterable[str], globs: Sequence[str]) -> list[str]:
    return [name for name in names if any(fnmatchcase(name, glob) for glob in globs)]


def _renamed(
    weights: Mapping[str, Tensor], rename: Mapping[str, str], path: str | Path
) -> dict[str, Tensor]:
    """Return the weights of a file by their names in the model."""
    found: dict[str, Tensor] = {}
    before: dict[str, str] = {}
    unused = dict(rename)
    for name, tensor in weights.items():
        names = {}
        for old, new in rename.items():
            pattern = "(.*)".join(map(re.escape, old.split("*")))
            if stands := re.fullmatch(pattern, name):
                unused.pop(old, None)
                names[_filled(new, stands.groups())] = old
        own, *others = names or [name]
        if others:
            said = f"{name} would be {' and '.join(names)}"
            raise CheckpointError(f"rename is not clear: of {path}, {said}")
        if own in found:
            said = f"{before[own]} and {name} would both be {own}"
            raise CheckpointError(f"rename is not clear: of {path}, {said}")
        found[own] = tensor
        before[own] = name
    if unused:
        said = f"rename matches nothing in {path}: {_listed(unused)}"
        raise CheckpointError(f"{said}; there are {_listed(weights)}")
    return found


def _filled(name: str, stands: Sequence[str]) -> str:
    """Return a name with what its stars stand for in their places."""
    first, *others = name.split("*")
    pairs = zip(stands, others, strict=True)
    return first + "".join(one + text for one, text in pairs)


def _as_complex(tensor: Tensor, own: Tensor) -> Tensor:
    """Return a tensor, made of the pairs as which checkpoints keep complex numbers."""
    is_pairs = own.is_complex() and tensor.is_floating_point()
    if is_pairs and tensor.shape == (*own.shape, 2):
        return torch.view_as_complex(tensor.contiguous())
    return tensor


def _alike(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    dtype = torch.promote_types(first.dtype, second.dtype)
    return first.to(dtype), second.to(dtype)


def _misfits(
    taken: Mapping[str, Tensor], own: Mapping[str, Tensor], ids: Mapping[str, int]
) -> Iterator[tuple[str, list[str]]]:
    """Yield what can't be put into the tensors of a model."""
    shapes, kinds, different = [], [], []
    first: dict[int, str] = {}
    for name, tensor in taken.items():
        here = own[name]
        other = first.setdefault(ids[name], name)
        if tensor.shape != here.shape:
            there, wanted = tuple(tensor.shape), tuple(here.shape)
            shapes.append(f"{name} is {there} there and {wanted} in the model")
        elif not torch.can_cast(tensor.dtype, here.dtype):
            words = f"{tensor.dtype} there and {here.dtype} in the model"
            kinds.append(f"{name} is {words}")
        elif other != name and not torch.equal(*_alike(taken[other], tensor)):
            different.append(f"{other} and {name}")
    yield "of another shape", shapes
    yield "of another kind", kinds
    yield "different, though the model has one weight for both", different


def _listed(names: Iterable[str]) -> str:
    first, *others = [*names] or ["nothing"]
    told = ", ".join((first, *others[: TOLD - 1]))
    more = len(others) - TOLD + 1
    return f"{told} and {more} more" if more > 0 else told
