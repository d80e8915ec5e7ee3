"""Which sizes two models take, each said in the words of the other: decided by proof.

A call of the old model is one of the new one where the sizes that the new one's names stand for
can be found among those of the old one, and satisfy what the new one asks of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...spec.record import Record
from ...spec.tensor.check import witness_text
from ...spec.tensor.dim import Dim, Symbol
from ...spec.tensor.facts import Condition, Facts, Unusable, assume
from ...spec.tensor.meaning import restored
from ...spec.tensor.prove import (
    Needs,
    Proved,
    Refuted,
    Undecided,
    at_least,
    equal,
    multiple_of,
)
from ...spec.tensor.type import TensorType, shape_text
from ..elaborate.typed import TypedGraph


class Domain(Record):
    """The sizes that a model takes, in the words of its spec.

    shapes: of each input. conditions: what it declares, then what it needs.
    trained: what it needs in training alone. facts: all the sizes that satisfy the conditions.
    minima: of sizes that may be less than 1, or must be more.
    """

    shapes: Mapping[str, tuple[Dim, ...]]
    conditions: tuple[Condition, ...]
    trained: tuple[Condition, ...]
    facts: Facts
    minima: Mapping[str, int]

    def seen(self, size: Dim) -> Dim:
        """A size over symbols that satisfy the conditions by themselves."""
        return size.substitute(self.facts.substitution)

    def told(self, witness: Mapping[str, int]) -> str:
        """Sizes of such symbols in the words of the spec."""
        return witness_text(self.facts.given_sizes(witness) or witness)


def domain(typed: TypedGraph) -> Domain:
    """The sizes that a model takes."""
    shapes = {
        name: tuple(map(restored, tensor.shape)) for name, tensor in typed.root.inputs.items()
    }
    declared = typed.facts.conditions if typed.facts else ()
    needs = _needs(typed)
    known = {s.name: s for s in typed.facts.symbols} if typed.facts else {}
    names = {symbol.name for shape in shapes.values() for dim in shape for symbol in dim.symbols}
    symbols = [known.get(name) or Symbol(name) for name in sorted(names | known.keys())]
    conditions = (*declared, *(need for need, training in needs if not training))
    facts = _assumed(symbols, conditions)
    assert facts is not None
    return Domain(
        shapes,
        conditions,
        tuple(need for need, training in needs if training),
        facts,
        {symbol.name: symbol.minimum for symbol in symbols},
    )


def _needs(typed: TypedGraph) -> list[tuple[Condition, bool]]:
    """What sizes must satisfy, and whether in training alone; of bounds of one size the largest."""
    most: dict[tuple[Symbol, bool], int] = {}
    found: list[tuple[Condition, bool]] = []
    for need in typed.needs:
        if need.bound.threshold is None:
            bound = Condition(restored(need.bound.dim), ">=", Dim.of(need.bound.bound))
            found.append((bound, need.training))
        else:
            symbol, least = need.bound.threshold
            most[symbol, need.training] = max(least, most.get((symbol, need.training), least))
    return found + [
        (Condition(restored(Dim.of(symbol)), ">=", Dim.of(least)), training)
        for (symbol, training), least in most.items()
    ]


def _assumed(symbols: Sequence[Symbol], conditions: tuple[Condition, ...]) -> Facts | None:
    """As many of the conditions as can be used exactly: fewer prove less, and nothing wrong.

    None where they exclude each other.
    """
    names = {symbol.name for symbol in symbols}
    usable = [c for c in conditions if {s.name for s in c.left.symbols | c.right.symbols} <= names]
    found = assume(symbols, usable)
    while isinstance(found, Unusable):
        usable.remove(found.condition)
        found = assume(symbols, usable)
    return found if isinstance(found, Facts) else None


class Refused(NamedTuple):
    """What the new model does not take of what the old one does.

    text: the end of a sentence that begins with the new model. training: only in training.
    least: the size that must be at least so much, where that is all.
    """

    text: str
    training: bool = False
    least: tuple[str, int] | None = None


class Bound(Record):
    """A new model's sizes in the words of an old one.

    words: each. refused: what the new one does not take.
    shared: the sizes that both take; None where there are none.
    """

    words: Mapping[str, Dim]
    refused: tuple[Refused, ...]
    shared: Domain | None


def bound_sizes(old: Domain, new: Domain, names: Collection[str]) -> Bound:
    """What the new model's sizes are in the old one's words, and what of these it does not take.

    names: of inputs that both have, with as many dimensions.
    """
    words: dict[str, Dim] = {}
    if _is_the_same(old, new):
        names_of = {symbol for shape in old.shapes.values() for d in shape for symbol in d.symbols}
        words = {symbol.name: Dim.of(Symbol(symbol.name)) for symbol in names_of}
        return Bound(words, (), old)
    pairs = [
        pair for name in names for pair in zip(old.shapes[name], new.shapes[name], strict=True)
    ]
    # What is plainly a size comes first: what is computed from it can then be compared.
    later = []
    for was, now in pairs:
        symbol = _plain(now)
        if symbol is not None and symbol not in words:
            words[symbol] = was
        else:
            later.append((was, now))
    refused = [
        Refused(f"needs {symbol} >= {new.minima[symbol]}")
        for symbol, was in words.items()
        if not isinstance(at_least(old.seen(was), new.minima[symbol]), Proved)
    ]
    refused += [Refused(text) for was, now in later for text in _fitted(was, now, words, old)]
    translated = []
    for said in _over(new.conditions, words):
        translated.append(_translated(said, words))
        refused += _broken(said, translated[-1], old)
    for said in _over(new.trained, words):
        refused += _broken(said, _translated(said, words), old, training=True)
    whole = [Condition(was, "==", now.substitute(words)) for was, now in later]
    facts = _assumed(old.facts.symbols, (*old.conditions, *translated, *whole))
    shared = None if facts is None else old.replace(facts=facts)
    return Bound(words, _strongest(refused), shared)


def _is_the_same(old: Domain, new: Domain) -> bool:
    """Whether two models take the same sizes, said in the same words: most changes leave them."""
    alike = (old.shapes, old.trained, old.minima) == (new.shapes, new.trained, new.minima)
    return alike and old.conditions == new.conditions


def _over(conditions: Iterable[Condition], words: Mapping[str, Dim]) -> list[Condition]:
    """The conditions on sizes that both models have: those of further inputs are told as such."""
    return [
        condition
        for condition in conditions
        if {s.name for s in condition.left.symbols | condition.right.symbols} <= words.keys()
    ]


def _strongest(refused: list[Refused]) -> tuple[Refused, ...]:
    """Without what another one implies."""
    most: dict[tuple[str, bool], int] = {}
    for one in refused:
        if one.least is not None:
            symbol, least = one.least
            most[symbol, one.training] = max(least, most.get((symbol, one.training), least))
    kept = (r for r in refused if r.least is None or most[r.least[0], r.training] == r.least[1])
    return tuple(dict.fromkeys(kept))


def _plain(size: Dim) -> str | None:
    """The symbol that a size is, if it is nothing but one."""
    if len(size.symbols) != 1:
        return None
    (symbol,) = size.symbols
    return symbol.name if size == Dim.of(symbol) else None


def _fitted(was: Dim, now: Dim, words: dict[str, Dim], old: Domain) -> Iterator[str]:
    """Why a size of the old model is none of the new one's; binds the symbol that is still free."""
    free = [symbol for symbol in now.symbols if symbol.name not in words]
    if not free:
        verdict = equal(old.seen(was), old.seen(now.substitute(words)))
        if isinstance(verdict, Refuted):
            yield f"takes {now}, and not {was}{_at(verdict, old)}"
        elif not isinstance(verdict, Proved) and str(was) != str(now):
            yield f"takes {now}, which could not be compared with {was}"
        return
    [symbol, *others] = free
    factor = now.terms.get((symbol,), 0)
    rest = now - factor * Dim.of(symbol)
    if others or factor < 1 or symbol in rest.symbols:
        if str(was) != str(now):
            yield f"takes {now}, which could not be compared with {was}"
        words[symbol.name] = Dim.of(symbol)
        return
    whole = was - rest.substitute(words)
    words[symbol.name] = whole // factor
    verdict = multiple_of(old.seen(whole), factor)
    if not isinstance(verdict, Proved):
        every = "" if was.is_constant else "every "
        yield f"takes {now}, and not {every}{was}{_at(verdict, old)}"


