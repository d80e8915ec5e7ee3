"""The function of `train.py` that trains for one epoch: the five steps, batch after batch."""

from __future__ import annotations

from collections.abc import Sequence

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec
from .data_classes import DataFields
from .plan_formula import loss_call
from .plan_images import augmented
from .plan_learned_loss import all_parameters, loss_type
from .plan_optimizers import optimizer_type
from .plan_schedulers import scheduler_arguments, scheduler_step, steps_every
from .rows import rows_type
from .values import constant


def epoch_function(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`train_one_epoch`: the five steps of training as five lines."""
    args = _step_arguments(spec, model)
    if steps_every(spec) == "step":
        args += scheduler_arguments(spec)
    args.append(code.Arg("data", code.Name(rows_type(spec))))
    if not spec.full_batch and spec.training.seed is not None:
        args.append(code.Arg("generator", code.Name("torch.Generator")))
    returned = "sum of the losses" if spec.is_sum else "mean loss"
    says = f"Visit every training row once, in a new order; return the {returned}."
    body = _minibatches(spec, model, fields)
    if spec.full_batch:
        says = "Make one step on all rows at once; return the loss before it."
        body = _full_batch(spec, model, fields)
    elif model.smallest_batch > 1:
        says = f"Visit the training rows once, in a new order; return the {returned}."
        says += f"\n\nA last batch of fewer than {model.smallest_batch} rows is left out."
    if len(spec.losses) > 1 and not spec.full_batch:
        says += "\n\nIt is the mean of the losses of the batches, each counted by its rows."
    made = code.FunctionDef("train_one_epoch", tuple(args), code.Name("float"), says, body)
    return (*_batch_function(spec, model, fields), made)


def _step_arguments(spec: TrainingSpec, model: ModelInterface) -> list[code.Arg]:
    optimizer = code.Arg("optimizer", code.Name(optimizer_type(spec)))
    if spec.has_several_optimizers:
        optimizer = code.Arg("optimizers", quoted("list[Optimizer]"))
    return [
        code.Arg("model", code.Name(model.class_name)),
        code.Arg("loss_fn", code.Name(loss_type(spec))),
        optimizer,
    ]


def _batch_function(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`train_on_batch`, where a step runs the model several times on the same rows."""
    if not spec.optimizer.takes_closure or spec.full_batch:
        return ()
    args = _step_arguments(spec, model)
    args += [code.Arg(name, code.Name("Tensor")) for name in fields.all]
    body = quote(
        """
        CLOSURE
        return optimizer.step(closure)  # 5. update the weights
        """,
        CLOSURE=_closure(spec, model, [code.Name(name) for name in fields.inputs], "FIELD"),
    )
    says = "Make one step; return the loss before it."
    return (code.FunctionDef("train_on_batch", tuple(args), code.Name("float"), says, body),)


def _closure(
    spec: TrainingSpec, model: ModelInterface, inputs: Sequence[code.Expression], field: str
) -> tuple[code.Statement, ...]:
    return quote(
        '''
        def closure() -> float:
            """Return the loss and leave its gradients, as often as the step asks."""
            optimizer.zero_grad()  # 1. reset the gradients
            output = CALL  # 2. forward pass
            loss = LOSS  # 3. compare with the truth
            loss.backward()  # 4. gradients of the loss
            return float(loss.item())
        ''',
        CALL=code.Call(code.Name("model"), tuple(inputs)),
        LOSS=loss_call(spec, model, field),
    )


def _five_steps(
    spec: TrainingSpec, model: ModelInterface, inputs: Sequence[code.Expression], field: str
) -> tuple[code.Statement, ...]:
    clip: tuple[code.Statement, ...] = ()
    if spec.training.clip_grad_norm is not None:
        clip = quote(
            "nn.utils.clip_grad_norm_(PARAMETERS, max_norm=NORM)",
            PARAMETERS=all_parameters(spec),
            NORM=constant(spec.training.clip_grad_norm),
        )
    reset, update = "optimizer.zero_grad()", "optimizer.step()  # 5. update the weights"
    own: tuple[code.Statement, ...] = ()
    if spec.has_several_optimizers:
        own = quote("loss_fn.zero_grad()") if spec.loss_learns else ()
        reset, update = "model.zero_grad()", f"for optimizer in optimizers:\n    {update}"
    return quote(
        """
        RESET
        output = CALL  # 2. forward pass
        loss = LOSS  # 3. compare with the truth
        loss.backward()  # 4. gradients of the loss
        CLIP
        UPDATE
        SCHEDULE
        """,
        RESET=quote(f"{reset}  # 1. reset the gradients") + own,
        UPDATE=quote(update),
        CALL=code.Call(code.Name("model"), tuple(inputs)),
        LOSS=loss_call(spec, model, field),
        CLIP=clip,
        SCHEDULE=_schedule(spec),
    )


def _schedule(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    return scheduler_step(spec) if steps_every(spec) == "step" else ()


def _full_batch(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    inputs = [code.Name(f"data.{name}") for name in fields.inputs]
    if spec.optimizer.takes_closure:
        last = quote("return optimizer.step(closure)  # 5. update the weights")
        if steps_every(spec) == "step":
            last = quote(
                """
                loss = optimizer.step(closure)  # 5. update the weights
                SCHEDULE
                return loss
                """,
                SCHEDULE=_schedule(spec),
            )
        return (*quote("model.train()"), *_closure(spec, model, inputs, "data.FIELD"), *last)
    return quote(
        """
        model.train()
        STEPS
        return float(loss.item())
        """,
        STEPS=_five_steps(spec, model, augmented(spec, model, "data.FIELD"), "data.FIELD"),
    )


def _shuffled(spec: TrainingSpec, smallest: int) -> code.Call:
    """The rows in a new order."""
    generator = ["generator"] if spec.training.seed is not None else []
    size = ["BATCH_SIZE"] if smallest > 1 else []
    if not spec.data.streams:
        return code.Call(code.Name("data.shuffled"), tuple(map(code.Name, generator + size)))
    keywords: tuple[code.Keyword, ...] = ()
    if size:
        fewest = code.Keyword("fewest", code.Constant(smallest))
        keywords = (code.Keyword("size", code.Name("BATCH_SIZE")), fewest)
    return code.Call(code.Name("data.shuffled"), tuple(map(code.Name, generator)), keywords)


def _minibatches(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    shuffled: code.Expression = _shuffled(spec, model.smallest_batch)
    visited: tuple[code.Statement, ...] = ()
    if model.smallest_batch > 1:
        visited = quote("rows = SHUFFLED", SHUFFLED=shuffled)
        shuffled = code.Name("rows")
    return quote(
        """
        model.train()
        VISITED
        losses = []
        COUNTS
        for ROW in SHUFFLED.batches(BATCH_SIZE):
            STEPS
            KEPT
        RESULT
        """,
        VISITED=visited,
        COUNTS=quote("counts = []") if spec.weighs_targets else (),
        ROW=code.Tuple(tuple(map(code.Name, fields.all))),
        SHUFFLED=shuffled,
        STEPS=_batch_steps(spec, model, fields),
        KEPT=_kept_losses(spec, fields),
        RESULT=_epoch_loss(spec, "rows" if visited else "data"),
    )


def _batch_steps(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    if not spec.optimizer.takes_closure:
        return _five_steps(spec, model, augmented(spec, model), "FIELD")
    arguments = ("model", "loss_fn", "optimizer", *fields.all)
    return quote(
        """
        loss = CALL
        SCHEDULE
        """,
        CALL=code.Call(code.Name("train_on_batch"), tuple(map(code.Name, arguments))),
        SCHEDULE=_schedule(spec),
    )


def _kept_losses(spec: TrainingSpec, fields: DataFields) -> tuple[code.Statement, ...]:
    """What an epoch keeps of a batch: tensors, as reading numbers would wait for the device."""
    loss = quoted("loss" if spec.optimizer.takes_closure else "loss.detach()")
    if spec.weighs_targets:
        return quote(
            """
            count = mean_weight(loss_fn, target)
            counts.append(count)
            losses.append(torch.where(count > 0, LOSS * count, 0.0))
            """,
            LOSS=loss,
        )
    counted = "" if spec.is_sum else f" * len({fields.last})"
    return quote(f"losses.append(LOSS{counted})", LOSS=loss)


def _epoch_loss(spec: TrainingSpec, rows: str) -> tuple[code.Statement, ...]:
    """The loss over all batches: their mean, or their sum."""
    if spec.weighs_targets:
        return quote(
            """
            total = torch.stack(losses).cpu().double().sum()
            return (total / torch.stack(counts).cpu().double().sum()).item()
            """
        )
    divisor = "" if spec.is_sum else f" / len({rows})"
    if spec.optimizer.takes_closure:
        return quote(f"return sum(losses){divisor}")
    return quote(
        f"""
        total = torch.stack(losses).cpu().double().sum()
        return total.item(){divisor}
        """
    )
