"""Checks that nothing is changed in place that is an input, is read later, or is kept by autograd.

Each scope is run through in forward's order with values that know which memory they may lie in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...spec import registry
from ...spec.expression import nodes
from ...spec.ops.base import Function
from ...spec.record import Record
from ...spec.source import Path
from ..resolve.bound import (
    BlockCall,
    Bound,
    Gradient,
    Input,
    Property,
    Value,
    key,
)
from ..resolve.graph import ModuleUse, Node
from ..resolve.problems import Problems
from .run_scope import ScopeRun
from .storage import (
    ALIASING_LAYERS,
    FIXED_VIEWS,
    FUNCTIONS_LEAVING_INPUT,
    FUNCTIONS_LEAVING_OUTPUT,
    INPLACE_FUNCTIONS_KEEPING_OUTPUT,
    INPLACE_KEEPING_OUTPUT,
    LAYERS_KEEPING_OUTPUT,
    LAYERS_LEAVING_INPUT,
    VIEWS,
    VIEWS_OF_ONE,
    Held,
    Need,
    Storage,
)
from .typed import TypedGraph, TypedNode, TypedScope

KEPT = "this keeps it for its backward pass"


def check_inplace(typed: TypedGraph, problems: Problems) -> None:
    """Reports every change in place that would falsify another value or break the backward pass."""
    checker = _Checker(problems)
    checker.summary(typed.root)
    # What is called as a function is no entry of another.
    for uses in typed.blocks.values():
        for use in uses:
            checker.summary(use)


class _Summary(Record):
    """What a block does with the memory of its inputs.

    outputs: for each, the inputs in whose memory it may lie.
    needs: why each output must stay as it is. keeps: the inputs that it keeps.
    """

    outputs: tuple[frozenset[str], ...]
    needs: tuple[Need | None, ...]
    keeps: Mapping[str, Need]


class _Checker:
    """Holds what is shared by the scopes of one model."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.summaries: dict[int, _Summary] = {}
        self.reported: set[Path] = set()

    def summary(self, typed: TypedScope) -> _Summary:
        """Checks a scope once."""
        if id(typed) not in self.summaries:
            self.summaries[id(typed)] = _Scope(self, typed).summary()
        return self.summaries[id(typed)]

    def report(self, path: Path, why: str, other: Path | None, label: str) -> None:
        """A change in place that is wrong, once for each entry."""
        if path in self.reported:
            return
        self.reported.add(path)
        raw = self.problems.raw((*path, "inplace"))
        place = (*path, "inplace") if raw is not None else path
        self.problems.error(
            "inplace",
            f"this changes a tensor in place: {why}",
            place,
            labels=[(other, None, label)] if other is not None else [],
            help="leave out inplace",
        )


