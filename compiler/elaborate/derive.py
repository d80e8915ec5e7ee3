"""Runs a model through in forward's order, with what gradients of each value lead to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ...spec import registry
from ...spec.expression import nodes
from ...spec.ops.base import Function
from ...spec.source import Path
from ...spec.tensor.dtype import category
from ...spec.tensor.type import tensors
from ..resolve.bound import (
    BlockCall,
    Bound,
    Each,
    FunctionCall,
    Gradient,
    Input,
    Key,
    LayerCall,
    MethodCall,
    Property,
    State,
    Value,
    key,
    walk,
)
from ..resolve.dependence import all_nodes
from ..resolve.graph import Container, Formula, ModuleUse, Recurrence
from .derivatives import (
    FUNCTIONS,
    LAYERS,
    MADE_COMPLEX,
    REDUCING,
    REFUSING,
    REFUSING_LAYERS,
    REMAINDER,
    Order,
    passes_none,
)
from .run_scope import ScopeRun
from .storage import FIXED_VIEWS, VIEWS
from .traces import NOTHING, Fault, Limit, Trace, union
from .typed import Known, TypedGraph, TypedNode, TypedScope, output_names, state, where_given

_LINEAR = VIEWS | FIXED_VIEWS | set("add cat clone mean neg stack sub sum where".split())
"""Functions whose derivative does not depend on what they are given."""


def derive_outputs(
    typed: TypedGraph, frozen: Collection[Path] = ()
) -> tuple[Mapping[str, Trace], list[Fault]]:
    """What gradients of the model's outputs lead to, and what fails before there are any: what
    `grad` derives, and arguments that may require no gradient and do.

    frozen: the entries whose parameters do not learn.
    """
    owner = _Owner(typed.blocks, frozen)
    outputs = _Scope(owner, typed.root, {}).run()
    names = [name for name, _ in typed.root.outputs]
    return dict(zip(names, outputs, strict=True)), owner.faults


def derive_formula(
    typed: TypedGraph, outputs: Mapping[str, Trace], formula: Bound, path: Path
) -> tuple[Trace, list[Fault]]:
    """Likewise of a formula over a model's outputs, which stands at `path`."""
    owner = _Owner(typed.blocks)
    run = _Scope(owner, typed.root, {})
    for name, trace in outputs.items():
        run.hold(name, trace)
    run.place = path
    return run.value(formula), owner.faults


def derive_layers(
    typed: TypedGraph, layers: TypedScope, outputs: Mapping[str, Trace]
) -> tuple[list[Trace], list[Fault]]:
    """Likewise of what the layers of losses give, which read a model's outputs."""
    owner = _Owner(typed.blocks)
    run = _Scope(owner, layers, {})
    for name, trace in outputs.items():
        run.hold(name, trace)
    return run.run(), owner.faults


class _Owner:
    """Holds what is shared by the scopes of one model."""

    def __init__(
        self, blocks: Mapping[str, tuple[TypedScope, ...]], frozen: Collection[Path] = ()
    ) -> None:
        self.blocks = blocks
        self.frozen = frozen
        self.faults: list[Fault] = []
        self.known: dict[tuple[object, ...], list[Trace]] = {}

    def outputs(self, typed: TypedScope, given: Mapping[str, Trace]) -> list[Trace]:
        """What a block gives, for these inputs."""
        held = (id(typed), *given.items())
        if held not in self.known:
            self.known[held] = _Scope(self, typed, given).run()
        return self.known[held]


