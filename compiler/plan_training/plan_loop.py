"""The function of `train.py` that trains: it builds everything and runs the epochs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan_data.rows import place, place_args
from ..training.training_spec import TrainingSpec
from .additions import additions
from .additions.addition import Addition, Kept, Option, Statements, monitored
from .plan_built import built, train_rows
from .plan_epoch import epoch_arguments, losses_type
from .plan_learned_loss import loss_type


def train_options(spec: TrainingSpec, model: ModelInterface) -> dict[str, Option]:
    """What a caller of `train` may choose, on the command line too."""
    options: dict[str, Option] = {}
    if spec.data.folds is not None:
        says = "which fold is held out, from 0"
        options["fold"] = Option(says, code.Name("int"), code.Constant(0), "int")
    options |= _length(spec)
    if not spec.full_batch:
        size = code.Name("BATCH_SIZE")
        parse = "positive" if model.smallest_batch <= 1 else "batch_size"
        options["batch_size"] = Option("how many rows make a step", code.Name("int"), size, parse)
    if spec.learning_rate is not None:
        says = "how far a step goes" + ", unless a scheduler says" * bool(spec.schedulers)
        options["lr"] = Option(says, code.Name("float"), code.Name("LR"), "learning_rate")
    if spec.training.seed is not None:
        uses = ["the initial weights"]
        if not spec.full_batch:
            uses.append("what is drawn" if spec.is_drawn else "the order of the rows")
        says = f"determines {' and '.join(uses)}"
        options["seed"] = Option(says, code.Name("int"), code.Name("SEED"), "seed")
    if spec.data.source.tokenizer_path:
        says = "where the tokenizer is"
        options["tokenizer"] = Option(says, quoted("str | Path"), code.Name("TOKENIZER"), "Path")
    for each in additions(spec, model):
        options |= each.options()
    options["device"] = Option(
        'where to compute, such as "cpu" or "cuda"',
        quoted("str | torch.device"),
        code.Constant(spec.training.device),
        "working_device",
    )
    return options


def _length(spec: TrainingSpec) -> dict[str, Option]:
    """How long training goes on."""
    if spec.counts_steps:
        says, name = "how many steps to make", "steps"
    else:
        says, name = "how many times to visit every training row", "epochs"
    if spec.training.early_stopping is not None:
        says += ", at most"
    return {name: Option(says, code.Name("int"), code.Name(name.upper()), "positive")}


def train_function(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """`train`: builds everything and runs the epochs."""
    options, made = train_options(spec, model), additions(spec, model)
    (function,) = quote(
        '''
        def train() -> Trained:
            """Train a new model.

            Args:
                {DESCRIBED}
            """
            BUILT
            log = LOG
            LOSSES
            AFTER_LOG
            LOOP
            log.end()
            FINISHED
            return TRAINED
        ''',
        DESCRIBED="\n    ".join(_described(spec, options)),
        BUILT=built(spec, model),
        LOG=_log(spec),
        LOSSES=_losses(spec),
        AFTER_LOG=_after_log(spec, made),
        LOOP=_whole_loop(spec, model),
        FINISHED=[statement for each in made for statement in each.at_end()],
        TRAINED=_trained(spec, model),
    )
    run = [code.Arg("run", quoted("str | Path | None"), code.Constant(None))]
    if spec.training.checkpoint is not None:
        run.append(code.Arg("resume", code.Name("bool"), code.Constant(False)))
    return (
        replace(
            cast("code.FunctionDef", function),
            args=place_args(spec.data),
            kwonly=(*_keywords(options), *run),
            decorators=tuple(one for each in made for one in each.decorators()),
        ),
    )


def _losses(spec: TrainingSpec) -> Statements:
    """What sums up the losses of an epoch's batches."""
    if spec.full_batch:
        return ()
    shares = ", shares" if spec.is_distributed else ""
    return quote(f"losses = Losses(log.progress{shares})", Losses=losses_type(spec))


def _described(spec: TrainingSpec, options: Mapping[str, Option]) -> Iterator[str]:
    """What the arguments of `train` mean."""
    if place(spec.data) is not None:
        yield f"{place(spec.data)}: where the rows are"
    for name, option in options.items():
        yield f"{name}: {option.says}"
    yield "run: a folder for log.jsonl; without one there is no file"
    if spec.training.checkpoint is not None:
        yield "resume: whether to go on where an earlier run in the folder stopped"


def _after_log(spec: TrainingSpec, made: Sequence[Addition]) -> Statements:
    """What is done once everything is there that an epoch changes."""
    stateful = {"model": "model"} | ({"loss_fn": "loss_fn"} if spec.loss_learns else {})
    optimizer = "optimizers" if spec.has_several_optimizers else "optimizer"
    stateful[optimizer] = optimizer
    for each in made:
        stateful |= each.stateful()
    if spec.keeps_place:
        stateful |= {"batches": "batches", "losses": "losses"}
    # Last come the generators: other parts may draw when they are restored.
    stateful |= {"log": "log", "random": "RandomState(device)"}
    return tuple(s for each in made for s in each.after_log(train_rows(spec), stateful))


