"""Bound expression -> what it gives: a tensor's type, a size, a number. Nothing is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...spec import registry
from ...spec.expression import nodes
from ...spec.expression.nodes import Range
from ...spec.ops.base import Function
from ...spec.refusal import Refusal
from ...spec.tensor.dim import SizeTooComplexError
from ...spec.tensor.dtype import DEFAULT
from ...spec.tensor.limits import limit
from ...spec.tensor.type import TensorType
from ..resolve.bind import NUMBER_FUNCTIONS
from ..resolve.bound import (
    BlockCall,
    Bound,
    Broken,
    Each,
    FunctionCall,
    Gradient,
    Input,
    LayerCall,
    MethodCall,
    Named,
    Param,
    Property,
    Size,
    State,
    Value,
    key,
)
from ..resolve.function_names import instead_of_method
from . import numbers
from .describe import describe, unpacking
from .environment import Environment, known_at_run_time
from .formulas import with_own_formula
from .subscript import subscript
from .typed import Known, OptionalType

CONSTANTS: Final = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}


class Unknown(Exception):
    """Something here failed earlier and has been reported: keep quiet."""


class Located(Exception):
    """A refusal with the range of the expression at fault, and of the other half."""

    def __init__(self, refusal: Refusal, at: Range, other: Range | None = None) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.at = at
        self.other = other


class Evaluator:
    """Gives the type of expressions in one environment."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def evaluate(self, node: Bound) -> Known:
        """What a node gives. Raises `Located`, or `Unknown` where a part of it has failed."""
        try:
            return self._evaluate(node)
        except Refusal as refusal:
            raise Located(refusal, node.at) from None
        except SizeTooComplexError as error:
            raise Located(Refusal(str(error), code="too-complex"), node.at) from None

    def _evaluate(self, node: Bound) -> Known:
        match node:
            case nodes.Constant(value):
                return value
            case Input(name):
                return self._given(node, _known(self.environment.inputs.get(name, Unknown)))
            case Value():
                return self._value(node)
            case Param(name, owner):
                env = self.environment
                params = env.params if owner == "block" else env.model_params
                return _known(params.get(name, Unknown))
            case Size(name):
                return self._size(name)
            case Named(name):
                return self._named(name)
            case nodes.Sequence(items):
                return tuple(self.evaluate(item) for item in items)
            case nodes.Slice(lower, upper, step):
                parts = [None if p is None else self.evaluate(p) for p in (lower, upper, step)]
                return slice(*parts)
            case _:
                return self._operation(node)

    def _operation(self, node: Bound) -> Known:
        match node:
            case nodes.Unary(op, operand):
                return self._unary(op, self.evaluate(operand))
            case nodes.Binary():
                return self._binary(node)
            case nodes.Compare():
                return self._compare(node)
            case nodes.Boolean(op, values):
                return self._boolean(op, values)
            case nodes.Conditional():
                chosen = self._conditional(node)
                return with_own_formula(chosen, node, self.environment.index)
            case nodes.Subscript(value, index):
                item = subscript(self.evaluate(value), self._indices(index))
                return with_own_formula(item, node, self.environment.index)
            case Property(value, name):
                return self._property(value, name)
            case State() | Each():
                return self.environment.state(node)
            case _:
                return self._call(node)

    def _call(self, node: Bound) -> Known:
        match node:
            case FunctionCall():
                return self._function(node)
            case MethodCall():
                return self._method(node)
            case LayerCall(_, args, keywords) | BlockCall(_, args, keywords):
                values = [self.evaluate(arg) for arg in args]
                named = {key: self.evaluate(value) for key, value in keywords}
                return self.environment.call_layer(node, values, named)
            case Gradient():
                return self._gradient(node)
            case Broken():
                raise Unknown
        raise TypeError(type(node).__name__)

    def _given(self, node: Input | Value, value: Known) -> Known:
        """A value as it is in the case at hand: there, or None."""
        if not isinstance(value, OptionalType):
            return value
        env = self.environment
        if value.training and env.training:
            return value.type
        if key(node) not in env.case:
            what = f"{node.name} is given" if isinstance(node, Input) else "this value is there"
            raise known_at_run_time(what)
        return value.type if env.case[key(node)] else None

    def _size(self, name: str) -> Known:
        env = self.environment
        owner = env.owners.get(name)
        if owner is not None and self._evaluate(Input(owner, (0, 0))) is None:
            problem = f"{name} is a size of {owner}, which may be None here"
            raise Refusal(problem, code="may-be-none")
        return _known(env.sizes.get(name, Unknown))

    def _value(self, node: Value) -> Known:
        if node.entry not in self.environment.values:
            raise Unknown
        names, outputs = self.environment.values[node.entry]
        if isinstance(node.output, str):
            if node.output not in names:
                only = f"it gives only {', '.join(names)}"
                why = only if names else "the entry is left out, or not called where it stands"
                problem = f"there is no {node.output} here: {why}"
                # What a module of fewer values leaves out, its argument of this name asks for.
                help = f"return_{node.output} = true" if names else None
                raise Refusal(problem, code="unknown-attribute", help=help)
            value = outputs[names.index(node.output)]
            if isinstance(value, OptionalType):
                return self._given(node, value)
            if value is None:
                problem = f"{node.output} is None here: what it is called with doesn't ask for it"
                raise Refusal(problem, code="no-value")
            return value
        if not outputs:
            problem = "this entry has no value: it is not called where it stands"
            raise Refusal(problem, code="no-value")
        return self._given(node, outputs[node.output or 0])

    def _named(self, name: str) -> Known:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name == "index":
            return self.environment.index
        if name not in self.environment.case:
            raise known_at_run_time("the model trains")
        return self.environment.case[name]

    def _unary(self, op: str, operand: Known) -> Known:
        if isinstance(operand, TensorType) and op == "not":
            raise Refusal("not is for conditions; for tensors write ~", code="wrong-type")
        if isinstance(operand, TensorType):
            from ...spec.ops.operators import operate_on_one

            return operate_on_one(op, operand)
        if op == "not":
            if isinstance(operand, bool):
                return not operand
            raise Refusal("not is for conditions", code="wrong-type")
        if not numbers.is_number(operand):
            raise Refusal(f"{op} is for numbers and tensors", code="wrong-type")
        if op == "~":
            raise Refusal("~ is for tensors of whole numbers or booleans", code="wrong-type")
        return operand if op == "+" else numbers.binary("-", 0, operand)

    def _binary(self, node: nodes.Binary[Bound]) -> Known:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if isinstance(left, TensorType) or isinstance(right, TensorType):
            return self._operator(node.op, left, right, node.left.at, node.right.at)
        if isinstance(left, tuple) and isinstance(right, tuple) and node.op == "+":
            return left + right
        if numbers.is_number(left) and numbers.is_number(right):
            return numbers.binary(node.op, left, right)
        value, part = (right, node.right) if numbers.is_number(left) else (left, node.left)
        problem = f"{node.op} needs numbers or tensors, this is {describe(value)}"
        help = "take one of them: (…)[0]" if isinstance(value, tuple) else unpacking(value)
        raise Located(Refusal(problem, code="wrong-type", help=help), part.at)

    def _operator(self, op: str, left: Known, right: Known, a: Range, b: Range) -> Known:
        from ...spec.ops.operators import operate

        for value, place in ((left, a), (right, b)):
            if not isinstance(value, TensorType) and not numbers.is_number(value):
                problem = f"{op} takes a tensor and a number or tensor, not {describe(value)}"
                help = unpacking(value)
                raise Located(Refusal(problem, code="wrong-type", help=help), place)
        try:
            return operate(op, left, right)
        except Refusal as refusal:
            places = {"left": a, "right": b}
            at = places.get(refusal.argument or "", (min(a[0], b[0]), max(a[1], b[1])))
            raise Located(refusal, at, places.get(refusal.other or "")) from None

    def _compare(self, node: nodes.Compare[Bound]) -> Known:
        values = [self.evaluate(operand) for operand in node.operands]
        results: list[Known] = []
        for op, left, right, a, b in zip(
            node.ops, values, values[1:], node.operands, node.operands[1:], strict=False
        ):
            if op in ("is", "is not"):
                results.append(self._identity(op, left, right))
            elif isinstance(left, TensorType) or isinstance(right, TensorType):
                results.append(self._operator(op, left, right, a.at, b.at))
            elif numbers.is_number(left) and numbers.is_number(right):
                results.append(numbers.compare(op, left, right))
            elif op in ("==", "!="):
                results.append((left == right) == (op == "=="))
            else:
                raise Refusal(f"{op} compares numbers", code="wrong-type")
        if len(results) > 1 and any(isinstance(result, TensorType) for result in results):
            raise Refusal("tensors are compared two at a time", code="wrong-type")
        return results[0] if len(results) == 1 else all(results)

    def _identity(self, op: str, left: Known, right: Known) -> bool:
        if right is not None:
            raise Refusal("is compares with None only", code="wrong-type")
        return (left is None) == (op == "is")

    def _boolean(self, op: str, values: tuple[Bound, ...]) -> bool:
        """As Python: from left to right, until the result is certain."""
        for node in values:
            value = self.evaluate(node)
            if isinstance(value, TensorType):
                problem = f"{op} is for conditions; for tensors write {'&' if op == 'and' else '|'}"
                raise Located(Refusal(problem, code="wrong-type"), node.at)
            if not isinstance(value, bool):
                raise Located(Refusal(f"{op} needs true or false", code="wrong-type"), node.at)
            if value == (op == "or"):
                return value
        return op == "and"

    def _conditional(self, node: nodes.Conditional[Bound]) -> Known:
        """The side that is taken; the other one may be what has no type here."""
        test = self.evaluate(node.test)
        if not isinstance(test, bool):
            problem = "the condition must be true or false; for tensors there is where(a, b, c)"
            raise Located(Refusal(problem, code="wrong-type"), node.test.at)
        taken = self.evaluate(node.body if test else node.orelse)
        self.environment.sides.setdefault(repr(node), {}).setdefault(test, []).append(taken)
        return taken

    def _indices(self, node: Bound) -> tuple[object, ...]:
        """What stands in a subscript; a list in it is a list, which torch takes for a tensor."""
        if isinstance(node, nodes.Sequence) and node.bracket == "(":
            return tuple(self._index(item) for item in node.items)
        return (self._index(node),)

    def _index(self, node: Bound) -> object:
        if isinstance(node, nodes.Sequence):
            return [self.evaluate(item) for item in node.items]
        return self.evaluate(node)

    def _property(self, value: Bound, name: str) -> Known:
        if isinstance(value, FunctionCall):
            dtype = self.evaluate(value.args[0]) if len(value.args) == 1 else None
            return limit(value.name, dtype, name)
        known = self.evaluate(value)
        if not isinstance(known, TensorType):
            said = f"only a tensor has .{name}, this is {describe(known)}"
            raise Refusal(said, code="wrong-type", help=unpacking(known))
        return known.shape if name == "shape" else known.dtype

    def _function(self, node: FunctionCall) -> Known:
        args = [self.evaluate(arg) for arg in node.args]
        keywords = {key: self.evaluate(value) for key, value in node.keywords}
        if node.name in NUMBER_FUNCTIONS and not keywords:
            number = numbers.function(node.name, args)
            if number is not None:
                return number
        function = registry.load("ops", node.name.replace(".", "_"))
        if not isinstance(function, Function) or function.namespace == "method":
            raise Refusal(f"{node.name} is no function of tensors", code="unknown-function")
        made = self._bind(node.name, function, args, keywords, node.args, node.keywords)
        dtype = self.environment.dtype
        given = [*function.places(len(args), keywords)[: len(args)], *keywords]
        floats = isinstance(made, TensorType) and made.dtype == DEFAULT
        if dtype is None or "dtype" in keywords or not floats or not function.makes(given):
            return made
        self.environment.made_as_model.add(repr(node))
        keywords["dtype"] = dtype
        return self._bind(node.name, function, args, keywords, node.args, node.keywords)

    def _method(self, node: MethodCall) -> Known:
        receiver = self.evaluate(node.receiver)
        if not isinstance(receiver, TensorType):
            raise Refusal(
                f"only a tensor has methods, this is {describe(receiver)}",
                code="wrong-type",
                help=unpacking(receiver),
            )
        if node.is_measure:
            return self._measure(receiver, node)
        function = registry.load("ops", registry.method_name(node.name))
        if not isinstance(function, Function) or not function.method:
            said = f"a tensor has no method {node.name}"
            help = instead_of_method(node.name)
            raise Refusal(said, code="unknown-method", help=help)
        args = [receiver, *(self.evaluate(arg) for arg in node.args)]
        keywords = {key: self.evaluate(value) for key, value in node.keywords}
        places = (node.receiver, *node.args)
        return self._bind(node.name, function, args, keywords, places, node.keywords, method=True)

    def _measure(self, tensor: TensorType, node: MethodCall) -> Known:
        args = [self.evaluate(arg) for arg in node.args]
        if node.name == "size" and len(args) == 1:
            return subscript(tensor.shape, (args[0],))
        if args or node.keywords:
            raise Refusal(f"{node.name} takes no such arguments", code="wrong-arguments")
        if node.name == "size":
            return tensor.shape
        return tensor.rank if "dim" in node.name else tensor.numel()

    def _bind(
        self,
        name: str,
        function: Function[Any],
        args: Sequence[Known],
        keywords: Mapping[str, Known],
        places: Sequence[Bound],
        named: Sequence[tuple[str, Bound]],
        *,
        method: bool = False,
    ) -> Known:
        try:
            result: Known = function.bind(name, args, keywords, method=method)
            return result
        except Refusal as refusal:
            if refusal.argument is None:
                raise
            by_place = function.places(len(places), keywords) or function.parameters
            written = dict(zip(by_place, places, strict=False)) | dict(named)
            close = registry.closest(refusal.argument or "", function.parameters)
            if refusal.code == "unknown-argument" and close and close != refusal.argument:
                refusal.help = f"did you mean {close}?"
            fault = written.get(refusal.argument or "")
            if fault is None:
                raise
            other = written.get(refusal.other or "")
            raise Located(refusal, fault.at, other.at if other else None) from None

    def _gradient(self, node: Gradient) -> Known:
        of, by = self.evaluate(node.of), self.evaluate(node.by)
        for value, part in ((of, node.of), (by, node.by)):
            if not isinstance(value, TensorType) or not value.dtype.startswith(("float", "bfloat")):
                problem = f"grad is of floating-point tensors, this is {describe(value)}"
                raise Located(Refusal(problem, code="wrong-type"), part.at)
        if not isinstance(node.by, Input | Value) or not isinstance(by, TensorType):
            problem = "grad derives by an input or an entry's value: give this a name first"
            raise Located(Refusal(problem, code="wrong-type"), node.by.at)
        return by


def _known(value: Known | type[Unknown]) -> Known:
    if isinstance(value, type):
        raise Unknown
    return value
