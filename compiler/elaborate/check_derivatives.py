"""Checks that what is derived, once or again, torch can derive."""

from __future__ import annotations

from collections.abc import Mapping

from ..resolve.problems import Problems
from .derive import derive_outputs
from .traces import Fault, Trace
from .typed import TypedGraph


def check_derivatives(typed: TypedGraph, problems: Problems) -> Mapping[str, Trace]:
    """What gradients of the model's outputs lead to; reports what fails before there are any."""
    outputs, faults = derive_outputs(typed)
    for fault in faults:
        report(fault, problems)
    return outputs


def report(fault: Fault, problems: Problems) -> None:
    """Reports at the expression of an entry, where it has one."""
    path = fault.path
    if problems.raw((*path, "expr")) is not None:
        path = (*path, "expr")
    labels = [(fault.by, None, "derived here")] if fault.by not in (None, fault.path) else []
    problems.error("no-derivative", fault.message, path, labels=labels, help=fault.help)
