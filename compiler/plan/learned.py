"""Which outputs of a model depend on what is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from ...spec.expression.nodes import Compare, Constant, Node
from ...spec.layers.base import StateEntry
from ...spec.source import Path
from ...spec.tensor.dtype import DTYPES, is_floating_point
from ...spec.tensor.type import tensors
from ..elaborate.settled import settled_use
from ..elaborate.typed import TypedNode, TypedScope, there, where_given
from ..resolve.bound import (
    FunctionCall,
    Gradient,
    Input,
    LayerCall,
    MethodCall,
    Property,
    State,
    Value,
    maker,
)
from ..resolve.graph import Argument, Carried, Container, Formula, Recurrence
from ..resolve.graph import Node as GraphNode

Read: TypeAlias = Value | LayerCall | State | Input

PASSING_NO_GRADIENT: Final = frozenset(
    """all any argmax argmin argsort bool bucketize byte char count_nonzero detach detach_copy eq
    floor_divide full_like ge greater greater_equal gt heaviside histc int isclose isfinite isin
    isinf isnan isneginf isposinf isreal le less less_equal linalg_matrix_rank linspace logical_and
    logical_not logical_or logical_xor logspace long lt masked_argmax masked_argmin multinomial ne
    igamma igammac geqrf histogram linalg_ldl_factor linalg_ldl_factor_ex native_channel_shuffle
    special_gammainc special_gammaincc special_zeta new_full new_ones new_tensor new_zeros
    nonzero_static not_equal numel ones_like
    rand_like randint_like randn_like searchsorted short signbit size special_airy_ai
    special_bessel_j0 special_bessel_j1 special_bessel_y0 special_bessel_y1
    special_chebyshev_polynomial_t special_chebyshev_polynomial_u special_chebyshev_polynomial_v
    special_chebyshev_polynomial_w special_hermite_polynomial_h special_hermite_polynomial_he
    special_laguerre_polynomial_l special_legendre_polynomial_p special_modified_bessel_i0
    special_modified_bessel_i1 special_modified_bessel_k0 special_modified_bessel_k1
    special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1
    special_shifted_chebyshev_polynomial_t special_shifted_chebyshev_polynomial_u
    special_shifted_chebyshev_polynomial_v special_shifted_chebyshev_polynomial_w
    special_spherical_bessel_j0 type_as zeros_like""".split()
)
"""Functions and methods whose result has no derivative by what they are given."""


def learned_outputs(scope: TypedScope) -> tuple[str, ...]:
    """The names of the outputs that a gradient leads from to a parameter."""
    scope = settled_use(scope)
    nodes = {typed.node.path: typed for typed in _all(scope.nodes)}
    return tuple(
        name
        for name, argument in _derivable(scope)
        if any(
            _is_trained(nodes[part.entry])
            for part in _reached(argument, nodes, set())
            # A container is reached through its children.
            if not isinstance(part, Input) and not _entries(nodes[part.entry])
        )
    )


def learns_everything(scope: TypedScope, output: str | None = None) -> bool:
    """Whether gradients of the outputs, or of one, lead to all that is trained, as far as entries
    tell."""
    if _has_cases(scope):
        return False
    nodes = {typed.node.path: typed for typed in _all(scope.nodes)}
    seen: set[Read] = set()
    read: dict[Path, list[Read]] = {}
    for name, argument in _derivable(scope):
        for part in _reached(argument, nodes, seen) if output in (None, name) else ():
            if not isinstance(part, Input):
                read.setdefault(part.entry, []).append(part)
    return all(
        path in read and _is_whole(typed, read[path])
        for path, typed in nodes.items()
        if _is_trained(typed) and not _entries(typed)
    )


def _has_cases(scope: TypedScope) -> bool:
    """Whether what is computed depends on a condition, in the model or in a block of it."""
    inner = (typed.scope for typed in _inside(scope.nodes) if typed.scope is not None)
    return bool(scope.decided) or any(map(_has_cases, inner))


def _inside(nodes: Sequence[TypedNode]) -> Iterator[TypedNode]:
    for typed in nodes:
        yield typed
        yield from _inside((*typed.children, *typed.times))


def _is_whole(typed: TypedNode, parts: Sequence[Read]) -> bool:
    """Whether gradients through what is read of an entry lead to all that is trained in it."""
    typed = typed.times[0] if typed.times else typed
    if typed.scope is not None:
        names = [name for name, _ in typed.scope.outputs]
        read = {part.output or names[0] for part in parts if isinstance(part, Value)}
        return len(names) == 1 or read == set(names)
    if typed.layer is None:
        return True
    partial = typed.layer.partial_outputs
    by_name = {part.name for part in parts if isinstance(part, State)}
    trained = {name for name, entry in typed.layer.state().items() if entry.trainable}
    return trained <= by_name or any(
        part.output not in partial if isinstance(part, Value) else not partial
        for part in parts
        if not isinstance(part, State)
    )


def _is_open(scope: TypedScope, part: Read) -> bool:
    """Whether gradients of what is read of a block pass through all of it: to its inputs, and to
    all that is trained."""
    names = [name for name, _ in scope.outputs]
    if isinstance(part, Value):
        names = [part.output if isinstance(part.output, str) else names[0]]
    return all(_is_open_from(scope, name) for name in names)


def _is_open_from(scope: TypedScope, output: str) -> bool:
    nodes = {typed.node.path: typed for typed in _all(scope.nodes)}
    seen: set[Read] = set()
    for name, argument in _derivable(scope):
        list(_reached(argument, nodes, seen) if name == output else ())
    reached = {part.name for part in seen if isinstance(part, Input)}
    return learns_everything(scope, output) and reached == set(scope.inputs)


def _derivable(scope: TypedScope) -> Iterator[tuple[str, Argument]]:
    for (name, value), (_, argument) in zip(scope.outputs, scope.scope.outputs, strict=True):
        if is_floating_point(there(value).dtype):
            yield name, argument


def _all(nodes: tuple[TypedNode, ...]) -> Iterator[TypedNode]:
    for typed in nodes:
        yield typed
        yield from _all(_entries(typed))
        if isinstance(typed.node.action, Recurrence):
            yield from _heads(typed, typed.node.action)


def _entries(typed: TypedNode) -> tuple[TypedNode, ...]:
    """The entries of a container; those of all times, where it is repeated and no chain."""
    action = typed.node.action
    if not typed.times or not isinstance(action, Container) or action.is_chain:
        return typed.children
    return tuple(inner for time in typed.times for inner in time.children)


def _heads(typed: TypedNode, action: Recurrence) -> Iterator[TypedNode]:
    """What the layers of a recurrence read of its slices, and of what its first time takes."""
    scanned = typed.node.call.arguments if typed.node.call is not None else ()
    read = {item.path: item for _, item in scanned}
    read |= {one.held.entry: one.initial for one in action.carried}
    for path, argument in read.items():
        yield TypedNode(GraphNode(path, (), None, Formula(argument), None), (), ())


def _is_own(typed: TypedNode) -> bool:
    """Whether a layer from a file of one's own is in an entry."""
    inner = (*typed.children, *typed.times, *(typed.scope.nodes if typed.scope else ()))
    return bool(typed.layer and typed.layer.is_own) or any(map(_is_own, inner))


