"""TrainingSpec -> `predict.py`: how a trained model is kept and asked."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.data.text import Text
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.imports import arranged
from ..emit.package import Copied, Rendered, Slot
from ..emit.quote import quote, quoted
from ..plan.values import constant
from ..plan_data.data_classes import DataFields, data_fields, local_name, row_type
from ..training.training_spec import TrainingSpec
from .answers import ANSWERS
from .plan_formula import output_type
from .plan_learned_loss import built_loss, class_logits, class_type, loss_type


def plan_predict(spec: TrainingSpec, model: ModelInterface) -> Iterator[Rendered | Copied]:
    """`predict.py` and the module that it imports."""
    body = (
        *arranged(_imports(spec, model)),
        *_save(spec, model),
        *_load(spec, model),
        *_infer(spec, model, data_fields(spec, model)),
        *_predict(spec, model, data_fields(spec, model)),
    )
    yield Rendered("predict.py", "predict.py.jinja", {"body": Slot(body)})
    yield Copied("checkpoint.py")
    if not spec.data.is_text:
        yield Copied("kinds.py")


def kept(spec: TrainingSpec) -> dict[str, str]:
    """What is kept in a file beside the weights: its name in the code and its type."""
    learned = {"loss_fn": loss_type(spec)} if spec.loss_learns else {}
    return learned | ({"preparation": "Preparation"} if spec.has_preparation else {})


def kept_names(spec: TrainingSpec) -> tuple[str, ...]:
    """The functions that keep a model and bring it back."""
    return ("load", *(f"load_{name}" for name in kept(spec)), "save")


def exports(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """The statements of `__init__.py`: what the package offers."""
    functions = ("predict", *kept_names(spec))
    names = (model.class_name, *sorted((*functions, "evaluate", "train")))
    return (
        *arranged(
            (
                code.ImportFrom(".model", (model.class_name,)),
                code.ImportFrom(".predict", functions),
                code.ImportFrom(".train", ("evaluate", "train")),
            )
        ),
        code.Assign(code.Name("__all__"), code.List(tuple(map(code.Constant, names)))),
    )


def _imports(spec: TrainingSpec, model: ModelInterface) -> Iterator[code.Import | code.ImportFrom]:
    yield code.ImportFrom("pathlib", ("Path",))
    yield code.Import("torch")
    is_torchs = spec.loss_learns and not spec.has_own_loss
    yield code.ImportFrom("torch", ("Tensor", "nn") if is_torchs else ("Tensor",))
    if spec.loss_learns:
        yield code.ImportFrom(".train", ("build_loss" if is_torchs else "Loss",))
    if not spec.data.is_text:
        yield code.ImportFrom(".kinds", ("Rows", "like"))
    if spec.data.source.form == "tensors":
        yield code.ImportFrom(".kinds", ("as_tensor",))
    if not spec.data.is_text and (len(model.inputs) > 1 or len(model.outputs) > 1):
        yield code.ImportFrom("typing", ("Any",))
    yield code.ImportFrom(".checkpoint", ("load_weights", "read_checkpoint"))
    if spec.has_preparation:
        yield code.ImportFrom(".checkpoint", ("restored",))
    yield code.ImportFrom(".model", (model.class_name,))
    if len(spec.outputs) > 1:
        yield code.ImportFrom(".model", (output_type(spec, model),))
    if spec.has_preparation:
        yield code.ImportFrom(".data", ("Preparation",))


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
        values = {"loss_fn": "loss_fn.state_dict()", "preparation": "preparation.state()"}
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
    if spec.loss_learns:
        found += quote(
            '''
            def load_loss_fn(path: str | Path) -> Kind:
                """Return the loss, with the weights that `save` wrote to a file."""
                saved = read_checkpoint(path, "loss_fn")
                loss_fn = MADE
                load_weights(loss_fn, saved["loss_fn"], path)
                return loss_fn
            ''',
            Kind=loss_type(spec),
            MADE=built_loss(spec),
        )
    if spec.has_preparation:
        found += quote(
            '''
            def load_preparation(path: str | Path) -> Preparation:
                """Return the preparation that `save` wrote to a file."""
                return restored(Preparation.restore, path, "preparation")
            '''
        )
    return found


def _infer(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`infer`: what a model says of rows that are prepared."""
    given, answer, says = ANSWERS[spec.meaning]
    arguments = tuple(quoted("FIELD.to(device)", FIELD=name) for name in fields.inputs)
    if len(model.outputs) > 1:
        says = "the outputs of the model"
    (function,) = quote(
        '''
        @torch.no_grad()
        def infer() -> Returned:
            """Return {SAYS} for each{PREPARED} row, on the CPU.

            Shape:
                {SHAPES}
            """
            model.eval()
            device = next(model.parameters()).device
            GIVEN: Returned = CALL
            LOGITS
            return ANSWER
        ''',
        SAYS=says,
        PREPARED=" prepared" * spec.has_preparation,
        SHAPES="\n    ".join(_shapes(spec, model, fields)),
        Returned=output_type(spec, model),
        GIVEN=given,
        CALL=code.Call(code.Name("model"), arguments),
        LOGITS=class_logits(spec),
        ANSWER=_returned(spec, model, answer),
    )
    assert isinstance(function, code.FunctionDef)
    args = _asked(spec, model)
    args += [code.Arg(name, code.Name("Tensor")) for name in fields.inputs]
    return (_with_args(function, args),)


