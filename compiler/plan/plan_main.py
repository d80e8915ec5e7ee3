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
from ..training.read_plots import Curves
from ..training.training_spec import TrainingSpec
from .answers import print_answers
from .data_classes import DataFields, data_fields, local_name
from .plan_curves import curve_statements, sample
from .plan_learned_loss import built_loss
from .plan_loop import train_options
from .plan_options import (
    argument_types,
    data_options,
    fold_option,
    folds_command,
    option_statements,
    plot_command,
    predict_options,
)
from .plan_predict import kept, kept_names
from .rows import data_imports, loaded, loader, needs_library, place


def plan_main(
    spec: TrainingSpec, model: ModelInterface, curves: Sequence[Curves]
) -> Iterator[Rendered | Copied]:
    """`__main__.py` and the modules that it imports."""
    fields = data_fields(spec, model)
    has_pictures = bool(spec.training.plots or curves)
    commands = (
        *arranged(_imports(spec, model)),
        *_constants(spec, model),
        *_run_train(spec, has_pictures),
        *_run_evaluate(spec),
        *_run_cross_validate(spec),
        *_run_predict(spec, model),
        *_run_plot(spec, model, fields, curves),
        *_run_summary(spec, model),
        *argument_types(spec),
    )
    data, fold = data_options(spec), fold_option(spec)
    slots = {
        "body": Slot(commands),
        "train_options": Slot((*fold, *option_statements(spec), *data), indent=4),
        "evaluate_options": Slot((*fold, *data), indent=4),
        "predict_options": Slot(predict_options(spec), indent=4),
        "folds_command": Slot(folds_command(spec), indent=4),
        "plot_command": Slot(plot_command(spec, has_pictures), indent=4),
    }
    yield Rendered("__main__.py", "main.py.jinja", slots)
    yield Copied("summary.py")
    if spec.data.source.form == "tensors":
        yield Copied("rows.py")
    for plot in spec.training.plots:
        yield Copied(f"plot_{plot}.py")
    if curves:
        yield Copied("plot_curves.py")


def _imports(spec: TrainingSpec, model: ModelInterface) -> Iterator[code.Import | code.ImportFrom]:
    training = spec.training
    yield code.Import("argparse")
    yield code.Import("json")
    yield code.Import("sys")
    yield code.Import("torch")
    yield code.ImportFrom("pathlib", ("Path",))
    yield code.ImportFrom(".checkpoint", ("CheckpointError",))
    yield code.ImportFrom(".data", (loader(spec.data),))
    yield from data_imports(spec)
    if spec.data.streams:
        yield code.ImportFrom(".stream", ("Stream",))
    yield code.ImportFrom(".model", (model.class_name,))
    yield code.ImportFrom(".predict", (_asked(spec), *kept_names(spec)))
    if "probabilities" in training.plots:
        yield code.ImportFrom(".predict", ("infer",))
    yield code.ImportFrom(".summary", ("summarize",))
    loss = () if spec.loss_learns else ("Loss" if spec.has_own_loss else "build_loss",)
    seed = ("SEED",) if training.seed is not None else ()
    yield code.ImportFrom(".train", ("EPOCHS", *seed, *loss, "evaluate", "train"))
    if spec.data.folds is not None:
        yield code.ImportFrom(".fold", ("mean_of",))
        yield code.ImportFrom(".train", ("cross_validate",))
    if needs_library(spec):
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


