"""`type = "./layers.py:SwiGLU"`: the Python files that a spec names, read and never run."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from ..names import names_file
from ..paths import shown_path
from ..refusal import Refusal
from .beneath import beneath, utf8
from .document import Document, OwnFile, Path

MAX_BYTES: Final = 2**20
MAX_FILES: Final = 50


def read_own_files(document: Document) -> Document:
    """The document with the files that the types of its entries name, or why one can't be read."""
    texts = dict(document.texts)
    files: dict[Path, OwnFile | Refusal] = {}
    for path, text in _types(document):
        try:
            file = _file(document, path, text)
            if file.name not in texts:
                if len(texts) - len(document.texts) >= MAX_FILES:
                    raise Refusal(f"a spec names at most {MAX_FILES} files of one's own")
                assert document.folder is not None
                data = document.folder.read(file.path, MAX_BYTES).data
                texts[file.name] = utf8(data, file.path)
            files[path] = file
        except Refusal as refusal:
            files[path] = refusal
    return document.replace(texts=texts, files=files) if files else document


def _types(document: Document) -> Iterator[tuple[Path, str]]:
    """The types that are meant for files, anywhere in the model, the blocks and the data."""
    waiting: list[tuple[Path, object]] = [
        ((key,), document.value[key])
        for key in ("blocks", "model", "data")
        if key in document.value
    ]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in enumerate(value)]
        elif isinstance(value, str) and _is_type(path) and names_file(value):
            yield path, value


def _is_type(path: Path) -> bool:
    """Whether the value there is a type: a bare name in a list of layers is one, too."""
    return path[-1] == "type" or (isinstance(path[-1], int) and path[-2] == "layers")


def _file(document: Document, path: Path, text: str) -> OwnFile:
    """The file that a type names. Raises `Refusal`."""
    file, colon, name = text.rpartition(":")
    if not colon or not file.endswith(".py") or not name:
        said = f"{shown_path(text)} must name a file and a class in it"
        raise Refusal(said, code="bad-path", help='"./layers.py:SwiGLU"')
    if not file.startswith(("./", "../")):
        said = f"{shown_path(file)} must begin with ./ or ../"
        raise Refusal(said, code="bad-path", help=f'"./{text}"' if text.isprintable() else None)
    if document.folder is None:
        said = (
            "a file of one's own lies beside the spec, and this spec is no file: it came as a text,"
        )
        raise Refusal(f"{said} a dict or standard input", code="no-folder")
    span = document.span(path[:-1])
    around = ""
    if span is not None:
        around = posixpath.dirname(document.folder.relative(span.file))
    found = beneath(around, file)
    return OwnFile(found, document.folder.name(found))
