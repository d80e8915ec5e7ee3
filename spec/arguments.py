"""Things of other libraries that are made by their own name and arguments."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from .kinds import Real

T = TypeVar("T")


class Float(Real):
    """A number that the library takes as a float only: whole numbers become one."""

    def read(self, value: object) -> float:
        return float(super().read(value))


class Arguments(BaseModel):
    """The arguments of a class or function: fields by its names, in its order, its defaults.

    positional: how many leading arguments stand without their names in the emitted call.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    positional: ClassVar[int] = 0

    def given(self) -> dict[str, Any]:
        """The arguments that differ from the defaults, in order."""
        fields = type(self).model_fields
        return {
            name: value
            for name, value in self
            if fields[name].is_required() or value != fields[name].default
        }


def by_name(base: type[T]) -> dict[str, type[T]]:
    """The classes derived from `base` that stand for something, by name."""
    found: dict[str, type[T]] = {}
    for derived in base.__subclasses__():
        if not derived.__name__.startswith("_"):
            found[derived.__name__] = derived
        found |= by_name(derived)
    return found
