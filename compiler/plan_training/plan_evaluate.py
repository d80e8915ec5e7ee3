"""The function of `train.py` that measures a model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from ...spec.record import Record
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan_data.data_classes import DataFields, local_name
from ..plan_data.rows import rows_type
from ..training.training_spec import TARGET, TrainingSpec
from .plan_formula import formula_names, loss_call, output_type
from .plan_learned_loss import class_logits, in_mode, loss_type
from .plan_metrics import combined, metric_call, reads_batches
from .plan_precision import batch_inputs, in_precision, laid_out


def evaluate_function(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`evaluate`: the loss and the metrics over all rows."""
    made = _by_batches if reads_batches(spec) else _at_once
    return quote(
        '''
        @torch.no_grad()
        def evaluate(model: Model, loss_fn: Kind, data: Rows) -> dict[str, float]:
            """Return {WHAT} over all rows of `data`."""
            MODE
            BODY
        ''',
        Model=model.class_name,
        Rows=rows_type(spec),
        Kind=loss_type(spec),
        MODE=in_mode(spec, "eval"),
        WHAT="the loss and the metrics" if spec.metrics else "the loss" + "es" * spec.takes_turns,
        BODY=in_precision(spec, quoted("next(model.parameters())"), made(spec, model, fields)),
    )


