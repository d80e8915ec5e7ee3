"""What specs may say: arguments of the catalogues by their kinds, and keys as others use them."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from specc.spec import registry
from specc.spec.kinds import (
    Boolean,
    DTypeName,
    Either,
    Integer,
    Kind,
    Optional,
    ParameterDType,
    Real,
    Repeated,
)
from specc.spec.layers.base import ModuleArgument
from specc.spec.ops.base import Function
from specc.spec.schema import Schema
from specc.spec.tensor.dtype import DTYPES

from .corpus import seeds
from .trees import places

CATALOGUES = {
    "layers": "layers",
    "loss": "losses",
    "optimizer": "optimizers",
    "scheduler": "schedulers",
    "data": "data",
    "prepare": "preparations",
    "augment": "preparations",
}
"""The package that the types of a section are found in."""
EXTREME: tuple[Any, ...] = (
    *(0, -1, 1, 2, 3, 7, 64, 1000, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30),
    *(0.0, -0.0, 0.5, 1.0, -1.5, 1e-300, 1e308, -1e308, float("inf"), float("nan")),
    *("1e999", "2**63", "10**400", "-1", "0", "1/0", "nan", "inf", True, False),
)
_WHOLE = (0, 1, 1, 2, 2, 3, 3, 4, 5, 8, -1, -2)
_REAL = (0, 1, 0.0, 0.1, 0.5, 0.9, 1.0, -0.5, 1e-5, 2.5, 1e4, 1e39)


def value(kind: Kind | None, random: Random) -> Any:
    """A value of a kind, or one that is nearly of it."""
    match kind:
        case Optional():
            return value(kind.kind, random)
        case Boolean():
            return random.random() < 0.5
        case DTypeName() | ParameterDType():
            return random.choice(["float32", "float32", *DTYPES])
        case Either():
            return value(random.choice(kind.kinds), random)
        case Repeated():
            if kind.single and random.random() < 0.6:
                return value(kind.kind, random)
            count = random.choice([kind.length or 2] * 6 + [1, 2, 3])
            return [value(kind.items, random) for _ in range(count)]
        case Integer():
            return random.choice(_WHOLE)
        case Real():
            return random.choice(_REAL)
        case ModuleArgument():
            return random.choice(["ReLU", "relu", {"type": "Linear", "out_features": 4}])
    if kind is not None and kind.strings and random.random() < 0.9:
        return random.choice(sorted(kind.strings))
    return random.choice([*_WHOLE, *_REAL, [1, 2], [2], "x", "relu"])


@cache
def fields(package: str, name: str) -> dict[str, tuple[Kind | None, bool]]:
    """The arguments of a class of a catalogue: the kind of each, and whether it is required."""
    found = registry.load(package, name) if registry.has(package, name) else None
    if not (isinstance(found, type) and issubclass(found, Schema)):
        return {}
    return {
        key: (next((m for m in field.metadata if isinstance(m, Kind)), None), field.is_required())
        for key, field in found.model_fields.items()
    }


def types(package: str) -> list[str]:
    """The names of a catalogue, in order."""
    return sorted(registry.families(package))


def drawn(package: str, name: str, random: Random, share: float = 0.2) -> dict[str, Any]:
    """An entry of a type: with what it requires, and some of the rest."""
    entry: dict[str, Any] = {"type": name}
    for key, (kind, is_required) in fields(package, name).items():
        if random.random() < (0.97 if is_required else share):
            entry[key] = value(kind, random)
    return entry


@cache
def functions() -> dict[str, tuple[str, ...]]:
    """The parameters of every function of expressions."""
    found = {}
    for name in types("ops"):
        rule = registry.load("ops", name)
        if isinstance(rule, Function):
            shown = name.removeprefix("method_")
            for space in ("linalg", "special", "fft"):
                shown = shown.replace(f"{space}_", f"{space}.", 1)
            found[shown] = tuple(rule.parameters)
    return found


@cache
def usages() -> dict[str, dict[str, list[Any]]]:
    """For each kind of table, named by the key that it stands under: its keys and their values."""
    found: dict[str, dict[str, list[Any]]] = {}
    for one in seeds():
        for path, inner in places(one.tree or {}):
            if isinstance(inner, dict):
                table = found.setdefault(context(path), {})
                for key, item in inner.items():
                    table.setdefault(key, []).append(item)
    return found


def context(path: tuple[Any, ...]) -> str:
    """What kind of table stands at a path."""
    words = [key for key in path if isinstance(key, str)]
    if len(words) > 1 and words[-2] in ("blocks", "inputs", "params"):
        return words[-2]
    return words[-1] if words else ""