class _Scope(ScopeRun[Trace]):
    """Runs one scope through."""

    def __init__(self, owner: _Owner, typed: TypedScope, given: Mapping[str, Trace]) -> None:
        super().__init__(typed)
        self.owner = owner
        self.aliases = dict(_aliases(self.typed.nodes))
        found = [part.by for part in _gradients(self.typed) if isinstance(part.by, Input | Value)]
        self.derived = {self._source(key(part)) for part in found}
        for name in typed.inputs:
            self.hold(name, given.get(name, NOTHING))

    def _source(self, held: Key) -> Key:
        while held in self.aliases:
            held = self.aliases[held]
        return held

    def hold(self, held: Key, value: Trace) -> None:
        if held in self.derived:
            root = (self.typed.scope.path, held)
            # A use of the block before this one has left the same root.
            limits = (one.replace(roots=one.roots - {root}) for one in value.limits)
            value = Trace(value.roots | {root}, frozenset(limits))
        super().hold(held, value)

    def joined(self, values: Sequence[Trace]) -> Trace:
        return union(values)

    def read(self, node: Input | Value) -> Trace:
        return self.values.get(key(node), NOTHING)

    def tensor(self, typed: TypedNode, name: str | None) -> Trace:
        if name is None:
            entry = typed.tensor
        elif typed.layer is not None:
            entry = typed.layer.state().get(name)
        else:
            entry = state(typed.scope)[name] if typed.scope is not None else None
        trained = entry is not None and entry.trainable and not entry.frozen
        trained = trained and typed.node.path not in self.owner.frozen
        return Trace(frozenset({None})) if trained else NOTHING

    def layer(self, typed: TypedNode, action: ModuleUse, inputs: Sequence[Trace]) -> list[Trace]:
        name = action.layer.__name__
        layer = typed.layer
        assert layer is not None
        places = [item.rstrip("?") for item in action.layer.forward_inputs]
        keys = [said for said, _ in typed.node.call.arguments] if typed.node.call else []
        keys += [None] * (len(inputs) - len(keys))
        given = {
            said or (places[i] if i < len(places) else str(i)): trace
            for i, (said, trace) in enumerate(zip(keys, inputs, strict=False))
        }
        state_learns = any(e.trainable and not e.frozen for e in typed.own_state().values())
        if state_learns and typed.node.path not in self.owner.frozen:
            given["its parameters"] = Trace(frozenset({None}))
        made = self._made(name, given, LAYERS.get(name), REFUSING_LAYERS.get(name))
        outputs = typed.outputs or (None,)
        return [made if _is_derivable(where_given(one)) else NOTHING for one in outputs]

    def block(self, typed: TypedNode, given: dict[str, Trace]) -> list[Trace]:
        assert typed.scope is not None
        return self.owner.outputs(typed.scope, given)

    def slice(self, held: Trace) -> Trace:
        return held

    def stacked(self, given: Sequence[Trace], count: int) -> list[Trace]:
        return [union(given[place::count]) for place in range(count)]

    def function(
        self, name: str, args: tuple[Bound, ...], keywords: tuple[tuple[str, Bound], ...]
    ) -> Trace:
        found = name.replace(".", "_")
        function = registry.load("ops", found)
        if not isinstance(function, Function):
            return NOTHING  # of numbers
        places = function.places(len(args), [name for name, _ in keywords])
        rest = [places[-1] if places else "input"] * max(0, len(args) - len(places))
        given = {name: self.value(value) for name, value in keywords}
        for place, value in zip([*places, *rest], args, strict=False):
            given[place] = union([given.get(place, NOTHING), self.value(value)])
        order = FUNCTIONS.get(found)
        if order is not None and order.given not in (None, *given):
            order = None
        if found == "remainder" and _is_number(args[0] if args else dict(keywords)["input"]):
            order = REMAINDER
        into = dict(keywords).get("dtype")
        if (
            found in REDUCING
            and _is_complex(into)
            and self._is_real(args or (dict(keywords)["input"],))
        ):
            said = f"{name} of real numbers into complex ones"
            return self._made(said, given, MADE_COMPLEX, None)
        if order is None and passes_none(FunctionCall(found, args, keywords, (0, 0))):
            return NOTHING
        return self._made(name, given, order, REFUSING.get(found), is_linear=found in _LINEAR)

    def _is_real(self, args: tuple[Bound, ...]) -> bool:
        """Whether nothing that the first argument is made of is complex."""
        for part in walk(args[0]):
            held: Sequence[Known] = ()
            if isinstance(part, Input):
                held = (self.typed.inputs.get(part.name),)
            elif isinstance(part, Value) and part.entry in self.made:
                held = self.made[part.entry].outputs
            if _is_complex(part) or any(category(one.dtype) == "complex" for one in tensors(held)):
                return False
            if isinstance(part, FunctionCall | MethodCall) and any(
                word in part.name for word in ("fft", "complex", "polar", "cfloat", "cdouble")
            ):
                return False
        return True

    def called_block(self, node: BlockCall) -> Trace:
        found = []
        for use in self.owner.blocks[node.block]:
            names = [item.name for item in use.scope.inputs]
            written = [*zip(names, node.args, strict=False), *node.keywords]
            found += self.owner.outputs(use, {name: self.value(arg) for name, arg in written})
        return union(found)

    def gradient(self, node: Gradient) -> Trace:
        of = self.value(node.of)
        self.value(node.by)
        assert isinstance(node.by, Input | Value)
        root = (self.typed.scope.path, self._source(key(node.by)))
        limits = []
        for one in of.limits:
            if root not in one.roots:
                limits += [one] if root in one.joined else []
                continue
            if one.derived >= one.order.again:
                said = one.said("this grad")
                self.owner.faults.append(Fault(said, one.path, self.place))
                return NOTHING
            limits.append(one.replace(derived=one.derived + 1, joined=one.joined | of.roots))
        return Trace(of.roots, frozenset(limits))

    def operation(self, node: Bound) -> Trace:
        match node:
            case nodes.Constant() | Property() | nodes.Compare():
                return NOTHING
            case nodes.Subscript(value, _):
                return self.value(value)
            case nodes.Conditional(_, body, orelse):
                return union([self.value(body), self.value(orelse)])
            case nodes.Binary(left, op, right):
                return self._binary(left, op, right)
        return union([self.value(part) for part in nodes.children(node)])  # type: ignore[arg-type]

    def _binary(self, left: Bound, op: str, right: Bound) -> Trace:
        given = {"input": self.value(left), "other": self.value(right)}
        order = {"//": FUNCTIONS["floor_divide"], "%": REMAINDER if _is_number(left) else None}
        plain = [name for name, trace in given.items() if not trace.roots]
        is_linear = (
            op in ("+", "-")
            or (op in ("*", "@") and bool(plain))
            or (op == "/" and "other" in plain)
        )
        return self._made(op, given, order.get(op), None, is_linear=is_linear)

    def _made(
        self,
        name: str,
        given: Mapping[str, Trace],
        order: Order | None,
        refusing: Order | None,
        *,
        is_linear: bool = False,
    ) -> Trace:
        """What a function gives for its arguments."""
        for argument in _limited(given, refusing):
            self._refuse(name, argument)
        made = union(given.values())
        if not made.roots:
            return NOTHING
        limits = set(made.limits)
        if not is_linear:
            limits = {one.replace(joined=one.joined | made.roots) for one in limits}
        limited = _limited(given, order)
        if order is not None and limited:
            roots = union(given[argument] for argument in limited).roots
            limits.add(Limit(name, self.place, order, roots, made.roots))
        return Trace(made.roots, frozenset(limits))

    def _refuse(self, name: str, argument: str) -> None:
        said = f"torch takes no {argument} of {name} that requires a gradient, as this one does"
        self.owner.faults.append(Fault(said, self.place, help=f"{argument}.detach()"))


