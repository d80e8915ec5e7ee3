"""What the steps of training do, against the model, the losses, the optimizers and each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...spec.source import Path
from ..elaborate.interface import ModelInterface
from ..elaborate.typed import TypedGraph, TypedScope, leaves, steps
from ..resolve.bound import Bound, FunctionCall, Gradient, walk
from ..resolve.graph import Formula
from ..resolve.problems import Problems
from .training_spec import TrainingSpec


def check_steps(
    spec: TrainingSpec, model: ModelInterface, typed: TypedGraph, problems: Problems
) -> None:
    """Reports what torch would refuse in a step, or what contradicts itself."""
    _check_closure(spec, problems)
    _check_accumulation(spec, problems)
    if spec.training.precision is not None:
        _check_precision(spec, model, typed, problems)
    if spec.training.compile:
        _check_compilation(typed, problems)
    if spec.training.channels_last:
        _check_layout(model, problems)
    if spec.averages:
        _check_average(spec, model, problems)


def _check_closure(spec: TrainingSpec, problems: Problems) -> None:
    """What an optimizer that computes the loss several times in a step leaves no place for."""
    if not spec.optimizer.takes_closure:
        return
    training = spec.training
    name = type(spec.optimizer).__name__
    refused = {
        "accumulate": (spec.accumulates, "computes the loss several times in a step, on one batch"),
        "precision": (spec.scales, "makes its step at once: nothing can scale its gradients back"),
        "on_nan": (training.on_nan is not None, "makes its step at once: nothing can look into it"),
    }
    for key, (is_asked, why) in refused.items():
        if is_asked:
            problems.error(
                "contradicting-keys",
                f"{name} {why}",
                ("training", key),
                labels=[((*spec.optimizers[0].path, "type"), None, name)],
                help='precision = "bf16-mixed"' if key == "precision" else f"remove {key}",
            )


def _check_accumulation(spec: TrainingSpec, problems: Problems) -> None:
    if spec.accumulates and spec.takes_turns:
        problems.error(
            "not-supported",
            "optimizers that take turns make their steps on one batch: nothing is accumulated",
            ("training", "accumulate"),
            labels=[((*spec.optimizers[0].path, "loss"), None, "takes turns")],
            help="remove accumulate",
        )
    if spec.accumulates and spec.full_batch:
        problems.error(
            "contradicting-keys",
            'batch_size = "all" makes one batch an epoch: there are no others to accumulate',
            ("training", "accumulate"),
            labels=[(("training", "batch_size"), None, "the batch")],
            help="batch_size = …, how many rows are computed at once",
        )
    loss = spec.losses[0].loss if spec.weighs_targets else None
    weight = loss.given().get("weight") if loss is not None else None
    if spec.accumulates and weight is not None and 0 in weight.items:
        problems.error(
            "contradicting-keys",
            "a batch of classes that weigh 0 has no mean loss to accumulate",
            ("training", "accumulate"),
            labels=[((*spec.losses[0].path, "weight"), None, "0 is among the weights")],
            help="ignore_index leaves out a class",
        )


def _check_precision(
    spec: TrainingSpec, model: ModelInterface, typed: TypedGraph, problems: Problems
) -> None:
    """Mixed precision is of float32; torch forbids what loses too much by it."""
    path = ("training", "precision")
    precision = spec.training.precision
    other = next((v.type.dtype for v in model.state.values() if _is_other(v.type.dtype)), None)
    if other is not None:
        problems.error(
            "wrong-dtype", f"{precision} is for a model of float32, this one has {other}", path
        )
    for place, name in _unsafe(spec, typed):
        problems.error(
            "unsafe-in-mixed-precision",
            f"{name} of a probability is refused by torch in mixed precision",
            place,
            labels=[(path, None, f"{precision} is asked for here")],
            help="BCEWithLogitsLoss, or binary_cross_entropy_with_logits, of a logit",
        )

    if spec.training.device == "cpu":
        _check_kernels(str(precision), spec, typed, problems)


_WITHOUT_KERNELS: Final[Mapping[str, frozenset[str]]] = {
    "bf16-mixed": frozenset({"Bilinear"}),
    "fp16-mixed": frozenset({"Bilinear", "LSTM"}),
}
"""The layers that torch can't compute in mixed precision on a CPU."""


def _scopes(spec: TrainingSpec, typed: TypedGraph) -> tuple[TypedScope, ...]:
    """What training computes: the model, and the layers of the losses."""
    return (typed.root,) if spec.layers is None else (typed.root, spec.layers)


