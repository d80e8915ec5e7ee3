"""`distributed`: what several processes can't do together, or would not decide alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ...spec.source import Path
from ..elaborate.interface import ModelInterface
from ..elaborate.typed import TypedGraph, TypedNode
from ..resolve.problems import Problems
from .trained import parameters_of
from .training_spec import TARGET, TrainingSpec


def check_distributed(
    spec: TrainingSpec, model: ModelInterface, typed: TypedGraph, problems: Problems
) -> None:
    """Reports what contradicts `distributed`, or is not in this version."""
    training = spec.training
    asked = [(("training", "distributed"), None, "asked for here")]
    if ":" in training.device or training.device == "mps":
        problems.error(
            "contradicting-keys",
            f"each process has a device of its own, they can't share {training.device}",
            ("training", "device"),
            labels=asked,
            help='device = "cuda"',
        )
    for path, said in _refused(spec, model):
        problems.error("not-supported", f"{said}: not in several processes", path, labels=asked)
    if training.distributed == "fsdp":
        for path, said in _undivided(spec, typed):
            problems.error(
                "not-supported", f"{said}: fully_shard can't divide it", path, labels=asked
            )


def _refused(spec: TrainingSpec, model: ModelInterface) -> Iterator[tuple[Path, str]]:
    training = spec.training
    path = ("training",)
    if training.freeze:
        yield (*path, "freeze"), "freeze"
    if training.log is not None and training.log.to:
        yield (*path, "log", "to"), "log.to"
    if spec.full_batch:
        yield (*path, "batch_size"), 'batch_size = "all"'
    if model.smallest_batch > 1:
        yield (*path, "batch_size"), f"training that needs {model.smallest_batch} rows at least"
    if spec.data.folds is not None:
        yield ("data", "folds"), "folds"
    optimizer = spec.optimizers[0]
    if spec.takes_turns:
        yield (*optimizer.path, "loss"), "optimizers that take turns"
    if spec.optimizer.takes_closure:
        yield (*optimizer.path, "type"), type(spec.optimizer).__name__
    yield from _refused_losses(spec, model)


def _refused_losses(spec: TrainingSpec, model: ModelInterface) -> Iterator[tuple[Path, str]]:
    if spec.loss_learns:
        yield spec.losses[0].path, "a loss that learns"
    elif spec.layers is not None:
        yield spec.losses[0].path, "a loss with layers"
    for term in spec.losses:
        if not isinstance(term.scale, int | float) and term.scale.counted is not None:
            yield (*term.path, "scale"), f"a scale that follows the {term.scale.counted}"
    if not spec.loss_reads <= {*spec.outputs, *(name for name, _ in model.inputs), TARGET}:
        yield spec.losses[0].path, "a loss that reads parameters"
    if spec.is_sum or spec.weighs_targets:
        yield spec.losses[0].path, "a loss that is no mean over rows"


_UNDIVIDED: Final = ("Adafactor", "Rprop")
"""The optimizers that torch refuses of parameters that are divided."""


def _undivided(spec: TrainingSpec, typed: TypedGraph) -> Iterator[tuple[Path, str]]:
    """What each process can't have its part of."""
    if spec.training.channels_last:
        yield ("training", "channels_last"), "what is laid out by channels"
    for term in spec.optimizers:
        if type(term.optimizer).__name__ in _UNDIVIDED:
            yield (*term.path, "type"), f"what {type(term.optimizer).__name__} steps on"
    here = ("training", "distributed")
    for parameter in parameters_of(typed):
        if parameter.type is not None and not parameter.type.shape:
            yield here, f"{parameter.name}, a single number"
        if parameter.gradient == "sparse":
            yield here, f"{parameter.name}, whose gradient is sparse"
    if repeated_blocks(typed):
        for name, other in typed.ties.items():
            if max(name.count("."), other.count(".")) > 1:
                yield ("model", "tie", name), f"{name}, which is tied across blocks"


def repeated_blocks(typed: TypedGraph) -> tuple[str, ...]:
    """The blocks that a repeat makes several of, by name."""
    return tuple(dict.fromkeys(_repeated(typed.root.nodes, is_inside=False)))


def _repeated(nodes: Sequence[TypedNode], is_inside: bool) -> Iterator[str]:
    for node in nodes:
        if node.absent:
            continue
        if node.times:
            yield from _repeated(node.times, is_inside=True)
        elif node.scope is not None:
            if is_inside:
                yield node.scope.scope.name
            yield from _repeated(node.scope.nodes, is_inside=False)
        else:
            yield from _repeated(node.children, is_inside)
