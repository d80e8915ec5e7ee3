"""Metrics fit what they compare: the output with the target, or what their `inputs` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...spec.refusal import Refusal
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import TensorType
from ..elaborate.describe import describe
from ..elaborate.evaluate import Located, Unknown
from ..elaborate.interface import ModelInterface
from ..elaborate.typed import Known
from ..resolve.bound import Bound, Input
from ..resolve.problems import Problems
from .training_spec import TARGET, LossTerm, MetricTerm, TrainingSpec, reads

if TYPE_CHECKING:
    from ...spec.losses.base import Meaning

_NOWHERE = (0, 0)


def check_metrics(
    spec: TrainingSpec, model: ModelInterface, problems: Problems
) -> tuple[MetricTerm, ...]:
    """The metrics, each with what it takes its input for, after reporting those that don't fit."""
    checked = []
    for term in spec.metrics:
        if term.inputs:
            checked.append(_with_inputs(term, spec, model, problems))
            continue
        checked.append(term)
        name = term.metric.type_name()
        is_pair = len(model.outputs) == 1 and spec.target_type is not None
        _, output = model.outputs[0]
        if not is_pair or (spec.meaning == "value" and spec.target_type != output):
            problems.error(
                "wrong-metric",
                f"{name} compares the one output with a target of its shape",
                term.path,
                help='inputs = { input = "…", target = "…" } says what else it compares',
            )
        elif _means(term, spec.meaning, problems):
            held = spec.finds_classes
            classes = getattr(held.loss, "num_classes", 0) if held is not None else None
            _check_arguments(term, spec.meaning, output, classes, problems)
    return tuple(checked)


def _with_inputs(
    term: MetricTerm, spec: TrainingSpec, model: ModelInterface, problems: Problems
) -> MetricTerm:
    """A metric of expressions: it takes them for what the loss does that reads the same."""
    name = term.metric.type_name()
    standard = {"input": spec.outputs[0]} if len(spec.outputs) == 1 else {}
    standard |= {"target": TARGET}
    inputs: dict[str, Bound] = {key: Input(said, _NOWHERE) for key, said in standard.items()}
    inputs |= term.inputs
    path = (*term.path, "inputs")
    if "input" not in inputs:
        said = f"{name} needs input: the model has several outputs"
        problems.error("missing-input", said, path, help='input = "…"')
        return term
    term = term.replace(inputs={key: inputs[key] for key in ("input", "target")})
    if spec.target_type is None and TARGET in reads(*inputs.values()):
        said = f"{name} reads the target, which no loss does"
        problems.error("missing-input", said, path, help='target = "…"')
        return term
    loss = next((held.loss for held in spec.losses if _takes(held, term)), None)
    meaning: Meaning = loss.meaning if loss is not None else "value"
    try:
        input, target = (_type(term, key, spec, model, problems) for key in term.inputs)
        expected = loss.target_type(input) if loss is not None else input
    except (Refusal, Unknown):
        return term
    if _reports_unsupported(term, meaning, spec, problems) or not _means(term, meaning, problems):
        return term
    if target != expected or (meaning == "value" and not is_floating_point(input.dtype)):
        said = f"{name} of {input} compares with {expected}, this is {target}"
        problems.error("wrong-metric", said, path)
    else:
        _check_arguments(term, meaning, input, None, problems)
    return term.replace(meaning=meaning)


def _takes(held: LossTerm, term: MetricTerm) -> bool:
    """Whether a loss reads as its first input what a metric does."""
    return held.loss is not None and next(iter(held.inputs.values())) == term.inputs["input"]


def _type(
    term: MetricTerm, key: str, spec: TrainingSpec, model: ModelInterface, problems: Problems
) -> TensorType:
    """The type of what a metric compares. Raises `Unknown` after a report."""
    # Imported where a metric has expressions.
    from .loss_formula import Types, evaluate

    types: dict[str, Known] = dict(model.inputs)
    types |= {name or model.output_name: tensor for name, tensor in model.outputs}
    types |= {TARGET: spec.target_type} if spec.target_type is not None else {}
    path = (*term.path, "inputs", key)
    try:
        found = evaluate(term.inputs[key], Types(types))
    except Located as fault:
        refusal = fault.refusal
        at = fault.at if fault.at != _NOWHERE else None
        problems.error(refusal.code, refusal.message, path, within=at, help=refusal.help)
        raise Unknown from None
    if not isinstance(found, TensorType):
        said = f"{key} of {term.metric.type_name()} is a tensor, not {describe(found)}"
        problems.error("wrong-type", said, path)
        raise Unknown
    return found


def _reports_unsupported(
    term: MetricTerm, meaning: Meaning, spec: TrainingSpec, problems: Problems
) -> bool:
    """Whether the code that measures can't have a metric of expressions."""
    said = None
    if spec.takes_turns:
        said = "where optimizers take turns, losses alone are measured"
    elif meaning == "class features":
        said = "a metric has no inputs where the loss makes class logits of the output"
    elif spec.data.is_text or spec.data.streams or spec.is_drawn:
        said = "a metric has no inputs where rows are there batch by batch"
    if said is not None:
        problems.error("not-supported", said, (*term.path, "inputs"), part="key")
    return said is not None


def _means(term: MetricTerm, meaning: Meaning, problems: Problems) -> bool:
    """Whether a metric is one of what its input is taken for; reports where it is not."""
    if meaning in term.metric.modules:
        return True
    name = term.metric.type_name()
    said = f"the loss takes the output for{_article(meaning)}"
    if term.inputs:
        said = f"its input is{_article(meaning)}"
    help = "an input that a loss reads, too, is taken for what the loss takes it for"
    problems.error(
        "wrong-metric",
        f"{name} does not apply: {said}",
        term.path,
        help=help if term.inputs and meaning == "value" else None,
    )
    return False


def _check_arguments(
    term: MetricTerm,
    meaning: Meaning,
    input: TensorType,
    classes: int | None,
    problems: Problems,
) -> None:
    """The arguments of a metric fit what its input means, and the number of classes."""
    table = problems.raw(term.path)
    written = table if isinstance(table, dict) else {}
    has_classes = meaning.startswith("class ")
    wrong = term.metric.of_yes if has_classes else term.metric.of_classes
    for argument in sorted(wrong & written.keys()):
        problems.error(
            "wrong-metric",
            f"{argument} does not apply: the loss takes the output for{_article(meaning)}",
            (*term.path, argument),
        )
    top_k = term.metric.given().get("top_k", 1)
    if has_classes and (classes if classes is not None else input.shape[1]) < top_k:
        problems.error(
            "invalid-value",
            f"top_k = {top_k}, but there are {classes or input.shape[1]} classes",
            (*term.path, "top_k"),
        )


def _article(meaning: Meaning) -> str:
    return f"{'' if meaning.endswith('s') else ' a'} {meaning}"
