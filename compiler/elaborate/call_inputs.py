"""What layers and blocks are called with: values by the names of their inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...spec.layers.base import Layer
from ...spec.refusal import Refusal
from ...spec.tensor.type import PackedType, TensorType
from ..resolve.graph import InputDeclaration
from .describe import describe, unpacking
from .typed import Known

Given = Sequence[tuple[str | None, Known]]
"""Values in the order written, each with the name of the input that it is for, if one is given."""


class WrongInput(Exception):
    """A call that does not fit, with the number of the value at fault."""

    def __init__(self, refusal: Refusal, place: int | None = None) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.place = place


def layer_inputs(layer: type[Layer], given: Given) -> dict[str, Known]:
    """The values for forward's arguments by name, without those that are left out.

    Raises `WrongInput`.
    """
    names = [name.rstrip("?") for name in layer.forward_inputs]
    required = [name for name in layer.forward_inputs if not name.endswith("?")]
    named = _by_name(layer.__name__, names, given)
    for place, (key, _) in enumerate(given):
        if key is None and names[place] in layer.keyword_inputs:
            problem = f"{layer.__name__} takes {names[place]} by name alone"
            raise WrongInput(Refusal(problem, code="wrong-arguments"), place)
    for place, (name, value) in enumerate(list(named.items())):
        if value is not None or name in required or name in layer.forward_kinds:
            named[name] = _read(layer, name, value, place)
    missing = [name for name in required if name not in named]
    if missing:
        problem = f"{layer.__name__} needs {' and '.join(missing)}"
        written = ", ".join(f'"{name}"' for name in required)
        raise WrongInput(
            Refusal(problem, code="missing-input", help=f"inputs = [{written}], in this order")
        )
    return named


def outputs_of(layer: Layer, named: Mapping[str, Known]) -> tuple[Known, ...] | TensorType:
    """What forward gives for inputs by name. Raises `Refusal`."""
    required = [name for name in layer.forward_inputs if not name.endswith("?")]
    others = {name: value for name, value in named.items() if name not in required}
    return layer.output(*(named[name] for name in required), **others)


def input_places(layer: type[Layer], keys: Sequence[str | None]) -> dict[str, int]:
    """Which value of a call each of forward's arguments gets.

    keys: the name that each value is given by, None for those by place.
    """
    names = [name.rstrip("?") for name in layer.forward_inputs]
    return {key or names[place]: place for place, key in enumerate(keys)}


def _read(layer: type[Layer], name: str, value: Known, place: int) -> Known:
    """A value as forward's argument of this name takes it."""
    kind = layer.forward_kinds.get(name)
    if kind is None and isinstance(value, TensorType):
        return value
    takes = "tensors" if kind is None else f"{kind.expects} for {name}"
    try:
        if kind is not None:
            return kind.read(value)  # type: ignore[no-any-return]
    except ValueError:
        pass
    problem = f"{layer.__name__} takes {takes}, this is {describe(value)}"
    raise WrongInput(Refusal(problem, code="wrong-type", help=unpacking(value)), place)


def block_inputs(
    block: str, declared: Sequence[InputDeclaration], given: Given
) -> dict[str, Known]:
    """The block's inputs by name, in its order. Raises `WrongInput`."""
    names = [item.name for item in declared]
    named = _by_name(block, names, given)
    for place, (_, value) in enumerate(given):
        if isinstance(value, PackedType):
            problem = f"{block} takes tensors, this is {describe(value)}"
            help = "pack inside the block, with the lengths among its inputs"
            raise WrongInput(Refusal(problem, code="wrong-type", help=help), place)
    for item in declared:
        if item.name not in named and not item.optional:
            problem = f"{block} needs the input {item.name}"
            raise WrongInput(Refusal(problem, code="missing-input", argument=item.name))
    return {name: named.get(name) for name in names}


def _by_name(callee: str, names: Sequence[str], given: Given) -> dict[str, Known]:
    named: dict[str, Known] = {}
    has = f"its inputs: {', '.join(names) or 'none'}"
    for place, (key, value) in enumerate(given):
        if (key is None and place >= len(names)) or (key is not None and key not in names):
            counted = f"{len(names)} input{'' if len(names) == 1 else 's'}, not {len(given)}"
            problem = f"{callee} has no input {key}" if key else f"{callee} takes {counted}"
            raise WrongInput(Refusal(problem, code="wrong-arguments", help=has), place)
        name = key or names[place]
        if name in named:
            problem = f"{callee} is given {name} twice"
            raise WrongInput(Refusal(problem, code="wrong-arguments", help=has), place)
        named[name] = value
    return named
