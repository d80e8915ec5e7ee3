"""Calls of layers written where their values are read: `attended = x + self.attn(self.ln_1(x))`.

A value that only the next statement reads needs no variable. A formula takes the call of a layer in
its place; in a block, so does a layer, as long as the shape stays the same: a block's `forward` has
a statement for each change of shape, the model's own one for each layer. No comment is lost but the
one that layers side by side share whose product is taken, as of gates, and no line grows too long.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace

from ..emit import code
from ..emit.names_read import names_read
from ..emit.printer import render
from ..emit.replaced import replaced

_DEEPEST = 3
"""How many layers' calls stand within each other at most."""

_INDENT = 8

UNTYPED = frozenset(
    f"torch.{name}"
    for name in """atleast_1d atleast_2d atleast_3d block_diag broadcast_tensors chain_matmul lu
    norm tensordot unique unique_consecutive""".split()
) | {"checkpoint"}
"""Functions whose results torch gives no types."""

_VIEWS = frozenset(("view", "unflatten", "transpose", "permute", "unsqueeze"))

_ACTIVATIONS = frozenset(
    "F.gelu F.relu F.sigmoid F.silu F.tanh torch.relu torch.sigmoid torch.tanh".split()
)
"""Functions of gates: what they give depends on what they take alone, which they leave as it is."""

_MODULE = re.compile(r"torch\.\w+\.")
"""Of what is in a module further in, such as torch.linalg, torch gives no types at all."""


def nested(
    statements: Sequence[code.Statement], known: Collection[str], *, layers_in_layers: bool
) -> list[code.Statement]:
    """The statements, with the values that are read once where they are read.

    known: variables whose type is known without an annotation.
    """
    found: list[code.Statement] = []
    for index, statement in enumerate(statements):
        while found:
            later = statements[index + 1 :]
            alone = _read_alone(found, (statement, *later))
            joined = _joined(found[-1], statement, later, alone, layers_in_layers)
            before = {*map(code.Name, known), *map(_target, found[:-1])}
            if joined is None or not _fits(joined, before, statement):
                break
            found.pop()
            statement = joined
        found.append(statement)
    return found


def is_untyped(value: object) -> bool:
    """Whether type checkers know nothing of what an expression gives."""
    match value:
        case code.Call(code.Name(name)) if name in UNTYPED or _MODULE.match(name):
            return True
        case code.Call(code.Attribute(of)):
            return is_untyped(of) or is_layer_call(value)
        case code.Call():
            return is_layer_call(value)
        case code.BinOp(left, _, right):
            return is_untyped(left) or is_untyped(right)
        case code.Compare(left, _, others):
            return any(map(is_untyped, (left, *others)))
        case code.IfExp(_, body, orelse):
            return is_untyped(body) or is_untyped(orelse)
        case code.UnaryOp(_, of) | code.Subscript(of) | code.Attribute(of):
            return is_untyped(of)
    return False


def is_layer_call(value: object) -> bool:
    """Whether an expression calls a layer: `self.fc(x)`, `self.layers[0](x)`."""
    match value:
        case code.Call(code.Name(name)):
            owner, _, attribute = name.partition(".")
            return owner == "self" and "." not in attribute
        case code.Call(code.Subscript()):
            return True
        case code.Call(code.Call(code.Attribute(_, "get_submodule"))):
            return True
    return False


def only_handed_on(statements: Sequence[code.Statement]) -> set[str]:
    """Variables of several values at once that only layers and the result take.

    Nothing asks for their types, and each would need a line for it.
    """
    several = [
        item.id
        for one in statements
        if isinstance(one, code.Assign) and isinstance(one.target, code.Tuple)
        for item in _items(one.target)
    ]
    taken = Counter(_handed(tuple(statements)))
    named = Counter(names_read(tuple(statements)))
    dotted = {name.split(".")[0] for name in named if "." in name}
    return {name for name in several if named[name] == taken[name] + 1} - dotted


def _items(target: code.Tuple) -> Iterator[code.Name]:
    for item in target.items:
        if isinstance(item, code.Tuple):
            yield from _items(item)
        elif isinstance(item, code.Name):
            yield item


