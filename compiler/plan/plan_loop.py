"""The function of `train.py` that trains: it builds everything and runs the epochs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec
from .plan_learned_loss import built_loss
from .plan_schedulers import (
    built_scheduler,
    scheduler_arguments,
    scheduler_step,
    steps_every,
)
from .rows import loaded, place, place_args
from .values import constant


def train_options(spec: TrainingSpec) -> dict[str, str]:
    """What a caller of `train` may choose, with what it means."""
    uses = ["the initial weights", *(["the order of the rows"] if not spec.full_batch else [])]
    options = {} if spec.data.folds is None else {"fold": "which fold is held out, from 0"}
    options["epochs"] = "how many times to visit every training row"
    if spec.training.early_stopping is not None:
        options["epochs"] += ", at most"
    if spec.training.seed is not None:
        options["seed"] = f"determines {' and '.join(uses)}"
    if spec.data.source.tokenizer_path:
        options["tokenizer"] = "where the tokenizer is"
    options["device"] = 'where to compute, such as "cpu" or "cuda"'
    return options


def train_function(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """`train`: builds everything and runs the epochs."""
    options = train_options(spec)
    described = [f"{name}: {says}" for name, says in options.items()]
    if place(spec.data) is not None:
        described.insert(0, f"{place(spec.data)}: where the rows are")
    stopping = spec.training.early_stopping is not None
    (function,) = quote(
        '''
        def train() -> Trained:
            """Train a new model.

            Args:
                {DESCRIBED}
            """
            BUILT
            progress = Progress(epochs)
            history: list[dict[str, float]] = []
            for epoch in EPOCHS:
                EPOCH
            progress.end()
            RESTORE
            return TRAINED
        ''',
        DESCRIBED="\n    ".join(described),
        BUILT=_built(spec, model),
        EPOCHS=quoted("early_stopping.epochs(epochs)" if stopping else "range(1, epochs + 1)"),
        EPOCH=_epoch(spec),
        RESTORE=quote("early_stopping.restore()") if stopping else (),
        TRAINED=_trained(spec),
    )
    made = cast("code.FunctionDef", function)
    return (replace(made, args=place_args(spec.data), kwonly=_keywords(spec, options)),)


def _keywords(spec: TrainingSpec, options: Iterable[str]) -> tuple[code.Arg, ...]:
    """The arguments of `train` for some of its options."""
    kwonly = {
        "fold": code.Arg("fold", code.Name("int"), code.Constant(0)),
        "epochs": code.Arg("epochs", code.Name("int"), code.Name("EPOCHS")),
        "tokenizer": code.Arg("tokenizer", quoted("str | Path"), code.Name("TOKENIZER")),
        "seed": code.Arg("seed", code.Name("int"), code.Name("SEED")),
        "device": code.Arg(
            "device", quoted("str | torch.device"), code.Constant(spec.training.device)
        ),
    }
    return tuple(kwonly[name] for name in options)


def cross_validation(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """`cross_validate`, where the rows fall into folds."""
    if spec.data.folds is None:
        return ()
    options = [name for name in train_options(spec) if name != "fold"]
    given = tuple(code.Keyword(name, code.Name(name)) for name in ("fold", *options))
    call = code.Call(
        code.Name("train"), tuple(code.Name(arg.name) for arg in place_args(spec.data)), given
    )
    stopping = spec.training.early_stopping is not None
    (function,) = quote(
        '''
        def cross_validate() -> list[dict[str, float]]:
            """Train a model for each fold held out; return what it achieved on it.

            The arguments are those of `train`.
            """
            achieved = []
            for fold in range(COUNT):
                trained = CALL
                achieved.append(trained.history[EPOCH])
            return achieved
        ''',
        COUNT=code.Constant(spec.data.folds),
        CALL=call,
        EPOCH=quoted("trained.best_epoch - 1" if stopping else "-1"),
    )
    made = cast("code.FunctionDef", function)
    return (replace(made, args=place_args(spec.data), kwonly=_keywords(spec, options)),)


def _train_rows(spec: TrainingSpec) -> str:
    return "train_data" if spec.data.is_split else "data"


def _built(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """Model, data, loss, optimizer and what else the epochs need."""
    seed = spec.training.seed is not None
    found: tuple[code.Statement, ...] = quote("torch.manual_seed(seed)") if seed else ()
    found += quote("model = Model().to(device)", Model=model.class_name)
    if "probabilities" in spec.training.plots:
        found += quote("initial = copy.deepcopy(model)")
    found += _loaded(spec, max(model.smallest_batch, 1))
    if seed and not spec.full_batch:
        found += quote("generator = torch.Generator().manual_seed(seed)")
    tensors = any(t.loss.state() for t in spec.losses if t.loss)
    made = built_loss(spec)
    found += quote("loss_fn = MADE.to(device)" if tensors else "loss_fn = MADE", MADE=made)
    several = "s" if spec.has_several_optimizers else ""
    built = "model, loss_fn" if spec.loss_learns else "model"
    found += quote(f"optimizer{several} = build_optimizer{several}({built})")
    found += built_scheduler(spec, _train_rows(spec), model)
    if spec.training.early_stopping is not None:
        patience = constant(spec.training.early_stopping.patience)
        kept = "nn.ModuleList([model, loss_fn])" if spec.loss_learns else "model"
        found += quote(f"early_stopping = EarlyStopping({kept}, patience=N)", N=patience)
    return found


def _loaded(spec: TrainingSpec, smallest: int) -> tuple[code.Statement, ...]:
    """The parts of the data that training reads, prepared."""
    load = loaded(spec.data)
    if not spec.data.is_split:
        if not spec.has_preparation:
            return quote("data = LOAD.to(device)", LOAD=load)
        rows = "rows" if spec.data.rows == "data" else spec.data.rows
        return quote(
            f"""
            {rows} = LOAD
            CHECK
            preparation = FIT
            data = PREPARED
            """,
            LOAD=load,
            CHECK=_require_rows(spec, smallest) if smallest > 1 else (),
            FIT=_fit(spec, rows),
            PREPARED=_prepared(spec, rows),
        )
    found = quote("parts = LOAD\nCHECK", LOAD=load, CHECK=_require_rows(spec, smallest))
    if spec.has_preparation:
        found += quote("preparation = FIT", FIT=_fit(spec, "parts.train"))
    for part in spec.data.parts:
        if part != "test":
            value = _prepared(spec, f"parts.{part}")
            found += quote("NAME = VALUE", NAME=f"{part}_data", VALUE=value)
    return found


def _prepared(spec: TrainingSpec, rows: str) -> code.Expression:
    """The rows as training takes them."""
    if spec.data.streams:
        return quoted("Stream.of(ROWS, preparation, device)", ROWS=rows)
    if spec.has_preparation:
        return quoted("preparation(ROWS).to(device)", ROWS=rows)
    return quoted("ROWS.to(device)", ROWS=rows)


def _fit(spec: TrainingSpec, rows: str) -> code.Expression:
    tokenizer = ["tokenizer"] if spec.data.source.tokenizer_path else []
    names = tuple(map(code.Name, (rows, *tokenizer)))
    return code.Call(code.Name("Preparation.fit"), names)


def _require_rows(spec: TrainingSpec, smallest: int) -> tuple[code.Statement, ...]:
    """How a table of too few rows is refused; the rows of other sources are known before."""
    if not spec.data.is_table:
        return ()
    found: tuple[code.Statement, ...] = ()
    for part in spec.data.parts:
        if part != "test":
            uses = {"train": "training", "validation": "validation"}
            found += quote(
                "require_rows(ROWS, PART, fewest=COUNT)",
                ROWS=f"parts.{part}" if spec.data.is_split else "table",
                PART=code.Constant(uses[part]),
                COUNT=code.Constant(smallest if part == "train" else 1),
            )
    return found


def _epoch(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """One turn of the loop over the epochs."""
    several = "s" if spec.has_several_optimizers else ""
    arguments = ["model", "loss_fn", f"optimizer{several}"]
    if steps_every(spec) == "step":
        arguments += [argument.name for argument in scheduler_arguments(spec)]
    arguments.append(_train_rows(spec))
    if not spec.full_batch and spec.training.seed is not None:
        arguments.append("generator")
    call = code.Call(code.Name("train_one_epoch"), tuple(map(code.Name, arguments)))
    row = [("epoch", code.Name("epoch")), ("train_loss", code.Name("train_loss"))]
    found = quote("train_loss = CALL", CALL=call)
    measured: list[tuple[str, code.Expression]] = list(row)
    if "validation" in spec.data.parts:
        found += quote("validation = evaluate(model, loss_fn, validation_data)")
        for name in ("loss", *spec.training.metrics):
            value = quoted("validation[NAME]", NAME=code.Constant(name))
            measured.append((f"validation_{name}", value))
    made = code.Dict(tuple((code.Constant(name), value) for name, value in measured))
    found += quote("row: dict[str, float] = ROW", ROW=made)
    found += quote("history.append(row)\nprogress.show(row)")
    if steps_every(spec) == "epoch":
        found += scheduler_step(spec)
    return found + _noted(spec)


def _noted(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """What early stopping is told of an epoch: the lower, the better."""
    stopping = spec.training.early_stopping
    if stopping is None:
        return ()
    value = quoted("row[NAME]", NAME=code.Constant(stopping.monitor))
    metric = stopping.monitor.removeprefix("validation_")
    better = {metric.function: metric.better for metric in spec.metrics}
    if better.get(metric) == "higher":
        value = code.UnaryOp("-", value)
    return quote("early_stopping.note(VALUE)", VALUE=value)


def _trained(spec: TrainingSpec) -> code.Expression:
    learned = ["loss_fn"] if spec.loss_learns else []
    initial = ["initial.eval()"] if "probabilities" in spec.training.plots else []
    preparation = ["preparation"] if spec.has_preparation else []
    stopping = spec.training.early_stopping is not None
    best = ["early_stopping.best_epoch"] if stopping else []
    values = ["model.eval()", *learned, *initial, *preparation, *best, "history"]
    return code.Call(code.Name("Trained"), tuple(map(quoted, values)))
