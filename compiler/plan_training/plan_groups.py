"""Gradient accumulation: steps that are made on several batches, as if they were one."""

from __future__ import annotations

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan_data.data_classes import DataFields
from ..plan_data.plan_images import augmented
from ..training.training_spec import TrainingSpec
from .additions.addition import Statements
from .plan_step import after_update, compared, reset
from .plan_turns import turns
from .plan_update import backward, updated


def group_steps(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields, kept: Statements
) -> Statements:
    """The five steps on a group: its gradients are those of all its rows at once.

    kept: how the loss of a batch is noted.
    """
    counts = not spec.is_sum
    (turn,) = turns(spec)
    return quote(
        """
        RESET
        SIZE
        for ROW in BATCHES:
            COMPARED
            SHARE
            BACKWARD
            KEPT
        UPDATED
        AFTER
        """,
        RESET=reset(spec, turn),
        SIZE=_size(spec, fields) if counts else (),
        ROW=code.Tuple(tuple(map(code.Name, fields.all))),
        COMPARED=compared(spec, model, "FIELD", augmented(spec, model), turn),
        BATCHES=quoted("shares.of_group(group, model)" if spec.is_distributed else "group"),
        SHARE=_share(spec, fields) if counts else (),
        BACKWARD=backward(spec, quoted("(loss * share)" if counts else "loss"), turn),
        KEPT=kept,
        UPDATED=updated(spec, quoted("losses.values[-len(group):]"), turn),
        AFTER=after_update(spec, model),
    )


def _size(spec: TrainingSpec, fields: DataFields) -> Statements:
    """What the mean over the rows of a group divides by."""
    names = ["_"] * (len(fields.all) - 1) + [fields.last]
    row = code.Tuple(tuple(map(code.Name, names)))
    if spec.weighs_targets:
        return quote(
            "size = torch.stack([mean_weight(loss_fn, target) for ROW in group]).sum()", ROW=row
        )
    return quote("size = sum(len(LAST) for ROW in group)", LAST=fields.last, ROW=row)


def _share(spec: TrainingSpec, fields: DataFields) -> Statements:
    """The share of a batch in the mean over its group."""
    if spec.weighs_targets:
        return quote("share = mean_weight(loss_fn, target) / size")
    if spec.is_distributed:
        return quote("share = shares.batch_rows / size")
    return quote("share = len(LAST) / size", LAST=fields.last)