def _handed(node: object) -> Iterator[str]:
    """The variables that are arguments of layers, and items of a result."""
    if isinstance(node, tuple):
        for item in node:
            yield from _handed(item)
    if not is_dataclass(node):
        return
    given: tuple[object, ...]
    match node:
        case code.Call(_, args, keywords) if is_layer_call(node):
            given = (*args, *(keyword.value for keyword in keywords))
        case code.Return(code.Call(code.Name(name), args)) if name.endswith("Output"):
            given = args
        case code.Return(code.Tuple(items)):
            given = items
        case _:
            given = ()
    yield from (value.id for value in given if isinstance(value, code.Name))
    for part in fields(node):
        yield from _handed(getattr(node, part.name))


def _joined(
    first: code.Statement,
    second: code.Statement,
    later: Sequence[code.Statement],
    alone: Mapping[str, str | None],
    layers_in_layers: bool,
) -> code.Statement | None:
    """Two statements as one, where that reads well.

    alone: variables of layers' calls before them that only the second one reads, with comments.
    """
    if not isinstance(first, code.Assign) or not isinstance(first.target, code.Name):
        return None
    if first.value is None or first.annotation is not None:
        return None
    variable = first.target.id
    if isinstance(second, code.Return):
        if second.value != first.target or is_untyped(first.value):
            return None
        return code.Return(first.value, first.comment)
    if not isinstance(second, code.Assign) or second.value is None:
        return None
    if not is_layer_call(first.value) or not _is_over(variable, (second, *later)):
        return None
    if not layers_in_layers and _takes(second.value, variable):
        return None
    return _within(first, second, variable, alone)


def _read_alone(
    before: Sequence[code.Statement], statements: Sequence[code.Statement]
) -> dict[str, str | None]:
    """What calls of layers directly before a statement give that only this reads, and once, with
    the comments on it."""
    reads = Counter(names_read(statements[0]))
    found: dict[str, str | None] = {}
    for one in reversed(before):
        if not isinstance(one, code.Assign) or not is_layer_call(one.value):
            break
        if isinstance(one.target, code.Name) and reads[one.target.id] == 1:
            found |= {one.target.id: one.comment} if _is_over(one.target.id, statements) else {}
    return found


def _within(
    first: code.Assign, second: code.Assign, variable: str, alone: Mapping[str, str | None]
) -> code.Assign | None:
    """The second statement, with the first one's call in place of the variable."""
    assert first.value is not None
    assert second.value is not None
    before = list(_events(second.value, alone))
    reads = [place for place, event in enumerate(before) if event == variable]
    # What is computed before a call by now must be so further on.
    if len(reads) != 1 or None in before[: reads[0]]:
        return None
    comment = second.comment
    if first.comment is not None and not _is_viewed(second.value, variable):
        if (comment is not None or reads[0] > 0) and not _is_gated(second.value, variable, alone):
            return None
        comment = comment or (None if reads[0] else first.comment)
    value = replaced(second.value, {variable: first.value})
    return replace(second, value=value, comment=comment) if _depth(value) <= _DEEPEST else None


def _target(statement: code.Statement) -> code.Expression | None:
    return statement.target if isinstance(statement, code.Assign) else None


def _fits(
    made: code.Statement, known: Collection[code.Expression | None], instead_of: code.Statement
) -> bool:
    """Whether a statement stands on one line, with the annotation that it may need, or on no more
    lines than the one that it takes the place of."""
    if not isinstance(made, code.Assign) or not isinstance(instead_of, code.Assign):
        return True
    shown = replace(made, comment=None)
    if isinstance(made.target, code.Name) and made.target not in known and is_untyped(made.value):
        shown = replace(shown, annotation=made.annotation or code.Name("Tensor"))
    return _lines(shown) <= _lines(replace(instead_of, comment=None))


def _lines(statement: code.Statement) -> int:
    return render([statement], indent=_INDENT).count("\n")


