"""A parsed source: plain values, and the place of each in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..diagnostic import Span
from ..record import Record
from ..refusal import Refusal

if TYPE_CHECKING:
    from .beneath import Folder

Key = str | int
Path = tuple[Key, ...]
Value = bool | int | float | str | list["Value"] | dict[str, "Value"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Offsets(Record):
    """Where each code point of a decoded string stands in the source.

    runs: (decoded, source, width): from the decoded index on, up to the next run, each code point
    takes `width` code points of source: 1 in plain text, more where one is written as an escape.
    Of several runs from the same index the last holds.
    """

    runs: tuple[tuple[int, int, int], ...]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The source range of the decoded range `start:end`."""
        if end <= start:
            return (self._begin(start),) * 2
        return self._begin(start), self._begin(end - 1) + self._run(end - 1)[2]

    def _begin(self, index: int) -> int:
        decoded, source, width = self._run(index)
        return source + (index - decoded) * width

    def _run(self, index: int) -> tuple[int, int, int]:
        return self.runs[max(0, bisect_right(self.runs, index, key=lambda run: run[0]) - 1)]


class Place(Record):
    """Where a value stands.

    value: the whole value; of a table with a header, the header.
    key: the key that names it; None for the items of a list.
    offsets: of a string; None where it begins one code point into `value` and has no escapes.
    """

    value: Span
    key: Span | None
    offsets: Offsets | None = None


class OwnFile(Record):
    """A Python file of the user's own.

    path: beneath the spec's folder. name: among the document's texts.
    """

    path: str
    name: str

    @property
    def module(self) -> str:
        """What the package calls it, without `.py`."""
        return self.path.rpartition("/")[2].removesuffix(".py")


class Document(Record):
    """Values with their places.

    value: the root table.
    places: of each value by its path; empty where the source was not a text.
    texts: each file's text by its name, the spec's own first.
    given: of a value that was given beside the text, how: `--set depth=4`.
    folder: beneath which further files may be read; None where the spec lies in none.
    files: of a value that names a file of one's own, that file, or why there is none.
    """

    value: dict[str, Value]
    places: Mapping[Path, Place]
    texts: Mapping[str, str]
    given: Mapping[Path, str] = MappingProxyType({})
    folder: Folder | None = None
    files: Mapping[Path, OwnFile | Refusal] = MappingProxyType({})

    def where(self, path: Path) -> str:
        """A place in words: the keys that lead to it, or how its value was given."""
        return self.given.get(path) or path_text(path)

    def span(
        self, path: Path, *, key: bool = False, within: tuple[int, int] | None = None
    ) -> Span | None:
        """The span of the value at `path`, or of its key.

        within: a range of the decoded string, in code points, if the value is one.
        What is absent, such as a missing key, has the place of the nearest value around it: that
        value's key if it has one. None where the source was not a text, or the value was given
        beside it.
        """
        place = self.places.get(path)
        if path in self.given and not key:
            return None
        if place is None:
            return self._nearest(path)
        if key:
            return place.key or place.value
        if within is None or not isinstance(self._at(path), str):
            return place.value
        return _inside(place, *within)

    def renamed(self, path: Path, key: str) -> Document:
        """The document in which a key is called otherwise, which stands where it stood."""

        def moved(place: Path) -> Path:
            inside = place[: len(path)] == path
            return (*path[:-1], key, *place[len(path) :]) if inside else place

        return self.replace(
            value=_renamed(self.value, path, key),
            places={moved(place): found for place, found in self.places.items()},
            given={moved(place): said for place, said in self.given.items()},
            files={moved(place): file for place, file in self.files.items()},
        )

    def is_included(self, path: Path) -> bool:
        """Whether a value stands in another file than the spec's own."""
        span = self._nearest((*path, ""))
        return span is not None and span.file != next(iter(self.texts))

    def _nearest(self, path: Path) -> Span | None:
        for length in range(len(path) - 1, -1, -1):
            place = self.places.get(path[:length])
            if place is not None:
                return place.key or place.value
        return None

    def _at(self, path: Path) -> Value:
        value: Value = self.value
        for step in path:
            value = value[step]  # type: ignore[index]
        return value


def _renamed(value: Any, path: Path, key: str) -> Any:
    """A value with the key at a path within it called otherwise; the order stays."""
    first, *rest = path
    if isinstance(value, list):
        items = enumerate(value)
        return [_renamed(item, tuple(rest), key) if i == first else item for i, item in items]
    if rest:
        return {**value, first: _renamed(value[first], tuple(rest), key)}
    return {key if name == first else name: item for name, item in value.items()}


def _inside(place: Place, start: int, end: int) -> Span:
    whole = place.value
    offsets = place.offsets or Offsets(((0, whole.start + 1, 1),))
    first, last = offsets.source(max(0, start), end)
    first = min(first, whole.end)
    return Span(whole.file, first, max(first, min(last, whole.end)))


def path_text(path: Path) -> str:
    """A path as a reader would write it: ``model.layers[2].out_features``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
            continue
        bare = _BARE_KEY.fullmatch(step)
        text += ("." if text else "") + (step if bare else _quoted(step))
    return text


def _quoted(key: str) -> str:
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
