"""Patterns over parameters: `*.bias`, `Conv2d.weight`, `backbone.*:Conv2d.weight`."""

from __future__ import annotations

from collections.abc import Container, Iterable
from fnmatch import fnmatchcase

from ...spec import registry
from ...spec.record import Record


class Pattern(Record):
    """Matches a parameter by its name in the model, or by the type of what owns it.

    glob: over the full name, None for any. type: the owner's type, None for any.
    parameter: a glob over the parameter's own name, for a pattern with a type.
    """

    glob: str | None
    type: str | None = None
    parameter: str = "*"

    @property
    def is_exact(self) -> bool:
        """Whether it is one name: neither a type nor a glob that may match several."""
        return self.type is None and self.glob is not None and not set(self.glob) & set("*?[")

    def covers(self, path: str) -> bool:
        """Whether it matches whatever parameters the module at `path` may have."""
        glob = self.glob or ""
        return self.type is None and glob.endswith("*") and fnmatchcase(f"{path}.", glob)

    def reaches(self, path: str) -> bool:
        """Whether it might match some parameter of the module at `path`."""
        glob = self.glob if self.glob is not None else "*"
        return any(fnmatchcase(f"{path}.", glob[:end]) for end in range(len(glob) + 1))

    def matches(self, name: str, owner_type: str) -> bool:
        """Whether it matches the parameter `name` of a module or block of type `owner_type`."""
        if self.glob is not None and not fnmatchcase(name, self.glob):
            return False
        if self.type is None:
            return True
        return owner_type == self.type and fnmatchcase(name.rpartition(".")[2], self.parameter)


class OwnerTypes(Container[str]):
    """What a pattern may name as the owner of a parameter: a layer, a block or the model.

    A layer is sought when it is asked for: listing them all would cost the start.
    """

    def __init__(self, blocks: Iterable[str], model: str) -> None:
        self.own = {*blocks, model}

    def __contains__(self, name: object) -> bool:
        return name in self.own or registry.has("layers", str(name))


def read_pattern(text: str, types: Container[str]) -> Pattern:
    """The pattern in a text; what stands before the last dot may be one of `types`."""
    scope, colon, rest = text.rpartition(":")
    head, dot, tail = rest.rpartition(".")
    if dot and head in types:
        return Pattern(scope if colon else None, head, tail)
    return Pattern(text)
