"""TrainingSpec -> `__main__.py`: the command line of the package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...spec.data.own import OwnFunction
from ...spec.tensor.type import TensorType
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.imports import arranged
from ..emit.package import Copied, Rendered, Slot
from ..emit.quote import quote, quoted
from ..plan.sample_inputs import sample
from ..plan_data.data_classes import local_name
from ..plan_data.rows import data_imports, loaded, loader, needs_library, place
from ..training.read_plots import Curves
from ..training.training_spec import TrainingSpec
from .additions import additions
from .answers import print_answers
from .plan_learned_loss import built_loss
from .plan_loop import train_options
from .plan_options import (
    argument_types,
    best_option,
    data_options,
    fold_option,
    folds_command,
    option_statements,
    plot_command,
    predict_options,
    resume_option,
)
from .plan_pictures import run_plot
from .plan_predict import kept, kept_names


def plan_main(
    spec: TrainingSpec, model: ModelInterface, curves: Sequence[Curves]
) -> Iterator[Rendered | Copied]:
    """`__main__.py` and the modules that it imports."""
    has_pictures = bool(spec.pictures or curves)
    commands = (
        *arranged(_imports(spec, model, has_pictures)),
        *_constants(spec, model, has_pictures),
        *_run_train(spec, model, has_pictures),
        *_run_evaluate(spec),
        *_run_cross_validate(spec, model),
        *_run_predict(spec, model),
        *run_plot(spec, model, curves, _judged(spec, 'options.run / "weights.pt"')),
        *_run_summary(spec, model),
        *argument_types(spec, model),
    )
    data, fold, resume = data_options(spec), fold_option(spec), resume_option(spec)
    best = best_option(spec)
    # A run that ends is measured with its last weights.
    last = quote('command.set_defaults(weights="weights.pt")') if best else ()
    slots = {
        "body": Slot(commands),
        "train_options": Slot(
            (*last, *fold, *option_statements(spec, model), *data, *resume), indent=4
        ),
        "evaluate_options": Slot((*fold, *data, *best), indent=4),
        "predict_options": Slot((*predict_options(spec), *best), indent=4),
        "folds_command": Slot(folds_command(spec, model), indent=4),
        "plot_command": Slot(plot_command(spec, has_pictures), indent=4),
    }
    yield Rendered("__main__.py", "main.py.jinja", slots)
    yield Copied("new_run.py")
    yield Copied("summary.py")
    if spec.data.source.form == "tensors":
        yield Copied("rows.py")
    for picture in spec.pictures:
        yield Copied(f"plot_{picture.type}.py")
    if curves:
        yield Copied("plot_curves.py")


def _imports(
    spec: TrainingSpec, model: ModelInterface, has_pictures: bool
) -> Iterator[code.Import | code.ImportFrom]:
    for name in ("argparse", "json", "sys", "torch"):
        yield code.Import(name)
    yield code.ImportFrom("pathlib", ("Path",))
    yield code.ImportFrom(".checkpoint", ("CheckpointError",))
    if spec.is_distributed:
        yield code.ImportFrom(".distributed", ("is_first",))
    yield code.ImportFrom(".data", (loader(spec.data),))
    yield from data_imports(spec)
    if spec.data.streams:
        yield code.ImportFrom(".stream", ("Stream",))
    yield code.ImportFrom(".model", (model.class_name,))
    yield code.ImportFrom(".predict", (_asked(spec), *kept_names(spec)))
    if spec.draws("loss", "learning_rate"):
        yield code.ImportFrom(".log", ("LogError", "read_log"))
    if spec.draws("probabilities", "confusion_matrix", "predictions"):
        yield code.ImportFrom(".predict", ("infer",))
    yield code.ImportFrom(".new_run", ("new_run",))
    yield code.ImportFrom(".summary", ("summarize",))
    yield code.ImportFrom(".train", tuple(_of_training(spec)))
    if spec.data.folds is not None:
        yield code.ImportFrom(".fold", ("mean_of",))
        yield code.ImportFrom(".train", ("cross_validate",))
    if _needs_library(spec) and not has_pictures:
        yield code.ImportFrom(".library", ("LibraryError",))
    if spec.data.is_table:
        yield code.ImportFrom(".table", ("TableError",))
        own = isinstance(spec.data.source, OwnFunction)
        yield code.ImportFrom(
            *((".csv_table", ("read_csv",)) if own else (".data", ("load_table",)))
        )
    elif spec.data.is_text:
        yield code.ImportFrom(".text_file", ("TextError",))
        yield code.ImportFrom(".data", ("load_text",))
    else:
        yield code.ImportFrom(".rows", ("RowError", "read_rows", "stack"))


def _of_training(spec: TrainingSpec) -> Iterator[str]:
    """What comes from `train.py`: the defaults of options, and what commands do."""
    defaults = {
        "BATCH_SIZE": not spec.full_batch,
        "STEPS" if spec.counts_steps else "EPOCHS": True,
        "LR": spec.learning_rate is not None,
        "SEED": spec.training.seed is not None,
        "Loss" if spec.has_own_loss else "build_loss": not spec.loss_learns,
    }
    yield from (name for name, is_used in defaults.items() if is_used)
    yield from ("evaluate", "train")


def _constants(
    spec: TrainingSpec, model: ModelInterface, has_pictures: bool
) -> tuple[code.Statement, ...]:
    return quote(
        """
        PROGRAM = NAME
        RUN = Path(FOLDER)
        PROBLEMS = FOUND
        """,
        NAME=code.Constant(f"python -m {model.package}"),
        FOLDER=code.Constant(f"runs/{model.package}"),
        FOUND=code.Tuple(tuple(map(code.Name, _problems(spec, model, has_pictures)))),
    )


def _problems(spec: TrainingSpec, model: ModelInterface, has_pictures: bool) -> list[str]:
    """The errors that are told in a line."""
    kinds = {"table": "TableError", "text": "TextError", "tensors": "RowError"}
    found = ["OSError", "torch.OutOfMemoryError", "CheckpointError", kinds[spec.data.source.form]]
    found += [problem for each in additions(spec, model) for problem in each.problems()]
    if spec.draws("loss", "learning_rate"):
        found.append("LogError")
    if has_pictures:
        return [*found, "ImportError"]
    return [*found, "LibraryError"] if _needs_library(spec) else found


def _needs_library(spec: TrainingSpec) -> bool:
    """Whether something needs a library that may be missing."""
    has_files = spec.training.checkpoint is not None or bool(spec.training.start)
    return needs_library(spec) or has_files


def _asked(spec: TrainingSpec) -> str:
    """The function that says what the model makes of rows that come as they are read."""
    return "predict" if spec.data.source.form == "tensors" else "infer"


def _run_train(
    spec: TrainingSpec, model: ModelInterface, has_pictures: bool
) -> tuple[code.Statement, ...]:
    path = (quoted("options.data"),) if place(spec.data) is not None else ()
    names = [*train_options(spec, model), "run"]
    names += ["resume"] if spec.training.checkpoint is not None else []
    chosen = tuple(code.Keyword(name, code.Name(f"options.{name}")) for name in names)
    return quote(
        '''
        def run_train(options: argparse.Namespace) -> None:
            """Train, and write what a run leaves behind."""
            with FOLDER:
                trained = TRAIN
            ALONE
            SAVED
            BEST
            run_evaluate(options)
            PLOT
            print(LEFT, options.run, file=sys.stderr)
        ''',
        FOLDER=_new_run(spec),
        TRAIN=code.Call(code.Name("train"), path, chosen),
        ALONE=quote("if not is_first():\n    return") if spec.is_distributed else (),
        LEFT=code.Constant(_left(spec, has_pictures)),
        SAVED=_saved(spec),
        BEST=quote('print("the best epoch was", trained.best_epoch, file=sys.stderr)')
        if spec.training.early_stopping is not None
        else (),
        PLOT=quote("run_plot(options)") if has_pictures else (),
    )


def _left(spec: TrainingSpec, has_pictures: bool) -> str:
    """What a run leaves behind, in words."""
    names = ["weights", *["best weights"] * spec.keeps_best, "log", *["pictures"] * has_pictures]
    return f"{', '.join(names[:-1])} and {names[-1]} are in"


def _saved(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """How the models of a run are kept."""
    models = {"model": "weights.pt"}
    if spec.draws("probabilities"):
        models["initial"] = "initial.pt"
    beside = "".join(f"trained.{name}, " for name in kept(spec))
    return tuple(
        statement
        for model, file in models.items()
        for statement in quote(
            f"save(trained.MODEL, {beside}options.run / FILE)",
            MODEL=model,
            FILE=code.Constant(file),
        )
    )


def _new_run(spec: TrainingSpec) -> code.Expression:
    """What sets an earlier run aside."""
    conditions = ["is_first()"] if spec.is_distributed else []
    if spec.training.checkpoint is not None:
        conditions.append("not options.resume")
    if conditions:
        return quoted(f"new_run(options.run, set_aside={' and '.join(conditions)})")
    return quoted("new_run(options.run)")


def _judged(spec: TrainingSpec, weights: str) -> code.Expression:
    """The rows that say how good the model is, prepared by what is kept in `weights`."""
    rows = loaded(spec.data, "options.")
    if spec.data.is_split:
        rows = code.Attribute(rows, spec.judged_part)
    if spec.data.streams:
        rows = quoted(f"Stream.of(ROWS, load_preparation({weights}))", ROWS=rows)
    elif spec.has_preparation:
        rows = quoted(f"load_preparation({weights})(ROWS)", ROWS=rows)
    return rows


def _run_evaluate(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    part = {"train": "training", "validation": "validation", "test": "test"}[spec.judged_part]
    loss = quoted("load_loss_fn(weights)") if spec.loss_learns else built_loss(spec)
    data = _judged(spec, "weights")
    return quote(
        '''
        def run_evaluate(options: argparse.Namespace) -> None:
            """Print what the model achieves on the {PART} rows."""
            weights = WEIGHTS
            data = DATA
            measured = evaluate(load(weights), LOSS, data)
            print(json.dumps({"part": KEY} | measured))
        ''',
        PART=part,
        KEY=code.Constant(spec.judged_part),
        DATA=data,
        LOSS=loss,
        WEIGHTS=_weights(spec),
    )


def _weights(spec: TrainingSpec) -> code.Expression:
    """Where the weights are that a command uses."""
    return quoted(
        "options.run / NAME",
        NAME="options.weights" if spec.keeps_best else code.Constant("weights.pt"),
    )


def _run_cross_validate(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    if spec.data.folds is None:
        return ()
    path = (quoted("options.data"),) if place(spec.data) is not None else ()
    chosen = tuple(
        code.Keyword(name, code.Name(f"options.{name}"))
        for name in train_options(spec, model)
        if name != "fold"
    )
    return quote(
        '''
        def run_cross_validate(options: argparse.Namespace) -> None:
            """Print what is achieved with each fold held out, and the mean."""
            achieved = CALL
            for fold, measured in enumerate(achieved):
                print(json.dumps({"fold": fold} | measured))
            print(json.dumps({"fold": "mean"} | mean_of(achieved)))
        ''',
        CALL=code.Call(code.Name("cross_validate"), path, chosen),
    )


def _run_predict(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    names = [name for name, _ in model.inputs]
    arguments = [quoted("load(weights)")]
    arguments += [quoted("load_loss_fn(weights)")] if spec.finds_classes else []
    if spec.data.source.form != "tensors":
        held, reader = spec.data.rows, f"load_{spec.data.rows}"
        reader = "read_csv" if isinstance(spec.data.source, OwnFunction) else reader
        rows = quote(
            f"""
            {held} = {reader}(options.rows)
            preparation = load_preparation(weights)
            """
        )
        arguments += [quoted(f"preparation.NAME({held})", NAME=local_name(name)) for name in names]
    else:
        arguments += [quoted("load_preparation(weights)")] if spec.has_preparation else []
        arguments += [code.Name(local_name(name)) for name in names]
        listed = code.List(tuple(map(code.Constant, names)))
        rows = quote("rows = read_rows(options.rows, names=NAMES)", NAMES=listed)
        for name, tensor in model.inputs:
            rows += _stacked(name, tensor)
    return quote(
        '''
        def run_predict(options: argparse.Namespace) -> None:
            """Print a JSON object for each row."""
            weights = WEIGHTS
            ROWS
            ANSWERS
        ''',
        WEIGHTS=_weights(spec),
        ROWS=rows,
        ANSWERS=print_answers(spec, code.Call(code.Name(_asked(spec)), tuple(arguments)), model),
    )


def _stacked(name: str, tensor: TensorType) -> tuple[code.Statement, ...]:
    sizes = tuple(code.Constant(int(size)) for size in tensor.shape[1:])
    return quote(
        "LOCAL = stack(rows, NAME, shape=SHAPE, dtype=DTYPE)",
        LOCAL=local_name(name),
        NAME=code.Constant(name),
        SHAPE=code.Tuple(sizes),
        DTYPE=f"torch.{tensor.dtype}",
    )


def _run_summary(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    made = code.Call(code.Name(model.class_name))
    inputs = tuple(
        sample([2, *_row_shape(spec, tensor)], tensor.dtype, model.fills.get(name, 0))
        for name, tensor in model.inputs
    )
    return quote(
        '''
        def run_summary(options: argparse.Namespace) -> None:
            """Print the layers with their output shapes and parameters, for two rows."""
            print(SUMMARY)
        ''',
        SUMMARY=code.Call(code.Name("summarize"), (made, *inputs)),
    )


def _row_shape(spec: TrainingSpec, tensor: TensorType) -> list[int]:
    """The sizes of a row of an input, behind the batch."""
    if spec.data.window is not None:
        return [spec.data.window.length]
    return [int(size) for size in tensor.shape[1:]]
