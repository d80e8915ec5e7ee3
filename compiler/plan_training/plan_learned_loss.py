"""The code around a loss that has parameters of its own: they are trained, kept and asked."""

from __future__ import annotations

from typing import Literal

from ...spec.losses.classes import LinearCrossEntropyLoss
from ...spec.tensor.type import TensorType
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan.values import constant
from ..training.training_spec import TrainingSpec


def loss_type(spec: TrainingSpec) -> str:
    """The class of the loss, where the code reads more of it than its value."""
    if spec.has_own_loss:
        return "Loss" if spec.loss_learns or spec.scale_count else "nn.Module"
    reads = spec.weighs_targets or spec.loss_learns
    return f"nn.{type(spec.losses[0].loss).__name__}" if reads else "nn.Module"


def built_loss(spec: TrainingSpec) -> code.Expression:
    """The call that makes the loss."""
    return quoted("Loss()" if spec.has_own_loss else "build_loss()")


def in_mode(spec: TrainingSpec, mode: Literal["train", "eval"]) -> tuple[code.Statement, ...]:
    """The statements that put the model, and layers of the loss, into a mode."""
    layers = quote(f"loss_fn.{mode}()") if spec.layers is not None else ()
    return (*quote(f"model.{mode}()"), *layers)


def all_parameters(spec: TrainingSpec) -> code.Expression:
    """What is trained, the loss's own parameters after the model's."""
    if spec.loss_learns:
        return quoted("[*model.parameters(), *loss_fn.parameters()]")
    return quoted("model.parameters()")


def named_parameters(spec: TrainingSpec) -> code.Expression:
    """Likewise, with the names that patterns are matched with."""
    if not spec.loss_learns:
        return quoted("model.named_parameters()")
    if spec.has_own_loss:
        return quoted("[*model.named_parameters(), *loss_fn.named_parameters()]")
    return quoted(
        "[*model.named_parameters(), *loss_fn.named_parameters(prefix=NAME)]",
        NAME=code.Constant(spec.losses[0].name),
    )


def class_logits(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The statement that makes class logits of `output`, where the loss does."""
    term = spec.finds_classes
    if term is None:
        return ()
    value = quoted(
        "HELD.linear(output)", HELD=f"loss_fn.{term.name}" if spec.has_own_loss else "loss_fn"
    )
    assert isinstance(term.loss, LinearCrossEntropyLoss)
    if term.loss.out_features:
        shape = constant((term.loss.num_classes, *term.loss.out_features))
        value = quoted("torch.unflatten(VALUE, 1, SHAPE)", VALUE=value, SHAPE=shape)
    return quote("logits: Tensor = VALUE", VALUE=value)


def class_type(spec: TrainingSpec, output: TensorType) -> TensorType:
    """The type of what is answered: of an output, or of the classes that the loss makes of it."""
    loss = spec.finds_classes.loss if spec.finds_classes is not None else None
    if loss is None:
        return output
    assert isinstance(loss, LinearCrossEntropyLoss)
    return output.with_shape((output.shape[0], loss.num_classes, *loss.out_features))
