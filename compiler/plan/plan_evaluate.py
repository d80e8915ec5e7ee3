"""The function of `train.py` that measures a model."""

from __future__ import annotations

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec
from .data_classes import DataFields
from .plan_formula import loss_call, output_type
from .plan_learned_loss import class_logits, loss_type


def evaluate_function(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`evaluate`: the loss and the metrics over all rows."""
    measured = [(code.Constant("loss"), quoted("loss.item()"))]
    logits = class_logits(spec) if spec.metrics else ()
    output = "logits" if logits else "output"
    for metric in spec.metrics:
        value = quoted("FUNCTION(OUTPUT, data.target)", FUNCTION=metric.function, OUTPUT=output)
        if spec.ignored and metric.modules[spec.meaning] == "class_accuracy":
            ignored = code.Constant(spec.ignored[0])
            value = quoted(
                "FUNCTION(OUTPUT, data.target, ignored=INDEX)",
                FUNCTION=metric.function,
                OUTPUT=output,
                INDEX=ignored,
            )
        measured.append((code.Constant(metric.function), value))
    return quote(
        '''
        @torch.no_grad()
        def evaluate(model: Model, loss_fn: Kind, data: Data) -> dict[str, float]:
            """Return {WHAT} over all rows of `data`."""
            model.eval()
            OUTPUT
            loss = LOSS
            LOGITS
            return MEASURED
        ''',
        Model=model.class_name,
        Kind=loss_type(spec),
        WHAT="the loss and the metrics" if spec.metrics else "the loss",
        OUTPUT=_whole_output(spec, model, fields),
        LOSS=loss_call(spec, model, "data.FIELD"),
        LOGITS=logits,
        MEASURED=code.Dict(tuple(measured)),
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
