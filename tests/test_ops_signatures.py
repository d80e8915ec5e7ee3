"""Names, order and defaults of functions' arguments against the installed torch's own signatures.

torch's signatures are those of its Python functions, the schemas of its operators, and for methods
without these what their docstrings say. A function of several signatures equals one of them, or
puts several together; where it has a default and torch's has none, another of them does without
the argument.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

import pytest
import torch
from torch_reference import torch_function

from specc.spec.ops.base import LEFT_OUT, ByName, Function, LeftOut
from specc.spec.ops.refused import RefusedFunction
from specc.spec.registry import families, load

UNTYPED = {
    *("device", "out", "requires_grad", "layout", "memory_format", "pin_memory", "generator"),
    *("names", "_stacklevel"),
}
"""Arguments that no type depends on."""
DEPRECATED = {"size_average", "reduce"}
"""Arguments that torch's documentation calls deprecated."""
OPERATORS = {"logsigmoid": "log_sigmoid"}
"""Operators that have another name than their function."""
NONE: Final = object()
"""Stands for no default."""
_TRAINING = "training must be given: torch would drop in eval mode too"
EXCEPTIONS = {
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d"), _TRAINING),
    **dict.fromkeys(("alpha_dropout", "feature_alpha_dropout"), _TRAINING),
    "multi_head_attention_forward": _TRAINING,
    "asarray": "torch's parser of it keeps no signature",
    "concatenate": "axis is the documented name, which torch takes for dim",
    "einsum": "torch's is of any arguments; the documented ones are here",
    "expand": "implicit is for autograd alone",
    "lobpcg": "tracker is a function, ortho_iparams and its like are tables of settings",
    "linalg_vector_norm": "x is the documented name, which torch takes for input",
    "repeat_interleave": "without repeats, input is taken for them, and the result hangs on data",
}
"""Functions whose arguments differ from torch's, with the reason."""


@dataclass(frozen=True)
class Argument:
    """An argument of a signature; its default is NONE where it has none.

    nameless: whether it stands by its place alone, so that its name is of no matter.
    """

    name: str
    by_name: bool
    default: Any
    nameless: bool = False


Signature = tuple[Argument, ...]


def plain(default: Any) -> Any:
    """A default in one form: a list of equal numbers is the number, an empty one is nothing."""
    if isinstance(default, list | tuple):
        items = {plain(item) for item in default}
        return items.pop() if len(items) == 1 else tuple(default) or None
    return default


def of_parameters(parameters: Iterable[inspect.Parameter]) -> Signature:
    """A Python signature. What stands behind an argument that is left out needs its name."""
    given = list(parameters)
    skipped = UNTYPED | (DEPRECATED if {p.name for p in given} >= DEPRECATED else set())
    found = []
    hidden = False
    for p in given:
        if p.name in skipped:
            hidden = True
            continue
        by_name = hidden or p.kind is inspect.Parameter.KEYWORD_ONLY
        default = NONE if p.default is inspect.Parameter.empty else plain(p.default)
        marks = [mark for mark in get_args(p.annotation) if isinstance(mark, ByName)]
        found.append(Argument(p.name, by_name, default, any(mark.kind is None for mark in marks)))
    return tuple(found)


def of_schema(schema: Any) -> Signature:
    return tuple(
        Argument(
            "input" if argument.name == "self" else argument.name,
            argument.kwarg_only,
            # An element type stands there by its number.
            None
            if argument.name == "dtype"
            else plain(argument.default_value)
            if argument.has_default_value()
            else NONE,
        )
        for argument in schema.arguments
        if argument.name not in UNTYPED
    )


def of_documentation(name: str, text: str) -> Iterator[Signature]:
    """The signatures that a docstring begins its lines with, where they are Python."""
    for written in re.findall(rf"^(?:\.\. function:: )?{name}(\(.*\)) *->", text, re.MULTILINE):
        with suppress(SyntaxError, NameError):
            rule = eval(f"lambda {written[1:-1].replace('torch.preserve_format', '0')}: 0")
            yield of_parameters(inspect.signature(rule).parameters.values())


