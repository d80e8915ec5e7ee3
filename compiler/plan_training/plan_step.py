"""The five steps of training, as statements: what is done with one batch."""

from __future__ import annotations

from collections.abc import Sequence

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan_data.data_classes import DataFields, data_fields
from ..plan_data.plan_images import augmented
from ..training.training_spec import TrainingSpec
from .additions import additions
from .additions.addition import Statements
from .plan_formula import loss_call
from .plan_learned_loss import loss_type
from .plan_optimizers import optimizer_type
from .plan_precision import in_precision, laid_out
from .plan_turns import Turn, turns
from .plan_update import backward, updated


def step_arguments(spec: TrainingSpec, model: ModelInterface) -> list[code.Arg]:
    """What a function that makes steps takes: the model, the loss, what changes the weights."""
    optimizer = code.Arg("optimizer", code.Name(optimizer_type(spec)))
    if spec.has_several_optimizers:
        optimizer = code.Arg("optimizers", quoted("list[Optimizer]"))
    # What is replicated is called through a module around it.
    kind = "nn.Module" if spec.training.distributed == "ddp" else model.class_name
    return [
        code.Arg("model", code.Name(kind)),
        code.Arg("loss_fn", code.Name(loss_type(spec))),
        optimizer,
    ]


def before_batch(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """What is done before the steps on a batch."""
    return tuple(made for each in additions(spec, model) for made in each.before_batch())


def after_update(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """What else is done once the weights are updated."""
    return tuple(made for each in additions(spec, model) for made in each.after_update())


def after_batch(spec: TrainingSpec, model: ModelInterface) -> Statements:
    """What is done once the loss of a batch is noted, too."""
    return tuple(made for each in additions(spec, model) for made in each.after_batch())


def five_steps(spec: TrainingSpec, model: ModelInterface, field: str) -> Statements:
    """The steps on the tensors of a batch. field: the code of one of them, which says FIELD."""
    steps = [made for turn in turns(spec) for made in _turn_steps(turn, spec, model, field)]
    return (*steps, *after_update(spec, model))


def _turn_steps(turn: Turn, spec: TrainingSpec, model: ModelInterface, field: str) -> Statements:
    return quote(
        """
        RESET
        COMPARED
        BACKWARD
        UPDATED
        KEPT
        """,
        RESET=reset(spec, turn),
        COMPARED=compared(spec, model, field, augmented(spec, model, field), turn),
        BACKWARD=backward(spec, code.Name("loss"), turn),
        UPDATED=updated(spec, quoted("[loss]"), turn),
        KEPT=turn.kept(),
    )


def reset(spec: TrainingSpec, turn: Turn) -> Statements:
    """The first step."""
    if not spec.has_several_optimizers or spec.takes_turns:
        made = "OPTIMIZER.zero_grad()  # 1. reset the gradients"
        return quote(made, OPTIMIZER=turn.optimizer)
    own = quote("loss_fn.zero_grad()") if spec.loss_learns else ()
    return quote("model.zero_grad()  # 1. reset the gradients") + own


def compared(
    spec: TrainingSpec,
    model: ModelInterface,
    field: str,
    inputs: Sequence[code.Expression],
    turn: Turn,
) -> Statements:
    """The second and the third step, on rows as `field` calls their tensors."""
    body = quote(
        """
        output = CALL  # 2. forward pass
        COMPARED
        """,
        CALL=code.Call(code.Name("model"), tuple(laid_out(spec, model, inputs))),
        COMPARED=turn.compared(loss_call(spec, model, field)),
    )
    first = next(iter(data_fields(spec, model).inputs))
    return in_precision(spec, quoted(field, FIELD=first), body)


def closure(spec: TrainingSpec, model: ModelInterface, field: str) -> Statements:
    """The first four steps as a function, for what makes them several times on the same rows."""
    inputs = [quoted(field, FIELD=name) for name in data_fields(spec, model).inputs]
    (turn,) = turns(spec)
    return quote(
        '''
        def closure() -> float:
            """Return the loss and leave its gradients, as often as the step asks."""
            RESET
            COMPARED
            BACKWARD
            return float(loss.item())
        ''',
        RESET=reset(spec, turn),
        COMPARED=compared(spec, model, field, inputs, turn),
        BACKWARD=backward(spec, code.Name("loss"), turn),
    )


def batch_function(spec: TrainingSpec, model: ModelInterface, fields: DataFields) -> Statements:
    """`train_on_batch`, where a step runs the model several times on the same rows."""
    if not spec.optimizer.takes_closure or spec.full_batch:
        return ()
    args = step_arguments(spec, model)
    args += [code.Arg(name, code.Name("Tensor")) for name in fields.all]
    body = quote(
        """
        CLOSURE
        return optimizer.step(closure)  # 5. update the weights
        """,
        CLOSURE=closure(spec, model, "FIELD"),
    )
    says = "Make one step; return the loss before it."
    return (code.FunctionDef("train_on_batch", tuple(args), code.Name("float"), says, body),)
