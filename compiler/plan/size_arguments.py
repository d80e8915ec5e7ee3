"""The sizes of inputs that the constructor of a class needs: its arguments, formulas, numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ...spec.tensor.dim import Dim
from ..elaborate.places import running_names, said, size_place
from ..elaborate.typed import TypedScope
from ..emit import code
from ..resolve.problems import Problems
from .class_plan import ClassPlan, block_uses, input_size
from .needed_sizes import SizeReader
from .translate import size_code


def find_arguments(
    plan: ClassPlan,
    classes: dict[str, ClassPlan],
    model_params: Sequence[str],
    problems: Problems,
) -> None:
    """Finds the sizes of inputs that the constructor needs, naming each by its first reader."""
    own = {param.name for param in plan.scope.params}
    inner_params: set[str] = {*plan.scope.model_params, *plan.called_with}
    for needed in SizeReader(plan, classes).of_class():
        text, wish = needed.text, needed.wish
        if running_names(text):
            continue
        if not _has_one_rank(plan, text):
            problems.error(
                "uses-differ",
                "the uses of this block need different code: it needs sizes of an input that has"
                " another number of dimensions in other uses",
                plan.scope.path,
                part="key",
                help="make the number a param of the block, or use two blocks",
            )
            return
        if text not in plan.sizes:
            owner = text.partition(".")[0]
            name = next(
                name
                for name in (wish, f"{owner}_{wish}", *(f"{wish}_{i}" for i in range(2, 99)))
                if name not in own and name not in plan.arguments.values()
            )
            plan.arguments[text] = name
            plan.sizes[text] = code.Name(name)
    for use in plan.uses:
        for typed in block_uses(use.nodes):
            assert typed.scope is not None
            inner_params |= set(classes[typed.scope.scope.name].model_params)
    plan.model_params = tuple(name for name in model_params if name in inner_params)
    _report_clashes(plan, problems)


def _report_clashes(plan: ClassPlan, problems: Problems) -> None:
    """Reports a param of the class that is called as one of the model that it needs."""
    own = {param.name for param in plan.scope.params}
    for name in sorted(own & set(plan.model_params)):
        problems.error(
            "name-clash",
            f"{name} is the name of a param of the model too, which a block in this one reads",
            (*plan.scope.path, "params", name),
            part="key",
            labels=[(("model", "params", name), None, "the model's param")],
            help="give one of them another name",
        )


def _has_one_rank(plan: ClassPlan, text: str) -> bool:
    """Whether the input that a size belongs to has as many dimensions in all uses."""
    owner, _ = size_place(plan.scope, text)
    return len({use.inputs[owner].rank for use in plan.uses if owner in use.inputs}) == 1


def settle_arguments(
    plan: ClassPlan, callers: Sequence[ClassPlan], model_params: Sequence[str]
) -> None:
    """A size that is the same for all uses is no argument: it is a formula over the model's
    params where all callers say so, else a number. One that varies has no name: no constructor
    could be given it."""
    for text in list(plan.arguments):
        sizes = [
            (caller, input_size(node, text))
            for caller in callers
            for use in caller.uses
            for node in block_uses(use.nodes)
            if node.scope is not None and node.scope.scope.path == plan.scope.path
        ]
        values = {_value(use, text) for use in plan.uses}
        if None in values:
            del plan.arguments[text], plan.sizes[text]
            continue
        if len(values) > 1:
            continue
        formulas = {str(_in_model_words(caller, size, model_params)) for caller, size in sizes}
        del plan.arguments[text]
        first = _in_model_words(*sizes[0], model_params)
        if len(formulas) == 1 and first is not None:
            plan.sizes[text] = size_code(first, {})
            plan.formulas[text] = first
            read = {symbol.name for symbol in first.symbols}
            plan.model_params = tuple(
                name for name in model_params if name in {*plan.model_params, *read}
            )
        else:
            plan.sizes[text] = code.Constant(values.pop())


def _value(use: TypedScope, text: str) -> int | None:
    name, dim = size_place(use.scope, text)
    return use.inputs[name].shape[dim].constant


def _in_model_words(caller: ClassPlan, size: Dim, model_params: Sequence[str]) -> Dim | None:
    """A size's formula where it reads nothing but the model's params."""
    formula = said(size).substitute(caller.formulas)
    names = {symbol.name for symbol in formula.symbols}
    own = {param.name for param in caller.scope.params}
    is_model = caller.scope.path == ("model",)
    if names and names <= set(model_params) and (is_model or not names & own):
        return formula
    return None