def _is_trained(typed: TypedNode) -> bool:
    return any(entry.trainable and not entry.frozen for entry in _state(typed))


def _reached(
    argument: Argument, nodes: Mapping[Path, TypedNode], seen: set[Read]
) -> Iterator[Read]:
    """What of the entries a gradient passes on its way back from a value."""
    for part in _read_values(argument.value):
        if part in seen:
            continue
        if isinstance(part, Input):
            seen.add(part)
            yield part
            continue
        if part.entry not in nodes:
            continue
        typed = nodes[part.entry]
        if _is_own(typed):
            # Whether a gradient passes is known to its own file alone.
            continue
        # No gradient goes through whole numbers and booleans; what is called later has no value.
        if typed.outputs and not any(
            is_floating_point(tensor.dtype)
            for tensor in tensors(tuple(map(where_given, typed.outputs)))
        ):
            continue
        if not all(_is_open(scope, part) for scope in _scopes(typed)):
            continue
        seen.add(part)
        yield part
        last = _last_read(typed, part)
        if last is not None:
            # Surely made of what it is itself the first of, whatever the others become by then.
            others = {one for one in nodes if one in typed.heads} - {last.held.entry}
            left = {path: node for path, node in nodes.items() if path not in others}
            yield from _reached(last.renewed, left, {*seen})
            continue
        for item in _read(typed, part):
            yield from _reached(item, nodes, seen)


def _read_values(value: object) -> Iterator[Read]:
    """What an expression reads the values of, so far as gradients pass through it."""
    # What a derivative depends on, such as a factor but no summand, is not followed up.
    if isinstance(value, Property | Compare | Gradient):
        return
    if isinstance(value, FunctionCall | MethodCall) and _passes_none(value):
        return
    if isinstance(value, Value):
        yield value.replace(entry=maker(value))
    elif isinstance(value, LayerCall | State | Input):
        yield value
    if isinstance(value, Node):
        for name in value.field_names:
            yield from _read_values(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _read_values(item)


def _passes_none(call: FunctionCall | MethodCall) -> bool:
    """Whether no gradient passes through a call: by its nature, or to whole numbers."""
    given = [*call.args, *(value for _, value in call.keywords)]
    words = [one.value for one in given if isinstance(one, Constant)]
    dtypes = [word for word in words if isinstance(word, str) and word in DTYPES]
    name = call.name.replace(".", "_")
    return name in PASSING_NO_GRADIENT or not all(map(is_floating_point, dtypes))


def _scopes(typed: TypedNode) -> Iterator[TypedScope]:
    """The block that a node uses, or those of its times."""
    for one in typed.times or (typed,):
        if one.scope is not None:
            yield one.scope


def _state(typed: TypedNode) -> Iterator[StateEntry]:
    """What a node holds, with all that is inside it."""
    if typed.absent:
        return
    if typed.tensor is not None:
        yield typed.tensor
    yield from typed.own_state().values()
    for inner in (*typed.children, *typed.times, *(typed.scope.nodes if typed.scope else ())):
        yield from _state(inner)


def _last_read(typed: TypedNode, part: Read) -> Carried | None:
    """What is read of a recurrence, where it is what the last time leaves."""
    action = typed.node.action
    if not isinstance(action, Recurrence) or not isinstance(part, Value):
        return None
    return next((one for one in action.carried if one.name == part.output), None)


def _read(typed: TypedNode, part: Read) -> Iterator[Argument]:
    """What is read for the value of a node, or for what a container takes."""
    action = typed.node.action
    if isinstance(action, Recurrence) and isinstance(part, Value) and not typed.absent:
        name = part.output or action.outputs[0][0]
        yield from (argument for output, argument in action.outputs if output == name)
        return
    last = action.last if isinstance(action, Container) else None
    takes = isinstance(part, Value) and part.output == "input"
    if last is not None and _entries(typed) and not takes:
        yield Argument(last.path, Value(last.path, None, (0, 0)))
        return
    if typed.node.call is not None:
        for _, argument in typed.node.call.arguments:
            yield argument
    if isinstance(action, Formula):
        yield action.expression
