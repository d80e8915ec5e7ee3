"""Expressions in `[loss]` -> Python."""

from __future__ import annotations

from collections.abc import Mapping

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quoted
from ..resolve.bound import Bound, Input
from ..training.training_spec import TARGET, TrainingSpec
from .data_classes import local_name
from .translate import Words


def formula_names(spec: TrainingSpec, model: ModelInterface) -> dict[str, str]:
    """What the code of a loss calls the names in formulas."""
    single = {spec.outputs[0]: "output"}
    several = {name: f"output.{name}" for name in spec.outputs}
    outputs = single if len(spec.outputs) == 1 else several
    return {**{name: local_name(name) for name, _ in model.inputs}, **outputs, TARGET: "target"}


def loss_arguments(spec: TrainingSpec, model: ModelInterface) -> dict[str, str]:
    """What the loss is called with besides the output: its name, and the field of `Data`."""
    names = [name for name, _ in model.inputs if name in spec.loss_reads - {*spec.outputs, TARGET}]
    target = [TARGET] if TARGET in spec.loss_reads else []
    return {name: local_name(name) if name != TARGET else name for name in (*target, *names)}


def loss_call(spec: TrainingSpec, model: ModelInterface, field: str = "FIELD") -> code.Expression:
    """The call of the loss; `field` says how a field of the rows is called."""
    fields = loss_arguments(spec, model).values()
    arguments = (code.Name("output"), *(quoted(field, FIELD=name) for name in fields))
    return code.Call(code.Name("loss_fn"), arguments)


def output_type(spec: TrainingSpec, model: ModelInterface) -> str:
    """The type of what the model returns."""
    return "Tensor" if len(spec.outputs) == 1 else f"{model.class_name}Output"


def formula_code(formula: Bound, names: Mapping[str, str]) -> tuple[code.Expression, set[str]]:
    """The formula as Python, and the modules that it uses.

    names: what the code calls the inputs and outputs of the model, and the target.
    """

    def value(node: Bound) -> code.Expression:
        assert isinstance(node, Input)
        return code.Name(names[node.name])

    def nothing(_: object) -> code.Expression:
        raise TypeError("a loss has no params, sizes or layers")

    words = Words(
        value=value,
        param=nothing,
        size=nothing,
        layer=nothing,
        state=nothing,
        device=lambda: code.Name(next(n for n in names.values() if n.startswith("output"))),
    )
    made = words.translate(formula)
    return made, words.modules
