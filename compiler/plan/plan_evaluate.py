"""The function of `train.py` that measures a model."""

from __future__ import annotations

from ...spec.metrics import Metric
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec
from .data_classes import DataFields
from .plan_formula import loss_call, output_type
from .plan_learned_loss import class_logits, loss_type
from .rows import rows_type


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
            model.eval()
            BODY
        ''',
        Model=model.class_name,
        Rows=rows_type(spec),
        Kind=loss_type(spec),
        WHAT="the loss and the metrics" if spec.metrics else "the loss",
        BODY=made(spec, model, fields),
    )


def reads_batches(spec: TrainingSpec) -> bool:
    """Whether rows are there batch by batch only."""
    return spec.data.is_text or spec.data.streams


def _at_once(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The loss and the metrics of what the model gives for all rows."""
    measured = _measured(quoted("loss.item()"), spec, "data.target")
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


def _measured(loss: code.Expression, spec: TrainingSpec, target: str) -> code.Dict:
    """What is measured under each name."""
    values = {metric.function: _metric(metric, spec, target) for metric in spec.metrics}
    return code.Dict(tuple((code.Constant(k), v) for k, v in {"loss": loss, **values}.items()))


def _logits(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """What metrics compare, where the loss makes it of the output."""
    return class_logits(spec) if spec.metrics else ()


def _metric(metric: Metric, spec: TrainingSpec, target: str) -> code.Expression:
    keywords: tuple[code.Keyword, ...] = ()
    if spec.ignored and metric.modules[spec.meaning] == "class_accuracy":
        keywords = (code.Keyword("ignored", code.Constant(spec.ignored[0])),)
    arguments = (code.Name("logits" if _logits(spec) else "output"), code.Name(target))
    return code.Call(code.Name(metric.function), arguments, keywords)


def _by_batches(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The same as means over batches, each counted by its rows."""
    if spec.weighs_targets or spec.ignored:
        return _joined(spec, model, fields)
    names = ("loss", *(metric.function for metric in spec.metrics))
    totals = {name: f"{name}_total" for name in names}
    added = [quoted("loss.item()" if spec.is_sum else "loss.item() * rows")]
    given = [quoted("loss_total" if spec.is_sum else "loss_total / len(data)")]
    for metric in spec.metrics:
        value, total = _metric(metric, spec, "target"), totals[metric.function]
        # A root of means is that of the mean square.
        is_root = metric.function == "rmse"
        added.append(quoted("VALUE ** 2 * rows" if is_root else "VALUE * rows", VALUE=value))
        mean = "math.sqrt(TOTAL / len(data))" if is_root else "TOTAL / len(data)"
        given.append(quoted(mean, TOTAL=total))
    counts, sums = bool(spec.metrics) or not spec.is_sum, totals.values()
    return quote(
        """
        ZEROS
        for ROW in data.batches(BATCH_SIZE):
            output = CALL
            loss = LOSS
            LOGITS
            COUNT
            ADDED
        return MEASURED
        """,
        ZEROS=[code.Assign(code.Name(total), code.Constant(0.0)) for total in totals.values()],
        ROW=code.Tuple(tuple(map(code.Name, fields.all))),
        CALL=code.Call(code.Name("model"), tuple(map(code.Name, fields.inputs))),
        LOSS=loss_call(spec, model),
        LOGITS=_logits(spec),
        COUNT=quote("rows = len(LAST)", LAST=fields.last) if counts else (),
        ADDED=[code.AugAssign(code.Name(n), "+", v) for n, v in zip(sums, added, strict=True)],
        MEASURED=code.Dict(tuple(zip(map(code.Constant, names), given, strict=True))),
    )


def _joined(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The loss and the metrics of all outputs, where a mean counts something else than rows."""
    measured = _measured(quoted("loss_fn(output, target).item()"), spec, "target")
    return quote(
        """
        outputs, targets = [], []
        for ROW in data.batches(BATCH_SIZE):
            outputs.append(CALL)
            targets.append(target)
        output, target = torch.cat(outputs), torch.cat(targets)
        LOGITS
        return MEASURED
        """,
        LOGITS=_logits(spec),
        ROW=code.Tuple(tuple(map(code.Name, fields.all))),
        CALL=code.Call(code.Name("model"), tuple(map(code.Name, fields.inputs))),
        MEASURED=measured,
    )


def _whole_output(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """What the model gives for all rows, in batches as in training."""
    if spec.full_batch:
        inputs = tuple(code.Name(f"data.{name}") for name in fields.inputs)
        return quote("output = CALL", CALL=code.Call(code.Name("model"), inputs))
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
        CALL=code.Call(code.Name("model"), tuple(map(code.Name, fields.inputs))),
    )
