"""The options of the package's command line, as statements of its parser."""

from __future__ import annotations

from ...spec.data.base import Columns
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote
from ..plan_data.rows import place
from ..training.training_spec import TrainingSpec
from .plan_loop import train_options


def option_statements(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """What a caller of `train` may choose."""
    found: tuple[code.Statement, ...] = ()
    for name, option in train_options(spec, model).items():
        if name == "fold":
            continue
        kind = code.Keyword("type", code.Name(option.parse))
        if option.parse == "flag":
            kind = code.Keyword("action", code.Name("argparse.BooleanOptionalAction"))
        keywords = (
            kind,
            code.Keyword("default", option.default),
            code.Keyword("help", code.Constant(f"{option.says} (%(default)s)")),
        )
        flag = code.Constant(f"--{name.replace('_', '-')}")
        found += (code.Expr(code.Call(code.Name("command.add_argument"), (flag,), keywords)),)
    return found


def argument_types(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """The functions that read options, beside `positive`."""
    read = {option.parse for option in train_options(spec, model).values()}
    made = {"batch_size": _batch_size(model), "learning_rate": _learning_rate(), "seed": _seed()}
    return tuple(s for name, function in made.items() if name in read for s in function)


def _batch_size(model: ModelInterface) -> tuple[code.Statement, ...]:
    return quote(
        '''
        def batch_size(text: str) -> int:
            """Return how many rows make a step. Raises ArgumentTypeError for too few."""
            if not text.isdecimal() or int(text) < SMALLEST:
                raise argparse.ArgumentTypeError(SAYS)
            return int(text)
        ''',
        SMALLEST=code.Constant(model.smallest_batch),
        SAYS=code.Constant(f"a whole number of at least {model.smallest_batch} is needed"),
    )


def _learning_rate() -> tuple[code.Statement, ...]:
    return quote(
        '''
        def learning_rate(text: str) -> float:
            """Return a learning rate. Raises ValueError for other texts."""
            rate = float(text)
            if not 0 <= rate < float("inf"):
                raise ValueError
            return rate
        '''
    )


def _seed() -> tuple[code.Statement, ...]:
    return quote(
        '''
        def seed(text: str) -> int:
            """Return a seed for torch's generators. Raises ValueError for other texts."""
            number = int(text)
            if not 0 <= number < 2**63:
                raise ValueError
            return number
        '''
    )


def data_options(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The options that say which rows are loaded."""
    found: tuple[code.Statement, ...] = ()
    name = place(spec.data)
    if name is not None:
        found += quote(
            """
            command.add_argument(
                "--data",
                type=KIND,
                default=DEFAULT,
                metavar=METAVAR,
                help="where the rows are (%(default)s)",
            )
            """,
            KIND="str" if name == "url" else "Path",
            DEFAULT=name.upper(),
            METAVAR=code.Constant(name.upper()),
        )
    return found


def fold_option(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The option that says which fold is held out."""
    if spec.data.folds is None:
        return ()
    return quote(
        """
        command.add_argument(
            "--fold",
            type=int,
            choices=range(COUNT),
            default=0,
            help="which fold is held out, from 0 (%(default)s)",
        )
        """,
        COUNT=code.Constant(spec.data.folds),
    )


def resume_option(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The option that goes on where an earlier run stopped."""
    if spec.training.checkpoint is None:
        return ()
    return quote(
        """
        command.add_argument(
            "--resume",
            action="store_true",
            help="go on where an earlier run in DIR stopped",
        )
        """
    )


def best_option(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The option that says that the best weights of a run are used."""
    if not spec.keeps_best:
        return ()
    return quote(
        """
        command.add_argument(
            "--best",
            dest="weights",
            action="store_const",
            const="best.pt",
            default="weights.pt",
            help="use best.pt, the weights of the best checkpoint, not the last ones",
        )
        """
    )


def folds_command(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """The command that trains once for each fold."""
    if spec.data.folds is None:
        return ()
    return quote(
        """
        command = commands.add_parser("cross-validate", help="train on all folds but one")
        command.set_defaults(command=run_cross_validate)
        OPTIONS
        """,
        OPTIONS=(*option_statements(spec, model), *data_options(spec)),
    )


def predict_options(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """Where the rows come from that are asked about."""
    says = "JSON Lines file, - for standard input"
    if spec.data.is_images:
        says = "an image, or a folder of images"
    elif isinstance(spec.data.source, Columns):
        says = f"{spec.data.source.said} with the columns that the model was trained on"
    elif spec.data.is_text:
        says = "text file, of which the last tokens are taken"
    return quote('command.add_argument("rows", help=SAYS)', SAYS=code.Constant(says))


def plot_command(spec: TrainingSpec, has_pictures: bool) -> tuple[code.Statement, ...]:
    """The command that draws the pictures."""
    if not has_pictures:
        return ()
    found = quote(
        """
        command = commands.add_parser("plot", parents=[run], help="draw the pictures")
        command.set_defaults(command=run_plot)
        """
    )
    if spec.draws("probabilities", "confusion_matrix", "predictions"):
        found += (*fold_option(spec), *data_options(spec))
    return found