def _translated(condition: Condition, words: Mapping[str, Dim]) -> Condition:
    return Condition(
        condition.left.substitute(words), condition.op, condition.right.substitute(words)
    )


def _broken(
    said: Condition, translated: Condition, old: Domain, *, training: bool = False
) -> list[Refused]:
    """Why a condition of the new model does not hold for all sizes of the old one."""
    known = (*old.conditions, *(old.trained if training else ()))
    if any(_is_same(translated, condition) for condition in known):
        return []
    verdict = _verdict(translated, old)
    if isinstance(verdict, Needs):
        if any(_implies(condition, translated) for condition in known):
            return []
        symbol, least = verdict.threshold or (None, 0)
        bound = (symbol.name, least) if symbol is not None else None
        return [Refused(f"needs {verdict}", training, bound)]
    if isinstance(verdict, Undecided):
        return [Refused(f"needs {said}, which could not be compared", training)]
    if isinstance(verdict, Refuted):
        return [Refused(f"needs {said}{_at(verdict, old)}", training)]
    return []


def _verdict(condition: Condition, old: Domain) -> Proved | Refuted | Needs | Undecided:
    """Whether a condition holds for all sizes of a model."""
    margin = old.seen(condition.left - condition.right)
    match condition.op:
        case "==":
            return equal(margin, Dim.of(0))
        case "!=":
            above = at_least(margin, 1)
            return above if isinstance(above, Proved) else at_least(-margin, 1)
        case "<" | "<=":
            return at_least(-margin, 1 if condition.op == "<" else 0)
        case _:
            return at_least(margin, 1 if condition.op == ">" else 0)