def _is_over(variable: str, statements: Sequence[code.Statement]) -> bool:
    """Whether no statement but the first one reads what a variable holds."""
    first, *later = statements
    if isinstance(first, code.Assign) and first.target == code.Name(variable):
        return True
    for statement in later:
        if variable not in (name.split(".")[0] for name in names_read(statement)):
            continue
        is_new = isinstance(statement, code.Assign) and statement.target == code.Name(variable)
        return is_new and variable not in names_read(statement.value)  # type: ignore[union-attr]
    return True


def _takes(node: object, variable: str) -> bool:
    """Whether a layer takes a variable as it is."""
    if isinstance(node, tuple):
        return any(_takes(item, variable) for item in node)
    if not is_dataclass(node):
        return False
    if isinstance(node, code.Call) and is_layer_call(node):
        given = (*node.args, *(keyword.value for keyword in node.keywords))
        if code.Name(variable) in given:
            return True
    return any(_takes(getattr(node, part.name), variable) for part in fields(node))


def _events(node: object, alone: Collection[str]) -> Iterator[str | None]:
    """The variables that an expression reads, and None for what it computes, in their order.

    alone: variables that nothing else reads; when views of them are made is all the same.
    """
    match node:
        case code.Name(name):
            # What `self` keeps has its shape, but is no value of `forward`.
            if not name.startswith("self."):
                yield name
        case code.Call(func, args, keywords) if isinstance(func, code.Name) or is_layer_call(node):
            yield from _events((args, keywords), alone)
            if not (_is_view_of(node, alone) or _activated(node) in alone):
                yield None
        case code.IfExp() | code.BoolOp() | code.GeneratorExp() | code.DictComp():
            # Not everything in these runs, or not once.
            yield None
            yield from names_read(node)
        case tuple():
            for item in node:
                yield from _events(item, alone)
        case _ if is_dataclass(node):
            for part in fields(node):
                yield from _events(getattr(node, part.name), alone)
            is_plain = isinstance(node, code.Constant | code.Tuple | code.List | code.Keyword)
            if not is_plain and not _is_view_of(node, alone):
                yield None


def _is_viewed(node: object, variable: str) -> bool:
    """Whether an expression takes a variable in another shape only, so that its own says little."""
    if isinstance(node, tuple):
        return any(_is_viewed(item, variable) for item in node)
    if _is_view_of(node, (variable,)):
        return True
    if not is_dataclass(node):
        return False
    return any(_is_viewed(getattr(node, part.name), variable) for part in fields(node))


def _is_view_of(node: object, names: Collection[str]) -> bool:
    """Whether an expression only looks at one of some variables in another shape."""
    match node:
        case code.Attribute(of, name) if name in _VIEWS:
            return (isinstance(of, code.Name) and of.id in names) or _is_view_of(of, names)
        case code.Call(code.Attribute() as func):
            return _is_view_of(func, names)
        case code.Call(code.Name(name), (of, *_)) if name.removeprefix("torch.") in _VIEWS:
            return (isinstance(of, code.Name) and of.id in names) or _is_view_of(of, names)
    return False


def _is_gated(node: object, variable: str, alone: Mapping[str, str | None]) -> bool:
    """Whether an expression multiplies a variable by what another layer gives in the same shape."""
    if isinstance(node, tuple):
        return any(_is_gated(item, variable, alone) for item in node)
    if not is_dataclass(node):
        return False
    if isinstance(node, code.BinOp) and node.op == "*":
        sides = [_activated(node.left), _activated(node.right)]
        if variable in sides:
            other = sides[1 - sides.index(variable)]
            # A call of a layer stands there since it was found to be of the same shape.
            return other is None or (other in alone and alone[other] == alone[variable])
    return any(_is_gated(getattr(node, part.name), variable, alone) for part in fields(node))


def _activated(node: object) -> str | None:
    """The variable that an expression takes as it is, or an activation of."""
    match node:
        case code.Name(name):
            return name
        case code.Call(code.Name(name), (code.Name(taken),), ()) if name in _ACTIVATIONS:
            return taken
    return None


def _depth(node: object) -> int:
    """How many calls of layers stand within each other."""
    if isinstance(node, tuple):
        return max(map(_depth, node), default=0)
    if not is_dataclass(node):
        return 0
    inside = max((_depth(getattr(node, part.name)) for part in fields(node)), default=0)
    return inside + is_layer_call(node)