def _check_kernels(
    precision: str, spec: TrainingSpec, typed: TypedGraph, problems: Problems
) -> None:
    for leaf in (leaf for scope in _scopes(spec, typed) for leaf in leaves(scope)):
        name = type(leaf.typed.layer).__name__
        if name in _WITHOUT_KERNELS[precision]:
            problems.error(
                "unsafe-in-mixed-precision",
                f"torch can't compute {name} with {precision} on a CPU",
                leaf.typed.node.path,
                labels=[(("training", "precision"), None, f"{precision} is asked for here")],
                help='device = "cuda", if there is one, or no precision',
            )


def _is_other(dtype: str) -> bool:
    """Whether numbers are of a type that mixed precision leaves as it is."""
    return dtype in ("float64", "float16", "bfloat16") or dtype.startswith("complex")


def _unsafe(spec: TrainingSpec, typed: TypedGraph) -> Iterator[tuple[Path, str]]:
    """Where something is computed that torch forbids in mixed precision."""
    for term in spec.losses:
        if type(term.loss).__name__ == "BCELoss":
            yield (*term.path, "type"), "BCELoss"
        if term.formula is not None and _calls(term.formula):
            yield (*term.path, "expr"), "binary_cross_entropy"
    for path, formula in (f for scope in _scopes(spec, typed) for f in _formulas(scope)):
        if _calls(formula):
            yield path, "binary_cross_entropy"


def _calls(formula: Bound) -> bool:
    return any(
        isinstance(part, FunctionCall) and part.name == "binary_cross_entropy"
        for part in walk(formula)
    )


def _formulas(scope: TypedScope) -> Iterator[tuple[Path, Bound]]:
    """The expressions of a model, with their entries."""
    for leaf in steps(scope):
        node = leaf.typed.node
        if isinstance(node.action, Formula):
            yield node.path, node.action.expression.bound
        for _, argument in node.call.arguments if node.call else ():
            yield node.path, argument.bound


def _check_compilation(typed: TypedGraph, problems: Problems) -> None:
    for path, formula in _formulas(typed.root):
        if any(isinstance(part, Gradient) for part in walk(formula)):
            problems.error(
                "contradicting-keys",
                "torch.compile can't make derivatives of what it has compiled: grad needs the model"
                " as it is",
                ("training", "compile"),
                labels=[(path, None, "grad stands here")],
                help="remove compile",
            )
            return


def _check_layout(model: ModelInterface, problems: Problems) -> None:
    if not any(tensor.rank == 4 for _, tensor in model.inputs):
        listed = ", ".join(f"{name} {tensor}" for name, tensor in model.inputs)
        problems.error(
            "invalid-value",
            f"channels_last lays out (batch, channels, height, width); the input is {listed}",
            ("training", "channels_last"),
        )


def _check_average(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """An average of weights has all that is kept, and time to be made."""
    training = spec.training
    key = "ema" if training.ema is not None else "swa"
    if training.ema is not None and training.swa is not None:
        problems.error(
            "contradicting-keys",
            "one average of the weights is measured and kept: ema, or swa",
            ("training", "swa"),
            part="key",
            labels=[(("training", "ema"), None, "the other one")],
            help="remove one of them",
        )
    if spec.loss_learns:
        problems.error(
            "not-supported",
            "the loss has weights of its own, which fit the model's but not their average",
            ("training", key),
            part="key",
        )
    if training.swa is not None:
        _check_swa(spec, model, problems)


def _check_swa(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    training = spec.training
    assert training.swa is not None
    path = ("training", "swa")
    length, unit = training.epochs or training.steps, "epochs" if training.epochs else "steps"
    if length is not None and training.swa.start > length:
        problems.error(
            "invalid-value",
            f"there are {length} {unit}: from {training.swa.start} on nothing is averaged",
            (*path, "start"),
            labels=[(("training", unit), None, "the length of training")],
        )
    stepwise = next((term for term in spec.schedulers if term.every == "step"), None)
    if training.swa.swa_lr is not None and stepwise is not None:
        problems.error(
            "contradicting-keys",
            "swa_lr takes over from a scheduler that steps every epoch; this one steps every step",
            (*path, "swa_lr"),
            labels=[(stepwise.path, None, "the scheduler")],
        )
    if len(model.inputs) > 1 and any(name.endswith("running_mean") for name in model.state):
        problems.error(
            "not-supported",
            "swa finds statistics of batch norm anew, which torch does for models of one input",
            path,
            part="key",
        )