def _log(spec: TrainingSpec) -> code.Expression:
    """What keeps and shows the rows of the log."""
    run = quoted("run if is_first() else None" if spec.is_distributed else "run")
    if spec.counts_steps:
        rows = "batch_size * ACCUMULATE" if spec.accumulates else "batch_size"
        unit = code.Constant("step")
        return quoted(f"Log(RUN, steps, UNIT, rows={rows})", RUN=run, UNIT=unit)
    return quoted(f"Log(RUN, epochs, rows=len({train_rows(spec)}))", RUN=run)


def _keywords(options: Mapping[str, Option]) -> tuple[code.Arg, ...]:
    """The arguments of `train` for some of its options."""
    return tuple(code.Arg(name, option.type, option.default) for name, option in options.items())


def cross_validation(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """`cross_validate`, where the rows fall into folds."""
    if spec.data.folds is None:
        return ()
    options = {k: option for k, option in train_options(spec, model).items() if k != "fold"}
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
    return (replace(made, args=place_args(spec.data), kwonly=_keywords(options)),)


def _whole_loop(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """The loop with what stands around it."""
    loop = _loop(spec, model)
    for each in additions(spec, model):
        loop = each.around(loop)
    return loop


def _loop(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """The loop over the epochs, or over the rows of the log where training counts steps."""
    made = additions(spec, model)
    count = "step" if spec.counts_steps else "epoch"
    return quote(
        f"""
        for {count} in COUNTED:
            BEFORE
            TRAINED
            STEPPED
            VALIDATED
            log.write(ROW)
            AFTER
        """,
        COUNTED=_counted(spec),
        BEFORE=[statement for each in made for statement in each.before_epoch()],
        TRAINED=_trained_epoch(spec, model),
        STEPPED=[statement for each in made for statement in each.after_steps()],
        VALIDATED=_validated(spec),
        ROW=_row(spec, model),
        AFTER=[statement for each in made for statement in each.after_epoch()],
    )


def _counted(spec: TrainingSpec) -> code.Expression:
    """The numbers of the epochs, or of the steps that make rows of the log."""
    if spec.counts_steps:
        return quoted("log.until(steps, every=LOG_EVERY)")
    first = "log.done + 1" if spec.training.checkpoint is not None else "1"
    return quoted(f"range({first}, epochs + 1)")


def _row(spec: TrainingSpec, model: ModelInterface) -> code.Dict:
    """What the log keeps of an epoch, or of some steps."""
    count = "step" if spec.counts_steps else "epoch"
    # A time limit may end a row before its last step.
    ends_early = spec.counts_steps and spec.training.time_limit is not None
    parts = [term.name for term in spec.losses if spec.takes_turns]
    names = ["train_loss", *(f"train_{name}" for name in parts)]
    if "validation" in spec.data.parts:
        measured = ("loss", *parts, *(term.name for term in spec.metrics))
        names += [f"validation_{name}" for name in measured]
    row: dict[str, code.Expression] = {}
    row[count] = code.Name("batches.step" if ends_early else count)
    row |= {name: monitored(name) for name in names}
    for each in additions(spec, model):
        row |= each.logged()
    return code.Dict(tuple((code.Constant(name), value) for name, value in row.items()))


def _validated(spec: TrainingSpec) -> Statements:
    """How the validation rows are measured, where there are any."""
    if "validation" not in spec.data.parts:
        return ()
    call = quoted("evaluate(KEPT, loss_fn, validation_data)", KEPT=spec.kept_model)
    if spec.is_distributed:
        call = quoted("of_first(CALL)", CALL=call)
    return quote("validation = CALL", CALL=call)


def _trained_epoch(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """The call of the function that makes the steps of an epoch."""
    text = "train_loss = CALL"
    if spec.takes_turns:
        text = "train_losses = CALL\ntrain_loss = sum(train_losses.values())"
    function = "train_until" if spec.counts_steps else "train_one_epoch"
    names = [arg.name for arg in epoch_arguments(spec, model)]
    passed = {"data": train_rows(spec)}
    if spec.is_distributed:
        passed["loss_fn"] = "shared_loss"
    if spec.training.distributed == "ddp":
        passed["model"] = "parallel"
    names = [passed.get(name, name) for name in names]
    return quote(text, CALL=code.Call(code.Name(function), tuple(map(code.Name, names))))


def _trained(spec: TrainingSpec, model: ModelInterface) -> code.Expression:
    values = [kept.value for kept in trained_fields(spec, model).values()]
    return code.Call(code.Name("Trained"), tuple(map(quoted, values)))


def trained_fields(spec: TrainingSpec, model: ModelInterface) -> dict[str, Kept]:
    """What training leaves behind."""
    says = "the trained model, in eval mode"
    if spec.averages:
        says = "the trained model, with averaged weights, in eval mode"
    fields = {"model": Kept(model.class_name, says, f"{spec.kept_model}.eval()")}
    if spec.loss_learns:
        says = "the loss, with the weights that it learned"
        fields["loss_fn"] = Kept(loss_type(spec), says, "loss_fn")
    if spec.has_preparation:
        says = "what the model expects to be done to rows"
        fields["preparation"] = Kept("Preparation", says, "preparation")
    for each in additions(spec, model):
        fields |= each.kept()
    says = "for each epoch, its number and what was measured"
    if spec.counts_steps:
        says = "what was measured, after how many steps"
    return fields | {"history": Kept("list[dict[str, float]]", says, "log.rows")}
