"""TrainingSpec -> `train.py`: how the model, its loss and its optimizer are built and used."""

from __future__ import annotations

from collections.abc import Iterator

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.imports import arranged
from ..emit.package import Copied, Rendered, Slot
from ..emit.quote import quote, quoted
from ..plan.values import constant
from ..plan_data.data_classes import data_fields
from ..plan_data.plan_images import augment_functions, augment_imports
from ..plan_data.rows import data_imports, loader, rows_type
from ..training.training_spec import TrainingSpec
from .additions import additions
from .additions.addition import Statements
from .plan_epoch import epoch_function, losses_type
from .plan_evaluate import evaluate_function
from .plan_formula import output_type
from .plan_loop import cross_validation, train_function, trained_fields
from .plan_loss import loss_imports, loss_statements
from .plan_metrics import metric_imports, metric_modules
from .plan_optimizers import build_optimizer, optimizer_imports


def plan_train(spec: TrainingSpec, model: ModelInterface) -> Iterator[Rendered | Copied]:
    """`train.py` and the modules that it imports."""
    fields = data_fields(spec, model)
    loss = loss_statements(spec, model, fields)
    made = additions(spec, model)
    body = (
        *arranged(_imports(spec, model)),
        *_constants(spec, model),
        # What training leaves may hold the loss, whose class must be known by then.
        *(loss if spec.loss_learns else ()),
        *_trained_class(spec, model),
        *(() if spec.loss_learns else loss),
        *build_optimizer(spec, model),
        *(statement for each in made for statement in each.functions()),
        *augment_functions(spec, model),
        *epoch_function(spec, model, fields),
        *evaluate_function(spec, model, fields),
        *train_function(spec, model),
        *cross_validation(spec, model),
    )
    yield Rendered("train.py", "train.py.jinja", {"body": Slot(body)})
    yield Copied("log.py")
    yield Copied("progress.py")
    if spec.keeps_place:
        yield Copied("batches.py")
    if not (spec.full_batch or spec.takes_turns):
        yield Copied("losses.py")
    if spec.accumulates:
        yield Copied("grouped.py")
    for each in made:
        for module in each.modules():
            yield Copied(f"{module}.py")
    if spec.data.streams:
        yield Copied("stream.py")
    if any(rows.augment for rows in spec.data.inputs.values()):
        yield Copied("augment.py")
    for module in metric_modules(spec):
        yield Copied(f"{module}.py")
    if spec.weighs_targets:
        yield Copied("mean_weight.py")


def _imports(spec: TrainingSpec, model: ModelInterface) -> Iterator[code.Import | code.ImportFrom]:
    yield code.ImportFrom("typing", ("NamedTuple",))
    yield code.Import("torch")
    augments = any(rows.augment for rows in spec.data.inputs.values())
    tensors = (
        augments or spec.has_own_loss or (spec.optimizer.takes_closure and not spec.full_batch)
    )
    tensors |= spec.keeps_place
    tensors |= spec.finds_classes is not None and bool(spec.metrics)
    yield code.ImportFrom("torch", ("Tensor", "nn") if tensors else ("nn",))
    yield from optimizer_imports(spec)
    yield code.ImportFrom(".model", (model.class_name,))
    if len(spec.outputs) > 1:
        yield code.ImportFrom(".model", (output_type(spec, model),))
    yield code.ImportFrom("pathlib", ("Path",))
    yield code.ImportFrom(".log", ("Log",))
    if not spec.full_batch and losses_type(spec) == "Losses":
        yield code.ImportFrom(".losses", ("Losses",))
    if spec.keeps_place:
        yield code.ImportFrom("collections.abc", ("Iterator",))
        yield code.ImportFrom(".batches", ("Batches",))
    if spec.accumulates:
        yield code.ImportFrom(".grouped", ("grouped",))
    for each in additions(spec, model):
        yield from each.imports()
    yield code.ImportFrom(".data", (loader(spec.data),))
    yield code.ImportFrom(".stream" if spec.data.streams else ".data", (rows_type(spec),))
    yield from augment_imports(spec)
    yield from loss_imports(spec, model)
    yield from data_imports(spec)
    if spec.has_preparation:
        yield code.ImportFrom(".data", ("Preparation",))
    if spec.weighs_targets:
        yield code.ImportFrom(".mean_weight", ("mean_weight",))
    if spec.data.is_table and (spec.data.is_split or model.smallest_batch > 1):
        yield code.ImportFrom(".table", ("require_rows",))
    yield from metric_imports(spec, model)


def _constants(spec: TrainingSpec, model: ModelInterface) -> Statements:
    training = spec.training
    values: dict[str, object] = {
        "STEPS": training.steps,
        "LOG_EVERY": training.log_every if spec.counts_steps else None,
        "EPOCHS": training.epochs,
        "BATCH_SIZE": None if spec.full_batch else training.batch_size,
        "ACCUMULATE": training.accumulate if spec.accumulates else None,
        "LR": spec.learning_rate,
        "SEED": training.seed,
    }
    for each in additions(spec, model):
        values |= each.constants()
    return tuple(
        code.Assign(code.Name(name), constant(value))
        for name, value in values.items()
        if value is not None
    )


def _trained_class(spec: TrainingSpec, model: ModelInterface) -> Statements:
    fields = trained_fields(spec, model)
    return quote(
        '''
        class Trained(NamedTuple):
            """What training leaves behind.

            Attributes:
                {DESCRIBED}
            """

            FIELDS
        ''',
        DESCRIBED="\n    ".join(f"{name}: {kept.says}" for name, kept in fields.items()),
        FIELDS=[
            code.Assign(code.Name(name), None, quoted(kept.type)) for name, kept in fields.items()
        ],
    )
