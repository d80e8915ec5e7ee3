"""Layers with an element type of their own: the package says it as torch takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli

import specc
from specc.spec.layers.base import Layer
from specc.spec.registry import families, load

PAGES = Path(__file__).parent.parent / "docs"


def has_dtype(name: str) -> bool:
    found = load("layers", name)
    assert isinstance(found, type)
    assert issubclass(found, Layer)
    return "dtype" in found.model_fields


def in_double(entry: Any) -> Any:
    """An entry with the type of its parameters, inside it too."""
    table = {"type": entry} if isinstance(entry, str) else entry
    inner = {
        key: in_double(value)
        for key, value in table.items()
        if isinstance(value, dict) and "type" in value
    }
    given = {"dtype": "float64"} if has_dtype(table["type"]) else {}
    return {**table, **inner, **given}


@pytest.mark.parametrize("name", [name for name in families("layers") if has_dtype(name)])
def test_own_element_types_are_torchs(name: str) -> None:
    folder = "losses" if name in families("losses") else "layers"
    page = (PAGES / folder / f"{name}.md").read_text("utf-8")
    spec = tomli.loads(page.partition("```toml\n")[2].partition("```")[0])
    model = spec["model"]
    model["layers"] = [in_double(entry) for entry in model["layers"]]
    for key, declared in model["inputs"].items():
        if isinstance(declared, list):
            model["inputs"][key] = {"shape": declared, "dtype": "float64"}
    module = specc.load(spec).Example()
    floating = [p for p in module.state_dict().values() if p.is_floating_point()]
    # Without weights or statistics there is nothing to hold.
    assert {str(p.dtype) for p in floating} <= {"torch.float64"}
