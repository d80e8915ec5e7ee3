"""Read the files that keep trained models."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

Kept = TypeVar("Kept")


class CheckpointError(ValueError):
    """A file that does not keep what was expected."""


def read_checkpoint(path: str | Path, *keys: str) -> dict[str, Any]:
    """Return what a file keeps, on the CPU.

    Raises:
        CheckpointError: it is not a file of torch's, or one of the keys is missing.
        FileNotFoundError: nothing is there.
    """
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        said = f"there is no {path}: train a model first"
        raise FileNotFoundError(said) from error
    except (EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{path} does not hold weights") from error
    if not isinstance(saved, dict) or not saved.keys() >= set(keys):
        raise CheckpointError(f"{path} does not hold {', '.join(keys) or 'weights'}")
    return saved


def restored(
    restore: Callable[[dict[str, Any]], Kept], path: str | Path, key: str
) -> Kept:
    """Return what `restore` makes of the state that a file keeps under a key.

    Raises:
        CheckpointError: the file has none, or that of another model.
    """
    state = read_checkpoint(path, key)[key]
    try:
        return restore(state)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} holds the {key} of another model") from error


def load_weights(model: nn.Module, weights: dict[str, Any], path: str | Path) -> None:
    """Give a model the weights that were read from a file.

    Raises:
        CheckpointError: they are those of another model.
    """
    try:
        model.load_state_dict(weights)
    except (RuntimeError, TypeError) as error:
        said = " ".join(str(error).split())
        raise CheckpointError(f"{path} holds another model: {said}") from error
