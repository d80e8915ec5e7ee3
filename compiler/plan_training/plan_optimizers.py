"""TrainingSpec -> `build_optimizer` of `train.py`: which parameters are trained by which rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Final

from ...spec import registry
from ...spec.names import refused_as_name, snake_case
from ...spec.record import Record
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.names_read import names_read
from ..emit.quote import quote, quoted
from ..plan.pattern_code import joined, pattern_test
from ..plan.values import constant
from ..resolve.patterns import Pattern
from ..training.training_spec import Condition, OptimizerTerm, TrainingSpec
from .plan_learned_loss import all_parameters, loss_type, named_parameters

_LONGEST = 24
_UNTYPED: Final = frozenset({"Adafactor", "LBFGS", "Muon", "SparseAdam"})
"""The optimizers whose own `step` torch leaves without types."""
_RESERVED = frozenset(
    {"groups", "loss_fn", "lr", "model", "name", "others", "owner", "parameter", "parameters"}
)


class _Part(Record):
    """Parameters that go into one list of the code.

    conditions: what holds for them. settings: of their group, None where their optimizer's hold.
    is_rest: whether their optimizer trains what no other one does.
    """

    name: str
    conditions: tuple[Condition, ...]
    settings: Mapping[str, object] | None
    is_rest: bool


def optimizer_type(spec: TrainingSpec) -> str:
    """What the code calls the type of an optimizer."""
    name = type(spec.optimizer).__name__
    return "Optimizer" if spec.has_several_optimizers or name in _UNTYPED else name


def optimizer_imports(spec: TrainingSpec) -> Iterator[code.Import | code.ImportFrom]:
    """What the code of the optimizers imports."""
    names = {type(term.optimizer).__name__ for term in spec.optimizers} | {optimizer_type(spec)}
    yield code.ImportFrom("torch.optim", tuple(names))
    if any(term.groups for term in spec.optimizers):
        yield code.ImportFrom("typing", ("Any",))
    yield from condition_imports(
        [c for parts in _parts(spec) for part in parts for c in part.conditions]
    )


def condition_imports(conditions: Sequence[Condition]) -> Iterator[code.Import | code.ImportFrom]:
    """What the code needs that tells parameters by their conditions."""
    if any("fnmatchcase" in names_read(condition_test(condition, "")) for condition in conditions):
        yield code.ImportFrom("fnmatch", ("fnmatchcase",))
    types = {p.type for c in conditions if not c.names for p in c.patterns if p.type is not None}
    blocks = types - registry.families("layers").keys()
    if blocks:
        yield code.ImportFrom(".model", tuple(blocks))


def optimizer_names(spec: TrainingSpec) -> list[str]:
    """What the code calls each of several optimizers, by what it trains."""
    taken: set[str] = set()
    named = [(term.condition,) if term.condition is not None else () for term in spec.optimizers]
    return [f"{_name(own, taken) if own else 'other'}_optimizer" for own in named]


def build_optimizer(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """The function that makes the optimizer, or the list of them."""
    several = spec.has_several_optimizers
    args = [code.Arg("model", code.Name(model.class_name))]
    args += [code.Arg("loss_fn", code.Name(loss_type(spec)))] if spec.loss_learns else []
    if spec.learning_rate is not None:
        args.append(code.Arg("lr", code.Name("float"), code.Name("LR")))
    return (
        code.FunctionDef(
            "build_optimizers" if several else "build_optimizer",
            tuple(args),
            quoted("list[Optimizer]" if several else optimizer_type(spec)),
            f"Return the rule{'s' * several} by which each step changes the weights.",
            _body(spec, model.class_name),
        ),
    )


def _body(spec: TrainingSpec, model: str) -> tuple[code.Statement, ...]:
    parts = list(_parts(spec))
    flat = [part for own in parts for part in own]
    divided: tuple[code.Statement, ...] = ()
    if len(flat) > 1 or spec.is_partial:
        divided = _divided(flat, spec, model)
    grouped: tuple[code.Statement, ...] = ()
    made = []
    for term, own in zip(spec.optimizers, parts, strict=True):
        parameters = all_parameters(spec)
        if divided:
            parameters = code.Name(own[0].name)
        if term.groups:
            only = sum(bool(other.groups) for other in spec.optimizers) == 1
            name = "groups" if only else f"{own[-1].name}_groups"
            grouped += quote(
                "GROUPS: list[dict[str, Any]] = LISTED",
                GROUPS=name,
                LISTED=_listed(own, parameters),
            )
            parameters = code.Name(name)
        kind = code.Name(type(term.optimizer).__name__)
        given = {k: constant(v) for k, v in term.optimizer.given().items()}
        if spec.learning_rate is not None:
            given = {"lr": code.Name("lr")} | given | {"lr": code.Name("lr")}
        keywords = tuple(code.Keyword(name, value) for name, value in given.items())
        made.append(code.Call(kind, (parameters,), keywords))
    value = code.List(tuple(made)) if spec.has_several_optimizers else made[0]
    return (*divided, *grouped, code.Return(value))


def _listed(parts: Sequence[_Part], parameters: code.Expression) -> code.Expression:
    """The groups of one optimizer."""
    alone = len(parts) == 1
    return code.List(
        tuple(
            code.Dict(
                (
                    (code.Constant("params"), parameters if alone else code.Name(part.name)),
                    *((code.Constant(k), constant(v)) for k, v in (part.settings or {}).items()),
                )
            )
            for part in parts
        )
    )


def _parts(spec: TrainingSpec) -> Iterator[list[_Part]]:
    """The lists of each optimizer, by names that none of them shares."""
    taken: set[str] = set()
    for term in spec.optimizers:
        yield list(_parts_of(term, taken))


def _parts_of(term: OptimizerTerm, taken: set[str]) -> Iterator[_Part]:
    own = (term.condition,) if term.condition is not None else ()
    for group in term.groups:
        name = _name(group.conditions, taken)
        yield _Part(name, (*own, *group.conditions), group.settings, not own)
    if term.has_others:
        name = f"for_{snake_case(type(term.optimizer).__name__)}" if own else "others"
        # Optimizers of one type are told by what they train.
        named = _name(own, taken) if own and term.losses else _free(name, taken)
        yield _Part(named, own, None, not own)


def _name(conditions: Sequence[Condition], taken: set[str]) -> str:
    """A name for what matches: `bias` for `*.bias`, `conv2d_weight` for `Conv2d.weight`."""
    words = ["_or_".join(map(_words, condition.patterns)) for condition in conditions]
    name = "_and_".join(words)
    globs = [p.glob or "" for condition in conditions for p in condition.patterns]
    is_long = len(name) > _LONGEST or any(re.search("[?[]", glob) for glob in globs)
    if is_long or name in _RESERVED or refused_as_name(name):
        name = "group"
    return _free(name, taken)


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number where another list has it."""
    numbered = (f"{name}{number}" for number in count(2))
    free = name if name not in taken else next(one for one in numbered if one not in taken)
    taken.add(free)
    return free


