"""Immutable values with named fields, made without running generated code.

They are used as frozen dataclasses are, and type checkers take them for such. Making a frozen
dataclass costs some 0.5 ms, since it compiles its methods; `specc check` would make eighty of them
before it reads a line. Making one of these costs a hundredth of that.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, Final, Self, dataclass_transform

_MISSING: Final[Any] = object()


class _Field:
    """What `field` says of a field."""

    def __init__(self, default: Any, compare: bool) -> None:
        self.default = default
        self.compare = compare


def field(*, default: Any = _MISSING, compare: bool = True) -> Any:
    """A field that is left out of comparisons and hashes, unless `compare`."""
    return _Field(default, compare)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """The base of immutable values; the annotations of a subclass are its fields, in order."""

    field_names: ClassVar[tuple[str, ...]] = ()
    _compared: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = [
            name
            for name, annotation in inspect.get_annotations(cls).items()
            if not str(annotation).startswith("ClassVar")
        ]
        uncompared = set(cls.field_names) - set(cls._compared)
        defaults = dict(cls._defaults)
        for name in own:
            default = cls.__dict__.get(name, _MISSING)
            if isinstance(default, _Field):
                if not default.compare:
                    uncompared.add(name)
                default = default.default
                delattr(cls, name)
            if default is not _MISSING:
                defaults[name] = default
        names = dict.fromkeys((*cls.field_names, *own))
        cls.field_names = tuple(names)
        # What positional patterns of `match` go by.
        type.__setattr__(cls, "__match_args__", cls.field_names)
        cls._compared = tuple(name for name in names if name not in uncompared)
        cls._defaults = defaults

    def __init__(self, *args: Any, **by_name: Any) -> None:
        names = self.field_names
        values = dict(zip(names, args, strict=False))
        if len(args) > len(names) or not values.keys().isdisjoint(by_name):
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}")
        values.update(by_name)
        if len(values) < len(names):
            values = {**self._defaults, **values}
        if values.keys() != set(names):
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}")
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} can't be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} can't be deleted")

    def _values(self) -> tuple[Any, ...]:
        held = self.__dict__
        return tuple([held[name] for name in self._compared])

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        assert isinstance(other, Record)
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((self.__class__, self._values()))

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.field_names)
        return f"{type(self).__qualname__}({inner})"

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return type(self)(**{**self.__dict__, **changes})