def _gradients(typed: TypedScope) -> Iterator[Gradient]:
    for node in all_nodes(typed.scope.nodes):
        if isinstance(node.action, Formula):
            for part in walk(node.action.expression.value):
                if isinstance(part, Gradient):
                    yield part


def _aliases(typed: Sequence[TypedNode]) -> Iterator[tuple[Key, Key]]:
    """The values that are another one, by what holds them."""
    for one in typed:
        node, action = one.node, one.node.action
        called = node.call.arguments[0][1].value if node.call and node.call.arguments else None
        if isinstance(action, Formula):
            called = action.expression.value
            if len(node.names) > 1:
                yield node.path, f"{node.path}[0]"
        names = output_names(one)
        if names and not isinstance(action, Recurrence):
            yield f"{node.path}.{names[0]}", node.path
        if isinstance(called, Input | Value) and (one.absent or isinstance(action, Formula)):
            yield node.path, key(called)
        elif isinstance(action, Container) and not isinstance(action, Recurrence):
            if isinstance(called, Input | Value):
                yield f"{node.path}.input", key(called)
            if action.last is not None and node.repeat is None:
                yield node.path, action.last.path
        yield from _aliases(one.children)


def _is_derivable(value: Known) -> bool:
    """Whether a gradient can lead from a value: from no whole numbers or booleans."""
    found = list(tensors((value,)))
    return not found or any(category(one.dtype) in ("float", "complex") for one in found)


def _is_complex(node: object) -> bool:
    """Whether this is the name of a complex element type."""
    return isinstance(node, nodes.Constant) and str(node.value).startswith("complex")


def _is_number(node: Bound) -> bool:
    """Whether an operand is a number or size, and no tensor."""
    if isinstance(node, Property) or (isinstance(node, MethodCall) and node.is_measure):
        return True
    if isinstance(node, Input | Value | State | Each | FunctionCall | MethodCall):
        return False
    if isinstance(node, LayerCall | BlockCall | Gradient):
        return False
    return all(_is_number(part) for part in nodes.children(node))  # type: ignore[arg-type]


def _limited(given: Mapping[str, Trace], order: Order | None) -> list[str]:
    """The arguments that an order is about and that require a gradient."""
    if order is None:
        return []
    about = order.arguments or given
    return [name for name, trace in given.items() if name in about and trace.roots]