def ours(function: Function[Any]) -> Iterator[Signature]:
    """The signatures of a rule: one, or one for each of its forms."""
    whole = of_parameters(function.parameters.values())
    if not function.forms:
        yield whole
    for form in function.forms:
        by_place = {argument.name: argument for argument in whole if not argument.by_name}
        places = [replace(by_place[name], default=LEFT_OUT) for name in form.split()]
        yield (*places, *(argument for argument in whole if argument.by_name))


def theirs(name: str, namespace: str) -> list[Signature]:
    """What torch says of a function."""
    found: list[Signature] = []
    known = torch_function(name, namespace)
    short = OPERATORS.get(name, name.removeprefix("method_"))
    # A function that looks at a flag first holds those of both cases, and hides their arguments.
    inner = [cell.cell_contents for cell in getattr(known, "__closure__", None) or ()]
    for one in [known, *filter(callable, inner)]:
        with suppress(TypeError, ValueError):
            found.append(of_parameters(inspect.signature(one).parameters.values()))
    found += [of_schema(one) for one in torch._C._jit_get_schemas_for_operator(f"aten::{short}")]
    if namespace == "method":
        tensor = Argument("input", False, NONE)
        found = [(tensor, *(a for a in one if a.name not in ("input", "self"))) for one in found]
        found = found or [(tensor, *one) for one in of_documentation(short, known.__doc__ or "")]
    return list(dict.fromkeys(found))


def fits(argument: Argument, other: Argument, every: list[Signature]) -> bool:
    """Whether one of our arguments is one of theirs."""
    left_out_elsewhere = any(argument.name not in {a.name for a in one} for one in every)
    return (argument.nameless or argument.name == other.name) and (
        argument.default == other.default
        or isinstance(argument.default, LeftOut)
        or (other.default is NONE and left_out_elsewhere)
    )


def equals(mine: Signature, other: Signature, every: list[Signature]) -> bool:
    return len(mine) == len(other) and all(
        one.by_name == argument.by_name and fits(one, argument, every)
        for one, argument in zip(mine, other, strict=True)
    )


def joins(mine: Signature, every: list[Signature]) -> bool:
    """Whether a signature puts several of torch's together: each of its arguments is of one of
    them, in its order."""
    places = {argument.name: place for place, argument in enumerate(mine)}
    parts = []
    for other in every:
        if not all(a.name in places and fits(mine[places[a.name]], a, every) for a in other):
            continue
        order = [places[a.name] for a in other if not a.by_name]
        if order == sorted(order):
            parts.append({argument.name for argument in other})
    return len(parts) > 1 and set().union(*parts) == set(places)


def text(signature: Signature) -> str:
    """A signature as Python writes it."""
    parts = []
    for place, argument in enumerate(signature):
        if argument.by_name and (place == 0 or not signature[place - 1].by_name):
            parts.append("*")
        default = "" if argument.default is NONE else f" = {argument.default!r}"
        parts.append(argument.name + default)
    return f"({', '.join(parts)})"


def function(name: str) -> Function[Any]:
    found = load("ops", name)
    assert isinstance(found, Function)
    return found


NAMES = sorted(n for n in families("ops") if not isinstance(function(n), RefusedFunction))


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_torchs(name: str) -> None:
    every = theirs(name, function(name).namespace)
    wrong = [
        mine
        for mine in ours(function(name))
        if not any(equals(mine, other, every) for other in every) and not joins(mine, every)
    ]
    if name in EXCEPTIONS:
        assert wrong, f"{name} has torch's arguments: it is no exception"
        return
    known = "\n  ".join(map(text, every))
    assert not wrong, f"{name}{text(wrong[0])} is none of torch's signatures:\n  {known}"
