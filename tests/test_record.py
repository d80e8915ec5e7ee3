"""Records behave as frozen dataclasses do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

import pytest

from specc.spec.record import Record, field

E = TypeVar("E")


class Point(Record):
    kind: ClassVar[str] = "point"

    x: int
    y: int = 2
    at: int = field(compare=False, default=0)


class Named(Point):
    name: str = ""


class Pair(Record, Generic[E]):
    left: E
    right: E


@dataclass(frozen=True)
class Twin:
    x: int
    y: int = 2


def test_fields_defaults_and_repr() -> None:
    assert repr(Point(1)) == "Point(x=1, y=2, at=0)"
    assert repr(Twin(1)) == "Twin(x=1, y=2)"
    assert (Point(1, y=5).x, Point(1, y=5).y) == (1, 5)
    assert Named(1, 2, 3, "n").name == "n"
    assert Point.kind == "point"


@pytest.mark.parametrize("args", [((), {}), ((1, 2, 3, 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1})])
def test_wrong_arguments_are_refused(args: tuple[tuple[int, ...], dict[str, int]]) -> None:
    with pytest.raises(TypeError, match="Point takes x, y, at"):
        Point(*args[0], **args[1])


def test_equality_and_hash_leave_out_what_is_not_compared() -> None:
    assert Point(1, at=3) == Point(1, at=4)
    assert hash(Point(1, at=3)) == hash(Point(1, at=4))
    assert Point(1) != Point(2)
    assert Point(1) != Named(1)
    assert Point(1) != Twin(1)
    assert len({Point(1), Point(1, at=9), Point(2)}) == 2


def test_immutable() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        Point(1).x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="immutable"):
        del Point(1).x


def test_replace_and_patterns() -> None:
    assert Point(1, at=7).replace(y=9) == Point(1, 9)
    match Pair(1, "b"):
        case Pair(left, right=str(right)):
            assert (left, right) == (1, "b")
        case _:
            pytest.fail("no match")
