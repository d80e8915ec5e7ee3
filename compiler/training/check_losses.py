"""Losses fit the outputs of the model; what they take as a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...spec.data.random import Random
from ...spec.losses.base import ANYTHING, Loss, Targets
from ...spec.record import Record
from ...spec.refusal import Refusal
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import DEFAULT, is_floating_point
from ...spec.tensor.type import TensorType
from ..elaborate.describe import describe
from ..elaborate.evaluate import Located, Unknown
from ..elaborate.interface import ModelInterface
from ..elaborate.typed import Known, TypedScope
from ..resolve.bound import Bound, Input
from ..resolve.graph import Scope
from ..resolve.problems import Problems
from .check_loss_layers import check_loss_layers, report_layers, with_layers
from .loss_formula import Types, check_formula, evaluate
from .read_random import drawn_numbers, drawn_types
from .read_table import listed, report_refusal
from .training_spec import TARGET, LossTerm, reads

if TYPE_CHECKING:
    from .data_spec import Data

_NOWHERE = (0, 0)


class CheckedLosses(Record):
    """The losses with an expression for each of their inputs.

    target: the type of the target that they read; None where they read none.
    targets: the numbers that it may hold.
    layers: those of the losses, where they have some.
    smallest_batch: the fewest rows that these are trained with at once.
    """

    terms: tuple[LossTerm, ...]
    target: TensorType | None
    targets: Targets
    layers: TypedScope | None = None
    smallest_batch: int = 1


def check_losses(
    terms: tuple[LossTerm, ...],
    model: ModelInterface,
    data: Data | None,
    layers: Scope | None,
    problems: Problems,
) -> CheckedLosses | None:
    """The losses, or None after reporting what they or torch refuse."""
    filled = tuple(_filled(term, model, problems) for term in terms)
    known = tuple(term for term in filled if term is not None)
    _check_reductions(known, problems)
    before = len(problems.found)
    if len(known) < len(terms):
        return None
    types = _types(model)
    # What layers make of the target waits for its type: they are looked at again below.
    early = types
    if layers is not None:
        early = with_layers(types, layers, Problems(problems.document))[1]
    try:
        known = tuple(_sized(term, early, problems) for term in known)
        target = _target_type(known, early, model, data, problems)
    except Unknown:
        if layers is not None:
            report_layers(types, layers, problems)
        return None
    if len(problems.found) > before:
        return None
    if target is None and layers is not None and layers.reads(TARGET):
        # As of a formula, which leaves it open, too.
        target = _declared(model.outputs[0][1], model, data, problems) or model.outputs[0][1]
    if target is not None:
        types = types.replace(values={**types.values, TARGET: target})
    return _all_checked(known, types, target, layers, model, problems)


def _types(model: ModelInterface) -> Types:
    """What losses read beside the target."""
    values: dict[str, Known] = {name: entry.type for name, entry in model.state.items()}
    values.update(model.inputs)
    values.update((name or model.output_name, tensor) for name, tensor in model.outputs)
    return Types(values, model.params)


def _all_checked(
    terms: tuple[LossTerm, ...],
    types: Types,
    target: TensorType | None,
    layers: Scope | None,
    model: ModelInterface,
    problems: Problems,
) -> CheckedLosses | None:
    """The losses once all types are known, or None after reporting what torch refuses."""
    before = len(problems.found)
    typed = None
    if layers is not None:
        typed, types = with_layers(types, layers, problems)
    checked = tuple(_checked(term, types, problems) for term in terms)
    if len(problems.found) > before:
        return None
    found = CheckedLosses(checked, target, _targets(checked, types, problems))
    if typed is None:
        return found
    root, smallest = check_loss_layers(typed, checked, model, problems)
    return found.replace(layers=root, smallest_batch=smallest)


def _filled(term: LossTerm, model: ModelInterface, problems: Problems) -> LossTerm | None:
    """The loss with what its inputs are when nothing else is said: the output and the target."""
    loss = term.loss
    if loss is None:
        return term
    name = type(loss).__name__
    standard = {loss.forward_inputs[0]: model.output_name} if len(model.outputs) == 1 else {}
    standard |= {loss.target: TARGET} if loss.target is not None else {}
    inputs: dict[str, Bound] = {key: Input(name, _NOWHERE) for key, name in standard.items()}
    inputs.update(term.inputs)
    missing = [key for key in loss.forward_inputs if key not in inputs]
    if missing:
        outputs = [name or model.output_name for name, _ in model.outputs]
        written = ", ".join(f'{key} = "…"' for key in loss.forward_inputs if key != loss.target)
        problems.error(
            "missing-input",
            f"{name} needs {listed(missing)}; {model.class_name} gives {listed(outputs)}",
            term.path,
            help=f"inputs = {{ {written} }}",
        )
        return None
    return term.replace(inputs={key: inputs[key] for key in loss.forward_inputs})


def _sized(term: LossTerm, types: Types, problems: Problems) -> LossTerm:
    """The loss with the sizes and the element type that follow from its first input.

    Raises `Unknown` after a report.
    """
    loss = term.loss
    if loss is None or not term.parameters:
        return term
    given = _first(term, types, problems)
    found: dict[str, object] = {}
    for name in term.left_out:
        size = given.shape[loss.inferred()[name].dim] if given.rank else None
        if size is None or size.constant is None:
            said = f"{name} of {type(loss).__name__} must be known at build: its input is {given}"
            help = f"{name} = …, and an output of this width"
            problems.error("not-constant", said, term.path, help=help)
            raise Unknown
        found[name] = size.constant
    if "dtype" not in loss.given() and is_floating_point(given.dtype) and given.dtype != DEFAULT:
        found["dtype"] = given.dtype
    return term.replace(loss=loss.model_copy(found))


def _target_type(
    terms: tuple[LossTerm, ...],
    types: Types,
    model: ModelInterface,
    data: Data | None,
    problems: Problems,
) -> TensorType | None:
    """The type of the target: the one that losses compare with as it is, if any does."""
    plain: list[tuple[LossTerm, TensorType]] = []
    others: list[TensorType] = []
    for term in terms:
        if TARGET not in term.reads:
            continue
        if term.loss is None or not _compares(term):
            others.append(model.outputs[0][1])
            continue
        expected = _expected(term, types, model, data, problems)
        if term.takes_target:
            plain.append((term, expected))
        else:
            others.append(expected)
    first = plain[0][1] if plain else None
    declared = _declared(first or next(iter(others), None), model, data, problems)
    if first is not None and declared is not None and declared != first:
        name = type(plain[0][0].loss).__name__
        said = f"{name} compares with a target {first}, this is {declared}"
        problems.error("wrong-target", said, ("data", "target"))
    for term, expected in plain:
        if expected != first:
            said = f"{type(term.loss).__name__} compares with a target {expected}"
            problems.error("losses-differ", f"{said}, the losses before it with {first}", term.path)
    return first or declared or next(iter(others), None)


def _declared(
    known: TensorType | None, model: ModelInterface, data: Data | None, problems: Problems
) -> TensorType | None:
    """The type that the data says of its target, filled by what the losses say; else None."""
    if known is not None and data is not None and data.is_text:
        return model.inputs[0][1].with_dtype("int64")  # the tokens, one place on
    if data is not None and isinstance(data.source, Random):
        # What is wrong with it is reported where all that is drawn is held against the model.
        found = drawn_types(data.source, model, Problems(problems.document)).get(TARGET)
        return found if isinstance(found, TensorType) else None
    said = data.target if data is not None else None
    if known is None or said is None or (said.dtype is None and said.shape is None):
        return None
    sizes = known.shape[1:] if said.shape is None else said.shape
    return TensorType((*known.shape[:1], *map(Dim.of, sizes)), said.dtype or known.dtype)


def _compares(term: LossTerm) -> bool:
    """Whether what a loss compares with is made of the target."""
    loss = term.loss
    return (
        loss is not None and loss.target is not None and TARGET in reads(term.inputs[loss.target])
    )


def _expected(
    term: LossTerm, types: Types, model: ModelInterface, data: Data | None, problems: Problems
) -> TensorType:
    """The type of what a loss compares with. Raises `Unknown` after a report."""
    assert term.loss is not None
    given = _first(term, types, problems)
    try:
        expected = term.loss.target_type(given)
        if len(term.inputs) == 2:
            term.loss.adapted(given).output(given, expected)
        return expected
    except Refusal as refusal:
        varies = refusal.code == "varying-size"
        if varies and data is not None and drawn_numbers(data.source) is not None:
            drawn = _declared(given, model, data, problems)
            if drawn is not None:
                return drawn
        rows = _listed(data) if varies else None
        if rows is not None and given.rank == 3:
            return TensorType((given.shape[1], *rows.shape[1:]), rows.dtype)
        _report(refusal, term, given, problems)
        raise Unknown from None


def _listed(data: Data | None) -> TensorType | None:
    """The type of a target in lists, where its rows say what no loss does."""
    from ...spec.data.lists import Lists

    lists = data.source if data is not None else None
    array = lists.arrays.get(TARGET) if isinstance(lists, Lists) else None
    if array is None:
        return None
    return TensorType.of(array.shape, "int64" if array.holds == "integer" else "float32")


def _first(term: LossTerm, types: Types, problems: Problems) -> TensorType:
    """The type of a loss's first input. Raises `Unknown` after a report."""
    key, expression = next(iter(term.inputs.items()))
    return _tensor(term, key, _evaluated(term, key, expression, types, problems), problems)


