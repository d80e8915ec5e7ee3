"""The function of `train.py` that makes the steps of an epoch, or of a row of the log."""

from __future__ import annotations

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan_data.data_classes import DataFields
from ..plan_data.rows import rows_type
from ..training.training_spec import TrainingSpec
from .additions import additions
from .additions.addition import Statements
from .plan_batches import batch_type, grouped, shuffled_rows
from .plan_groups import group_steps
from .plan_learned_loss import in_mode
from .plan_step import (
    after_batch,
    after_update,
    batch_function,
    before_batch,
    closure,
    five_steps,
    step_arguments,
)
from .plan_turns import unpacked


def epoch_function(spec: TrainingSpec, model: ModelInterface, fields: DataFields) -> Statements:
    """`train_one_epoch`, or `train_until` where training counts steps."""
    name = "train_until" if spec.counts_steps else "train_one_epoch"
    body = _full_batch(spec, model) if spec.full_batch else _minibatches(spec, model, fields)
    args = epoch_arguments(spec, model)
    kind = quoted("dict[str, float]" if spec.takes_turns else "float")
    made = code.FunctionDef(name, tuple(args), kind, _says(spec, model), body)
    return (*batch_function(spec, model, fields), made)


def epoch_arguments(spec: TrainingSpec, model: ModelInterface) -> list[code.Arg]:
    """What the function takes, by the names that `train` knows it under."""
    args = step_arguments(spec, model)
    args += [arg for each in additions(spec, model) for arg in each.passed()]
    if spec.keeps_place:
        kind = quoted("Batches[BATCH]", BATCH=batch_type(spec, model))
        args.append(code.Arg("batches", kind))
    else:
        args.append(code.Arg("data", code.Name(rows_type(spec))))
        if spec.orders:
            args.append(code.Arg("generator", code.Name("torch.Generator")))
    if not spec.full_batch:
        args.append(code.Arg("losses", code.Name(losses_type(spec))))
    if spec.counts_steps:
        args.append(code.Arg("step", code.Name("int")))
    elif not (spec.full_batch or spec.keeps_place):
        args.append(code.Arg("batch_size", code.Name("int")))
    return args


def losses_type(spec: TrainingSpec) -> str:
    """What sums up the losses of batches."""
    if spec.is_distributed:
        return "SharedLosses"
    return "NamedLosses" if spec.takes_turns else "Losses"


def _says(spec: TrainingSpec, model: ModelInterface) -> str:
    returned = "sum of the losses" if spec.is_sum else "mean loss"
    if spec.takes_turns:
        returned = "mean of each loss"
        if spec.full_batch:
            return "Make a step for each optimizer on all rows; return the losses before it."
    if spec.full_batch:
        return "Make one step on all rows at once; return the loss before it."
    says = f"Visit every training row once, in a new order; return the {returned}."
    if spec.counts_steps:
        says = f"Make steps until `step` were made; return the {returned} since the last row."
    if model.smallest_batch > 1:
        if not spec.counts_steps:
            says = f"Visit the training rows once, in a new order; return the {returned}."
        says += f"\n\nA last batch of fewer than {model.smallest_batch} rows is left out."
    if len(spec.losses) > 1 and not spec.takes_turns:
        says += "\n\nIt is the mean of the losses of the batches, each counted by its rows."
    return says


def _full_batch(spec: TrainingSpec, model: ModelInterface) -> Statements:
    if spec.takes_turns:
        return quote(
            """
            MODE
            OPTIMIZERS
            losses = NamedLosses()
            STEPS
            losses.count(len(data))
            return losses.take_means()
            """,
            MODE=_train_mode(spec, model),
            OPTIMIZERS=unpacked(spec),
            STEPS=five_steps(spec, model, "data.FIELD"),
        )
    if not spec.optimizer.takes_closure:
        return quote(
            """
            MODE
            STEPS
            return float(loss.item())
            """,
            MODE=_train_mode(spec, model),
            STEPS=five_steps(spec, model, "data.FIELD"),
        )
    after = after_update(spec, model)
    last = quote("return optimizer.step(closure)  # 5. update the weights")
    if after:
        last = quote(
            """
            loss = optimizer.step(closure)  # 5. update the weights
            AFTER
            return loss
            """,
            AFTER=after,
        )
    return (*_train_mode(spec, model), *closure(spec, model, "data.FIELD"), *last)


def _train_mode(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """The model as it learns."""
    added = (made for each in additions(spec, model) for made in each.in_train_mode())
    return (*in_mode(spec, "train"), *added)


def _minibatches(spec: TrainingSpec, model: ModelInterface, fields: DataFields) -> Statements:
    batches = quoted("batches.until(step)" if spec.counts_steps else "batches.epoch()")
    if not spec.keeps_place:
        shuffled = shuffled_rows(spec, model.smallest_batch)
        batches = grouped(spec, quoted("SHUFFLED.batches(batch_size)", SHUFFLED=shuffled))
    if spec.is_distributed and not spec.accumulates:
        batches = quoted("shares.of(BATCHES)", BATCHES=batches)
    return quote(
        """
        MODE
        OPTIMIZERS
        for BATCH in BATCHES:
            BEFORE
            STEPS
            AFTER
        return RESULT
        """,
        MODE=_train_mode(spec, model),
        OPTIMIZERS=unpacked(spec),
        BATCH=_batch(spec, fields),
        BATCHES=batches,
        BEFORE=before_batch(spec, model),
        STEPS=_batch_steps(spec, model, fields),
        AFTER=after_batch(spec, model),
        RESULT=_taken(spec),
    )


def _taken(spec: TrainingSpec) -> code.Expression:
    """The loss since it was last taken: its mean, or its sum."""
    if spec.takes_turns:
        return quoted("losses.take_means()")
    return quoted("losses.take_sum()" if spec.is_sum else "losses.take_mean()")


def _batch(spec: TrainingSpec, fields: DataFields) -> code.Name | code.Tuple:
    """What a step is made on: the tensors of a batch, or several batches."""
    if spec.accumulates:
        return code.Name("group")
    return code.Tuple(tuple(map(code.Name, fields.all)))


def _batch_steps(spec: TrainingSpec, model: ModelInterface, fields: DataFields) -> Statements:
    """What is done with it; its losses are noted."""
    kept = _kept_loss(spec, fields)
    if spec.accumulates:
        return group_steps(spec, model, fields, kept)
    if not spec.optimizer.takes_closure:
        return (*five_steps(spec, model, "FIELD"), *kept)
    arguments = ("model", "loss_fn", "optimizer", *fields.all)
    return quote(
        """
        loss = CALL
        AFTER
        KEPT
        """,
        CALL=code.Call(code.Name("train_on_batch"), tuple(map(code.Name, arguments))),
        AFTER=after_update(spec, model),
        KEPT=kept,
    )


def _kept_loss(spec: TrainingSpec, fields: DataFields) -> Statements:
    """What is kept of a batch: tensors, as reading numbers would wait for the device."""
    if spec.takes_turns:
        return quote("losses.count(len(LAST))", LAST=fields.last)
    loss = quoted("loss.detach()")
    if spec.optimizer.takes_closure:
        loss = quoted("torch.tensor(loss, dtype=torch.float64)")
    given = [loss, quoted(f"len({fields.last})")]
    if spec.weighs_targets:
        given.append(quoted("mean_weight(loss_fn, target)"))
    return (code.Expr(code.Call(code.Name("losses.add"), tuple(given))),)