def _words(pattern: Pattern) -> str:
    parts = [pattern.glob, pattern.type and snake_case(pattern.type)]
    parts += [pattern.parameter] if pattern.type is not None else []
    found = re.findall("[a-z0-9]+", "_".join(part for part in parts if part).lower())
    return "_".join(found) or "all"


def _divided(parts: Sequence[_Part], spec: TrainingSpec, model: str) -> tuple[code.Statement, ...]:
    """The lists, and the loop that puts each parameter into one of them."""
    # An optimizer without a condition comes last: it trains what remains.
    ordered = sorted(parts, key=lambda part: (part.is_rest, not part.conditions))
    chain: tuple[code.Statement, ...] = ()
    for index, part in reversed(list(enumerate(ordered))):
        kept = quote("NAME.append(parameter)", NAME=part.name)
        is_last = index == len(ordered) - 1
        if is_last and not spec.is_partial:
            chain = kept
        else:
            tests = [condition_test(condition, model) for condition in part.conditions]
            chain = (code.If(joined("and", tests), kept, chain),)
    named = named_parameters(spec)
    owner = "owner" in {name for one in chain for name in names_read(one)}
    return (
        *(
            statement
            for part in parts
            for statement in quote("NAME: list[nn.Parameter] = []", NAME=part.name)
        ),
        *quote(
            """
            ALL
            for name, parameter in NAMED:
                OWNER
                CHAIN
            """,
            ALL=quote("parameters = NAMED", NAMED=named) if spec.loss_learns else (),
            NAMED=code.Name("parameters") if spec.loss_learns else named,
            OWNER=quote('owner = model.get_submodule(name.rpartition(".")[0])') if owner else (),
            CHAIN=chain,
        ),
    )


def condition_test(condition: Condition, model: str) -> code.Expression:
    """Whether `parameter`, called `name` and held by `owner`, is meant."""
    if condition.names:
        if any(name.endswith(".*") for name in condition.names):
            # Of a layer from a file of one's own, all that it has.
            return pattern_test([Pattern(name) for name in condition.names], "owner", model)
        names = code.Tuple(tuple(map(code.Constant, condition.names)))
        return code.Compare(code.Name("name"), ("in",), (names,))
    return pattern_test(condition.patterns, "owner", model)
