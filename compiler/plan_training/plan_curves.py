"""Curves -> the statements that draw them, and the command line of a model without training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..elaborate.interface import ModelInterface
from ..elaborate.sample_sizes import sample_sizes
from ..elaborate.typed import TypedGraph
from ..emit import code
from ..emit.imports import arranged
from ..emit.package import Copied, Rendered, Slot
from ..emit.quote import quote
from ..plan.sample_inputs import sample
from ..plan.values import constant
from ..plan_data.data_classes import local_name
from ..training.read_plots import Curves, Fixed


def curve_statements(curves: Sequence[Curves], model: ModelInterface) -> tuple[code.Statement, ...]:
    """Draws each picture with the model in `model`."""
    found: tuple[code.Statement, ...] = ()
    for index, picture in enumerate(curves):
        file = "plot.png" if len(curves) == 1 else f"plot{index + 1}.png"
        found += _picture(picture, model, file)
    return found


def _picture(picture: Curves, model: ModelInterface, file: str) -> tuple[code.Statement, ...]:
    axis = picture.plot.x
    name = local_name(axis.name)
    fixed = {item.name: _filled(item) for item in picture.fixed}
    arguments = tuple(fixed.get(key, code.Name(name)) for key, _ in model.inputs)
    several = len(model.outputs) > 1
    drawn = tuple(
        (code.Constant(output), code.Name(f"output.{output}" if several else "output"))
        for output in picture.outputs
    )
    dtype = () if picture.axis.dtype == "float32" else (_dtype(picture.axis.dtype),)
    bounds = (constant(axis.start), constant(axis.to), constant(axis.points))
    return quote(
        """
        AXIS = POINTS
        output = CALL
        plot_curves(NAME, AXIS, CURVES, options.run / FILE)
        """,
        AXIS=name,
        POINTS=code.Call(code.Name("torch.linspace"), bounds, dtype),
        CALL=code.Call(code.Name("model"), arguments),
        NAME=code.Constant(axis.name),
        CURVES=code.Dict(drawn),
        FILE=code.Constant(file),
    )


def _filled(item: Fixed) -> code.Expression:
    """A tensor of one value; zeros where nothing depends on it."""
    shape = code.Tuple(tuple(map(code.Constant, item.shape)))
    dtype = () if item.dtype == "float32" else (_dtype(item.dtype),)
    if not item.value:
        return code.Call(code.Name("torch.zeros"), (shape,), dtype)
    value = constant(float(item.value))
    return code.Call(code.Name("torch.full"), (shape, value), dtype)


def _dtype(name: str) -> code.Keyword:
    return code.Keyword("dtype", code.Name(f"torch.{name}"))


def plan_plain_main(
    typed: TypedGraph, model: ModelInterface, curves: Sequence[Curves]
) -> Iterator[Rendered | Copied]:
    """`__main__.py` of a package without training, and the modules that it imports."""
    imports: list[code.Import | code.ImportFrom] = [
        code.Import("argparse"),
        code.Import("torch"),
        code.ImportFrom(".model", (model.class_name,)),
        code.ImportFrom(".summary", ("summarize",)),
    ]
    constants = quote("PROGRAM = NAME", NAME=code.Constant(f"python -m {model.package}"))
    command: tuple[code.Statement, ...] = ()
    if curves:
        imports.append(code.ImportFrom("pathlib", ("Path",)))
        constants += quote("RUN = Path(FOLDER)", FOLDER=code.Constant(f"runs/{model.package}"))
        command = quote(
            """
            command = commands.add_parser("plot", help="draw the pictures")
            command.add_argument(
                "--run",
                type=Path,
                default=RUN,
                metavar="DIR",
                help="where the pictures go (%(default)s)",
            )
            command.set_defaults(command=run_plot)
            """
        )
        yield Copied("plot_curves.py")
    body = (
        *arranged(imports),
        *constants,
        *_run_plot(curves, model),
        *_run_summary(typed, model),
    )
    slots = {"body": Slot(body), "plot_command": Slot(command, indent=4)}
    yield Rendered("__main__.py", "main_plain.py.jinja", slots)
    yield Copied("summary.py")


def _run_plot(curves: Sequence[Curves], model: ModelInterface) -> tuple[code.Statement, ...]:
    if not curves:
        return ()
    return quote(
        '''
        def run_plot(options: argparse.Namespace) -> None:
            """Draw the pictures."""
            # Imported here, so that only drawing needs matplotlib.
            from .plot_curves import plot_curves

            options.run.mkdir(parents=True, exist_ok=True)
            model = Model().eval()
            PICTURES
        ''',
        Model=model.class_name,
        PICTURES=curve_statements(curves, model),
    )


def _run_summary(typed: TypedGraph, model: ModelInterface) -> tuple[code.Statement, ...]:
    sizes = sample_sizes(typed, 1)[0]
    inputs = tuple(
        sample(
            [size.evaluate(sizes) for size in tensor.shape], tensor.dtype, model.fills.get(name, 0)
        )
        for name, tensor in model.inputs
    )
    return quote(
        '''
        def run_summary(options: argparse.Namespace) -> None:
            """Print the layers with their output shapes and parameters."""
            print(SUMMARY)
        ''',
        SUMMARY=code.Call(
            code.Name("summarize"), (code.Call(code.Name(model.class_name)), *inputs)
        ),
    )
