"""Checks of files of one's own as modules of the package, and of their classes beside its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...spec import registry
from ...spec.model import Spec
from ...spec.names import is_identifier, shown
from ...spec.paths import shown_path
from ...spec.source import OwnFile, Path
from ..emit.render import runtime_modules
from .dependence import all_nodes
from .graph import ModuleUse, Scope
from .problems import Problems

_WRITTEN: Final = ("model", "train", "data")
"""Modules of a package that are written for it; others begin with `test_` or an underscore."""


class _Use:
    """An entry that uses a class of one's own. place: of its type."""

    def __init__(self, place: Path, file: OwnFile, name: str) -> None:
        self.place = place
        self.file = file
        self.name = name


def check_own(spec: Spec, model: Scope, blocks: Mapping[str, Scope], problems: Problems) -> None:
    """Reports files and classes whose names clash with what the package has, or with each other."""
    uses = [use for scope in (model, *blocks.values()) for use in _uses(scope, problems)]
    runtime = runtime_modules() if uses else frozenset()
    modules: dict[str, _Use] = {}
    classes: dict[str, _Use] = {}
    for use in uses:
        module = use.file.module
        refused = _refused_module(module, runtime) or _refused_class(use.name, spec)
        if refused is not None:
            problems.error("bad-name", refused, use.place)
            continue
        # Where names differ by case alone, their files may be one.
        for known, key, what in (
            (modules, module.casefold(), f"{module}.py"),
            (classes, use.name, use.name),
        ):
            first = known.setdefault(key, use)
            if first.file.path != use.file.path:
                paths = f"{shown_path(first.file.path)} and {shown_path(use.file.path)}"
                problems.error(
                    "name-clash",
                    f"the package would have two of {what}: of {paths}",
                    use.place,
                    labels=[(first.place, None, "the other one")],
                    help="rename one of them",
                )


def _uses(scope: Scope, problems: Problems) -> Iterator[_Use]:
    for node in all_nodes(scope.nodes):
        action = node.action
        if isinstance(action, ModuleUse) and action.own is not None:
            is_table = isinstance(problems.raw(node.path), dict)
            place = (*node.path, "type") if is_table else node.path
            yield _Use(place, action.own.file, action.layer.__name__)


def _refused_module(module: str, runtime: frozenset[str]) -> str | None:
    """Why the package can't have a module of this name, or None where it can."""
    if not is_identifier(module):
        why = "modules are called by ASCII identifiers: letters, digits, underscores"
    elif module.startswith("_") or module.lower().startswith("test_"):
        why = "the package has its own names of this kind"
    elif module.lower() in {*_WRITTEN, *runtime}:
        why = "the package may have a file of its own called so"
    else:
        return None
    return f"{shown_path(f'{module}.py')} can't be a file of the package: {why}"


def _refused_class(name: str, spec: Spec) -> str | None:
    """Why the package's model can't know a class by this name, or None where it can."""
    params = {
        *spec.model.params,
        *(param for block in spec.blocks.values() for param in block.params),
    }
    classes = (spec.model.name, *spec.blocks)
    if registry.has("layers", name):
        why = f"torch.nn.{name} is called so"
    elif name in (*classes, f"{spec.model.name}Output"):
        why = "a class of the package is called so"
    elif name in params:
        why = "a param is called so"
    else:
        return None
    return f"{shown(name)} can't be the class of a layer: {why}"
