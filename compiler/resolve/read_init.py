"""Reads what fills parameters: `[model] init`, `tie`, and `init` of a Parameter."""

from __future__ import annotations

from collections.abc import Container, Mapping

from ...spec import registry
from ...spec.initializers import Initializer, initializers
from ...spec.kinds import Kind
from ...spec.source import Path
from .arguments import ArgumentReader
from .graph import Argument, InitRule, Tie
from .patterns import Pattern, read_pattern
from .problems import Problems


class InitReader:
    """Reads rules in one scope. `types`: what a pattern may name as the owner of a parameter."""

    def __init__(
        self, arguments: ArgumentReader, types: Container[str], problems: Problems
    ) -> None:
        self.arguments = arguments
        self.types = types
        self.problems = problems

    def rules(self, section: object, path: Path) -> tuple[InitRule, ...]:
        """The rules of the model: a list, or a table by pattern."""
        if section is None:
            return ()
        if isinstance(section, dict):
            items = [((*path, key), key, value) for key, value in section.items()]
            found = [self._by_pattern(place, key, value) for place, key, value in items]
        elif isinstance(section, list):
            found = [self._with_match((*path, i), value) for i, value in enumerate(section)]
        else:
            self.problems.error("wrong-type", "init is a list of rules, or a table", path)
            return ()
        return tuple(rule for rule in found if rule is not None)

    def _by_pattern(self, path: Path, text: str, value: object) -> InitRule | None:
        return self.rule(value, path, ((path, read_pattern(text, self.types)),))

    def _with_match(self, path: Path, value: object) -> InitRule | None:
        table = value if isinstance(value, dict) else {}
        match = table.get("match")
        if isinstance(match, str):
            patterns: tuple[tuple[Path, Pattern], ...] = (
                ((*path, "match"), read_pattern(match, self.types)),
            )
        elif isinstance(match, list) and match and all(isinstance(item, str) for item in match):
            patterns = tuple(
                ((*path, "match", place), read_pattern(item, self.types))
                for place, item in enumerate(match)
            )
        else:
            self.problems.error(
                "missing-key",
                "an init rule needs match, a pattern or a list of patterns",
                path,
                help='{ match = "*.bias", type = "zeros_" }',
            )
            return None
        rest = {key: item for key, item in table.items() if key != "match"}
        return self.rule(rest, path, patterns)

    def rule(
        self, value: object, path: Path, patterns: tuple[tuple[Path, Pattern], ...]
    ) -> InitRule | None:
        """A rule from `"zeros_"` or `{ type = "normal_", std = 0.02 }`."""
        table = {"type": value} if isinstance(value, str) else value
        if not isinstance(table, dict) or not isinstance(table.get("type"), str):
            self.problems.error(
                "wrong-type",
                "an initialiser is a name of torch.nn.init, or a table with its type",
                path,
                help='{ type = "normal_", std = 0.02 }',
            )
            return None
        name = table["type"]
        function = initializers().get(name)
        if function is None:
            close = registry.closest(name, initializers())
            self.problems.error(
                "unknown-type",
                f"torch.nn.init has no {name}",
                (*path, "type") if isinstance(value, dict) else path,
                help=f"did you mean {close}?" if close else None,
                replacement=f'"{close}"' if registry.slip(name, initializers()) else None,
            )
            return None
        return InitRule(path, patterns, function, self._arguments(function, table, path))

    def _arguments(
        self, function: type[Initializer], table: Mapping[str, object], path: Path
    ) -> dict[str, Argument]:
        fields = function.model_fields
        found = {}
        for key, value in table.items():
            if key == "type":
                continue
            if key not in fields:
                close = registry.closest(key, fields)
                self.problems.error(
                    "unknown-argument",
                    f"{function.torch_name()} has no argument {key}",
                    (*path, key),
                    part="key",
                    help=f"did you mean {close}?"
                    if close
                    else f"it has {', '.join(fields) or 'none'}",
                    replacement=registry.slip(key, fields),
                )
                continue
            kind = next((m for m in fields[key].metadata if isinstance(m, Kind)), None)
            found[key] = self.arguments.read(value, (*path, key), kind)
        return found


def read_ties(section: Mapping[str, str], path: Path) -> tuple[Tie, ...]:
    """`tie = { "lm_head.weight" = "wte.weight" }`"""
    return tuple(Tie((*path, name), name, target) for name, target in section.items())
