"""Checks that loops over several entries run always: an `if` around one is not written yet."""

from __future__ import annotations

from collections.abc import Sequence

from ..resolve.graph import Node
from ..resolve.problems import Problems
from ..resolve.sequential import is_open_loop
from .typed import TypedGraph, TypedNode


def check_loops(typed: TypedGraph, problems: Problems) -> None:
    """Reports loops that run in training only, or that some uses of a block have not."""
    for uses in ((typed.root,), *typed.blocks.values()):
        columns = zip(*(use.nodes for use in uses), strict=True)
        for each in columns if uses else ():
            _check(each, problems, in_training=False)


def _check(typed: Sequence[TypedNode], problems: Problems, *, in_training: bool) -> None:
    """typed: an entry, as the uses or times have it that have what it stands in."""
    node = typed[0].node
    present = [one for one in typed if not one.absent]
    in_training |= node.in_training
    if is_open_loop(node) and in_training:
        _refuse(node, "in training only", problems)
    elif is_open_loop(node) and len({one.absent for one in typed}) > 1:
        _refuse(node, "in some uses of a block, or some times of a repeat, only", problems)
    times = [time for one in present for time in one.times or (one,)]
    for each in zip(*(time.children for time in times), strict=True):
        _check(each, problems, in_training=in_training)


def _refuse(node: Node, when: str, problems: Problems) -> None:
    problems.error(
        "not-supported",
        f"a loop over several entries that is run {when} is not part of this version",
        (*node.path, "when") if node.when is not None else node.path,
        part="key",
        help="make a block of it, and say when there",
    )
