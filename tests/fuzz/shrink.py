"""The smallest spec that shows the same fault."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from .mutate_tree import Tree
from .trees import at, places


def smallest_tree(tree: Tree, fails: Callable[[Tree], bool], tries: int = 400) -> Tree:
    """A tree without what is not needed for it to fail."""
    tree = deepcopy(tree)
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for path in [path for path, _ in places(tree)]:
            candidate = deepcopy(tree)
            try:
                del at(candidate, path[:-1])[path[-1]]
            except (KeyError, IndexError):
                continue
            tries -= 1
            if tries < 0:
                return tree
            if fails(candidate):
                tree, is_smaller = candidate, True
                break
    return tree


def smallest_text(text: str, fails: Callable[[str], bool], tries: int = 300) -> str:
    """A text without the lines that are not needed for it to fail."""
    lines = text.split("\n")
    place = 0
    while place < len(lines) and tries > 0:
        tries -= 1
        without = [*lines[:place], *lines[place + 1 :]]
        if fails("\n".join(without)):
            lines = without
        else:
            place += 1
    return "\n".join(lines)
