"""TrainingSpec -> `build_scheduler` of `train.py`, and how what it builds is used."""

from __future__ import annotations

from collections.abc import Iterator
from keyword import iskeyword
from typing import cast

from ...spec.expression.nodes import Binary, Constant, Node, Unary, children
from ...spec.names import snake_case
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.names_read import names_read
from ..emit.quote import quote, quoted
from ..plan.translate import Words
from ..plan.values import constant
from ..resolve.bound import Param
from ..resolve.graph import Argument
from ..training.training_spec import SchedulerTerm, TrainingSpec
from .additions.addition import monitored
from .plan_optimizers import optimizer_type

_NUMBERS = {
    "epochs": "epochs",
    "steps_per_epoch": "steps_per_epoch",
    "steps": "epochs * steps_per_epoch",
}
"""What a scheduler may be told of the length of training: the code of each in `train`."""
_MEANINGS = {
    "epoch": "what the learning rate is multiplied by",
    "step": "what the learning rate is multiplied by",
    "x": "how high a cycle is, as a part of the full height",
}
"""What a function of one's own gives, by its variable."""


def steps_every(spec: TrainingSpec) -> str | None:
    """Whether the schedulers step after each "step" or "epoch"; None where there are none."""
    return spec.schedulers[0].every if spec.schedulers else None


def scheduler_type(spec: TrainingSpec) -> str:
    """The class of what `build_scheduler` returns."""
    if len(spec.schedulers) == 1:
        return type(spec.schedulers[0].scheduler).__name__
    return "ChainedScheduler" if spec.schedulers[0].until is None else "SequentialLR"


def scheduler_arguments(spec: TrainingSpec) -> list[code.Arg]:
    """What a function that steps the schedulers takes them as."""
    if spec.has_several_optimizers:
        return [code.Arg("schedulers", quoted("list[KIND]", KIND=scheduler_type(spec)))]
    return [code.Arg("scheduler", code.Name(scheduler_type(spec)))]