class _Scope(ScopeRun[Held]):
    """Runs one scope through."""

    def __init__(self, owner: _Checker, typed: TypedScope) -> None:
        super().__init__(typed)
        self.owner = owner
        self.inputs = {
            name: Storage(f"{name} is an input, which belongs to the caller")
            for name in typed.inputs
        }
        self.values |= {name: Held.of(storage) for name, storage in self.inputs.items()}
        self.own: dict[str, Storage] = {}

    def summary(self) -> _Summary:
        """What the scope does with the memory of its inputs."""
        outputs = self.run()
        names = {storage: name for name, storage in self.inputs.items()}
        return _Summary(
            tuple(frozenset(names[s] for s in o.versions if s in names) for o in outputs),
            tuple(
                next((s.need for s in o.versions if s.need and s not in names), None)
                for o in outputs
            ),
            {name: storage.need for name, storage in self.inputs.items() if storage.need},
        )

    def joined(self, values: Sequence[Held]) -> Held:
        return Held.union(values)

    def entered(self, node: Node, inputs: Sequence[Held]) -> None:
        if node.recompute:
            # What is computed anew is computed from the same.
            for held in inputs:
                self._read(held, keeps=True)

    def layer(self, typed: TypedNode, action: ModuleUse, inputs: Sequence[Held]) -> list[Held]:
        name = action.layer.__name__
        outputs = max(1, len(typed.outputs))
        if getattr(typed.layer, "inplace", False) and not action.layer.is_own:
            return [self._changed(inputs[0], typed.node.path, name in INPLACE_KEEPING_OUTPUT)]
        for held in inputs:
            self._read(held, keeps=name not in LAYERS_LEAVING_INPUT)
        if action.layer.is_own:
            # What it gives may lie in what it takes, and it may keep both.
            made = Held.fresh(Need(typed.node.path, KEPT))
            return [Held.union([*inputs, made]) for _ in range(outputs)]
        if name in ALIASING_LAYERS:
            return [Held.union([inputs[0], Held.fresh()])]
        keeps = Need(typed.node.path, KEPT) if name in LAYERS_KEEPING_OUTPUT else None
        return [Held.fresh(keeps) for _ in range(outputs)]

    def slice(self, held: Held) -> Held:
        return Held(held.versions, "torch changes no slice of unbind in place")

    def stacked(self, given: Sequence[Held], count: int) -> list[Held]:
        for held in given:
            self._read(held, keeps=False)
        return [Held.fresh() for _ in range(count)]

    def block(self, typed: TypedNode, given: dict[str, Held]) -> list[Held]:
        assert typed.scope is not None
        path, summary = typed.node.path, self.owner.summary(typed.scope)
        self.place = path
        for name, held in given.items():
            self._read(held, keeps=name in summary.keeps)
        return [
            Held.union([Held.fresh(need and Need(path, KEPT)), *(given[name] for name in aliases)])
            for aliases, need in zip(summary.outputs, summary.needs, strict=True)
        ]

    def tensor(self, typed: TypedNode, name: str | None) -> Held:
        node = typed.node
        said = f"{node.attribute}" if name is None else f"{node.path}.{name}"
        made = Storage(f"{said} is a tensor of the model's own")
        return Held.of(self.own.setdefault(said, made))

    def _read(self, held: Held, *, keeps: bool) -> None:
        """Notes that a value is read at the place of now."""
        for storage, version in held.versions.items():
            if storage.version > version and storage.changed is not None:
                why = "its old content is read later"
                self.owner.report(storage.changed, why, self.place, "read here")
            if keeps and storage.need is None:
                storage.need = Need(self.place, KEPT)

    def _changed(self, held: Held, path: Path, keeps: bool) -> Held:
        """A value after it was changed in place."""
        self._read(held, keeps=False)
        if held.fixed is not None:
            self.owner.report(path, held.fixed, None, "")
        for storage in held.versions:
            if storage.owner is not None:
                self.owner.report(path, storage.owner, None, "")
            elif storage.need is not None:
                why = "its old content is needed for the backward pass"
                self.owner.report(path, why, storage.need.path, storage.need.why)
            storage.version += 1
            storage.changed = path
            storage.need = Need(path, KEPT) if keeps else None
        return Held({storage: storage.version for storage in held.versions})

    def read(self, node: Input | Value) -> Held:
        held = self.values.get(key(node), Held({}))
        self._read(held, keeps=False)
        return held

    def called_block(self, node: BlockCall) -> Held:
        given = [self.value(arg) for arg in (*node.args, *(value for _, value in node.keywords))]
        for held in given:
            self._read(held, keeps=True)
        return Held.union([*given, Held.fresh(Need(self.place, KEPT))])

    def gradient(self, node: Gradient) -> Held:
        for part in (node.of, node.by):
            self._read(self.value(part), keeps=True)
        return Held.fresh(Need(self.place, KEPT))

    def operation(self, node: Bound) -> Held:
        match node:
            case nodes.Constant() | Property():
                return Held({})
            case nodes.Subscript(value, index):
                self.value(index) if not isinstance(index, nodes.Slice) else None
                return self.value(value)
            case nodes.Conditional(test, body, orelse):
                self.value(test)
                return Held.union([self.value(body), self.value(orelse)])
            case nodes.Sequence(items):
                return Held.union([self.value(item) for item in items])
            case nodes.Binary(left, op, right):
                operands = [self.value(left), self.value(right)]
                free = op in ("+", "-") or not all(held.versions for held in operands)
                for held in operands:
                    self._read(held, keeps=not free or op == "**")
                kept = op == "**" and bool(operands[1].versions)
                return Held.fresh(Need(self.place, KEPT) if kept else None)
        for part in nodes.children(node):
            self._read(self.value(part), keeps=False)  # type: ignore[arg-type]
        return Held.fresh()

    def function(
        self, name: str, args: tuple[Bound, ...], keywords: tuple[tuple[str, Bound], ...]
    ) -> Held:
        given = [self.value(arg) for arg in (*args, *(value for _, value in keywords))]
        if not any(held.versions for held in given):
            return Held.fresh()
        if _is_inplace(name, args, keywords):
            kept = name in INPLACE_FUNCTIONS_KEEPING_OUTPUT
            return self._changed(given[0], self.place, keeps=kept)
        for held in given:
            leaves = name in FUNCTIONS_LEAVING_INPUT or name in VIEWS or name in FIXED_VIEWS
            self._read(held, keeps=not leaves)
        # `x.view_as(y)` takes only the shape of y, `x.to(y)` its type.
        shared = given[:1] if name.endswith("_as") or name == "to" else given
        if name in VIEWS:
            return Held.union([*shared, Held.fresh()])
        if name in FIXED_VIEWS:
            why = f"torch changes no output of {name} in place"
            return Held(Held.union(shared).versions, why)
        kept = name not in FUNCTIONS_LEAVING_OUTPUT
        made = Held.fresh(Need(self.place, KEPT) if kept else None)
        single = name in VIEWS_OF_ONE and sum(bool(held.versions) for held in given) == 1
        return Held.union([*given, made]) if single else made


def _is_inplace(
    name: str, args: tuple[Bound, ...], keywords: tuple[tuple[str, Bound], ...]
) -> bool:
    """Whether a call says `inplace=True`, or may say so."""
    function = registry.load("ops", name.replace(".", "_"))
    if not isinstance(function, Function) or "inplace" not in function.parameters:
        return False
    written = dict(zip(function.parameters, args, strict=False)) | dict(keywords)
    said = written.get("inplace")
    return said is not None and not (isinstance(said, nodes.Constant) and said.value is False)
