"""TrainingSpec -> `predict.py`: how a trained model is kept and asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.imports import arranged
from ..emit.package import Copied, Rendered, Slot
from ..emit.quote import quote, quoted
from ..training.training_spec import TrainingSpec
from .answers import ANSWERS
from .data_classes import PREPARATIONS, DataFields, data_fields, local_name, row_type
from .plan_formula import output_type


def plan_predict(spec: TrainingSpec, model: ModelInterface) -> Iterator[Rendered | Copied]:
    """`predict.py` and the module that it imports."""
    body = (
        *arranged(_imports(spec, model)),
        *_save(spec, model),
        *_load(spec, model),
        *_predict(spec, model, data_fields(spec, model)),
    )
    yield Rendered("predict.py", "predict.py.jinja", {"body": Slot(body)})
    yield Copied("checkpoint.py")


def kept(spec: TrainingSpec) -> dict[str, str]:
    """What is kept in a file beside the weights: its name in the code and its type."""
    found = {"preparation": "Preparation"} if spec.prepared else {}
    return {**found, "columns": "list[str]"} if spec.finds_columns else found


def kept_names(spec: TrainingSpec) -> tuple[str, ...]:
    """The functions that keep a model and bring it back."""
    return ("load", *(f"load_{name}" for name in kept(spec)), "save")


def exports(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """The statements of `__init__.py`: what the package offers."""
    functions = ("predict", *kept_names(spec))
    names = (model.class_name, *sorted((*functions, "train")))
    return (
        *arranged(
            (
                code.ImportFrom(".model", (model.class_name,)),
                code.ImportFrom(".predict", functions),
                code.ImportFrom(".train", ("train",)),
            )
        ),
        code.Assign(code.Name("__all__"), code.List(tuple(map(code.Constant, names)))),
    )


def _imports(spec: TrainingSpec, model: ModelInterface) -> Iterator[code.Import | code.ImportFrom]:
    yield code.ImportFrom("pathlib", ("Path",))
    yield code.Import("torch")
    yield code.ImportFrom("torch", ("Tensor",))
    yield code.ImportFrom(".checkpoint", ("load_weights", "read_checkpoint"))
    yield code.ImportFrom(".model", (model.class_name,))
    if len(spec.outputs) > 1:
        yield code.ImportFrom(".model", (output_type(spec, model),))
    if spec.prepared:
        yield code.ImportFrom("dataclasses", ("asdict",))
        yield code.ImportFrom(".data", ("Preparation",))
    for module in set(spec.prepared.values()):
        yield code.ImportFrom(f".{module}", (PREPARATIONS[module],))


def _save(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    args = [code.Arg("model", code.Name(model.class_name))]
    args += [code.Arg(name, quoted(kind)) for name, kind in kept(spec).items()]
    args += [code.Arg("path", quoted("str | Path"))]
    if not kept(spec):
        says = "Write the weights of `model` to a file."
        body = quote("torch.save(model.state_dict(), path)")
    else:
        says = "Write the weights of `model`, and what belongs to them, to a file."
        held = [(code.Constant("model"), quoted("model.state_dict()"))]
        values = {"preparation": "asdict(preparation)", "columns": "columns"}
        held += [(code.Constant(name), quoted(values[name])) for name in kept(spec)]
        body = quote("saved = HELD\ntorch.save(saved, path)", HELD=code.Dict(tuple(held)))
    return (code.FunctionDef("save", tuple(args), code.Constant(None), says, body),)


def _load(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    state = quoted("saved['model']" if kept(spec) else "saved")
    found = quote(
        '''
        def load(path: str | Path) -> Model:
            """Return a model in eval mode, with the weights that `save` wrote to a file."""
            saved = READ
            model = Model()
            load_weights(model, STATE, path)
            return model.eval()
        ''',
        Model=model.class_name,
        READ=quoted("read_checkpoint(path, 'model')" if kept(spec) else "read_checkpoint(path)"),
        STATE=state,
    )
    if spec.prepared:
        found += _load_preparation(spec)
    if spec.finds_columns:
        found += quote(
            '''
            def load_columns(path: str | Path) -> list[str]:
                """Return the columns that the model of a file was trained on, in order."""
                columns: list[str] = read_checkpoint(path, "columns")["columns"]
                return columns
            '''
        )
    return found


def _load_preparation(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    return quote(
        '''
        def load_preparation(path: str | Path) -> Preparation:
            """Return the preparation that `save` wrote to a file."""
            fitted = read_checkpoint(path, "preparation")["preparation"]
            return MADE
        ''',
        MADE=code.Call(
            code.Name("Preparation"),
            (),
            tuple(
                code.Keyword(local_name(name), _fitted(kind, local_name(name)))
                for name, kind in spec.prepared.items()
            ),
        ),
    )


_FITTED: Final[Mapping[str, tuple[str, str]]] = {
    "min_max": ("low", "span"),
    "standard": ("mean", "deviation"),
}
"""The fields of each preparation's class."""


def _fitted(kind: str, name: str) -> code.Expression:
    fields = tuple(
        quoted("fitted[NAME][FIELD]", NAME=code.Constant(name), FIELD=code.Constant(field))
        for field in _FITTED[kind]
    )
    return code.Call(code.Name(PREPARATIONS[kind]), fields)


def _predict(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    given, answer, says = ANSWERS[spec.meaning]
    prepared = {local_name(name) for name in spec.prepared}
    arguments = tuple(
        quoted(
            "preparation.FIELD(FIELD).to(device)" if name in prepared else "FIELD.to(device)",
            FIELD=name,
        )
        for name in fields.inputs
    )
    if len(model.outputs) > 1:
        says = "the outputs of the model"
    (function,) = quote(
        '''
        @torch.no_grad()
        def predict() -> Returned:
            """Return {SAYS} for each row, on the CPU.

            Shape:
                {SHAPES}
            """
            model.eval()
            device = next(model.parameters()).device
            GIVEN: Returned = CALL
            return ANSWER
        ''',
        SAYS=says,
        SHAPES="\n    ".join(_shapes(model, fields)),
        Returned=output_type(spec, model),
        GIVEN=given,
        CALL=code.Call(code.Name("model"), arguments),
        ANSWER=_returned(spec, model, answer),
    )
    assert isinstance(function, code.FunctionDef)
    args = [code.Arg("model", code.Name(model.class_name))]
    args += [code.Arg("preparation", code.Name("Preparation"))] if prepared else []
    args += [code.Arg(name, code.Name("Tensor")) for name in fields.inputs]
    return (_with_args(function, args),)


def _returned(spec: TrainingSpec, model: ModelInterface, answer: str) -> code.Expression:
    """The answer, or all outputs, on the CPU."""
    if len(model.outputs) == 1:
        return quoted(f"{answer}.cpu()")
    each = tuple(quoted("output.NAME.cpu()", NAME=str(name)) for name, _ in model.outputs)
    return code.Call(code.Name(output_type(spec, model)), each)


def _shapes(model: ModelInterface, fields: DataFields) -> list[str]:
    """What goes into a model and what comes out, for each row."""
    several = len(model.outputs) > 1
    tensors = [*fields.inputs.items()]
    for name, tensor in model.outputs:
        tensors.append((f"returns {name}" if several else "returns", tensor))
    return [f"{name}: {row_type(tensor)}" for name, tensor in tensors]


def _with_args(function: code.FunctionDef, args: list[code.Arg]) -> code.FunctionDef:
    return code.FunctionDef(
        function.name,
        tuple(args),
        function.returns,
        function.docstring,
        function.body,
        function.decorators,
    )
