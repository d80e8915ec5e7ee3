"""Values that may be None when the model runs, as inputs of modules and blocks."""

from __future__ import annotations

from collections.abc import Sequence

from ...spec.layers.base import Layer
from ...spec.source import Path
from ...spec.tensor.check import collecting_needs
from ...spec.tensor.cost import counting
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import DType
from ..resolve.graph import BlockUse, InputDeclaration, ModuleUse, Node
from ..resolve.problems import Problems
from .call_inputs import WrongInput, block_inputs, input_places
from .cases import in_each_case, report_missing
from .describe import describe
from .evaluate import Evaluator, Unknown
from .instantiate import instantiate
from .typed import Known, OptionalType


def made_in_each_case(
    node: Node,
    use: ModuleUse,
    inputs: tuple[Known, ...],
    dtype: DType | None,
    evaluator: Evaluator,
    problems: Problems,
) -> tuple[Layer, tuple[Known, ...], Dim]:
    """A module, what it gives, and its cost. Raises `Unknown` after reporting problems.

    It must be the same module, and give the same, whether an optional input is there or not.
    """
    keys = [key for key, _ in node.call.arguments] if node.call else []
    takes = use.layer.forward_inputs
    for name, place in input_places(use.layer, keys[: len(takes)]).items():
        if f"{name}?" not in takes:
            _need_given(node, place, inputs, problems)
    first, *others = in_each_case(inputs)
    with counting() as spent:
        made = instantiate(node, use, first, dtype, evaluator, problems)
    for case in others:
        missing = next(v for v, c in zip(inputs, case, strict=True) if v != c and c is None)
        assert isinstance(missing, OptionalType)
        around = problems.around(missing.source, "where this is None")
        with around, counting(), collecting_needs():
            again = instantiate(node, use, case, dtype, evaluator, problems)
        if again != made:
            told = f"{describe(made[1][0])}, and {describe(again[1][0])} without it"
            problems.error(
                "shape-mismatch",
                f"{use.layer.__name__} gives {told}: it must be of one type",
                node.path,
                labels=[(missing.source, None, "may be None")],
            )
            raise Unknown
    return (*made, spent.total())


def _need_given(node: Node, place: int, inputs: Sequence[Known], problems: Problems) -> None:
    """Reports an input that may be None where it must not."""
    value = inputs[place]
    if not isinstance(value, OptionalType):
        return
    assert node.call is not None
    argument = node.call.arguments[place][1]
    report_missing(argument.path, value, argument.value, problems)
    raise Unknown


def named_block_inputs(
    node: Node,
    use: BlockUse,
    declared: Sequence[InputDeclaration],
    inputs: tuple[Known, ...],
    problems: Problems,
) -> dict[str, Known]:
    """A block's inputs by name, from what it is called with. Raises `Unknown` after reporting."""
    arguments = node.call.arguments if node.call else ()
    keys = [key for key, _ in arguments]
    try:
        named = block_inputs(use.block, declared, list(zip(keys, inputs, strict=True)))
    except WrongInput as error:
        refusal = error.refusal
        labels = [
            (item.path, None, "declared here") for item in declared if item.name == refusal.argument
        ]
        place: Path = node.path
        if error.place is not None:
            place = arguments[error.place][1].path
        problems.error(refusal.code, refusal.message, place, labels=labels, help=refusal.help)
        raise Unknown from None
    names = [item.name for item in declared]
    required = [item.name for item in declared if not item.optional]
    for place_of, key in enumerate(keys):
        if (key or names[place_of]) in required:
            _need_given(node, place_of, inputs, problems)
    return named
