"""How specs write the names of functions, and what stands for names that are none."""

from __future__ import annotations

from ...spec import registry
from ...spec.expression.nodes import Attribute, Call
from ...spec.ops.base import Function


def is_written(name: str) -> bool:
    """Whether a name is a function's: those of a namespace are written out, `linalg.inv`."""
    function = registry.load("ops", name.replace(".", "_"))
    prefix = function.prefix if isinstance(function, Function) else ""
    return function is not None and name[: name.rfind(".") + 1] == prefix


def is_method(call: Call) -> bool:
    """Whether `body.mean()` is a tensor's method: a layer called so would be given an input."""
    if call.args or not isinstance(call.func, Attribute):
        return False
    return registry.load("ops", registry.method_name(call.func.attr)) is not None


def written(function: str) -> str:
    """A function's name as specs write it: `linalg_inv` is `linalg.inv`."""
    found = registry.load("ops", function)
    prefix = found.prefix if isinstance(found, Function) else ""
    return prefix + function[len(prefix) :]


def instead(attribute: str) -> str | None:
    """What to write for a tensor's attribute that can't be read."""
    from ...spec.ops.refused import RefusedFunction

    found = registry.load("ops", attribute)
    if not isinstance(found, RefusedFunction):
        return f"{attribute} is a method: call it, as .{attribute}(…)" if found else None
    return found.refusal(attribute).help


def instead_of_method(name: str) -> str | None:
    """What to write for a method that tensors don't have."""
    if isinstance(registry.load("ops", name), Function):
        return f"{name} is a function: write {written(name)}(…)"
    close = registry.closest(name, registry.families("ops"))
    return f"did you mean {close}?" if close else None
