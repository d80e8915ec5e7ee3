"""`[budget]`: limits on parameters and cost that `check` holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

from ...spec import registry
from ...spec.model import Budget
from ...spec.record import Record
from ...spec.tensor.dim import Dim
from ..resolve.problems import Problems
from .summarize import activation_bytes, for_all_times, independent, total_flops
from .typed import TypedGraph, TypedScope, leaves, own_leaves, state, steps

_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BINARY: Final = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_LIMIT: Final = re.compile(r"\s*(<=|<)\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]i?)?(B?)\s*")
OF_TRAINING: Final = ("optimizer_state", "training_memory")
"""The limits on what training keeps."""
_BYTES: Final = ("weights", "activations", *OF_TRAINING)
_SHOWN: Final = 3


class Cost(Record):
    """What a limit is for.

    parts: the amounts of the layers, by their paths. owner: what has them, with its verb.
    noun: what there is of it, where its name does not say so.
    """

    name: str
    total: Dim
    parts: Mapping[str, Dim]
    owner: str = "model has"
    noun: str | None = None


def check_budget(budget: Budget, typed: TypedGraph, problems: Problems) -> Mapping[str, int] | None:
    """Reports what a model exceeds, and limits that can't be read.

    Returns the sizes that limits are meant for; None where there are none for what training keeps.
    """
    if is_unknown(budget, (*_COSTS, "depth", *OF_TRAINING), typed.root, problems):
        return None
    sizes = _sizes(budget, typed, problems)
    for name, cost in _COSTS.items():
        limit = getattr(budget, name)
        if limit is not None and sizes is not None:
            hold(cost(typed), limit, sizes, typed, problems)
    if budget.depth is not None and sizes is not None:
        _hold_depth(budget.depth, sizes, typed, problems)
    return sizes


def _hold_depth(text: str, sizes: Mapping[str, int], typed: TypedGraph, problems: Problems) -> None:
    """Reports a longest path that is over its limit, or that depends on sizes without a number."""
    from .depth import depends_on, depth_of

    at = independent(sizes, typed.facts)
    if _is_sized("depth", depends_on(typed.root.nodes), sizes, typed, problems):
        depth, shares = depth_of(typed, at)
        parts = {path: Dim.of(share) for path, share in shares.items()}
        cost = Cost("depth", Dim.of(depth), parts, "longest path of the model has", "layers")
        hold(cost, text, sizes, typed, problems)


def check_limits(budget: Budget, sizes: Collection[str] | None, problems: Problems) -> None:
    """Reports limits that can't be read, whatever the model is.

    sizes: the names of the model's, where they are known.
    """
    if sizes is not None:
        _check_names(budget, sizes, problems)
    for name in (*_COSTS, "depth", *OF_TRAINING):
        text = getattr(budget, name)
        if text is not None:
            _limit(name, text, problems)


def _limit(name: str, text: str, problems: Problems) -> re.Match[str] | None:
    """A limit; None after reporting that it is none."""
    limit = _LIMIT.fullmatch(text)
    if limit is None or (limit[4] and name not in _BYTES):
        example = "<= 500MB" if name in _BYTES else "<= 12M"
        said = f'{text} is no limit; write "{example}"'
        # What lacks its sign alone was meant to be reached.
        plain = f"<= {text.replace(' ', '')}"
        meant = f'"{plain}"' if _LIMIT.fullmatch(plain) and limit is None else None
        problems.error("invalid-value", said, ("budget", name), replacement=meant)
        return None
    return limit


def _parameters(typed: TypedGraph) -> Cost:
    parts = {name: Dim.of(entry.type.numel()) for name, entry in typed.parameters().items()}
    return Cost("parameters", summed(parts), parts)


def _weights(typed: TypedGraph) -> Cost:
    parts = weight_bytes(typed)
    return Cost("weights", summed(parts), parts)


def weight_bytes(typed: TypedGraph) -> dict[str, Dim]:
    """The bytes of parameters and buffers by their names, what is tied once."""
    entries = state(typed.root).items()
    return {name: entry.type.nbytes() for name, entry in entries if name not in typed.ties}


def _flops(typed: TypedGraph) -> Cost:
    parts = {
        leaf.path: for_all_times(leaf.typed.flops, leaf)
        for leaf in steps(typed.root)
        if not leaf.typed.node.in_training
    }
    return Cost("flops", total_flops(typed), parts)


def _activations(typed: TypedGraph) -> Cost:
    parts = output_bytes(typed.root)
    return Cost("activations", summed(parts), parts)


def output_bytes(scope: TypedScope) -> dict[str, Dim]:
    """The bytes of what the layers of a model, or of losses, give."""
    return {leaf.path: activation_bytes(leaf) for leaf in leaves(scope)}


_COSTS: Final[Mapping[str, Callable[[TypedGraph], Cost]]] = {
    "parameters": _parameters,
    "flops": _flops,
    "weights": _weights,
    "activations": _activations,
}


def summed(parts: Mapping[str, Dim]) -> Dim:
    """All amounts together."""
    total = Dim.of(0)
    for part in parts.values():
        total = total + part
    return total


def is_unknown(
    budget: Budget, names: Collection[str], scope: TypedScope, problems: Problems
) -> bool:
    """Whether a layer from a file of one's own has what only torch can count; reported.

    names: the limits that count it.
    """
    own = own_leaves(scope)
    if not own:
        return False
    kind = type(own[0].typed.layer).__name__
    said = f"can't be held: those of {own[0].path} ({kind}, from a file of one's own) are not known"
    for name in names:
        if getattr(budget, name) is not None:
            problems.error("unknown-cost", f"a limit on {name} {said}", ("budget", name))
    return True


def _sizes(budget: Budget, typed: TypedGraph, problems: Problems) -> Mapping[str, int] | None:
    """The sizes of `at`, by the model's own names."""
    known = typed.root.scope.sizes
    if not _check_names(budget, known, problems):
        return None
    is_whole = not set(known) - set(budget.at)
    if typed.facts is not None and is_whole and not typed.facts.holds(budget.at):
        said = "the sizes of the budget do not satisfy the model's where"
        problems.error("invalid-value", said, ("budget", "at"))
        return None
    return budget.at


