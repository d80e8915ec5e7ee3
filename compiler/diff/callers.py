"""What changes for those who import the package: names, arguments, inputs, outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...spec.names import snake_case
from ...spec.record import Record
from ...spec.source import Path
from ...spec.tensor.type import shape_text
from ..compile import Checked
from ..elaborate.typed import OptionalType, there
from ..resolve.graph import InputDeclaration, Scope
from .change import Change, Sides
from .sizes import Bound, Domain, bound_sizes, differing, domain

_INPUTS: Final[Path] = ("model", "inputs")
_PAST: Final = {"takes": "took", "needs": "needed"}


class Interface(Record):
    """A model as its callers see it."""

    scope: Scope
    checked: Checked
    domain: Domain

    @property
    def inputs(self) -> Mapping[str, InputDeclaration]:
        """Its inputs by name, in order."""
        return {item.name: item for item in self.scope.inputs}


class CommonSizes(Record):
    """The sizes of two models: the new one's in the old one's words, and the other way round."""

    forth: Bound
    back: Bound


def interface(checked: Checked) -> Interface:
    """A sound model as its callers see it."""
    return Interface(checked.graph.model, checked, domain(checked.typed))


def common_sizes(old: Interface, new: Interface) -> CommonSizes:
    """The sizes of two models, as far as their inputs go together."""
    names = [name for name in new.domain.shapes if _is_alike(name, old, new)]
    forth = bound_sizes(old.domain, new.domain, names)
    return CommonSizes(forth, bound_sizes(new.domain, old.domain, names))


def _is_alike(name: str, old: Interface, new: Interface) -> bool:
    """Whether an input has as many dimensions as before, and the same numbers among its sizes."""
    if name not in old.domain.shapes:
        return False
    one, other = old.domain.shapes[name], new.domain.shapes[name]
    known = (pair for pair in zip(one, other, strict=False) if all(dim.is_constant for dim in pair))
    return len(one) == len(other) and all(left == right for left, right in known)


def caller_changes(
    old: Interface, new: Interface, sizes: CommonSizes, sides: Sides
) -> list[Change]:
    """What calls of the old package do otherwise with the new one."""
    found = [*_named(old, new, sides), *_arguments(old, new, sides)]
    found += [*_inputs(old, new, sides), *_accepted(sizes, sides)]
    found += _outputs(old, new, sizes.forth, sides)
    return [*found, *_exports(old.checked, new.checked, sides)]


def _change(
    code: str,
    said: str,
    breaks: bool,
    sides: Sides,
    old: Path | None,
    new: Path | None,
    help: str | None = None,
) -> Change:
    return Change("callers", code, said, breaks, help=help, **sides.places(old, new))


def _named(old: Interface, new: Interface, sides: Sides) -> Iterator[Change]:
    was, now = old.scope.name, new.scope.name
    if was == now:
        return
    packages = (
        f", and the package {snake_case(now)}, was {snake_case(was)}"
        if snake_case(was) != snake_case(now)
        else ""
    )
    said = f"the class is {now}, was {was}{packages}"
    yield _change("class-name", said, True, sides, ("model", "name"), ("model", "name"))


def _arguments(old: Interface, new: Interface, sides: Sides) -> Iterator[Change]:
    """What the constructor takes."""
    models = [[d.value.get(key) for key in ("model", "blocks")] for d in (sides.old, sides.new)]
    if models[0] == models[1] or not (old.scope.params or new.scope.params):
        return
    # Imported where a model has params: many have none.
    from .constructor import constructor

    before, after = constructor(old.checked, sides.old), constructor(new.checked, sides.new)
    for name in [*before, *(name for name in after if name not in before)]:
        path: Path = ("model", "params", name)
        if name not in after:
            said = f"the constructor takes no {name} any more"
            yield _change("argument-removed", said, True, sides, path, None)
        elif name not in before:
            breaks = after[name].default is None
            said = f"the constructor {'needs' if breaks else 'takes'} {name}"
            yield _change("argument-added", said, breaks, sides, None, path)
        elif before[name] != after[name]:
            said = f"{name} of the constructor is {after[name]}, was {before[name]}"
            breaks = before[name].type != after[name].type or (
                before[name].default is not None and after[name].default is None
            )
            yield _change("argument", said, breaks, sides, path, path)
    yield from _requirements(old, new, sides)


def _requirements(old: Interface, new: Interface, sides: Sides) -> Iterator[Change]:
    place: Path = ("model", "require")
    for text in new.scope.requirements:
        if text not in old.scope.requirements:
            said = f"the constructor requires {text}"
            yield _change("requirement-added", said, True, sides, None, place)
    for text in old.scope.requirements:
        if text not in new.scope.requirements:
            said = f"the constructor does not require {text} any more"
            yield _change("requirement-removed", said, False, sides, place, None)


def _inputs(old: Interface, new: Interface, sides: Sides) -> Iterator[Change]:
    """Names, order, and what may be left out."""
    before, after = old.inputs, new.inputs
    gone = [name for name in before if name not in after]
    made = [name for name in after if name not in before]
    if [[*before].index(name) for name in gone] == [[*after].index(name) for name in made]:
        yield from _renamed_inputs(gone, made, sides)
        gone, made = [], []
    for name in gone:
        yield _change(
            "input-removed",
            f"there is no input {name} any more",
            True,
            sides,
            (*_INPUTS, name),
            None,
        )
    for name in made:
        is_last = [*after].index(name) >= len([n for n in after if n in before])
        fine = after[name].optional and is_last
        said = f"there is a further input {name}"
        said += ", which may be left out" if after[name].optional else ""
        yield _change("input-added", said, not fine, sides, None, (*_INPUTS, name))
    both = [name for name in before if name in after]
    if both != [name for name in after if name in before]:
        said = f"the inputs are {', '.join(after)}, were {', '.join(before)}"
        yield _change("input-order", said, True, sides, _INPUTS, _INPUTS)
    for name in both:
        yield from _input(name, old, new, sides)


def _renamed_inputs(gone: list[str], made: list[str], sides: Sides) -> Iterator[Change]:
    for was, now in zip(gone, made, strict=True):
        said = f"the input {was} is {now} now: calls by name fail"
        yield _change("input-renamed", said, True, sides, (*_INPUTS, was), (*_INPUTS, now))


def _input(name: str, old: Interface, new: Interface, sides: Sides) -> Iterator[Change]:
    path = (*_INPUTS, name)
    one, other = old.inputs[name].optional, new.inputs[name].optional
    if one != other:
        said = f"{name} {'may' if other else 'may not'} be left out"
        yield _change("input-optional", said, one, sides, path, path)
    types = [side.checked.typed.root.inputs[name] for side in (old, new)]
    shapes = [shape_text(side.domain.shapes[name]) for side in (old, new)]
    if not _is_alike(name, old, new):
        yield _change(
            "input-shape", f"{name} is {shapes[1]}, was {shapes[0]}", True, sides, path, path
        )
    if types[0].dtype != types[1].dtype:
        said = f"{name} is {types[1].dtype}, was {types[0].dtype}"
        yield _change("input-dtype", said, True, sides, path, path)


def _accepted(sizes: CommonSizes, sides: Sides) -> Iterator[Change]:
    for refused in sizes.forth.refused:
        when = " in training" if refused.training else ""
        said = f"fewer sizes are taken{when}: the model {refused.text}"
        yield _change("narrower", said, True, sides, _INPUTS, _INPUTS)
    for refused in sizes.back.refused:
        when = " in training" if refused.training else ""
        verb, _, rest = refused.text.partition(" ")
        said = f"more sizes are taken{when}: before, the model {_PAST[verb]} {rest}"
        yield _change("wider", said, False, sides, _INPUTS, _INPUTS)


def _outputs(old: Interface, new: Interface, bound: Bound, sides: Sides) -> Iterator[Change]:
    before, after = old.checked.typed.root.outputs, new.checked.typed.root.outputs
    place: Path = ("model", "outputs")
    # A single output is returned as it is: its name is nobody's.
    names = [[name for name, _ in side] if len(side) > 1 else [""] for side in (before, after)]
    if names[0] != names[1]:
        told = [", ".join(side) if side != [""] else "one tensor" for side in names]
        said = f"what is returned is {told[1]}, was {told[0]}"
        yield _change("outputs", said, True, sides, place, place)
    for name, now in after if set(names[0]) & set(names[1]) else ():
        was = dict(before).get(name) if len(after) > 1 else before[0][1]
        if was is None:
            continue
        what = name if len(after) > 1 else "the output"
        if isinstance(was, OptionalType) != isinstance(now, OptionalType):
            said = f"{what} {'may be' if isinstance(now, OptionalType) else 'is never'} None"
            yield _change("output-optional", said, True, sides, place, place)
        shape = differing(there(was), there(now), bound)
        if shape is not None:
            yield _change("output-shape", f"{what} is {shape}", True, sides, place, place)
        if there(was).dtype != there(now).dtype:
            said = f"{what} is {there(now).dtype}, was {there(was).dtype}"
            yield _change("output-dtype", said, True, sides, place, place)


def _exports(old: Checked, new: Checked, sides: Sides) -> Iterator[Change]:
    """What the package offers beside the model."""
    if old.training is not None and new.training is None:
        said = "the package has no train, predict, save and load any more"
        yield _change("exports", said, True, sides, ("data",), None)
    elif old.training is None and new.training is not None:
        said = "the package has train, predict, save and load"
        yield _change("exports", said, False, sides, None, ("data",))
    elif old.training is not None and new.training is not None:
        was, now = old.training.meaning, new.training.meaning
        if was != now:
            said = f"the output means a {now}, was a {was}: predict answers accordingly"
            yield _change("meaning", said, True, sides, ("loss",), ("loss",))
