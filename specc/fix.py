"""Carries out the fixes of problems on the texts of a spec; the rest stays byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from .spec.diagnostic import Diagnostic, Fix, in_reading_order
from .spec.record import Record

ROUNDS = 100
"""At most so many times are fixes made on the result of others."""

Texts = Mapping[str, str]


class Fixed(Record):
    """What became of a spec's texts.

    made: each problem that was mended, with the texts in which it was found.
    before, after: the texts that changed, by name.
    left: the problems that are left, with the texts in which they are.
    """

    made: Sequence[tuple[Diagnostic, Texts]]
    before: Texts
    after: Texts
    left: tuple[Sequence[Diagnostic], Texts]


def fixed(check: Callable[[Texts], tuple[Sequence[Diagnostic], Texts]]) -> Fixed:
    """Makes fixes until there are none to make.

    check: the problems of the spec and all its texts, where some are other than on disk.
    """
    made: list[tuple[Diagnostic, Texts]] = []
    before: dict[str, str] = {}
    edited: dict[str, str] = {}
    seen: list[Texts] = []
    left, texts = check(edited)
    while len(seen) < ROUNDS:
        seen.append(dict(edited))
        chosen = _chosen(left, texts)
        again = edited | {
            name: _applied(texts[name], [fix for _, fix in chosen if fix.span.file == name])
            for name in {fix.span.file for _, fix in chosen}
        }
        # Fixes that undo each other would go on for ever.
        if again in seen:
            break
        made += [(problem, texts) for problem, _ in chosen]
        before = {name: texts[name] for name in again} | before
        edited = again
        left, texts = check(edited)
    return Fixed(made, before, edited, (left, texts))


def _chosen(problems: Iterable[Diagnostic], texts: Texts) -> list[tuple[Diagnostic, Fix]]:
    """The problems whose fixes can be made at once: of those that overlap, the first."""
    found: list[tuple[Diagnostic, Fix]] = []
    for problem in in_reading_order(problems):
        fix = problem.fix
        if fix is None or fix.span.file not in texts:
            continue
        if fix in (other for _, other in found):
            # One edit may mend several problems: a name that several read.
            continue
        if not any(_overlap(fix, other) for _, other in found):
            found.append((problem, fix))
    return found


def _overlap(one: Fix, other: Fix) -> bool:
    """Whether two edits touch the same characters, or meet: then neither knows what comes out."""
    a, b = one.span, other.span
    return a.file == b.file and a.start <= b.end and b.start <= a.end


def _applied(text: str, fixes: Iterable[Fix]) -> str:
    for fix in sorted(fixes, key=lambda fix: -fix.span.start):
        text = text[: fix.span.start] + fix.text + text[fix.span.end :]
    return text
