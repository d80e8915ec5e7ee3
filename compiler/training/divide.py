"""Which optimizer trains which parameters, by which settings: each parameter exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...spec.kinds import describe
from ...spec.record import Record
from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.type import shape_text
from ..resolve.patterns import Pattern
from ..resolve.problems import Problems
from .read_optimizers import GroupTable, OptimizerTable, Patterns
from .read_table import listed
from .trained import Parameter
from .training_spec import Condition, OptimizerTerm, ParameterGroup

_NAMED = 8


class Division(Record):
    """The optimizers with their parameters.

    is_partial: whether some parameter, which is frozen, is in no optimizer.
    """

    terms: tuple[OptimizerTerm, ...]
    is_partial: bool


def divide(
    tables: Sequence[OptimizerTable], parameters: Sequence[Parameter], problems: Problems
) -> Division:
    """The optimizers with their parameters; reports what is uncovered, covered twice or refused."""
    claims = [matched(table.patterns, parameters, problems) for table in tables]
    _check_claims(tables, claims, problems)
    claimed = {name for claim in claims for name in claim}
    rest = {one.name: one for one in parameters if one.name not in claimed}
    terms = []
    for table, claim in zip(tables, claims, strict=True):
        members = claim if table.patterns else rest
        if not members:
            _report_nothing_left(table, problems)
        else:
            terms.append(_term(table, members, parameters, problems))
    uncovered = [one.name for one in rest.values() if one.gradient != "none"]
    has_rest = any(not table.patterns for table in tables)
    if uncovered and not has_rest:
        problems.error(
            "uncovered",
            f"no optimizer trains {listed_shortly(uncovered)}",
            ("optimizer",),
            part="key",
            help="an optimizer without match trains what no other one matches;"
            " requires_grad = false keeps a Parameter as it is",
        )
    return Division(tuple(terms), bool(rest) and not has_rest)


def listed_shortly(names: Sequence[str]) -> str:
    """The first of some names, and how many others there are."""
    if len(names) <= _NAMED:
        return listed(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def matched(
    patterns: Patterns, parameters: Sequence[Parameter], problems: Problems, whose: str = ""
) -> dict[str, Parameter]:
    """The parameters that match one of the patterns, by name."""
    found: dict[str, Parameter] = {}
    for path, pattern in patterns:
        meant = [one for one in parameters if is_meant(pattern, one)]
        found |= {one.name: one for one in meant}
        if not meant:
            names = [one.name for one in parameters]
            problems.error(
                "no-match",
                f"{problems.raw(path)} matches no parameter{whose}",
                path,
                help=f"there are {listed_shortly(names)}",
            )
    return {one.name: one for one in parameters if one.name in found}


def is_meant(pattern: Pattern, one: Parameter) -> bool:
    """Whether a pattern means a parameter; what a layer of one's own has, it means as a whole."""
    if one.type is None:
        return pattern.covers(one.path)
    return pattern.matches(one.name, one.owner)


def _check_claims(
    tables: Sequence[OptimizerTable], claims: Sequence[Mapping[str, object]], problems: Problems
) -> None:
    owner: dict[str, OptimizerTable] = {}
    for table, claim in zip(tables, claims, strict=True):
        twice = [name for name in claim if name in owner]
        if twice:
            are = "is" if len(twice) == 1 else "are"
            problems.error(
                "covered-twice",
                f"{listed_shortly(twice)} {are} trained by an earlier optimizer already",
                (*table.path, "match"),
                labels=[((*owner[twice[0]].path, "match"), None, "the earlier one")],
            )
        owner |= dict.fromkeys(claim, table)
    without = [table for table in tables if not table.patterns]
    for table in without[1:]:
        problems.error(
            "missing-key",
            "which parameters does this optimizer train? An earlier one without match has the rest",
            table.path,
            labels=[(without[0].path, None, "the earlier one")],
            help='match = "*.weight", say',
        )


def _report_nothing_left(table: OptimizerTable, problems: Problems) -> None:
    if not table.patterns:  # a pattern without a match has been reported
        problems.error(
            "no-match",
            f"no parameter is left for {type(table.optimizer).__name__}: the others match all",
            table.path,
        )


class _Group(Record):
    """Parameters whose entries of `param_groups` are the same ones."""

    entries: tuple[GroupTable, ...]
    settings: Mapping[str, object]
    members: tuple[Parameter, ...]


