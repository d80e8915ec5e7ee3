"""The numbers of a container's entries without names."""

from __future__ import annotations

from collections.abc import Sequence

from ..resolve.graph import Node
from ..resolve.problems import Problems


def check_number(nodes: Sequence[Node], node: Node, number: int, problems: Problems) -> None:
    """Reports a number that a sibling has as its name."""
    for other in nodes:
        if str(number) in other.names:
            problems.error(
                "name-clash",
                f"this entry without a name is number {number} of its container",
                node.path,
                labels=[((*other.path, "name"), None, "and so is this one")],
            )
