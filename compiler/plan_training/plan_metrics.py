"""How metrics are computed in the code: of all rows at once, or from those of batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quoted
from ..plan.values import constant
from ..training.training_spec import MetricTerm, TrainingSpec
from .plan_formula import formula_imports, formula_names, formula_words


def reads_batches(spec: TrainingSpec) -> bool:
    """Whether rows are there batch by batch only."""
    return spec.data.is_text or spec.data.streams or spec.is_drawn


def combined(
    term: MetricTerm, spec: TrainingSpec
) -> Literal["mean", "root", "exponential", "whole"]:
    """How a metric's values of batches make that of all rows; "whole" where they do not."""
    # Each is summed up under its own name: another of its kind waits for all rows.
    is_first = term.name == term.metric.type_name()
    return term.metric.combined if reads_batches(spec) and is_first else "whole"


def metric_modules(spec: TrainingSpec) -> Iterator[str]:
    """The runtime modules of the metrics, each once."""
    found: dict[str, None] = {}
    for term in spec.metrics:
        module, _ = _function(term, spec)
        family = module.partition("_")[0]
        needed = (name for name in term.metric.needs() if name in (f"{family}_counts", "ranks"))
        found |= dict.fromkeys((module, *needed))
    yield from found


def metric_imports(
    spec: TrainingSpec, model: ModelInterface
) -> Iterator[code.Import | code.ImportFrom]:
    """What `evaluate` imports for them."""
    if any(combined(term, spec) in ("root", "exponential") for term in spec.metrics):
        yield code.Import("math")
    words = formula_words(formula_names(spec, model))
    for term in spec.metrics:
        module, function = _function(term, spec)
        if _is_ambiguous(term, spec):
            yield code.ImportFrom(".", (module,))
        else:
            yield code.ImportFrom(f".{module}", (function,))
        for expression in term.inputs.values():
            words.expression(expression)
    yield from formula_imports(words)


def _function(term: MetricTerm, spec: TrainingSpec) -> tuple[str, str]:
    """The runtime module and the function in it that compute a metric."""
    return term.metric.function(term.meaning or spec.meaning)


def _is_ambiguous(term: MetricTerm, spec: TrainingSpec) -> bool:
    """Whether functions of one name come from several modules."""
    module, function = _function(term, spec)
    others = (_function(other, spec) for other in spec.metrics)
    return any(name == function and held != module for held, name in others)


def metric_call(
    term: MetricTerm, spec: TrainingSpec, target: str, names: Mapping[str, str]
) -> code.Expression:
    """What computes a metric of `output`, or of the `logits` that the loss makes of it.

    names: what the code calls the names in its expressions.
    """
    metric, meaning = term.metric, term.meaning or spec.meaning
    module, function = _function(term, spec)
    if _is_ambiguous(term, spec):
        function = f"{module}.{function}"
    output: code.Expression = code.Name("output" if spec.finds_classes is None else "logits")
    compared: code.Expression = code.Name(target)
    if term.inputs:
        output, compared = map(formula_words(names).expression, term.inputs.values())
    read = quoted(metric.read(meaning), output=output)
    keywords = {name: constant(value) for name, value in metric.given().items()}
    if spec.ignored and module.startswith(("class_", "top_k", "perplexity")):
        keywords["ignored"] = code.Constant(spec.ignored[0])
    given = tuple(code.Keyword(name, value) for name, value in keywords.items())
    return code.Call(code.Name(function), (read, compared), given)