def _term(
    table: OptimizerTable,
    members: Mapping[str, Parameter],
    parameters: Sequence[Parameter],
    problems: Problems,
) -> OptimizerTerm:
    groups = list(_groups(table, list(members.values()), problems))
    for group in groups:
        _check_members(table, group, problems)
    own = condition_of(table.patterns, parameters) if table.patterns else None
    return OptimizerTerm(
        table.path,
        table.optimizer,
        own,
        tuple(
            ParameterGroup(
                tuple(condition_of(entry.patterns, parameters) for entry in group.entries),
                group.settings,
            )
            # What matches more comes first, so that each is tested for all that it must match.
            for group in sorted(groups, key=lambda group: -len(group.entries))
            if group.entries
        ),
        any(not group.entries for group in groups),
        tuple(name for _, name in table.losses or ()),
    )


def _groups(
    table: OptimizerTable, members: Sequence[Parameter], problems: Problems
) -> Iterator[_Group]:
    type_name = type(table.optimizer).__name__
    whose = f" of {type_name}" if table.patterns else ""
    claims = [matched(group.patterns, members, problems, whose) for group in table.groups]
    divided: dict[tuple[int, ...], list[Parameter]] = {}
    for one in members:
        entries = tuple(index for index, names in enumerate(claims) if one.name in names)
        divided.setdefault(entries, []).append(one)
    for entries, held in divided.items():
        chosen = tuple(table.groups[index] for index in entries)
        yield _Group(chosen, _merged(chosen, held[0].name, problems), tuple(held))


def _merged(entries: Sequence[GroupTable], name: str, problems: Problems) -> dict[str, object]:
    """The settings of several entries together; two values of one setting are a conflict."""
    merged: dict[str, object] = {}
    places: dict[str, Path] = {}
    for entry in entries:
        for key, value in entry.settings.items():
            if key in merged and merged[key] != value:
                problems.error(
                    "conflict",
                    f"{name} has {key} = {describe(merged[key])} by an earlier group,"
                    f" {describe(value)} by this one",
                    (*entry.path, key),
                    labels=[(places[key], None, "the earlier one")],
                )
            merged[key] = value
            places[key] = (*entry.path, key)
    return merged


def _check_members(table: OptimizerTable, group: _Group, problems: Problems) -> None:
    """Parameters that torch would refuse to train so: the first is named, the others counted."""
    kind = type(table.optimizer)
    made = kind.model_validate({**table.optimizer.given(), **group.settings})
    refused: list[tuple[Parameter, Refusal]] = []
    for one in group.members:
        if one.type is None:
            continue
        try:
            made.check_parameter(one.type, one.gradient)
        except Refusal as said:
            refused.append((one, said))
    if not refused:
        return
    first, refusal = refused[0]
    assert first.type is not None
    others = f", and {len(refused) - 1} more like it" if len(refused) > 1 else ""
    place: Path = (*table.path, "type")
    argument = refusal.argument
    for path in (*(entry.path for entry in group.entries), table.path):
        if argument is not None and problems.raw((*path, argument)) is not None:
            place = (*path, argument)
            break
    problems.error(
        "wrong-parameter",
        f"{first.name} {shape_text(first.type.shape)}{others}: {refusal.message}",
        place,
        help=refusal.help,
    )


def _may_mean(pattern: Pattern, one: Parameter) -> bool:
    """Whether a pattern may match some of what a layer of one's own has."""
    return one.type is None and pattern.reaches(one.path)


def condition_of(
    patterns: Patterns, parameters: Sequence[Parameter], *, learning: bool = False
) -> Condition:
    """How code tells the parameters that match: by their patterns, or by their names.

    learning: whether those are left out that the model itself keeps as they are.

    torch names a tied parameter by the first of its names and knows modules inside its own layers,
    so that a pattern may mean something else there.
    """
    plain = tuple(pattern for _, pattern in patterns)
    meant = [
        any(is_meant(p, one) for p in plain) and not (learning and one.gradient == "none")
        for one in parameters
    ]
    found = [
        any(p.matches(one.first, one.first_owner) or _may_mean(p, one) for p in plain)
        for one in parameters
    ]
    is_inside = any(one.is_inside for one in parameters)
    is_typed = any(pattern.type is not None for pattern in plain)
    if meant == found and not (is_typed and is_inside):
        return Condition(plain, ())
    named = (one.first for one, matches in zip(parameters, meant, strict=True) if matches)
    return Condition(plain, tuple(named))
