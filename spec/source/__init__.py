"""Texts and dicts -> documents: plain values, each with its place in the source."""

from .beneath import EditedFolder, Folder
from .document import Document, Key, Offsets, OwnFile, Path, Place, Value, path_text
from .json import parse_json
from .lines import line_and_column, line_text
from .plain import from_dict
from .read import MAX_BYTES, Format, Unreadable, decoded, format_of, read, read_text
from .toml import parse_toml

__all__ = [
    "MAX_BYTES",
    "Document",
    "EditedFolder",
    "Folder",
    "Format",
    "Key",
    "Offsets",
    "OwnFile",
    "Path",
    "Place",
    "Unreadable",
    "Value",
    "decoded",
    "format_of",
    "from_dict",
    "line_and_column",
    "line_text",
    "parse_json",
    "parse_toml",
    "path_text",
    "read",
    "read_text",
]
