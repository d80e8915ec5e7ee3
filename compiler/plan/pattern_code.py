"""Patterns over parameters as conditions in code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ...spec import registry
from ..emit import code
from ..emit.quote import quoted
from ..resolve.patterns import Pattern

_MAGIC: Final = re.compile(r"[*?[]")


def pattern_test(patterns: Sequence[Pattern], owner: str, model: str) -> code.Expression:
    """Whether the parameter called `name`, held by the module `owner`, matches one of the patterns.

    model: the model's class, whose own parameters have no dot in their names.
    """
    globs = [pattern.glob or "*" for pattern in patterns if pattern.type is None]
    tests = list(_globs_tests(globs))
    owners: dict[tuple[str | None, str], list[str]] = {}
    for pattern in patterns:
        if pattern.type is not None:
            owners.setdefault((pattern.glob, pattern.parameter), []).append(pattern.type)
    for (glob, parameter), types in owners.items():
        parts: list[code.Expression] = [instance_test(owner, [class_code(type) for type in types])]
        parts += [] if glob is None else _globs_tests([glob])
        if parameter != "*":
            own = [f"*.{parameter}", *([parameter] if model in types else [])]
            parts.append(joined("or", _globs_tests(own)))
        tests.append(joined("and", parts))
    return joined("or", tests)


def class_code(name: str) -> str:
    """The code of a layer's class, or of a block's."""
    return f"nn.{name}" if registry.has("layers", name) else name


def instance_test(owner: str, classes: Sequence[str]) -> code.Expression:
    """`isinstance(module, nn.Linear | nn.Embedding)`"""
    types: code.Expression = code.Name(classes[0])
    for other in classes[1:]:
        types = code.BinOp(types, "|", code.Name(other))
    return code.Call(code.Name("isinstance"), (code.Name(owner), types))


def owner_test(owner: str, classes: Sequence[str], glob: str | None) -> code.Expression:
    """`isinstance(module, nn.Linear) and ".mlp." in name`, where `name` is the module's own."""
    test = instance_test(owner, classes)
    return test if glob is None else joined("and", [test, *_globs_tests([glob])])


def tests_alike(glob: str, module: str, parameter: str) -> bool:
    """Whether the test of a glob says of a module's name what it says of its parameter's."""
    way, text = _way(glob)
    if way == "within":
        return (text in module) == (text in parameter)
    return way == "prefix" and module.startswith(text) == parameter.startswith(text)


def joined(operator: code.BooleanOperator, tests: Sequence[code.Expression]) -> code.Expression:
    """The tests in one condition."""
    return tests[0] if len(tests) == 1 else code.BoolOp(operator, tuple(tests))


def _globs_tests(globs: Sequence[str]) -> list[code.Expression]:
    """The plainest tests that some glob matches `name`."""
    ways: dict[str, list[str]] = {}
    for glob in globs:
        way, text = _way(glob)
        ways.setdefault(way, []).append(text)
    return [test for way, texts in ways.items() for test in _TESTS[way](texts)]


def _way(glob: str) -> tuple[str, str]:
    """How a glob is tested, with the text for it."""
    text = glob.removeprefix("*").removesuffix("*")
    if not text or _MAGIC.search(text):
        return "glob", glob
    return _WAYS[glob.startswith("*"), glob.endswith("*")], text


_WAYS: Final[Mapping[tuple[bool, bool], str]] = {
    (True, True): "within",
    (True, False): "suffix",
    (False, True): "prefix",
    (False, False): "exact",
}


def _one_or_tuple(texts: Sequence[str]) -> code.Expression:
    items = tuple(map(code.Constant, texts))
    return items[0] if len(items) == 1 else code.Tuple(items)


def _exact(texts: Sequence[str]) -> list[code.Expression]:
    test = "name == TEXT" if len(texts) == 1 else "name in TEXT"
    return [quoted(test, TEXT=_one_or_tuple(texts))]


_TESTS: Final = {
    "glob": lambda texts: [
        quoted("fnmatchcase(name, TEXT)", TEXT=code.Constant(text)) for text in texts
    ],
    "within": lambda texts: [quoted("TEXT in name", TEXT=code.Constant(text)) for text in texts],
    "suffix": lambda texts: [quoted("name.endswith(TEXT)", TEXT=_one_or_tuple(texts))],
    "prefix": lambda texts: [quoted("name.startswith(TEXT)", TEXT=_one_or_tuple(texts))],
    "exact": _exact,
}
