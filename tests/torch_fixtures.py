"""Rows recorded from torch and from public networks, where they are at hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from torch_reference import Signature

from specc.spec.tensor.type import TensorType

_DEFAULT = Path(__file__).parent.parent.parent / "shared" / "fixtures"
FIXTURES = Path(os.environ.get("SPECC_FIXTURES", _DEFAULT))
needs_fixtures = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="no fixtures: set SPECC_FIXTURES to their folder"
)


AROUND = {"linalg.pinv singular", "linalg.lstsq grad_oriented", "svd_lowrank", "pca_lowrank"}
"""Operators of torch's database, with the variant, that compute something around the function."""


class NotInSpecError(Exception):
    """A value that the language cannot write."""


def rows(name: str) -> Iterator[Mapping[str, Any]]:
    with (FIXTURES / name).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def value(recorded: Any) -> Any:
    """A recorded argument as the rules take it. Raises NotInSpecError."""
    if isinstance(recorded, list):
        return [value(item) for item in recorded]
    if not isinstance(recorded, dict):
        return recorded
    if "tensor" in recorded or "shape" in recorded:
        tensor = recorded.get("tensor", recorded)
        return TensorType.of(tensor["shape"], tensor["dtype"])
    if "dtype" in recorded:
        return recorded["dtype"]
    if "py" in recorded:
        return recorded["py"]
    if "__float__" in recorded:
        return float(recorded["__float__"])
    if "seq" in recorded:
        return [value(item) for item in recorded["items"]]
    raise NotInSpecError(str(recorded))


def output(recorded: Any) -> tuple[Signature, ...]:
    """Shapes and dtypes of a recorded result. Raises NotInSpecError."""
    if isinstance(recorded, dict) and "shape" in recorded:
        return ((tuple(recorded["shape"]), recorded["dtype"]),)
    if isinstance(recorded, dict) and "seq" in recorded:
        recorded = recorded["items"]
    if isinstance(recorded, list):
        return tuple(pair for item in recorded for pair in output(item))
    raise NotInSpecError(str(recorded))
