"""`include = ["blocks.toml"]`: the blocks of further files, each with its place in its own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from .. import registry
from ..diagnostic import Diagnostic, Fix, Label, Span, SpecError
from ..paths import shown_path
from ..record import Record
from ..refusal import Refusal
from .beneath import FileId, Folder, beneath, utf8
from .document import Document, Path, Place, Value, path_text
from .json import parse_json
from .read import MAX_BYTES
from .toml import parse_toml

MAX_FILES: Final = 100
MAX_DEPTH: Final = 16
KEYS: Final = ("include", "blocks", "specc")
"""What an included file may hold."""

_NO_FOLDER: Final = (
    "include names files beside the spec's own, and this spec is no file: it came as a text,"
    " a dict or standard input"
)


def include(document: Document) -> tuple[Document, list[Diagnostic]]:
    """The document with the blocks of the files that it includes, and what is wrong with these.

    Each value keeps the path that it would have in the document, with its place in its own file.
    """
    if document.folder is None:
        return document, [_problem(document, ("include",), "no-folder", _NO_FOLDER, key=True)]
    includer = _Includer(document, document.folder)
    includer.follow(_Including(document, "", includer.first))
    return includer.joined(), includer.problems


class _Including(Record):
    """A file whose `include` is followed.

    around: its folder, beneath the spec's. id: which file it is.
    outer: what includes it. place: where, in there.
    """

    document: Document
    around: str
    id: FileId | None
    outer: _Including | None = None
    place: Path = ()

    @property
    def chain(self) -> tuple[_Including, ...]:
        """The files that lead here, the spec's own first."""
        return (*(self.outer.chain if self.outer else ()), self)

    @property
    def name(self) -> str:
        """What messages call the file."""
        return next(iter(self.document.texts))


