"""The pictures of a run: as the command line draws them, and during training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.imports import arranged
from ..emit.quote import quote, quoted
from ..plan_data.data_classes import data_fields
from ..training.read_plots import Curves
from ..training.training_spec import TrainingSpec
from .plan_curves import curve_statements
from .plan_learned_loss import loss_type

_OF_ANSWERS = ("probabilities", "confusion_matrix", "predictions")


def run_plot(
    spec: TrainingSpec, model: ModelInterface, curves: Sequence[Curves], data: code.Expression
) -> tuple[code.Statement, ...]:
    """The command that draws the pictures. data: the rows that say how good the model is."""
    if not spec.pictures and not curves:
        return ()
    body = _shown(spec, data, has_curves=bool(curves))
    moments = {
        "before training": quoted('load(options.run / "initial.pt")'),
        "after training": code.Name("model"),
    }
    titled: dict[code.Expression, code.Expression] = {
        code.Constant(moment): made for moment, made in moments.items()
    }
    for picture in spec.pictures:
        path = quoted("options.run / FILE", FILE=code.Constant(f"{picture.type}.png"))
        body += drawn(picture.type, spec, model, titled, path)
    names = [f"plot_{picture.type}" for picture in spec.pictures]
    if curves:
        names.append("plot_curves")
        body += curve_statements(curves, model)
    return quote(
        '''
        def run_plot(options: argparse.Namespace) -> None:
            """Draw the pictures of a run."""
            # Imported here, so that only drawing needs matplotlib.
            IMPORTS

            BODY
        ''',
        IMPORTS=arranged(code.ImportFrom(f".{name}", (name,)) for name in names),
        BODY=body,
    )


def _shown(
    spec: TrainingSpec, data: code.Expression, *, has_curves: bool
) -> tuple[code.Statement, ...]:
    """What pictures of a finished run show: its history, its rows, its model."""
    found: tuple[code.Statement, ...] = ()
    if spec.draws("loss", "learning_rate"):
        found += quote("history = read_log(options.run)")
    if spec.draws(*_OF_ANSWERS):
        found += quote("data = DATA", DATA=data)
    if has_curves or spec.draws(*_OF_ANSWERS):
        found += quote('model = load(options.run / "weights.pt")')
    if spec.finds_classes is not None and spec.draws("confusion_matrix"):
        found += quote('loss_fn = load_loss_fn(options.run / "weights.pt")')
    return found


def drawn(
    kind: str,
    spec: TrainingSpec,
    model: ModelInterface,
    moments: Mapping[code.Expression, code.Expression],
    path: code.Expression,
    target: str = "data.target",
) -> tuple[code.Statement, ...]:
    """The statements that draw a picture of `history`, or of what `model` makes of `data`.

    moments: the models of which probabilities are drawn, by when they are such.
    target: what answers are compared with, on the CPU.
    """
    if kind in ("loss", "learning_rate"):
        return quote(f"plot_{kind}(history, PATH)", PATH=path)
    if kind == "probabilities":
        answers = tuple((when, _answers(made, spec, model)) for when, made in moments.items())
        return quote(
            "plot_probabilities(ANSWERS, TARGET, PATH)",
            ANSWERS=code.Dict(answers),
            TARGET=quoted(target),
            PATH=path,
        )
    answered = _answers(code.Name("model"), spec, model)
    if kind == "predictions":
        return quote(
            "plot_predictions(ANSWERS, TARGET, PATH)",
            ANSWERS=answered,
            TARGET=quoted(target),
            PATH=path,
        )
    return _confusion_matrix(answered, quoted(target), spec, path)


def _confusion_matrix(
    answered: code.Expression, target: code.Expression, spec: TrainingSpec, path: code.Expression
) -> tuple[code.Statement, ...]:
    if spec.meaning in ("probability", "logit"):
        return quote(
            "plot_confusion_matrix(ANSWERS > 0.5, TARGET > 0.5, PATH)",
            ANSWERS=answered,
            TARGET=target,
            PATH=path,
        )
    name = "scores" if spec.meaning == "class scores" else "probabilities"
    keywords = [code.Keyword("classes", quoted(f"{name}.shape[1]"))]
    keywords += [code.Keyword("ignored", code.Constant(value)) for value in spec.ignored]
    given = (quoted(f"{name}.argmax(dim=1)"), target, path)
    return quote(
        f"{name} = ANSWERS\nCALL",
        ANSWERS=answered,
        CALL=code.Call(code.Name("plot_confusion_matrix"), given, tuple(keywords)),
    )


def _answers(made: code.Expression, spec: TrainingSpec, model: ModelInterface) -> code.Expression:
    """What a model makes of all rows of `data`."""
    inputs = [code.Name(f"data.{name}") for name in data_fields(spec, model).inputs]
    loss = [code.Name("loss_fn")] if spec.finds_classes is not None else []
    return code.Call(code.Name("infer"), (made, *loss, *inputs))


def draw_function(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """`draw_pictures` of `train.py`, where pictures are drawn during training."""
    args = draw_arguments(spec, model)
    if not args:
        return ()
    count = "step" if spec.counts_steps else "epoch"
    asked = {picture.type: picture.every for picture in spec.pictures if picture.every is not None}
    imports = [code.ImportFrom(f".plot_{kind}", (f"plot_{kind}",)) for kind in asked]
    if "data" in args:
        imports.append(code.ImportFrom(".predict", ("infer",)))
    moments: dict[code.Expression, code.Expression] = {
        code.Constant("before training"): code.Name("initial"),
        code.JoinedStr((f"after {count} ", code.Name(count))): code.Name("model"),
    }
    body: tuple[code.Statement, ...] = ()
    for every in dict.fromkeys(asked.values()):
        made: tuple[code.Statement, ...] = ()
        for kind in (kind for kind, after in asked.items() if after == every):
            path = quoted("Path(run, FILE)", FILE=_file(kind, count))
            made += drawn(kind, spec, model, moments, path, "data.target.cpu()")
        body += quote(f"if {count} % EVERY == 0:\n    MADE", EVERY=code.Constant(every), MADE=made)
    says = f"Draw how far training is, if it is time for it after this {count}."
    whole = quote(
        """
        # Imported here, so that only drawing needs matplotlib.
        IMPORTS

        BODY
        """,
        IMPORTS=arranged(imports),
        BODY=body,
    )
    given = tuple(code.Arg(name, kind) for name, kind in args.items())
    return (code.FunctionDef("draw_pictures", given, code.Constant(None), says, whole),)


def _file(kind: str, count: str) -> code.Expression:
    """The file of a picture during training: one for each time, where it shows that time."""
    if kind in _OF_ANSWERS:
        return code.JoinedStr((f"{kind}-", code.Name(count), ".png"))
    return code.Constant(f"{kind}.png")


def draw_arguments(spec: TrainingSpec, model: ModelInterface) -> dict[str, code.Expression]:
    """What it takes, and of which type; nothing where there is no such function."""
    asked = [picture.type for picture in spec.pictures if picture.every is not None]
    if not asked:
        return {}
    count = "step" if spec.counts_steps else "epoch"
    args = {count: code.Name("int"), "run": quoted("str | Path")}
    if {"loss", "learning_rate"} & {*asked}:
        args["history"] = quoted("list[dict[str, float]]")
    if {*_OF_ANSWERS} & {*asked}:
        args["model"] = code.Name(model.class_name)
        args["data"] = code.Name("Data")
    if "probabilities" in asked:
        args["initial"] = code.Name(model.class_name)
    if "confusion_matrix" in asked and spec.finds_classes is not None:
        args["loss_fn"] = code.Name(loss_type(spec))
    return args
