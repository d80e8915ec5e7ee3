"""Read the files that keep trained models."""

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn


class CheckpointError(ValueError):
    """A file that does not keep what was expected."""


def read_checkpoint(path: str | Path, *keys: str) -> dict[str, Any]:
    """Return what a file keeps, on the CPU.

    Raises:
        CheckpointError: it is not a file of torch's, or one of the keys is missing.
    """
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except (EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{path} does not hold weights") from error
    if not isinstance(saved, dict) or not saved.keys() >= set(keys):
        raise CheckpointError(f"{path} does not hold {', '.join(keys) or 'weights'}")
    return saved


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
