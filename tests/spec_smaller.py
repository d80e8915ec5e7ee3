"""Makes a failing spec smaller, so that what fails can be read."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from spec_strategies import Drawn

Path = tuple[str | int, ...]
NEEDED = {("model",), ("model", "name"), ("model", "inputs")}


def smallest(spec: Drawn, fails: Callable[[Drawn], bool], tries: int = 600) -> Drawn:
    """The spec with as little of it left as still fails."""
    current, left = spec, tries
    again = True
    while again:
        again = False
        for tree in _smaller(current.tree):
            left -= 1
            if left < 0:
                return current
            names = tree["model"]["inputs"]
            kept = [name in names for name in current.tree["model"]["inputs"]]
            inputs = tuple(one for one, keep in zip(current.inputs, kept, strict=True) if keep)
            made = Drawn(tree, inputs, current.where)
            if inputs and fails(made):
                current, again = made, True
                break
    return current


def _smaller(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The tree without one of its parts, large parts first; or with a container opened."""
    for path in sorted(_parts(tree), key=len):
        made = copy.deepcopy(tree)
        owner: Any = made
        for step in path[:-1]:
            owner = owner[step]
        part = owner[path[-1]]
        del owner[path[-1]]
        yield made
        if isinstance(part, dict) and "layers" in part and path[-2] == "layers":
            opened = copy.deepcopy(made)
            owner = opened
            for step in path[:-1]:
                owner = owner[step]
            owner[path[-1] : path[-1]] = part["layers"]
            yield opened


def _parts(value: Any, path: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        own = (*path, key)
        is_shape = path[:2] == ("model", "inputs") and len(own) != 3
        if not is_shape and own not in NEEDED:
            yield own
        if isinstance(item, dict | list):
            yield from _parts(item, own)