class _Includer:
    """Holds what has been brought along so far."""

    def __init__(self, document: Document, folder: Folder) -> None:
        self.document = document
        self.folder = folder
        self.problems: list[Diagnostic] = []
        self.texts = dict(document.texts)
        self.left = MAX_BYTES - sum(map(len, document.texts.values()))
        self.read: set[FileId] = set()
        self.first = folder.id(next(iter(document.texts), ""))
        own = document.value.get("blocks")
        self.blocks: dict[str, Value] = dict(own) if isinstance(own, dict) else {}
        self.owners = dict.fromkeys(self.blocks, document)
        self.places: dict[Path, Place] = dict(document.places)

    def joined(self) -> Document:
        """The document with all blocks."""
        value = self.document.value
        if self.blocks and isinstance(value.get("blocks", {}), dict):
            value = {**value, "blocks": self.blocks}
        return self.document.replace(value=value, places=self.places, texts=self.texts)

    def follow(self, file: _Including) -> None:
        """Brings the blocks of what a file includes."""
        written = file.document.value.get("include", [])
        path: Path = ("include",)
        if not isinstance(written, list) or not all(isinstance(item, str) for item in written):
            said = 'include must be a list of files, such as ["blocks.toml"]'
            self.problems.append(_problem(file.document, path, "wrong-type", said))
            return
        for index, text in enumerate(written):
            place: Path = (*path, index)
            try:
                if text in written[:index]:
                    raise Refusal(
                        f"{shown_path(str(text))} stands here twice", code="duplicate-key"
                    )
                self._bring(str(text), file, place)
            except Refusal as refusal:
                code, message = refusal.code, refusal.message
                self.problems.append(_problem(file.document, place, code, message, refusal.help))

    def _bring(self, text: str, file: _Including, place: Path) -> None:
        """One file that another one includes. Raises `Refusal`."""
        path = beneath(file.around, text)
        if not path.lower().endswith((".toml", ".json")):
            raise Refusal(f"{shown_path(text)} must end in .toml or .json", code="bad-path")
        if len(file.chain) > MAX_DEPTH:
            raise Refusal(f"files include each other at most {MAX_DEPTH} deep", code="too-deep")
        found = self.folder.read(path, self.left)
        if self._is_cycle(found.id, file, place) or found.id in self.read:
            return
        self.read.add(found.id)
        if len(self.read) > MAX_FILES:
            raise Refusal(f"a spec includes at most {MAX_FILES} files", code="too-many-files")
        self.left -= len(found.data)
        inner = self._parsed(utf8(found.data, path), self.folder.name(path))
        if inner is not None:
            self._check_keys(inner)
            self._add_blocks(inner)
            self.follow(_Including(inner, posixpath.dirname(path), found.id, file, place))

    def _parsed(self, text: str, name: str) -> Document | None:
        self.texts[name] = text
        try:
            return (parse_json if name.lower().endswith(".json") else parse_toml)(text, name)
        except SpecError as error:
            self.problems += error.diagnostics
            return None

    def _is_cycle(self, id: FileId, file: _Including, place: Path) -> bool:
        """Whether a file includes itself, perhaps by way of others, which is reported."""
        ids = [one.id for one in file.chain]
        if id not in ids:
            return False
        circle = file.chain[ids.index(id) :]
        names = " includes ".join([*(one.name for one in circle), circle[0].name])
        said = f"a file can't include itself: {names}"
        found = _problem(file.document, place, "include-cycle", said)
        self.problems.append(found.replace(labels=tuple(_labels(circle))))
        return True

    def _check_keys(self, inner: Document) -> None:
        for key in inner.value:
            if key in KEYS:
                continue
            close = registry.closest(key, KEYS)
            help = (
                f"did you mean {close}?"
                if close
                else "it may hold include, [blocks.NAME] and specc"
            )
            said = f"{shown_path(key)} is not a key of a file that is included"
            found = _problem(inner, (key,), "unknown-key", said, help, key=True)
            fix = _fix(inner, found.span, registry.slip(key, KEYS))
            self.problems.append(found.replace(fix=fix))
        edition = inner.value.get("specc", 1)
        if type(edition) is not int or edition != 1:
            self.problems.append(_problem(inner, ("specc",), "invalid-value", "specc must be 1"))

    def _add_blocks(self, inner: Document) -> None:
        blocks = inner.value.get("blocks", {})
        if not isinstance(blocks, dict):
            said = "blocks must be a table of blocks by their names"
            self.problems.append(_problem(inner, ("blocks",), "wrong-type", said))
            return
        for name, block in blocks.items():
            if name in self.blocks:
                self._report_twice(name, inner)
            else:
                self.blocks[name], self.owners[name] = block, inner
        mine = {name for name in blocks if self.owners[name] is inner}
        self.places |= {
            path: place
            for path, place in inner.places.items()
            if path[:1] == ("blocks",) and path[1:2] and path[1] in mine
        }

    def _report_twice(self, name: str, inner: Document) -> None:
        path: Path = ("blocks", name)
        said = f"the block {shown_path(name)} stands in two files; expected it in one"
        found = _problem(inner, path, "duplicate-key", said, "rename one of them", key=True)
        first = self.owners[name].span(path, key=True)
        labels = (Label(first, "the other one"),) if first is not None else ()
        self.problems.append(found.replace(labels=labels))


def _labels(circle: tuple[_Including, ...]) -> Iterator[Label]:
    """Where each file of a circle includes the next one."""
    for outer, inner in pairwise(circle):
        span = outer.document.span(inner.place)
        if span is not None:
            yield Label(span, f"includes {inner.name}")


def _problem(
    document: Document,
    path: Path,
    code: str,
    said: str,
    help: str | None = None,
    *,
    key: bool = False,
) -> Diagnostic:
    return Diagnostic(code, said, document.span(path, key=key), path_text(path), help=help)


def _fix(document: Document, span: Span | None, key: str | None) -> Fix | None:
    if span is None or key is None:
        return None
    is_quoted = document.texts[span.file][span.start] == '"'
    return Fix(span, f'"{key}"' if is_quoted else key)
