"""`--set key.path=value`: one scalar of the spec replaced, before anything reads it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from ...spec import registry
from ...spec.diagnostic import Diagnostic, SpecError
from ...spec.source import Document, Path, Value


def apply_settings(document: Document, settings: Sequence[str]) -> Document:
    """The document with each setting (`key.path=value`, or `param=value`) in its place.

    Raises SpecError for a setting that names nothing.
    """
    if not settings:
        return document
    value = deepcopy(document.value)
    problems: list[Diagnostic] = []
    given: dict[Path, str] = {}
    for setting in settings:
        try:
            given[_apply(value, setting)] = f"--set {setting}"
        except LookupError as error:
            problems.append(
                Diagnostic("unknown-setting", str(error.args[0]), where=f"--set {setting}")
            )
    if problems:
        raise SpecError(problems)
    return document.replace(value=value, given=given)


def _apply(root: dict[str, Value], setting: str) -> Path:
    name, equals, text = setting.partition("=")
    if not equals or not name.strip():
        raise LookupError(f"{setting} is no setting; write key.path=value")
    path = _path(root, name.strip())
    if path[0] == "include":
        raise LookupError("include can't be set: the files have been read before")
    owner: Any = root
    for key in path[:-1]:
        owner = owner[key]
    old = owner[path[-1]]
    if isinstance(old, list | dict):
        raise LookupError(
            f"{name} is a {'list' if isinstance(old, list) else 'table'}, only one value can be set"
        )
    owner[path[-1]] = _scalar(text)
    return path


def _path(root: dict[str, Value], name: str) -> Path:
    if "." not in name:
        model = root.get("model")
        params = model.get("params") if isinstance(model, dict) else None
        if not isinstance(params, dict) or name not in params:
            close = registry.closest(name, params if isinstance(params, dict) else ())
            hint = f"; did you mean {close}?" if close else ""
            raise LookupError(f"the model has no param {name}{hint}")
        param = params[name]
        is_table = isinstance(param, dict)
        if isinstance(param, dict):
            param.setdefault("default", 0)
        return ("model", "params", name, "default") if is_table else ("model", "params", name)
    path: Path = ()
    owner: Any = root
    for step in name.split("."):
        key: str | int = int(step) if isinstance(owner, list) and step.isdigit() else step
        known = (
            owner
            if isinstance(owner, dict)
            else range(len(owner))
            if isinstance(owner, list)
            else ()
        )
        if key not in known:
            close = registry.closest(step, known)
            hint = f"; did you mean {close}?" if close else ""
            raise LookupError(f"the spec has no {'.'.join([*map(str, path), step])}{hint}")
        path = (*path, key)
        owner = owner[key]
    return path


def _scalar(text: str) -> Value:
    """A value as TOML writes it; anything else is a string."""
    import tomli

    try:
        value = tomli.loads(f"value = {text}")["value"]
    except tomli.TOMLDecodeError:
        return text
    return value if isinstance(value, bool | int | float | str) else text
