"""The docstrings of classes: what they are, and the shapes that they take and give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

from ...spec.tensor.type import TensorType, shape_text
from ..elaborate.typed import TypedGraph, own_leaves, there
from .class_plan import ClassPlan
from .plan_guards import in_words

_WIDTH = 84
"""Of a class's docstring, which is indented by 4."""
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z]|[^A-Za-z]|$)|[A-Z]?[a-z]+|[0-9]+|[A-Z]+")


def docstring(plan: ClassPlan, typed: TypedGraph) -> str:
    """The docstring of the model's class, or of a block's."""
    is_model = plan.scope.path == ("model",)
    lines = [_title(plan.scope.name, typed) if is_model else f"{_in_words(plan.scope.name)}."]
    shapes = _shape_lines(plan)
    if shapes:
        lines += ["", "Shape:", *_indented(shapes)]
    conditions = [condition for item in plan.scope.inputs for condition in item.conditions]
    needs = [in_words(condition, plan) for condition in conditions]
    if is_model:
        needs += [str(need.bound) for need in typed.needs if not need.training]
    if needs:
        lines += ["", "Needs:", *_indented(needs)]
    if plan.scope.require:
        required = (in_words(condition, plan) for condition in plan.scope.require)
        lines += ["", "Requires:", *_indented(required)]
    return "\n".join(lines)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a section; what goes on is indented further."""
    for line in lines:
        yield from wrap(line, _WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8)


def _title(name: str, typed: TypedGraph) -> str:
    count = sum(int(entry.type.numel()) for entry in typed.parameters().values())
    own = {type(leaf.typed.layer).__name__: None for leaf in own_leaves(typed.root)}
    if own:
        return f"{name}: a network of {count:,} parameters and those of {', '.join(own)}."
    if count:
        return f"{name}: a network of {count:,} parameters."
    return f"{name}: a function of tensors."


def _in_words(name: str) -> str:
    """`Causal self attention` for `CausalSelfAttention`; abbreviations stay."""
    parts = _WORD.findall(name)
    words = [part if part.isupper() and len(part) > 1 else part.lower() for part in parts]
    text = " ".join(words) or name
    return text[0].upper() + text[1:]


def _shape_lines(plan: ClassPlan) -> list[str]:
    """Inputs and outputs with their shapes; none where the class has no words for them."""
    scope = plan.scope
    named: list[tuple[str, list[TensorType | None]]] = [
        (item.name, [use.inputs.get(item.name) for use in plan.uses]) for item in scope.inputs
    ]
    named += [
        (name or "returns", [there(use.outputs[place][1]) for use in plan.uses])
        for place, (name, _) in enumerate(scope.outputs)
    ]
    when = {item.name: ", optional" for item in scope.inputs if item.optional}
    when |= dict.fromkeys(plan.outputs_of_training(), ", in training alone")
    lines = []
    for name, types in named:
        texts = {_type_text(plan, tensor) for tensor in types if tensor is not None}
        text = texts.pop() if len(texts) == 1 else None
        if text is not None:
            lines.append(f"{name}: {text}{when.get(name, '')}")
    return lines


def _type_text(plan: ClassPlan, tensor: TensorType) -> str | None:
    sizes = [plan.in_words(size) for size in tensor.shape]
    known = [size for size in sizes if size is not None]
    return f"{shape_text(known)} {tensor.dtype}" if len(known) == len(sizes) else None