def scheduler_step(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The statement that steps them."""
    monitor = spec.schedulers[0].monitor
    told = () if monitor is None else (monitored(monitor),)
    step = (code.Expr(code.Call(code.Name("scheduler.step"), told)),)
    if not spec.has_several_optimizers:
        return step
    return (code.For(code.Name("scheduler"), code.Name("schedulers"), step),)


def scheduler_imports(spec: TrainingSpec) -> Iterator[code.Import | code.ImportFrom]:
    """What the code of the schedulers imports."""
    if not spec.schedulers:
        return
    kinds = {type(term.scheduler).__name__ for term in spec.schedulers}
    yield code.ImportFrom("torch.optim.lr_scheduler", tuple({*kinds, scheduler_type(spec)}))
    body = tuple(_body(spec))
    if any(name.startswith("math.") for name in names_read(body)):
        yield code.Import("math")


def build_scheduler(spec: TrainingSpec) -> tuple[code.Statement, ...]:
    """The function that makes what changes the learning rate; nothing where nothing does."""
    if not spec.schedulers:
        return ()
    every = steps_every(spec)
    told = _told(spec)
    says = f"Return what changes the learning rate after each {every}."
    if "steps" in told and every == "step":
        says = "Return what changes the learning rate after each of `steps` steps."
    args = [code.Arg("optimizer", code.Name(optimizer_type(spec)))]
    args += [code.Arg(name, code.Name("int")) for name in told]
    kind = code.Name(scheduler_type(spec))
    return (code.FunctionDef("build_scheduler", tuple(args), kind, says, tuple(_body(spec))),)


def built_scheduler(
    spec: TrainingSpec, rows: str, model: ModelInterface
) -> tuple[code.Statement, ...]:
    """The statements of `train` that build them. rows: what holds the rows that are trained on."""
    if not spec.schedulers:
        return ()
    told = _told(spec)
    counted: tuple[code.Statement, ...] = ()
    texts = dict(_NUMBERS)
    if spec.counts_steps:
        texts["steps"] = "steps"
    if spec.full_batch:
        texts |= {"steps_per_epoch": "1", "steps": "epochs"}
    elif any("steps_per_epoch" in texts[name] for name in told):
        smallest = max(1, model.smallest_batch)
        # A last batch of too few rows is left out.
        batches = "-(-len(ROWS) // batch_size)"
        if smallest > 1:
            batches = f"(len(ROWS) + batch_size - {smallest}) // batch_size"
        if spec.accumulates:
            counted = quote(f"count = {batches}", ROWS=rows)
            batches = "-(-count // ACCUMULATE)"
        counted += quote(f"steps_per_epoch = {batches}", ROWS=rows)
    given = tuple(code.Keyword(name, quoted(texts[name])) for name in told)
    made = code.Call(code.Name("build_scheduler"), (code.Name("optimizer"),), given)
    if not spec.has_several_optimizers:
        return (*counted, *quote("scheduler = MADE", MADE=made))
    listed = quote("schedulers = [MADE for optimizer in optimizers]", MADE=made)
    return (*counted, *listed)


def _told(spec: TrainingSpec) -> list[str]:
    """The numbers that `build_scheduler` needs to be told."""
    read = set(names_read(tuple(_body(spec))))
    return [name for name in _NUMBERS if name in read]


def _body(spec: TrainingSpec) -> Iterator[code.Statement]:
    terms = spec.schedulers
    names = _local_names(spec)
    functions: list[code.FunctionDef] = []
    made = [_call(term, _begin(spec, index), functions) for index, term in enumerate(terms)]
    yield from functions
    if len(terms) == 1:
        yield code.Return(made[0])
        return
    for name, call in zip(names, made, strict=True):
        yield code.Assign(code.Name(name), call)
    together = code.List(tuple(map(code.Name, names)))
    milestones = code.List(tuple(_code(t.until[0]) for t in terms if t.until is not None))
    if not milestones.items:
        yield from quote("return ChainedScheduler(ALL)", ALL=together)
    else:
        yield from quote(
            "return SequentialLR(optimizer, ALL, milestones=MILESTONES)",
            ALL=together,
            MILESTONES=milestones,
        )


def _local_names(spec: TrainingSpec) -> list[str]:
    """`linear`, `cosine_annealing`, `lambda_lr`: what each of several is called."""
    kinds = [type(term.scheduler).__name__.removesuffix("LR") for term in spec.schedulers]
    words = [snake_case(kind) for kind in kinds]
    names = [
        w if words.count(w) == 1 else f"{w}{words[: i + 1].count(w)}" for i, w in enumerate(words)
    ]
    return [f"{name}_lr" if iskeyword(name) else name for name in names]


def _begin(spec: TrainingSpec, index: int) -> Argument | None:
    """The step at which one of several takes over, None for the first step."""
    until = spec.schedulers[index - 1].until if index else None
    return until[0] if until is not None else None


def _call(
    term: SchedulerTerm, begin: Argument | None, functions: list[code.FunctionDef]
) -> code.Expression:
    """The call that makes a scheduler. Adds to `functions` those that it is made with."""
    from ...spec.schedulers.base import function_variable

    scheduler = term.scheduler
    keywords: dict[str, code.Expression] = {}
    given = scheduler.given()
    for key, field in type(scheduler).model_fields.items():
        if key not in given and key not in term.formulas:
            continue
        variable = next(
            (v for m in field.metadata if (v := function_variable(m)) is not None), None
        )
        if variable is not None:
            keywords[key] = _function(term.formulas[key], variable or term.every, functions)
        elif key in term.formulas:
            keywords[key] = _code(term.formulas[key])
        else:
            keywords[key] = _listed(given[key])
    if scheduler.length is not None and scheduler.spans_training():
        keywords[scheduler.length] = _length(term, begin)
    arguments = tuple(code.Keyword(key, value) for key, value in keywords.items())
    kind = code.Name(type(scheduler).__name__)
    return code.Call(kind, (code.Name("optimizer"),), arguments)


def _listed(value: object) -> code.Expression:
    """A value as code; what torch's schedulers take several of, they take as a list."""
    if isinstance(value, tuple):
        return code.List(tuple(map(constant, value)))
    return constant(value)


def _length(term: SchedulerTerm, begin: Argument | None) -> code.Expression:
    """How many steps a scheduler has, where nobody says it."""
    end: code.Expression = code.Name("steps" if term.every == "step" else "epochs")
    if term.until is not None:
        end = _code(term.until[0])
    return end if begin is None else code.BinOp(end, "-", _code(begin))


def _function(
    written: Argument, variable: str, functions: list[code.FunctionDef]
) -> code.Expression:
    """The name of a function of one's own, or a list of them; the functions are added."""
    if isinstance(written.value, tuple):
        names = [_function(item, variable, functions) for item in written.value]
        return code.List(tuple(names))
    name = f"factor{len(functions) + 1}" if functions else "factor"
    (made,) = quote(
        '''
        def NAME(VARIABLE: KIND) -> float:
            """Return {WHAT}."""
            return VALUE
        ''',
        NAME=name,
        VARIABLE=variable,
        KIND="float" if variable == "x" else "int",
        WHAT=_MEANINGS[variable],
        VALUE=_float(written),
    )
    functions.append(cast("code.FunctionDef", made))
    return code.Name(name)


def _float(argument: Argument) -> code.Expression:
    """A function's value: what is known to be a float where a power of whole numbers might not."""
    value = _code(argument)
    return quoted("float(VALUE)", VALUE=value) if _has_power(argument.bound) else value


def _has_power(node: Node) -> bool:
    match node:
        case Binary(Constant(float()), "**", exponent) if _is_whole(exponent):
            return False
        case Binary(_, "**", _):
            return True
    return any(map(_has_power, children(node)))


def _is_whole(node: Node) -> bool:
    """Whether a type checker knows it for an int: a float to such a power is a float."""
    match node:
        case Constant(value):
            return isinstance(value, int)
        case Param(name):
            return name != "x"
        case Unary("-" | "+", value):
            return _is_whole(value)
        case Binary(left, "+" | "-" | "*" | "//" | "%", right):
            return _is_whole(left) and _is_whole(right)
    return False


def _code(argument: Argument) -> code.Expression:
    """An argument as Python; the length of training by the names that it has there."""
    if isinstance(argument.value, tuple):
        return code.List(tuple(map(_code, argument.value)))

    def nothing(_: object) -> code.Expression:
        raise TypeError("a scheduler reads no values, sizes or layers")

    words = Words(
        value=nothing,
        param=code.Name,
        size=nothing,
        layer=nothing,
        state=nothing,
        device=lambda: None,
    )
    return words.expression(argument.bound)
