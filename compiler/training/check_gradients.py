"""Checks that torch can derive what the losses read."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...spec.source import Path
from ..elaborate.check_derivatives import report
from ..elaborate.derivatives import REFUSING_LAYERS
from ..elaborate.derive import derive_formula, derive_layers, derive_outputs
from ..elaborate.traces import Fault, Trace
from ..elaborate.typed import TypedGraph, state, steps
from ..resolve.bound import Bound
from ..resolve.problems import Problems
from .training_spec import LossTerm, TrainingSpec


def check_gradients(spec: TrainingSpec, typed: TypedGraph, problems: Problems) -> None:
    """Reports what a backward pass of a loss meets and torch can't derive."""
    taken, faults = _taken(spec, typed)
    for fault in faults:
        report(fault, problems)
    for term, name, trace in taken:
        for fault in _obstacles(term, name, trace):
            report(fault, problems)


def learning_losses(
    spec: TrainingSpec, typed: TypedGraph, frozen: Collection[str] = ()
) -> set[str]:
    """The names of the losses whose gradients reach what learns.

    frozen: the names of the model's parameters that do not.
    """
    taken, _ = _taken(spec, typed, frozen)
    return {term.name for term, _, trace in taken if term.parameters or trace.roots}


def _taken(
    spec: TrainingSpec, typed: TypedGraph, frozen: Collection[str] = ()
) -> tuple[list[tuple[LossTerm, str, Trace]], list[Fault]]:
    """What each loss takes, by which name, and what fails on the way there."""
    outputs = _traces(spec, typed, frozen)
    read = [(term, name, made) for term in spec.losses for name, made in _read(term).items()]
    if spec.layers is not None:
        traces, faults = derive_layers(typed, spec.layers, outputs)
    else:
        traces, faults = [], []
        for term, _, expression in read:
            trace, own = derive_formula(typed, outputs, expression, term.path)
            traces.append(trace)
            faults += own
    return [(term, name, t) for (term, name, _), t in zip(read, traces, strict=True)], faults


def _traces(spec: TrainingSpec, typed: TypedGraph, frozen: Collection[str]) -> dict[str, Trace]:
    """What the losses read of the model: its outputs, and the parameters that learn."""
    found, _ = derive_outputs(typed, _frozen_entries(frozen, typed))
    traces = dict(zip(spec.outputs, found.values(), strict=True))
    return traces | {
        name: Trace(frozenset({None}))
        for name, entry in state(typed.root).items()
        if entry.trainable and not entry.frozen and name in spec.loss_reads
        if typed.ties.get(name, name) not in frozen
    }


def _frozen_entries(names: Collection[str], typed: TypedGraph) -> set[Path]:
    """The entries all of whose parameters are frozen, wherever they stand in the model."""
    held: dict[Path, bool] = {}
    for leaf in steps(typed.root) if names else ():
        own = [typed.ties.get(name, name) for name, _, entry in leaf.state() if entry.trainable]
        own += [f"{leaf.path}.*"] if leaf.typed.layer and leaf.typed.layer.is_own else []
        path = leaf.typed.node.path
        held[path] = held.get(path, True) and all(name in names for name in own)
    return {path for path, is_frozen in held.items() if is_frozen}


def _read(term: LossTerm) -> dict[str, Bound]:
    return dict(term.inputs) if term.formula is None else {"formula": term.formula}


def _obstacles(term: LossTerm, name: str, trace: Trace) -> Iterator[Fault]:
    """What a backward pass meets of what a loss takes as `name`."""
    refusing = REFUSING_LAYERS.get(type(term.loss).__name__)
    for limit in trace.obstacles():
        help = "detach() what needs no gradient there"
        yield Fault(limit.said("the loss"), limit.path, term.path, help)
    if refusing is not None and name in refusing.arguments and trace.roots:
        said = f"torch takes no {name} of {type(term.loss).__name__} that requires a gradient"
        yield Fault(said, (*term.path, "inputs", name), help=f"{name}.detach()")
