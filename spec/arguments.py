"""Things of other libraries that are made by their own name and arguments."""

from __future__ import annotations

from typing import Any, ClassVar

from .kinds import Real
from .schema import Schema


class Float(Real):
    """A number that the library takes as a float only: whole numbers become one."""

    def read(self, value: object) -> float:
        return float(super().read(value))


class Arguments(Schema):
    """The arguments of a class or function: fields by its names, in its order, its defaults.

    positional: how many leading arguments stand without their names in the emitted call.
    """

    positional: ClassVar[int] = 0

    def given(self) -> dict[str, Any]:
        """The arguments that differ from the defaults, in order."""
        fields = type(self).model_fields
        return {
            name: value
            for name, value in self
            if fields[name].is_required() or value != fields[name].default
        }