def _asked(spec: TrainingSpec, model: ModelInterface) -> list[code.Arg]:
    """What answers: the model, and the loss where it tells the classes."""
    args = [code.Arg("model", code.Name(model.class_name))]
    if spec.finds_classes is not None:
        args.append(code.Arg("loss_fn", code.Name(loss_type(spec))))
    return args


def _returned(spec: TrainingSpec, model: ModelInterface, answer: str) -> code.Expression:
    """The answer, or all outputs, on the CPU."""
    if len(model.outputs) == 1:
        return quoted(f"{answer}.cpu()")
    each = tuple(quoted("output.NAME.cpu()", NAME=str(name)) for name, _ in model.outputs)
    return code.Call(code.Name(output_type(spec, model)), each)


def _predict(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`predict`: the same of rows as they come, of any kind."""
    if isinstance(spec.data.source, Text):
        return _predict_text(spec, spec.data.source, model, fields)
    first = next(iter(fields.inputs))
    asked = (code.Name(arg.name) for arg in _asked(spec, model))
    arguments = (*asked, *_prepared(spec, model))
    inferred = code.Call(code.Name("infer"), arguments)
    body = quote("return like(FIRST, INFERRED)", FIRST=first, INFERRED=inferred)
    if len(model.outputs) > 1:
        body = quote(
            """
            output = INFERRED
            answers: list[Any] = [like(FIRST, answer) for answer in output]
            return Output(*answers)
            """,
            INFERRED=inferred,
            FIRST=first,
            Output=output_type(spec, model),
        )
    says = "Return what the model says of each row, in the kind that the rows are of.\n\n"
    says += "Rows are tensors, NumPy arrays, lists or pandas objects."
    if spec.data.is_table:
        says += " Data frames are read by\nthe names of their columns, others in their order."
    args = _asked(spec, model)
    args += [code.Arg("preparation", code.Name("Preparation"))] if spec.has_preparation else []
    kinds = [code.Name("Rows" if name == first else "Any") for name in fields.inputs]
    args += [code.Arg(name, kind) for name, kind in zip(fields.inputs, kinds, strict=True)]
    returned = code.Name("Rows" if len(model.outputs) == 1 else output_type(spec, model))
    return (code.FunctionDef("predict", tuple(args), returned, says, body),)


def _predict_text(
    spec: TrainingSpec, source: Text, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    (name,) = fields.inputs
    asked = _asked(spec, model)
    tokens = quoted("preparation.FIELD(text)", FIELD=name)
    arguments = (*(code.Name(arg.name) for arg in asked), tokens)
    args = [*asked, code.Arg("preparation", code.Name("Preparation"))]
    args.append(code.Arg("text", code.Name(source.held)))
    says = "Return what the model says of the last tokens of a text, on the CPU."
    body = (code.Return(code.Call(code.Name("infer"), arguments)),)
    returned = code.Name(output_type(spec, model))
    return (code.FunctionDef("predict", tuple(args), returned, says, body),)


def _prepared(spec: TrainingSpec, model: ModelInterface) -> Iterator[code.Expression]:
    """Each input of rows as they come, as the model takes it."""
    for name, tensor in model.inputs:
        field: code.Expression = code.Name(local_name(name))
        if not spec.data.is_table:
            shape = constant(tuple(int(size) for size in tensor.shape[1:]))
            dtype = code.Name(f"torch.{tensor.dtype}")
            field = quoted("as_tensor(ROWS, SHAPE, DTYPE)", ROWS=field, SHAPE=shape, DTYPE=dtype)
        if spec.data.is_table or spec.data.input(name).steps:
            field = quoted("preparation.FIELD(ROWS)", FIELD=local_name(name), ROWS=field)
        yield field


def _shapes(spec: TrainingSpec, model: ModelInterface, fields: DataFields) -> list[str]:
    """What goes into a model and what comes out, for each row."""
    several = len(model.outputs) > 1
    tensors = [*fields.inputs.items()]
    for name, tensor in model.outputs:
        made = class_type(spec, tensor)
        tensors.append((f"returns {name}" if several else "returns", made))
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
