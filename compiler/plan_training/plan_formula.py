"""Expressions in `[loss]` -> Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quoted
from ..plan.translate import Words
from ..plan_data.data_classes import local_name
from ..resolve.bound import Bound, Input
from ..training.training_spec import TARGET, TrainingSpec


def formula_names(spec: TrainingSpec, model: ModelInterface) -> dict[str, str]:
    """What the code of a loss calls the names in formulas."""
    single = {spec.outputs[0]: "output"}
    several = {name: f"output.{name}" for name in spec.outputs}
    outputs = single if len(spec.outputs) == 1 else several
    names = {**{name: local_name(name) for name, _ in model.inputs}, **outputs, TARGET: "target"}
    taken = {"self", "output", *names.values(), *(term.name for term in spec.losses)}
    for parameter in loss_parameters(spec, model):
        wish = parameter.replace(".", "_")
        names[parameter] = wish if wish not in taken else f"{wish}_parameter"
    return names


def loss_parameters(spec: TrainingSpec, model: ModelInterface) -> list[str]:
    """The parameters and buffers of the model that the losses read."""
    values = {name for name, _ in model.inputs} | {*spec.outputs, TARGET}
    return [name for name in model.state if name in spec.loss_reads - values]


def loss_arguments(spec: TrainingSpec, model: ModelInterface) -> dict[str, str]:
    """What the loss is called with besides the output, and what its code calls it: a field of
    `Data`, or a parameter of the model."""
    names = [name for name, _ in model.inputs if name in spec.loss_reads - {*spec.outputs, TARGET}]
    target = [TARGET] if TARGET in spec.loss_reads else []
    called = formula_names(spec, model)
    return {name: called[name] for name in (*target, *names, *loss_parameters(spec, model))}


def loss_call(spec: TrainingSpec, model: ModelInterface, field: str = "FIELD") -> code.Expression:
    """The call of the loss; `field` says how a field of the rows is called."""
    parameters = loss_parameters(spec, model)
    arguments = (
        _parameter(name, model) if name in parameters else quoted(field, FIELD=called)
        for name, called in loss_arguments(spec, model).items()
    )
    return code.Call(code.Name("loss_fn"), (code.Name("output"), *arguments))


def _parameter(name: str, model: ModelInterface) -> code.Expression:
    """A parameter or buffer of the model: `model.fc.weight`."""
    if name in model.attributes:
        return code.Name(f"model.{name}")
    getter = "get_parameter" if model.state[name].trainable else "get_buffer"
    return code.Call(code.Name(f"model.{getter}"), (code.Constant(name),))


def output_type(spec: TrainingSpec, model: ModelInterface) -> str:
    """The type of what the model returns."""
    return "Tensor" if len(spec.outputs) == 1 else f"{model.class_name}Output"


def first_output(names: Mapping[str, str]) -> str:
    """The code of an output of the model, by those of all names."""
    return next(name for name in names.values() if name.startswith("output"))


def formula_imports(words: Words) -> Iterator[code.Import | code.ImportFrom]:
    """What the formulas import that were written in these words."""
    if "math" in words.modules:
        yield code.Import("math")
    if "F" in words.modules:
        yield code.Import("torch.nn.functional", "F")


def formula_words(names: Mapping[str, str]) -> Words:
    """How the code of a formula without layers calls things.

    names: what the code calls the inputs and outputs of the model, and the target.
    """

    def value(node: Bound) -> code.Expression:
        assert isinstance(node, Input)
        return code.Name(names[node.name])

    def nothing(_: object) -> code.Expression:
        raise TypeError("a formula has no sizes or layers")

    return Words(
        value=value,
        param=lambda name: code.Name(f"self.{name}"),
        size=nothing,
        layer=nothing,
        state=nothing,
        device=lambda: code.Name(first_output(names)),
    )
