"""What constructors and `init_weights` call things."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, Final

from ...spec.expression import nodes
from ...spec.kinds import Kind
from ..emit import code
from ..resolve.bound import Bound, Input, Named, Property, Value
from ..resolve.graph import Argument, BlockUse, ModuleUse
from .class_plan import ClassPlan, ModelPlanner
from .needed_sizes import size_text
from .translate import Words, names_dtypes
from .values import constant


class InitWords(Words):
    """Names inside `__init__`: params are arguments, sizes of inputs are numbers."""

    def __init__(self, owner: ModelPlanner, plan: ClassPlan) -> None:
        super().__init__(
            value=self._buffer,
            param=code.Name,
            size=lambda name: plan.sizes[name],
            layer=_nothing,
            state=_nothing,
            device=lambda: None,
            dtype=lambda node: owner.factory_dtype(plan, node),
            function=owner.function,
        )
        self.owner = owner
        self.plan = plan
        self.number: code.Expression | None = None

    def _buffer(self, node: Bound) -> code.Expression:
        """`self.inv_freq`, for a Buffer that is computed from it."""
        found = (entry for entry in self.plan.scope.nodes if isinstance(node, Value))
        name = next(entry.attribute for entry in found if entry.path == node.entry)  # type: ignore[union-attr]
        return code.Name(f"self.{name}")

    def argument(self, argument: Argument, kind: Kind | None = None) -> code.Expression:
        """The code of an argument, lists as tuples unless its kind wants lists."""
        if isinstance(argument.value, tuple):
            items = tuple(self.argument(item, kind) for item in argument.value)
            return code.List(items) if kind is not None and kind.listed else code.Tuple(items)
        value = argument.value
        if isinstance(value, ModuleUse | BlockUse):
            # Imported where a param is a module: in most specs none is.
            from .plan_module_params import maker

            return maker(value, self, self.owner.dtype)
        if isinstance(value, nodes.Constant) and kind is not None and value.value in kind.strings:
            return self._dtype(value) if names_dtypes(kind) else self.expression(value)
        return self.expression(value)

    def translate(self, node: Bound) -> Any:
        match node:
            case nodes.Subscript(Property(Input(), "shape"), _):
                return self.plan.sizes[size_text(node, self.plan.uses[0]) or ""]
            case nodes.Compare((_, _), (op,)):
                left, right = map(self.translate, node.operands)
                if isinstance(left, code.Constant) and not isinstance(right, code.Constant):
                    # A size that is a number stands behind what it is compared with.
                    return code.Compare(right, (_MIRRORED.get(op, op),), (left,))
                if op == "==" and isinstance(left, code.Constant) and self._is_numbered():
                    return code.Constant(left == right)
                return code.Compare(left, (op,), (right,))
            case nodes.Conditional(test, body, orelse) if self._is_numbered():
                chosen = self.translate(test)
                if chosen in (code.Constant(True), code.Constant(False)):
                    return self.translate(body if chosen.value else orelse)
                return code.IfExp(chosen, self.translate(body), self.translate(orelse))
            case Named("index") if self.number is not None:
                return self.number
            case nodes.Binary(left, op, right) if self._is_numbered():
                return _folded(self.translate(left), op, self.translate(right))
        return super().translate(node)

    def _is_numbered(self) -> bool:
        """Whether it is one time of a repeat that is written, whose number is known."""
        return isinstance(self.number, code.Constant)


_MIRRORED: Final[Mapping[code.CompareOperator, code.CompareOperator]] = {
    "<": ">",
    ">": "<",
    "<=": ">=",
    ">=": "<=",
}


def _folded(left: Any, op: Any, right: Any) -> code.Expression:
    """An operation on whole numbers, done where both are known."""
    operations = {"+": operator.add, "-": operator.sub, "*": operator.mul}
    values = [part.value for part in (left, right) if isinstance(part, code.Constant)]
    if op in operations and len(values) == 2 and all(type(value) is int for value in values):
        return constant(operations[op](*values))
    return code.BinOp(left, op, right)


def _nothing(*_: object) -> code.Expression:
    raise TypeError("a constructor has no values")


class ResetWords(InitWords):
    """Names inside `init_weights`: params are attributes of the module."""

    def __init__(self, owner: ModelPlanner, plan: ClassPlan) -> None:
        super().__init__(owner, plan)
        self.modules = owner.modules
        self.param = self._kept
        self.size = self._on_self

    def translate(self, node: Bound) -> Any:
        text = size_text(node, self.plan.uses[0])
        return super().translate(node) if text is None else self._on_self(text)

    def _on_self(self, text: str) -> code.Expression:
        """A size of an input: a number, or an attribute that keeps it."""
        held = self.plan.sizes[text]
        if isinstance(held, code.Constant):
            return held
        name = self.plan.arguments.get(text) or text.replace(".shape[", "_size").rstrip("]")
        while any(name == node.attribute for node in self.plan.scope.nodes):
            name += "_"
        self.plan.kept[name] = held
        return code.Name(f"self.{name}")

    def _kept(self, name: str) -> code.Expression:
        self.plan.kept[name] = code.Name(name)
        return code.Name(f"self.{name}")