def _tensor(term: LossTerm, key: str, given: Known, problems: Problems) -> TensorType:
    """What a loss's input is, if it is a tensor. Raises `Unknown` after a report."""
    if not isinstance(given, TensorType):
        said = f"{key} of {type(term.loss).__name__} is a tensor, not {describe(given)}"
        problems.error("wrong-type", said, (*term.path, "inputs", key))
        raise Unknown
    return given


def _evaluated(
    term: LossTerm, key: str, expression: Bound, types: Types, problems: Problems
) -> Known:
    """What an expression gives. Raises `Unknown` after a report."""
    try:
        return evaluate(expression, types)
    except Located as fault:
        refusal = fault.refusal
        at = fault.at if fault.at != _NOWHERE else None
        path = (*term.path, "inputs", key)
        problems.error(refusal.code, refusal.message, path, within=at, help=refusal.help)
        raise Unknown from None


def _checked(term: LossTerm, types: Types, problems: Problems) -> LossTerm:
    """The loss as it is made for these types, after reporting what torch refuses."""
    if term.formula is not None:
        check_formula(term.formula, (*term.path, "expr"), types, problems)
    if term.loss is None:
        return term
    try:
        given = [_evaluated(term, k, v, types, problems) for k, v in term.inputs.items()]
        for key, value in zip(term.inputs, given, strict=True):
            if key not in term.loss.forward_kinds:
                _tensor(term, key, value, problems)
    except Unknown:
        return term
    loss = term.loss.adapted(*given)
    try:
        _need_targets(term, loss, dict(zip(term.inputs, given, strict=True)))
        loss.output(*given)
    except Refusal as refusal:
        _report(refusal, term, given[0], problems)
    return term.replace(loss=loss)


