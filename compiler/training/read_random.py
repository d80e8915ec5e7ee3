"""`type = "random"`: the expressions by which rows are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...spec import registry
from ...spec.data.random import Random
from ...spec.kinds import Integer, describe
from ...spec.losses.base import Targets
from ...spec.ops.base import Function
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ...spec.tensor.type import TensorType
from ..elaborate.describe import describe as describe_value
from ..elaborate.evaluate import Located, Unknown
from ..elaborate.interface import ModelInterface
from ..elaborate.typed import Known
from ..resolve.bound import Bound, FunctionCall
from ..resolve.problems import Problems
from .loss_formula import Types, evaluate, names_alone, read_formula

BATCH = "batch"
"""What expressions call the number of rows of a batch."""


def read_random(
    arguments: Mapping[str, Any],
    target: object,
    inputs: Sequence[str],
    own: Sequence[str],
    problems: Problems,
) -> Random | None:
    """What is drawn, in the order of the model's inputs, then the target.

    own: the keys of `[data]` that are not the source's.
    """
    before = len(problems.found)
    written = {key: value for key, value in arguments.items() if key != "rows"}
    _check_names(written, inputs, own, problems)
    texts = {name: written.get(name) for name in inputs}
    if target is not None:
        texts["target"] = target
    drawn: dict[str, Bound] = {}
    for name, text in texts.items():
        path: Path = ("data", name)
        if not isinstance(text, str):
            if text is not None:
                said = f"{name} must be an expression in a string, not {describe(text)}"
                problems.error("wrong-type", said, path)
            continue
        earlier = tuple(texts)[: list(texts).index(name)]
        expression = read_formula(text, path, names_alone((BATCH, *earlier)), problems)
        if expression is not None:
            drawn[name] = expression
    values: dict[str, Any] = {"rows": _count(arguments, problems), "drawn": drawn}
    return None if len(problems.found) > before else Random(**values)


def _check_names(
    written: Mapping[str, Any], inputs: Sequence[str], own: Sequence[str], problems: Problems
) -> None:
    """Whether there is an expression for each input, and no other."""
    for name in {BATCH, "rows", *own} & set(inputs):
        said = f"{name} means something else in [data]: an input {name} can't be drawn"
        help = "call the input something else"
        problems.error("name-clash", said, ("model", "inputs", name), part="key", help=help)
    for name in inputs:
        if name not in written:
            said = f'[data] of type random needs {name}, such as {name} = "randn(batch, 3)"'
            problems.error("missing-key", said, ("data",), part="key")
    for name in written:
        if name not in inputs:
            said = f"{name} is no input of the model"
            problems.error("unknown-key", said, ("data", name), part="key")


def _count(arguments: Mapping[str, Any], problems: Problems) -> int:
    if "rows" not in arguments:
        said = "[data] of type random needs rows: how many are drawn in an epoch"
        problems.error("missing-key", said, ("data",), part="key", help="rows = 1000")
        return 1
    try:
        return int(Integer(1).read(arguments["rows"]))
    except ValueError as error:
        problems.error("invalid-value", f"rows {error}", ("data", "rows"))
        return 1


def drawn_types(source: Random, model: ModelInterface, problems: Problems) -> dict[str, Known]:
    """What each expression gives; those with problems are reported and left out."""
    batch = next((tensor.shape[0] for _, tensor in model.inputs if tensor.rank), None)
    if batch is None:
        return {}
    known: dict[str, Known] = {BATCH: batch}
    for name, expression in source.drawn.items():
        try:
            known[name] = evaluate(expression, Types(known))
        except Unknown:
            continue
        except Located as fault:
            refusal = fault.refusal
            at = fault.at if fault.at != (0, 0) else None
            problems.error(
                refusal.code, refusal.message, ("data", name), within=at, help=refusal.help
            )
    return {name: value for name, value in known.items() if name != BATCH}


def drawn_numbers(source: object) -> range | None:
    """The whole numbers that the target may be; None where no `randint` of numbers draws it."""
    expression = source.drawn.get("target") if isinstance(source, Random) else None
    function = registry.load("ops", "randint")
    if not isinstance(expression, FunctionCall) or expression.name != "randint":
        return None
    assert isinstance(function, Function)
    places = function.places(len(expression.args), [key for key, _ in expression.keywords])
    given = dict(zip(places, expression.args, strict=False)) | dict(expression.keywords)
    try:
        low, high = (
            evaluate(given[key], Types({})) if key in given else 0 for key in ("low", "high")
        )
    except (Unknown, Located):
        return None
    low, high = (one.constant if isinstance(one, Dim) else one for one in (low, high))
    return range(low, high) if isinstance(low, int) and isinstance(high, int) else None


def _check_numbers(source: Random, targets: Targets, problems: Problems) -> None:
    """Whether the loss takes what is drawn, where `randint` says which numbers."""
    numbers = drawn_numbers(source)
    # What a loss takes lies side by side, but for -1 and 1, and for one that it ignores.
    if numbers and not all(
        targets.hold(numbers[place]) for place in (0, len(numbers) // 2, len(numbers) - 1)
    ):
        said = f"the target is drawn from {numbers[0]} to {numbers[-1]}, the loss takes"
        place = ("data", "target")
        problems.error("wrong-target", f"{said} {targets.what}", place, help=targets.help)


def check_random(
    source: Random,
    model: ModelInterface,
    target: TensorType | None,
    targets: Targets,
    batch: object,
    problems: Problems,
) -> None:
    """Reports what is drawn and is not what the model and its loss take."""
    expected = {**dict(model.inputs), **({"target": target} if target is not None else {})}
    for name, value in drawn_types(source, model, problems).items():
        if value != expected.get(name):
            place: Path = ("loss",) if name == "target" else ("model", "inputs", name)
            said = f"{name} takes {expected.get(name)}, this is {describe_value(value)}"
            labels: list[tuple[Path, None, str]] = [(place, None, "declared here")]
            problems.error("shape-mismatch", said, ("data", name), labels=labels)
    if target is not None and "target" not in source.drawn:
        said = f"[data] needs target: an expression that draws it, for the target {target}"
        problems.error("missing-key", said, ("data",), part="key")
    elif target is not None:
        _check_numbers(source, targets, problems)
    if batch == "all":
        said = 'rows are drawn batch by batch: batch_size is a number, not "all"'
        problems.error("invalid-value", said, ("training", "batch_size"))
    elif isinstance(batch, int) and source.count % batch:
        said = f"{source.count} rows are no whole number of batches of {batch}"
        problems.error("invalid-value", said, ("data", "rows"))