def _constants(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    return quote(
        """
        PROGRAM = NAME
        RUN = Path(FOLDER)
        PROBLEMS = FOUND
        """,
        NAME=code.Constant(f"python -m {model.package}"),
        FOLDER=code.Constant(f"runs/{model.package}"),
        FOUND=code.Tuple(tuple(map(code.Name, _problems(spec)))),
    )


def _problems(spec: TrainingSpec) -> list[str]:
    """The errors that are told in a line."""
    kinds = {"table": "TableError", "text": "TextError", "tensors": "RowError"}
    found = ["OSError", "CheckpointError", kinds[spec.data.source.form]]
    return [*found, "LibraryError"] if needs_library(spec) else found


def _asked(spec: TrainingSpec) -> str:
    """The function that says what the model makes of rows that come as they are read."""
    return "predict" if spec.data.source.form == "tensors" else "infer"


def _run_train(spec: TrainingSpec, has_pictures: bool) -> tuple[code.Statement, ...]:
    path = (quoted("options.data"),) if place(spec.data) is not None else ()
    chosen = tuple(code.Keyword(name, code.Name(f"options.{name}")) for name in train_options(spec))
    beside = "".join(f"trained.{name}, " for name in kept(spec))
    models = {"model": "weights.pt"}
    if "probabilities" in spec.training.plots:
        models["initial"] = "initial.pt"
    return quote(
        '''
        def run_train(options: argparse.Namespace) -> None:
            """Train, and write what a run leaves behind."""
            trained = TRAIN
            options.run.mkdir(parents=True, exist_ok=True)
            SAVED
            history = json.dumps(trained.history, indent=1)
            (options.run / "history.json").write_text(history)
            BEST
            run_evaluate(options)
            PLOT
            print(LEFT, options.run, file=sys.stderr)
        ''',
        TRAIN=code.Call(code.Name("train"), path, chosen),
        LEFT=code.Constant(
            f"weights{', history and pictures' if has_pictures else ' and history'} are in"
        ),
        SAVED=[
            statement
            for model, file in models.items()
            for statement in quote(
                f"save(trained.MODEL, {beside}options.run / FILE)",
                MODEL=model,
                FILE=code.Constant(file),
            )
        ],
        BEST=quote('print("the best epoch was", trained.best_epoch, file=sys.stderr)')
        if spec.training.early_stopping is not None
        else (),
        PLOT=quote("run_plot(options)") if has_pictures else (),
    )


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
            weights = options.run / "weights.pt"
            data = DATA
            measured = evaluate(load(weights), LOSS, data)
            print(json.dumps({"part": KEY} | measured))
        ''',
        PART=part,
        KEY=code.Constant(spec.judged_part),
        DATA=data,
        LOSS=loss,
    )


def _run_cross_validate(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    if spec.data.folds is None:
        return ()
    path = (quoted("options.data"),) if place(spec.data) is not None else ()
    chosen = tuple(
        code.Keyword(name, code.Name(f"options.{name}"))
        for name in train_options(spec)
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
            weights = options.run / "weights.pt"
            ROWS
            ANSWERS
        ''',
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


def _run_plot(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields, curves: Sequence[Curves]
) -> tuple[code.Statement, ...]:
    plots = spec.training.plots
    if not plots and not curves:
        return ()
    body: tuple[code.Statement, ...] = ()
    if "loss" in plots:
        body += quote(
            """
            history = json.loads((options.run / "history.json").read_text())
            plot_loss(history, options.run / "loss.png")
            """
        )
    if "probabilities" in plots:
        body += _plot_probabilities(spec, fields)
    names = [f"plot_{plot}" for plot in plots]
    if curves:
        names.append("plot_curves")
        body += quote('model = load(options.run / "weights.pt")')
        body += curve_statements(curves, model)
    imports = arranged(code.ImportFrom(f".{name}", (name,)) for name in names)
    return quote(
        '''
        def run_plot(options: argparse.Namespace) -> None:
            """Draw the pictures of a run."""
            # Imported here, so that only drawing needs matplotlib.
            IMPORTS

            BODY
        ''',
        IMPORTS=imports,
        BODY=body,
    )


def _plot_probabilities(spec: TrainingSpec, fields: DataFields) -> tuple[code.Statement, ...]:
    def predicted(file: str) -> code.Expression:
        path = quoted("options.run / FILE", FILE=code.Constant(file))
        inputs = [code.Name(f"data.{name}") for name in fields.inputs]
        return code.Call(code.Name("infer"), (quoted("load(PATH)", PATH=path), *inputs))

    return quote(
        """
        data = DATA
        plot_probabilities(
            before=BEFORE,
            after=AFTER,
            target=data.target,
            path=options.run / "probabilities.png",
        )
        """,
        DATA=_judged(spec, 'options.run / "weights.pt"'),
        BEFORE=predicted("initial.pt"),
        AFTER=predicted("weights.pt"),
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
