"""Schemas accept and refuse what pydantic's models of the same fields do."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import ValidationError

from specc.spec.kinds import Flag, Optional, Positive, Real
from specc.spec.schema import Before, Schema, as_pydantic


class Inner(Schema):
    number: int
    word: str = "w"


class Outer(Schema):
    """An example of every form of field."""

    positional: ClassVar[int] = 1

    size: Positive
    flag: Flag = False
    rate: Annotated[float | None, Optional(Real(0.0, 1.0))] = None
    inner: dict[str, Inner] = {}
    many: Annotated[tuple[str, ...], Before(lambda v: tuple(v) if isinstance(v, list) else v)] = ()
    edition: Literal[1] = 1
    one: Inner | None = None
    anything: Any = None
    limits: dict[str, int] = {}


class Open(Schema):
    extra: ClassVar[Literal["forbid", "allow"]] = "allow"

    word: str


class Paired(Schema):
    low: int
    high: int

    def model_post_init(self, context: object) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


def outcome(make: Any, value: object) -> object:
    try:
        made = make(value)
    except ValidationError as error:
        return sorted((d["type"], d["loc"]) for d in error.errors())
    return made


LEAVES = (
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats(-1, 2) | st.text("ab", max_size=2)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "number", "word"]), inner, max_size=2)
    ),
    max_leaves=5,
)
NAMES = st.sampled_from([*Outer.model_fields, "unknown"])


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_agrees_with_pydantic(value: dict[str, Any]) -> None:
    ours = outcome(Outer.model_validate, value)
    theirs = outcome(as_pydantic(Outer).model_validate, value)
    if isinstance(ours, list):
        assert ours == theirs
    else:
        assert repr(ours).replace("Outer(", "") == repr(theirs).replace("Outer(", "")


def test_fields_know_their_defaults_and_marks() -> None:
    fields = Outer.model_fields
    assert list(fields)[:3] == ["size", "flag", "rate"]
    assert fields["size"].is_required()
    assert fields["flag"].default is False
    assert "positional" not in fields


def test_instances_are_immutable_values() -> None:
    made = Outer(size=2)
    assert made == Outer(size=2)
    assert made != Outer(size=3)
    assert hash(Inner(number=1)) == hash(Inner(number=1))
    with pytest.raises(AttributeError, match="immutable"):
        made.size = 3  # type: ignore[misc]
    assert made.model_copy({"size": 5}).size == 5
    assert Inner.model_construct(number=4).word == "w"


def test_extra_keys() -> None:
    made = Open.model_validate({"word": "a", "more": 1})
    assert made.model_extra == {"more": 1}
    with pytest.raises(ValidationError, match="Extra inputs"):
        Inner.model_validate({"number": 1, "more": 1})


def test_what_holds_between_fields() -> None:
    with pytest.raises(ValidationError, match="low is above high"):
        Paired(low=2, high=1)
    assert Paired(low=1, high=1).high == 1
