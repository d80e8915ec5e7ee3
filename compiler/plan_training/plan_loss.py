"""TrainingSpec -> the loss in `train.py`: a module of torch, or a class that adds several up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...spec.losses.base import Loss
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote
from ..plan.param_arguments import param_annotation
from ..plan.translate import Words
from ..plan.values import constant
from ..plan_data.data_classes import DataFields
from ..training.training_spec import LossTerm, TrainingSpec
from .additions.addition import Statements
from .plan_formula import (
    formula_imports,
    formula_names,
    formula_words,
    loss_arguments,
    output_type,
)
from .plan_learned_loss import loss_type
from .plan_turns import added

if TYPE_CHECKING:
    from .plan_loss_layers import LossCode


def loss_imports(
    spec: TrainingSpec, model: ModelInterface
) -> Iterator[code.Import | code.ImportFrom]:
    """What the formulas of the losses import."""
    if spec.layers is not None:
        yield from _layers(spec, model).imports
        return
    words = formula_words(formula_names(spec, model))
    _ending(spec, words)
    yield from formula_imports(words)


def loss_statements(spec: TrainingSpec, model: ModelInterface, fields: DataFields) -> Statements:
    """The function that builds the loss, or the class that adds several up."""
    if spec.has_own_loss:
        return _loss_class(spec, model, fields)
    (term,) = spec.losses
    assert term.loss is not None
    return quote(
        '''
        def build_loss() -> Kind:
            """Return the loss: the lower, the closer the output is to the target."""
            return MADE
        ''',
        Kind=loss_type(spec),
        MADE=_loss_module(term.loss),
    )


def _loss_module(loss: Loss) -> code.Expression:
    given = {
        key: code.Name(f"torch.{value}") if key == "dtype" else constant(value)
        for key, value in loss.given().items()
    }
    by_place = tuple(given.pop(key) for key in list(type(loss).model_fields)[: loss.positional])
    arguments = tuple(code.Keyword(key, value) for key, value in given.items())
    return code.Call(code.Name(f"nn.{type(loss).__name__}"), by_place, arguments)


def _loss_class(spec: TrainingSpec, model: ModelInterface, fields: DataFields) -> Statements:
    one = "sum of " if len(spec.losses) > 1 and not spec.takes_turns else ""
    return quote(
        '''
        PARTS


        class Loss(nn.Module):
            """{SAYS}"""

            HELD

            FORWARD
        ''',
        PARTS=_parts_class(spec),
        SAYS=f"The {one}what the model is to keep low."
        if one
        else "What the model is to keep low.",
        HELD=_constructor(spec, model),
        FORWARD=_loss_forward(spec, model, fields),
    )


def _with_layers(made: LossCode, modules: Statements) -> Statements:
    """The constructor of a loss with layers."""
    body = (*made.init, *modules)
    if len(body) == 1:
        return ()
    args = (code.Arg("self"),)
    none = code.Constant(None)
    init = code.FunctionDef("__init__", args, none, None, body, kwonly=made.arguments)
    return (init, *made.methods)


def _modules(spec: TrainingSpec) -> Statements:
    return tuple(
        code.Assign(code.Name(f"self.{term.name}"), _loss_module(term.loss))
        for term in spec.losses
        if term.loss is not None
    )


def _constructor(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """The constructor of the loss: it takes the model's params, and makes the modules."""
    if spec.layers is not None:
        return _with_layers(_layers(spec, model), _modules(spec))
    held: list[code.Statement] = [
        code.Assign(code.Name(f"self.{name}"), code.Name(name)) for name in spec.loss_params
    ]
    count = spec.scale_count
    if count is not None:
        length = code.Name(f"{count.upper()}S")
        held.append(
            code.Assign(code.Name(f"self.{count}"), length, comment="training sets it anew")
        )
    held += _modules(spec)
    if not held:
        return ()
    params = {name: model.params[name] for name in spec.loss_params}
    kwonly = tuple(
        code.Arg(name, param_annotation(None, value), constant(value))
        for name, value in params.items()
    )
    body = (*quote("super().__init__()"), *held)
    args = (code.Arg("self"),)
    return (code.FunctionDef("__init__", args, code.Constant(None), None, body, kwonly=kwonly),)


def _loss_forward(spec: TrainingSpec, model: ModelInterface, fields: DataFields) -> Statements:
    arguments = loss_arguments(spec, model)
    args = [code.Arg("self"), code.Arg("output", code.Name(output_type(spec, model)))]
    args += [code.Arg(name, code.Name("Tensor")) for name in arguments.values()]
    described = [
        f"{called}: {fields.all[called] if called in fields.all else model.state[name].type}"
        for name, called in arguments.items()
    ]
    if len(spec.outputs) == 1:
        described.insert(0, f"output: {model.outputs[0][1]}")
    says = "Return the loss of a batch, a single number."
    if spec.takes_turns:
        says = "Return the losses of a batch."
    if spec.layers is None:
        body = _ending(spec, formula_words(formula_names(spec, model)))
    else:
        body = _layers(spec, model).forward
    if described:
        says += "\n\nShape:\n    " + "\n    ".join(described)
    kind = code.Name("LossParts" if spec.takes_turns else "Tensor")
    return (code.FunctionDef("forward", tuple(args), kind, says, body),)


def _layers(spec: TrainingSpec, model: ModelInterface) -> LossCode:
    # Imported where losses have layers: most have none.
    from .plan_loss_layers import loss_code

    return loss_code(spec, model, lambda words: _ending(spec, words))


def _ending(spec: TrainingSpec, words: Words) -> Statements:
    """What `forward` computes of the losses, and returns."""
    terms = [_term(term, words) for term in spec.losses]
    scaled = [_scaled(term, words) for term in spec.losses]
    total = added(scaled)
    if spec.takes_turns:
        total = code.Call(code.Name("LossParts"), tuple(scaled))
    return quote("TERMS\nreturn TOTAL", TERMS=terms, TOTAL=total)


def _parts_class(spec: TrainingSpec) -> Statements:
    """What the loss gives where optimizers step on parts of it."""
    if not spec.takes_turns:
        return ()
    return quote(
        '''
        class LossParts(NamedTuple):
            """The losses of a batch, each a single number."""

            FIELDS
        ''',
        FIELDS=[
            code.Assign(code.Name(term.name), None, code.Name("Tensor")) for term in spec.losses
        ],
    )


def _term(term: LossTerm, words: Words) -> code.Statement:
    made = tuple(map(words.expression, term.expressions))
    value = made[0]
    if term.loss is not None:
        value = code.Call(code.Name(f"self.{term.name}"), made)
    return code.Assign(code.Name(term.name), value, code.Name("Tensor"))


def _scaled(term: LossTerm, words: Words) -> code.Expression:
    name = code.Name(term.name)
    if not isinstance(term.scale, int | float):
        return code.BinOp(words.expression(term.scale.expression), "*", name)
    return name if term.scale == 1 else code.BinOp(constant(term.scale), "*", name)
