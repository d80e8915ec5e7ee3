"""Reads `parametrize`: which tensors of a module are computed from others."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec import registry
from ...spec.kinds import Kind
from ...spec.parametrizations import Parametrization, parametrizations
from ...spec.source import Path
from .arguments import ArgumentReader
from .graph import Argument, ModuleUse, Parametrized
from .problems import Problems


def read_parametrize(
    section: Mapping[str, object],
    path: Path,
    action: object,
    arguments: ArgumentReader,
    problems: Problems,
) -> tuple[Parametrized, ...]:
    """`{ weight = "weight_norm" }` or `{ weight = { type = "weight_norm", dim = 2 } }`"""
    if not isinstance(action, ModuleUse):
        problems.error(
            "conflict",
            "parametrize is for modules of torch: it computes one of their tensors",
            path,
            part="key",
            help="write it at the module inside",
        )
        return ()
    if action.layer.is_own:
        problems.error(
            "not-supported",
            f"what {action.layer.__name__} holds is known to its own file alone",
            path,
            part="key",
            help="parametrize it there",
        )
        return ()
    found = (
        _parametrized(name, value, (*path, name), arguments, problems)
        for name, value in section.items()
    )
    return tuple(one for one in found if one is not None)


def _parametrized(
    tensor: str, value: object, path: Path, arguments: ArgumentReader, problems: Problems
) -> Parametrized | None:
    table = {"type": value} if isinstance(value, str) else value
    if not isinstance(table, dict) or not isinstance(table.get("type"), str):
        problems.error(
            "wrong-type",
            "a parametrization is its name, or a table with its type",
            path,
            help='{ type = "weight_norm", dim = 0 }',
        )
        return None
    name = table["type"]
    function = parametrizations().get(name)
    if function is None:
        close = registry.closest(name, parametrizations())
        problems.error(
            "unknown-type",
            f"torch.nn.utils.parametrizations has no {name}",
            (*path, "type") if isinstance(value, dict) else path,
            help=f"did you mean {close}?" if close else f"it has {', '.join(parametrizations())}",
            replacement=f'"{close}"' if registry.slip(name, parametrizations()) else None,
        )
        return None
    given = _arguments(function, table, path, arguments, problems)
    return Parametrized(path, tensor, function, given)


def _arguments(
    function: type[Parametrization],
    table: Mapping[str, object],
    path: Path,
    arguments: ArgumentReader,
    problems: Problems,
) -> dict[str, Argument]:
    fields = function.model_fields
    found = {}
    for key, value in table.items():
        if key == "type":
            continue
        if key in fields:
            kind = next((m for m in fields[key].metadata if isinstance(m, Kind)), None)
            found[key] = arguments.read(value, (*path, key), kind)
            continue
        close = registry.closest(key, fields)
        problems.error(
            "unknown-argument",
            f"{function.torch_name()} has no argument {key}",
            (*path, key),
            part="key",
            help=f"did you mean {close}?" if close else f"it has {', '.join(fields)}",
            replacement=registry.slip(key, fields),
        )
    return found
