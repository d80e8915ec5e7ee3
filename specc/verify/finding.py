"""What an examination of a package found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ..spec.record import Record

Verdict = Literal["passed", "failed", "skipped"]


class Finding(Record):
    """The result of one examination.

    says: what was found: numbers, or what is wrong, or why it could not be examined.
    details: further lines.
    """

    examination: str
    verdict: Verdict
    says: str
    details: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "examination": self.examination,
            "verdict": self.verdict,
            "message": self.says,
            "details": list(self.details),
        }


def passed(examination: str, says: str, details: Sequence[str] = ()) -> Finding:
    return Finding(examination, "passed", says, tuple(details))


def failed(examination: str, says: str, details: Sequence[str] = ()) -> Finding:
    return Finding(examination, "failed", says, tuple(details))


def skipped(examination: str, why: str) -> Finding:
    return Finding(examination, "skipped", why)
