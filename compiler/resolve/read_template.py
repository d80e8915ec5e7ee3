"""Names that are templates: `denselayer{index + 1}`, a name for each time of a repeat."""

from __future__ import annotations

import re
from typing import Final

from ...spec.model import Entry
from ...spec.source import Path
from .arguments import ArgumentReader
from .graph import Argument
from .problems import Problems

_EXPRESSION: Final = re.compile(r"\{([^{}]*)\}")


def is_template(name: object) -> bool:
    """Whether a name is a template."""
    return isinstance(name, str) and ("{" in name or "}" in name)


def template_pattern(template: str) -> re.Pattern[str]:
    """What the names of a template look like, whatever its numbers are."""
    return re.compile(r"-?\d+".join(map(re.escape, _EXPRESSION.split(template)[::2])))


def read_template(
    entry: Entry, path: Path, is_repeat: bool, arguments: ArgumentReader, problems: Problems
) -> tuple[str | Argument, ...]:
    """The parts of an entry's name: text as it is, and expressions; none where it is no template.

    is_repeat: whether each of several times gets a name.
    """
    place = (*path, "name")
    if isinstance(entry.name, list) and any(map(is_template, entry.name)):
        problems.error("bad-name", "a template is one name, not one of several", place)
        return ()
    if not is_template(entry.name):
        return ()
    if not is_repeat:
        problems.error(
            "bad-name",
            f"{entry.name} is a template, which names the times of a repeat",
            place,
            help="a repeat with weights of its own each time says repeat = …, without shared",
        )
        return ()
    parts: list[str | Argument] = []
    end = 0
    for match in _EXPRESSION.finditer(entry.name):
        start, stop = match.span(1)
        # Spaces in front keep the places of what stands in the string.
        parts += [entry.name[end : match.start()]]
        parts += [arguments.read(" " * start + entry.name[start:stop], place)]
        end = match.end()
    parts.append(entry.name[end:])
    if any(isinstance(part, str) and is_template(part) for part in parts):
        problems.error("syntax", "the braces of this template don't pair", place)
        return ()
    return tuple(part for part in parts if part != "")
