"""Checks of the model and its blocks as classes: their names, and that none contains itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..spec import registry
from ..spec.model import Spec
from ..spec.names import STANDARD_LIBRARY, is_identifier, refused_as_name, shown, snake_case
from ..spec.source import Path
from .problems import Problems

_LIBRARIES: Final = frozenset(
    [
        "torch",
        "numpy",
        "pandas",
        "sklearn",
        "scipy",
        "matplotlib",
        "tqdm",
        "yaml",
        "specc",
        "test",
        "tests",
        "train",
        "setup",
    ]
)


def check_class_names(spec: Spec, problems: Problems) -> None:
    """Reports names that can be no class, or not one of their own, or no package."""
    name = spec.model.name
    reason = refused_as_name(name) or _refused_as_package(snake_case(name))
    if reason:
        said = f"{shown(name)} can't be the model's name: {reason}"
        problems.error("bad-name", said, ("model", "name"))
    for block in spec.blocks:
        place: Path = ("blocks", block)
        reason = refused_as_name(block)
        if registry.families("layers").get(block):
            reason = f"torch.nn.{block} is called so"
        elif block in (name, f"{name}Output"):
            reason = "the model is called so"
        if reason:
            said = f"{shown(block)} can't be a block's name: {reason}"
            problems.error("bad-name", said, place, part="key")


def _refused_as_package(package: str) -> str | None:
    if not is_identifier(package):
        return f"its package would be called {shown(package)}"
    if package in _LIBRARIES or package in STANDARD_LIBRARY:
        return f"its package would hide Python's {package}"
    return None


def report_recursion(uses: Mapping[str, Mapping[str, Path]], problems: Problems) -> bool:
    """Whether a block contains itself, each circle reported once.

    uses: the blocks that a block uses, with the place of the first use.
    """
    done: set[str] = set()
    found = False
    for block in uses:
        circle = _circle(block, uses, [], done)
        if circle:
            found = True
            inner = " contains ".join([*circle, circle[0]])
            said = f"a block can't contain itself: {inner}"
            problems.error("recursion", said, uses[circle[-1]][circle[0]])
    return found


def _circle(
    block: str, uses: Mapping[str, Mapping[str, Path]], above: list[str], done: set[str]
) -> list[str]:
    """The blocks of a circle that is reached from a block, in their order."""
    if block in above:
        return above[above.index(block) :]
    if block in done:
        return []
    done.add(block)
    for inner in uses.get(block, {}):
        circle = _circle(inner, uses, [*above, block], done)
        if circle:
            return circle
    return []