def _check_names(budget: Budget, known: Collection[str], problems: Problems) -> bool:
    """Whether all names of `at` are sizes of the model; those that are not are reported."""
    unknown = [name for name in budget.at if name not in known]
    for name in unknown:
        problems.error(
            "unknown-name",
            f"the model has no size {name}",
            ("budget", "at", name),
            part="key",
            help=f"its sizes: {', '.join(known) or 'none'}",
            replacement=registry.slip(name, known),
        )
    return not unknown


def hold(
    cost: Cost, text: str, sizes: Mapping[str, int], typed: TypedGraph, problems: Problems
) -> None:
    """Reports a cost that is over its limit, or that depends on sizes without a number."""
    limit = _limit(cost.name, text, problems)
    if limit is None:
        return
    needed = {symbol.name for symbol in cost.total.symbols}
    if not _is_sized(cost.name, needed, sizes, typed, problems):
        return
    at = independent(sizes, typed.facts)
    value = cost.total.evaluate(at)
    most = float(limit[2]) * {**_UNITS, **_BINARY}[limit[3] or ""]
    if value > most or (limit[1] == "<" and value == most):
        noun = cost.noun or cost.name.replace("_", " ")
        unit = "bytes of " if cost.name in _BYTES else ""
        problems.error(
            "over-budget",
            f"the {cost.owner} {value:,} {unit}{noun}, the budget is {text}",
            ("budget", cost.name),
            help=_largest(cost, at),
        )


def _is_sized(
    name: str,
    needed: Collection[str],
    sizes: Mapping[str, int],
    typed: TypedGraph,
    problems: Problems,
) -> bool:
    """Whether there is a number for each size that a cost depends on; reported where not."""
    missing = [size for size in typed.root.scope.sizes if size not in sizes]
    if not missing or set(needed) <= independent(sizes, typed.facts).keys():
        return True
    problems.error(
        "missing-key",
        f"a limit on {name} depends on {', '.join(missing)}: say for which sizes it is meant",
        ("budget", name),
        help=f"at = {{ {', '.join(f'{size} = …' for size in missing)} }}",
    )
    return False


def _largest(cost: Cost, at: Mapping[str, int]) -> str:
    """Where most of a cost is."""
    amounts = {path: part.evaluate(at) for path, part in cost.parts.items()}
    first = sorted(amounts, key=lambda path: -amounts[path])[:_SHOWN]
    return f"most of it: {', '.join(f'{path} {amounts[path]:,}' for path in first)}"
