"""Specs as text, compiled to packages: what the tests of training share."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

from specc.compiler.compile import check
from specc.compiler.emit.render import render
from specc.compiler.plan_package import plan_package
from specc.compiler.resolve.problems import Problems
from specc.spec.diagnostic import Diagnostic
from specc.spec.source import parse_toml


def problems_of(text: str) -> list[Diagnostic]:
    """What is wrong with a spec."""
    return check(parse_toml(text, "spec.toml"))[1]


def files_of(text: str) -> tuple[str, dict[str, str]]:
    """The name of a spec's package, and its files."""
    problems = Problems(parse_toml(text, "spec.toml"))
    checked, found = check(problems.document)
    assert checked is not None, found
    plan = plan_package(checked.graph, checked.typed, checked.training, checked.curves, problems)
    assert not problems, problems.found
    return plan.name, render(plan)


def built(text: str, folder: Path) -> ModuleType:
    """The package of a spec, written below `folder` and imported."""
    name, files = files_of(text)
    (folder / name).mkdir()
    for path, content in files.items():
        (folder / name / path).write_text(content, "utf-8")
    for module in [key for key in sys.modules if key.split(".")[0] == name]:
        del sys.modules[module]
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        package = importlib.import_module(name)
        importlib.import_module(f"{name}.__main__")
    finally:
        sys.path.remove(str(folder))
    return package