def _at_once(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The loss and the metrics of what the model gives for all rows."""
    if spec.takes_turns:
        return _parts_at_once(spec, model, fields)
    names = formula_names(spec, model)
    names |= {name: f"data.{local_name(name)}" for name, _ in model.inputs}
    names[TARGET] = "data.target"
    measured = _measured(quoted("loss.item()"), spec, "data.target", names)
    return quote(
        """
        OUTPUT
        loss = LOSS
        LOGITS
        return MEASURED
        """,
        LOGITS=_logits(spec),
        OUTPUT=_whole_output(spec, model, fields),
        LOSS=loss_call(spec, model, "data.FIELD"),
        MEASURED=measured,
    )


def _parts_at_once(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """Each of the losses that optimizers step on apart, and their sum."""
    values = {term.name: quoted(f"parts.{term.name}.item()") for term in spec.losses}
    measured = {"loss": quoted("float(sum(parts))"), **values}
    return quote(
        """
        OUTPUT
        parts = LOSS
        return MEASURED
        """,
        OUTPUT=_whole_output(spec, model, fields),
        LOSS=loss_call(spec, model, "data.FIELD"),
        MEASURED=code.Dict(tuple((code.Constant(k), v) for k, v in measured.items())),
    )


def _parts_by_batches(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The same as means over batches."""
    return quote(
        """
        losses = NamedLosses()
        for ROW in data.batches(BATCH_SIZE):
            output = CALL
            parts = LOSS
            losses.note(parts._asdict())
            losses.count(len(LAST))
        measured = losses.take_means()
        return {"loss": sum(measured.values())} | measured
        """,
        ROW=code.Tuple(tuple(map(code.Name, fields.all))),
        LAST=fields.last,
        CALL=code.Call(code.Name("model"), batch_inputs(spec, model)),
        LOSS=loss_call(spec, model),
    )


def _measured(
    loss: code.Expression, spec: TrainingSpec, target: str, names: Mapping[str, str]
) -> code.Dict:
    """What is measured under each name. names: what the code calls those in expressions."""
    values = {term.name: metric_call(term, spec, target, names) for term in spec.metrics}
    return code.Dict(tuple((code.Constant(k), v) for k, v in {"loss": loss, **values}.items()))


def _logits(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """What metrics compare, where the loss makes it of the output."""
    return class_logits(spec) if spec.metrics else ()


_ADDED: Final = {"mean": "VALUE * rows", "root": "VALUE ** 2 * rows"} | {
    "exponential": "math.log(VALUE) * rows"
}
"""What of a batch is added up, by how the batches are combined."""
_GIVEN: Final = {
    "mean": "TOTAL / len(data)",
    "root": "math.sqrt(TOTAL / len(data))",
    "exponential": "math.exp(TOTAL / len(data))",
}
"""What comes of it."""


class _Summed(Record):
    """What is summed up over batches.

    totals: the variables, by what is measured. added: what each batch adds to them.
    given: what comes of it, and of all rows where batches do not do.
    """

    totals: Mapping[str, str]
    added: tuple[code.Expression, ...]
    given: Mapping[str, code.Expression]


def _summed(spec: TrainingSpec) -> _Summed:
    totals = {"loss": "loss_total"}
    added = [quoted("loss.item()" if spec.is_sum else "loss.item() * rows")]
    given = {"loss": quoted("loss_total" if spec.is_sum else "loss_total / len(data)")}
    for term in spec.metrics:
        how, total = combined(term, spec), f"{term.name}_total"
        if how == "whole":
            given[term.name] = metric_call(term, spec, "target", {})
            continue
        totals[term.name] = total
        added.append(quoted(_ADDED[how], VALUE=metric_call(term, spec, "target", {})))
        given[term.name] = quoted(_GIVEN[how], TOTAL=total)
    return _Summed(totals, tuple(added), given)


def _by_batches(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The same as means over batches, each counted by its rows; of all rows where it must be."""
    if spec.takes_turns:
        return _parts_by_batches(spec, model, fields)
    if spec.weighs_targets or spec.ignored:
        return _joined(spec, model, fields)
    summed = _summed(spec)
    gathers, sums = len(summed.given) > len(summed.totals), summed.totals.values()
    given = ((code.Constant(name), value) for name, value in summed.given.items())
    return quote(
        """
        ZEROS
        LISTS
        for ROW in data.batches(BATCH_SIZE):
            output = CALL
            loss = LOSS
            LOGITS
            COUNT
            ADDED
            KEPT
        JOINED
        return MEASURED
        """,
        ZEROS=[code.Assign(code.Name(total), code.Constant(0.0)) for total in sums],
        LISTS=quote("outputs, targets = [], []") if gathers else (),
        ROW=code.Tuple(tuple(map(code.Name, fields.all))),
        CALL=code.Call(code.Name("model"), batch_inputs(spec, model)),
        LOSS=loss_call(spec, model),
        LOGITS=_logits(spec) if len(sums) > 1 else (),
        COUNT=quote("rows = len(LAST)", LAST=fields.last) if _counts(spec, sums) else (),
        ADDED=[
            code.AugAssign(code.Name(total), "+", value)
            for total, value in zip(sums, summed.added, strict=True)
        ],
        KEPT=quote("outputs.append(output)\ntargets.append(target)") if gathers else (),
        JOINED=(*_join(), *_logits(spec)) if gathers else (),
        MEASURED=code.Dict(tuple(given)),
    )


def _counts(spec: TrainingSpec, totals: Collection[str]) -> bool:
    """Whether the rows of a batch count."""
    return len(totals) > 1 or not spec.is_sum


def _join() -> tuple[code.Statement, ...]:
    return quote("output, target = torch.cat(outputs), torch.cat(targets)")


def _joined(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The loss and the metrics of all outputs, where a mean counts something else than rows."""
    measured = _measured(quoted("loss_fn(output, target).item()"), spec, "target", {})
    return quote(
        """
        outputs, targets = [], []
        for ROW in data.batches(BATCH_SIZE):
            outputs.append(CALL)
            targets.append(target)
        JOINED
        LOGITS
        return MEASURED
        """,
        JOINED=_join(),
        LOGITS=_logits(spec),
        ROW=code.Tuple(tuple(map(code.Name, fields.all))),
        CALL=code.Call(code.Name("model"), batch_inputs(spec, model)),
        MEASURED=measured,
    )


def _whole_output(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """What the model gives for all rows, in batches as in training."""
    if spec.full_batch:
        inputs = [code.Name(f"data.{name}") for name in fields.inputs]
        call = code.Call(code.Name("model"), tuple(laid_out(spec, model, inputs)))
        return quote("output = CALL", CALL=call)
    row = [*fields.inputs, *(["_"] if fields.target is not None else [])]
    several = "Output(*(torch.cat(parts) for parts in zip(*outputs, strict=True)))"
    kind = output_type(spec, model)
    return quote(
        """
        outputs = []
        for ROW in data.batches(BATCH_SIZE):
            outputs.append(CALL)
        output = WHOLE
        """,
        ROW=code.Tuple(tuple(map(code.Name, row))),
        WHOLE=quoted("torch.cat(outputs)" if len(spec.outputs) == 1 else several, Output=kind),
        CALL=code.Call(code.Name("model"), batch_inputs(spec, model)),
    )
