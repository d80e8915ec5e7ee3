"""`freeze` of `[training]`: what does not learn, and that something else does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ...spec.source import Path
from ...spec.training import Freeze
from ..elaborate.typed import OptionalType, TypedGraph, own_leaves, places, state
from ..resolve.patterns import OwnerTypes, read_pattern
from ..resolve.problems import Problems
from .check_gradients import learning_losses
from .divide import condition_of, is_meant, listed_shortly, matched
from .read_optimizers import Patterns
from .read_table import placed
from .trained import Parameter, loss_parameters, parameters_of
from .training_spec import FrozenTerm, OptimizerTerm, TrainingSpec

_PATH: Path = ("training", "freeze")


def check_freeze(
    spec: TrainingSpec, typed: TypedGraph, problems: Problems
) -> tuple[FrozenTerm, ...]:
    """What is frozen; reports what is not there, contradicts itself, or leaves nothing to learn."""
    parameters = parameters_of(typed)
    types = OwnerTypes(typed.blocks, typed.root.scope.name)
    claims: list[Mapping[str, Parameter]] = []
    terms = []
    for index, freeze in enumerate(spec.training.freeze):
        path = (*_PATH, index)
        found = placed((*path, "match"), freeze.match, problems)
        patterns = tuple((place, read_pattern(text, types)) for place, text in found)
        claim = matched(patterns, parameters, problems)
        _check_learning(claim, freeze, path, problems)
        _check_until(spec, freeze, path, problems)
        modules = tuple(_modules(claim, typed)) if freeze.eval else ()
        if freeze.eval and claim:
            _check_modules(modules, spec, typed, path, problems)
        claims.append(claim)
        terms.append(_term(patterns, parameters, modules, freeze))
    if not problems:
        _check_rest(spec, claims, parameters, problems)
    if not problems:
        _check_losses(spec, claims, typed, problems)
    return tuple(terms)


def _term(
    patterns: Patterns, parameters: Sequence[Parameter], modules: tuple[str, ...], freeze: Freeze
) -> FrozenTerm:
    # What the model itself keeps as it is must not learn afterwards.
    condition = condition_of(patterns, parameters, learning=True)
    return FrozenTerm(condition, modules, freeze.until)


def _check_learning(
    claim: Mapping[str, Parameter], freeze: Freeze, path: Path, problems: Problems
) -> None:
    """What is frozen would learn otherwise, and what is thawed is known."""
    if claim and all(one.gradient == "none" for one in claim.values()):
        problems.error(
            "no-match",
            f"{listed_shortly([*claim])} does not learn anyway: requires_grad is false",
            (*path, "match"),
        )
    own = [one.path for one in claim.values() if one.type is None]
    if own and freeze.until is not None:
        problems.error(
            "not-supported",
            f"which parameters of {listed_shortly(own)} may learn at all is not known here:"
            " until would thaw them all",
            (*path, "until"),
            help="remove until, or match other parameters",
        )


def _check_until(spec: TrainingSpec, freeze: Freeze, path: Path, problems: Problems) -> None:
    unit = "steps" if spec.counts_steps else "epochs"
    length: int = getattr(spec.training, unit)
    if freeze.until is not None and freeze.until >= length:
        problems.error(
            "invalid-value",
            f"there are {length} {unit}: until {freeze.until} is all of them",
            (*path, "until"),
            labels=[(("training", unit), None, "the length of training")],
            help="without until they never learn",
        )


def _modules(claim: Mapping[str, Parameter], typed: TypedGraph) -> Iterator[str]:
    """The outermost modules with parameters of which all are frozen, by their places."""
    names = [name for name, entry in state(typed.root).items() if entry.trainable]
    names += [f"{leaf.path}.*" for leaf in own_leaves(typed.root)]
    held: Counter[str] = Counter()
    frozen: Counter[str] = Counter()
    for name in names:
        parts = name.split(".")
        around = [".".join(parts[:count]) for count in range(1, len(parts))]
        held.update(around)
        if typed.ties.get(name, name) in claim:
            frozen.update(around)
    whole = {place for place, count in held.items() if frozen[place] == count}
    for place in held:
        above = place.rpartition(".")[0]
        if place in whole and above not in whole:
            yield place


def _check_modules(
    modules: Sequence[str], spec: TrainingSpec, typed: TypedGraph, path: Path, problems: Problems
) -> None:
    """What is in eval mode are modules, and they do then what those around them expect."""
    if not modules:
        problems.error(
            "no-match",
            "of no module all parameters match: none can be in eval mode",
            (*path, "eval"),
            labels=[((*path, "match"), None, "what matches")],
            help='match = "backbone.*", say, has all of a module; or remove eval',
        )
    for leaf in places(typed.root):
        is_inside = any(leaf.path.startswith(f"{module}.") for module in modules)
        of_training = [v for v in leaf.typed.outputs if isinstance(v, OptionalType) and v.training]
        if is_inside and of_training:
            problems.error(
                "not-supported",
                f"{leaf.path} is there in training only, and would be None in eval mode",
                (*path, "eval"),
                labels=[(leaf.typed.node.path, None, "of training")],
            )
    statistics = [name for name in state(typed.root) if name.endswith("running_mean")]
    kept = [name for name in statistics if any(name.startswith(f"{m}.") for m in modules)]
    if kept and spec.training.swa is not None:
        problems.error(
            "contradicting-keys",
            f"eval keeps {listed_shortly(kept)}, and swa finds all statistics anew",
            (*path, "eval"),
            labels=[(("training", "swa"), None, "asked for here")],
        )


def _check_rest(
    spec: TrainingSpec,
    claims: Sequence[Mapping[str, Parameter]],
    parameters: Sequence[Parameter],
    problems: Problems,
) -> None:
    """Something learns from the first step on, and each optimizer trains something."""
    learnt = (*parameters, *loss_parameters(spec.losses, spec.layers))
    learning = [one for one in learnt if one.gradient != "none"]
    at_first = {name for claim in claims for name in claim}
    pairs = zip(spec.training.freeze, claims, strict=True)
    for_ever = {name for freeze, claim in pairs if freeze.until is None for name in claim}
    if all(one.name in at_first for one in learning):
        is_for_ever = all(one.name in for_ever for one in learning)
        when = (
            "" if is_for_ever else " in the first " + ("steps" if spec.counts_steps else "epochs")
        )
        problems.error(
            "nothing-to-train",
            f"nothing learns{when}: all parameters are frozen",
            _PATH,
            part="key",
        )
        return
    # What takes turns, or finds the scale of losses, needs gradients in each step.
    needs_all = spec.takes_turns or spec.scales
    frozen, when = (at_first, "at first") if needs_all else (for_ever, "for ever")
    for term in spec.optimizers:
        own = trained_by(term, spec.optimizers, learning)
        if own and all(one.name in frozen for one in own):
            problems.error(
                "nothing-to-train",
                f"all that {type(term.optimizer).__name__} trains is frozen {when}",
                _PATH,
                part="key",
                labels=[(term.path, None, "the optimizer")],
            )


def _check_losses(
    spec: TrainingSpec,
    claims: Sequence[Mapping[str, Parameter]],
    typed: TypedGraph,
    problems: Problems,
) -> None:
    """The losses of each step depend on something that learns: torch refuses others."""
    names_frozen = {name for claim in claims for name in claim}
    if any(f"{leaf.path}.*" not in names_frozen for leaf in own_leaves(typed.root)):
        return  # What has a gradient in a layer of one's own is not known here.
    before, after = learning_losses(spec, typed), learning_losses(spec, typed, names_frozen)
    stepped = [term.losses for term in spec.optimizers if term.losses]
    for names in stepped or [tuple(term.name for term in spec.losses)]:
        if before & {*names} and not after & {*names}:
            problems.error(
                "nothing-to-train",
                f"{listed_shortly(names)} depends on nothing that learns: it has no gradient",
                _PATH,
                part="key",
                labels=[(term.path, None, term.name) for term in spec.losses if term.name in names],
            )


def trained_by(
    term: OptimizerTerm, terms: Sequence[OptimizerTerm], learning: Sequence[Parameter]
) -> list[Parameter]:
    """What an optimizer trains; without a condition, what no other one does."""

    def has(other: OptimizerTerm, one: Parameter) -> bool:
        patterns = other.condition.patterns if other.condition is not None else ()
        return any(is_meant(pattern, one) for pattern in patterns)

    if term.condition is not None:
        return [one for one in learning if has(term, one)]
    return [one for one in learning if not any(has(other, one) for other in terms)]
