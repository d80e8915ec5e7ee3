"""TrainingSpec -> `train.py`: how the model, its loss and its optimizer are built and used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...spec.losses.base import Loss
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.imports import arranged
from ..emit.package import Copied, Rendered, Slot
from ..emit.quote import quote, quoted
from ..resolve.bound import Bound
from ..training.training_spec import LossTerm, TrainingSpec
from .data_classes import DataFields, data_fields
from .plan_epoch import epoch_function
from .plan_evaluate import evaluate_function, reads_batches
from .plan_formula import formula_code, formula_names, loss_arguments, output_type
from .plan_images import augment_functions, augment_imports
from .plan_learned_loss import loss_type
from .plan_loop import cross_validation, train_function
from .plan_optimizers import build_optimizer, optimizer_imports
from .plan_schedulers import build_scheduler, scheduler_imports
from .rows import data_imports, loader, rows_type
from .values import constant


def plan_train(spec: TrainingSpec, model: ModelInterface) -> Iterator[Rendered | Copied]:
    """`train.py` and the modules that it imports."""
    fields = data_fields(spec, model)
    loss = _loss(spec, model, fields)
    body = (
        *arranged(_imports(spec, model)),
        *_constants(spec),
        # What training leaves may hold the loss, whose class must be known by then.
        *(loss if spec.loss_learns else ()),
        *_trained_class(spec, model),
        *(() if spec.loss_learns else loss),
        *build_optimizer(spec, model),
        *build_scheduler(spec),
        *augment_functions(spec, model),
        *epoch_function(spec, model, fields),
        *evaluate_function(spec, model, fields),
        *train_function(spec, model),
        *cross_validation(spec),
    )
    yield Rendered("train.py", "train.py.jinja", {"body": Slot(body)})
    yield Copied("progress.py")
    if spec.data.streams:
        yield Copied("stream.py")
    if any(rows.augment for rows in spec.data.inputs.values()):
        yield Copied("augment.py")
    for metric in spec.metrics:
        yield Copied(f"{metric.modules[spec.meaning]}.py")
    if spec.weighs_targets:
        yield Copied("mean_weight.py")
    if spec.training.early_stopping is not None:
        yield Copied("early_stopping.py")


def _imports(spec: TrainingSpec, model: ModelInterface) -> Iterator[code.Import | code.ImportFrom]:
    yield code.ImportFrom("typing", ("NamedTuple",))
    yield code.Import("torch")
    augments = any(rows.augment for rows in spec.data.inputs.values())
    tensors = (
        augments or spec.has_own_loss or (spec.optimizer.takes_closure and not spec.full_batch)
    )
    tensors |= spec.finds_classes is not None and bool(spec.metrics)
    yield code.ImportFrom("torch", ("Tensor", "nn") if tensors else ("nn",))
    yield from optimizer_imports(spec)
    yield code.ImportFrom(".model", (model.class_name,))
    if len(spec.outputs) > 1:
        yield code.ImportFrom(".model", (output_type(spec, model),))
    yield code.ImportFrom(".progress", ("Progress",))
    yield code.ImportFrom(".data", (loader(spec.data),))
    yield code.ImportFrom(".stream" if spec.data.streams else ".data", (rows_type(spec),))
    yield from augment_imports(spec)
    for term in spec.losses:
        for expression in _expressions(term):
            _, modules = formula_code(expression, formula_names(spec, model))
            if "math" in modules:
                yield code.Import("math")
            if "F" in modules:
                yield code.Import("torch.nn.functional", "F")
    if "probabilities" in spec.training.plots:
        yield code.Import("copy")
    if reads_batches(spec) and "rmse" in spec.training.metrics:
        yield code.Import("math")
    yield from scheduler_imports(spec)
    if spec.has_preparation:
        yield code.ImportFrom(".data", ("Preparation",))
    yield from data_imports(spec)
    if spec.weighs_targets:
        yield code.ImportFrom(".mean_weight", ("mean_weight",))
    if spec.data.is_table and (spec.data.is_split or model.smallest_batch > 1):
        yield code.ImportFrom(".table", ("require_rows",))
    if spec.training.early_stopping is not None:
        yield code.ImportFrom(".early_stopping", ("EarlyStopping",))
    for metric in spec.metrics:
        yield code.ImportFrom(f".{metric.modules[spec.meaning]}", (metric.function,))


def _constants(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    training = spec.training
    values = {
        "EPOCHS": training.epochs,
        "BATCH_SIZE": None if spec.full_batch else training.batch_size,
        "SEED": training.seed,
    }
    return tuple(
        code.Assign(code.Name(name), constant(value))
        for name, value in values.items()
        if value is not None
    )


def trained_fields(spec: TrainingSpec, model: ModelInterface) -> dict[str, tuple[str, str]]:
    """The type and the meaning of each field of `Trained`."""
    fields = {"model": (model.class_name, "the trained model, in eval mode")}
    if spec.loss_learns:
        fields["loss_fn"] = (loss_type(spec), "the loss, with the weights that it learned")
    if "probabilities" in spec.training.plots:
        fields["initial"] = (model.class_name, "the model as it was before the first step")
    if spec.has_preparation:
        fields["preparation"] = ("Preparation", "what the model expects to be done to rows")
    if spec.training.early_stopping is not None:
        fields["best_epoch"] = ("int", "the epoch whose weights the model has, the best one")
    fields["history"] = ("", "for each epoch, its number and what was measured")
    return fields


def _trained_class(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    fields = trained_fields(spec, model)
    history = quoted("list[dict[str, float]]")
    return quote(
        '''
        class Trained(NamedTuple):
            """What training leaves behind.

            Attributes:
                {DESCRIBED}
            """

            FIELDS
        ''',
        DESCRIBED="\n    ".join(f"{name}: {says}" for name, (_, says) in fields.items()),
        FIELDS=[
            code.Assign(code.Name(name), None, quoted(kind) if kind else history)
            for name, (kind, _) in fields.items()
        ],
    )


def _expressions(term: LossTerm) -> tuple[Bound, ...]:
    """What a loss computes itself."""
    return (term.formula,) if term.formula is not None else tuple(term.inputs.values())


def _loss(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """The function that builds the loss, or the class that adds several up."""
    if spec.has_own_loss:
        return _loss_class(spec, model, fields)
    (term,) = spec.losses
    assert term.loss is not None
    return quote(
        '''
        def build_loss() -> Kind:
            """Return the loss: the lower, the closer the output is to the target."""
            return MADE
        ''',
        Kind=loss_type(spec),
        MADE=_loss_module(term.loss),
    )


def _loss_module(loss: Loss) -> code.Expression:
    given = {
        key: code.Name(f"torch.{value}") if key == "dtype" else constant(value)
        for key, value in loss.given().items()
    }
    by_place = tuple(given.pop(key) for key in list(type(loss).model_fields)[: loss.positional])
    arguments = tuple(code.Keyword(key, value) for key, value in given.items())
    return code.Call(code.Name(f"nn.{type(loss).__name__}"), by_place, arguments)


def _loss_class(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    modules = {term.name: term.loss for term in spec.losses if term.loss is not None}
    held: tuple[code.Statement, ...] = ()
    if modules:
        held = quote(
            """
            def __init__(self) -> None:
                super().__init__()
                HELD
            """,
            HELD=[
                code.Assign(code.Name(f"self.{name}"), _loss_module(loss))
                for name, loss in modules.items()
            ],
        )
    return quote(
        '''
        class Loss(nn.Module):
            """{SAYS}"""

            HELD

            FORWARD
        ''',
        SAYS="The sum of what the model is to keep low."
        if len(spec.losses) > 1
        else "What the model is to keep low.",
        HELD=held,
        FORWARD=_loss_forward(spec, model, fields),
    )


def _loss_forward(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    arguments = loss_arguments(spec, model).values()
    args = [code.Arg("self"), code.Arg("output", code.Name(output_type(spec, model)))]
    args += [code.Arg(name, code.Name("Tensor")) for name in arguments]
    described = [f"{name}: {fields.all[name]}" for name in arguments]
    if len(spec.outputs) == 1:
        described.insert(0, f"output: {model.outputs[0][1]}")
    terms = [_term(term, formula_names(spec, model)) for term in spec.losses]
    total = _scaled(spec.losses[0])
    for term in spec.losses[1:]:
        total = code.BinOp(total, "+", _scaled(term))
    body = quote("TERMS\nreturn TOTAL", TERMS=terms, TOTAL=total)
    says = "Return the loss of a batch, a single number."
    if described:
        says += "\n\nShape:\n    " + "\n    ".join(described)
    return (code.FunctionDef("forward", tuple(args), code.Name("Tensor"), says, body),)


def _term(term: LossTerm, names: Mapping[str, str]) -> code.Statement:
    made = tuple(formula_code(expression, names)[0] for expression in _expressions(term))
    value = made[0]
    if term.loss is not None:
        value = code.Call(code.Name(f"self.{term.name}"), made)
    return code.Assign(code.Name(term.name), value, code.Name("Tensor"))


def _scaled(term: LossTerm) -> code.Expression:
    name = code.Name(term.name)
    return name if term.scale == 1 else code.BinOp(constant(term.scale), "*", name)
