"""The options of the package's command line, as statements of its parser."""

from __future__ import annotations

from ...spec.data.base import Columns
from ..emit import code
from ..emit.quote import quote
from ..training.training_spec import TrainingSpec
from .plan_loop import train_options
from .rows import place


def option_statements(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """What a caller of `train` may choose."""
    defaults: dict[str, code.Expression] = {
        "epochs": code.Name("EPOCHS"),
        "seed": code.Name("SEED"),
        "tokenizer": code.Name("TOKENIZER"),
        "device": code.Constant(spec.training.device),
    }
    types = {"epochs": "positive", "tokenizer": "Path", "seed": "seed", "device": "working_device"}
    found: tuple[code.Statement, ...] = ()
    for name, says in train_options(spec).items():
        if name == "fold":
            continue
        typed = (code.Keyword("type", code.Name(types[name])),) if name in types else ()
        keywords = (
            *typed,
            code.Keyword("default", defaults[name]),
            code.Keyword("help", code.Constant(f"{says} (%(default)s)")),
        )
        option = code.Constant(f"--{name}")
        found += (code.Expr(code.Call(code.Name("command.add_argument"), (option,), keywords)),)
    return found


def argument_types(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The functions that read options, beside `positive`."""
    if spec.training.seed is None:
        return ()
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


def folds_command(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The command that trains once for each fold."""
    if spec.data.folds is None:
        return ()
    return quote(
        """
        command = commands.add_parser("cross-validate", help="train on all folds but one")
        command.set_defaults(command=run_cross_validate)
        OPTIONS
        """,
        OPTIONS=(*option_statements(spec), *data_options(spec)),
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
    if "probabilities" in spec.training.plots:
        found += (*fold_option(spec), *data_options(spec))
    return found