def _need_targets(term: LossTerm, loss: Loss, given: Mapping[str, Known]) -> None:
    """Refuses an expression of the target that would broadcast against the first input."""
    first = next(iter(given.values()))
    if loss.target is None or term.takes_target or not isinstance(first, TensorType):
        return
    seen = given[loss.target]
    try:
        expected = loss.target_type(first)
    except Refusal:
        return  # The loss itself says what it takes.
    if not isinstance(seen, TensorType) or seen.shape != expected.shape:
        raise Refusal(
            f"{loss.target} must be {expected}, this is {_said(seen)}",
            code="shape-mismatch",
            argument=loss.target,
        )


def _said(value: Known) -> str:
    return str(value) if isinstance(value, TensorType) else describe(value)


def _report(refusal: Refusal, term: LossTerm, given: Known, problems: Problems) -> None:
    """Reports at the input at fault where it is written, else at the argument or the table."""
    assert term.loss is not None
    name = type(term.loss).__name__
    if name not in refusal.message:
        refusal.message = f"{name} of an output {_said(given)}: {refusal.message}"
    written = problems.raw((*term.path, "inputs"))
    if isinstance(written, dict) and refusal.argument in written:
        place = (*term.path, "inputs", str(refusal.argument))
        problems.error(refusal.code, refusal.message, place, help=refusal.help)
    else:
        report_refusal(refusal, term.loss.given(), term.path, problems)


def _targets(terms: tuple[LossTerm, ...], types: Types, problems: Problems) -> Targets:
    """The numbers that the target may hold, by all losses that compare with it as it is."""
    found = ANYTHING
    for term, targets in _restrictions(terms, types):
        if found != ANYTHING and found.only != targets.only:
            said = f"{type(term.loss).__name__} takes {targets.what} as a target"
            problems.error("losses-differ", f"{said}, the losses before it {found.what}", term.path)
        found = targets
    return found


def _restrictions(terms: tuple[LossTerm, ...], types: Types) -> Iterator[tuple[LossTerm, Targets]]:
    for term in terms:
        if term.loss is not None and term.takes_target:
            first = evaluate(next(iter(term.inputs.values())), types)
            assert isinstance(first, TensorType)
            targets = term.loss.targets(first)
            if targets != ANYTHING:
                yield term, targets


def _check_reductions(terms: tuple[LossTerm, ...], problems: Problems) -> None:
    for term in terms:
        if term.loss is None:
            continue
        if term.loss.reduction == "none":
            problems.error(
                "not-a-number",
                "training needs one number, an unreduced loss is one for each element",
                (*term.path, "reduction"),
                help='reduction = "mean"',
            )
        if term.loss.reduction == "sum" and len(terms) > 1:
            problems.error(
                "sum-and-mean",
                "losses that add up must all be means, else their weights change with the batch",
                (*term.path, "reduction"),
                help='reduction = "mean" and a scale',
            )