def _implies(known: Condition, wanted: Condition) -> bool:
    """Whether one lower bound is no less than the other of the same size."""
    if known.op != ">=" or wanted.op != ">=":
        return False
    slack = (wanted.left - wanted.right) - (known.left - known.right)
    return slack.constant is not None and slack.constant >= 0


def _is_same(one: Condition, other: Condition) -> bool:
    return one.op == other.op and (one.left - one.right) == (other.left - other.right)


def _at(verdict: object, old: Domain) -> str:
    if isinstance(verdict, Refuted) and verdict.witness:
        return f", for {old.told(verdict.witness)}"
    return ""


def differing(was: TensorType, now: TensorType, bound: Bound) -> str | None:
    """How the new shape of an output differs for sizes that both take; None where it does not."""
    old = bound.shared
    if old is None:
        return None
    before = tuple(map(restored, was.shape))
    after = tuple(restored(size).substitute(bound.words) for size in now.shape)
    said = f"{shape_text(after)}, was {shape_text(before)}"
    if len(before) != len(after):
        return said
    for one, other in zip(before, after, strict=True):
        verdict = equal(old.seen(one), old.seen(other))
        if isinstance(verdict, Refuted):
            if not verdict.witness:
                return said
            left, right = (old.seen(size).evaluate(verdict.witness) for size in (one, other))
            return f"{said}: {right} instead of {left}{_at(verdict, old)}"
        if not isinstance(verdict, Proved) and one != other:
            return f"{said}, which could not be compared"
    return None
