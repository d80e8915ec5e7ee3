"""Bound expression -> Python: what an expression of the spec is called in the output."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...spec import registry
from ...spec.expression import nodes
from ...spec.expression.parser import parse_printed
from ...spec.kinds import Kind
from ...spec.ops.base import Function, kind_of
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import DTYPES
from ..elaborate.numbers import MATH
from ..emit import code
from ..resolve.bind import CONSTANTS, NUMBER_FUNCTIONS
from ..resolve.bound import (
    BlockCall,
    Bound,
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
)
from .list_items import are_joined, item, joined
from .rnn_arguments import RNN, rnn_argument

# Methods of Tensor that torch leaves untyped, with the typed function of the same meaning.
UNTYPED_METHODS = frozenset({"split", "norm", "unflatten", "stft", "istft", "unique", "lu"})
# Methods that torch's stubs leave out, with the element type that they convert to.
UNKNOWN_CASTS = {"cfloat": "complex64", "cdouble": "complex128"}
# Arguments that the typed function calls by another name.
_RENAMED = {"split": {"split_size": "split_size_or_sections"}, "concatenate": {"axis": "dim"}}
# Functions that look at a tensor's memory: what may not lie in order is copied in order for them.
_OF_MEMORY = frozenset(
    {"as_strided", "as_strided_copy", "as_strided_scatter", "view_as_complex"}
    | {"view_as_complex_copy", "view_copy"}
)


def no_function(call: BlockCall, words: Words) -> code.Expression:
    """Where no block can be called."""
    raise TypeError(f"{call.block} is called where no block is known")


@dataclass
class Words:
    """How a place of the output calls things; notes what it needed.

    value: the code of an entry's value or of an input. param, size: of a param and a size.
    layer: the code of an entry's layer. state: of a layer's parameter or buffer.
    device: the code of a tensor whose device is the inputs'.
    dtype: the element type that a factory's call takes from the model, if it does.
    condition: the test of a conditional expression; as any other expression, if not given.
    function: the call of a block as a function.
    is_contiguous: whether a value surely lies contiguous in memory.
    is_list: whether a param or an entry's value is a list, and no tensor.
    loop_index: the code of the number of a loop's time.
    """

    value: Callable[[Bound], code.Expression]
    param: Callable[[str], code.Expression]
    size: Callable[[str], code.Expression]
    layer: Callable[[Path], code.Expression]
    state: Callable[[State], code.Expression]
    device: Callable[[], code.Expression | None]
    dtype: Callable[[FunctionCall], str | None] = lambda _: None
    is_contiguous: Callable[[Bound], bool] = lambda _: False
    condition: Callable[[Bound], code.Expression] | None = None
    is_list: Callable[[Bound], bool] = lambda _: False
    function: Callable[[BlockCall, Words], code.Expression] = no_function
    loop_index: Callable[[], code.Expression] = lambda: code.Name("index")
    modules: set[str] = field(default_factory=set)
    needs_derivative: bool = False

    def expression(self, node: Bound) -> code.Expression:
        """The code of a node that is a value, not a slice."""
        return self.translate(node)  # type: ignore[no-any-return]

    def translate(self, node: Bound) -> Any:
        """The code of a node."""
        match node:
            case nodes.Constant(value):
                return self._constant(value)
            case Input() | Value() | Each():
                return self.value(node)
            case Param(name):
                return self.param(name)
            case Size(name):
                return self.size(name)
            case Named(name):
                return self._named(name)
            case Property(value, name):
                return self._property(value, name)
            case State():
                return self.state(node)
            case FunctionCall():
                return self._function(node)
            case MethodCall():
                return self._method(node)
            case LayerCall(entry, args, keywords):
                named = tuple(code.Keyword(key, self.translate(value)) for key, value in keywords)
                return code.Call(self.layer(entry), tuple(map(self.translate, args)), named)
            case BlockCall():
                return self.function(node, self)
            case Gradient(of, by):
                self.needs_derivative = True
                return code.Call(code.Name("derivative"), (self.translate(of), self.translate(by)))
            case _:
                return self._operation(node)

    def _operation(self, node: Bound) -> Any:
        t: Callable[[Any], Any] = self.translate
        match node:
            case nodes.Unary("not", operand):
                return code.UnaryOp("not", t(operand))
            case nodes.Unary(op, operand):
                return code.UnaryOp(op, t(operand))
            case nodes.Binary(left, "+", right) if are_joined(left, right):
                return joined(t(left), t(right))
            case nodes.Binary(left, op, right):
                return code.BinOp(t(left), op, t(right))
            case nodes.Compare(operands, ops):
                first, *rest = map(t, operands)
                return code.Compare(first, ops, tuple(rest))
            case nodes.Boolean(op, values):
                return code.BoolOp(op, tuple(map(t, values)))
            case nodes.Conditional(test, body, orelse):
                return code.IfExp((self.condition or t)(test), t(body), t(orelse))
            case nodes.Subscript(value, index):
                return item(t(value), t(index))
            case nodes.Slice(lower, upper, step):
                return code.Slice(*(None if p is None else t(p) for p in (lower, upper, step)))
            case nodes.Sequence(items, bracket):
                made = tuple(map(t, items))
                return code.List(made) if bracket == "[" else code.Tuple(made)
        raise TypeError(type(node).__name__)

    def _constant(self, value: Any) -> code.Expression:
        if isinstance(value, float) and not math.isfinite(value):
            if math.isnan(value):
                return self._named("nan")
            infinity = self._named("inf")
            return infinity if value > 0 else code.UnaryOp("-", infinity)
        if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
            return code.UnaryOp("-", code.Constant(-value))
        return code.Constant(value)

    def _named(self, name: str) -> code.Expression:
        if name in CONSTANTS:
            self.modules.add("math")
            return code.Name(f"math.{name}")
        return self.loop_index() if name == "index" else code.Name("self.training")

    def _property(self, value: Bound, name: str) -> code.Expression:
        if isinstance(value, FunctionCall):
            self.modules.add("torch")
            (dtype,) = value.args
            return code.Attribute(
                code.Call(code.Name(f"torch.{value.name}"), (self._dtype(dtype),)), name
            )
        return code.Attribute(self.translate(value), name)

    def _dtype(self, node: Bound) -> code.Expression:
        if isinstance(node, nodes.Constant) and node.value in DTYPES:
            self.modules.add("torch")
            return code.Name(f"torch.{node.value}")
        return self.expression(node)

    def _function(self, node: FunctionCall) -> code.Expression:
        function = registry.load("ops", node.name.replace(".", "_"))
        if not isinstance(function, Function) or self._is_plain(node):
            return self._number_function(node)
        short = node.name.split(".")[-1]
        args, keywords = self._arguments(function, node.args, node.keywords)
        if function.namespace == "rnn":
            self.modules.add(f"{RNN}{short}")
            return code.Call(code.Name(short), args, keywords)
        self.modules.add("F" if function.namespace == "F" else "torch")
        callee = code.Name(f"{function.namespace}.{short}")
        if short in _OF_MEMORY:
            args, keywords = self._in_order(node, args, keywords)
        by_place = function.places(len(node.args), dict(node.keywords))
        if function.makes([*by_place[: len(node.args)], *dict(node.keywords)]):
            keywords += self._factory_keywords(node)
        return code.Call(callee, args, _renamed(short, keywords))

    def _is_plain(self, node: FunctionCall) -> bool:
        """Whether a call of `max`, `abs`, … is of plain numbers."""
        return node.name in NUMBER_FUNCTIONS and all(map(is_plain, node.args))

    def _number_function(self, node: FunctionCall) -> code.Expression:
        name = node.name
        if name in MATH:
            self.modules.add("math")
            name = f"math.{name}"
        return code.Call(code.Name(name), tuple(map(self.translate, node.args)))

    def _factory_keywords(self, node: FunctionCall) -> tuple[code.Keyword, ...]:
        made: list[code.Keyword] = []
        dtype = self.dtype(node)
        if dtype is not None:
            made.append(code.Keyword("dtype", code.Name(f"torch.{dtype}")))
        device = self.device()
        if device is not None:
            made.append(code.Keyword("device", code.Attribute(device, "device")))
        return tuple(made)

    def _arguments(
        self,
        function: Function[Any],
        args: tuple[Bound, ...],
        keywords: tuple[tuple[str, Bound], ...],
    ) -> tuple[tuple[code.Expression, ...], tuple[code.Keyword, ...]]:
        """Arguments in code; the names of element types become `torch.float32`."""
        kinds = {
            name: kind_of(parameter.annotation) for name, parameter in function.parameters.items()
        }
        by_place = [*kinds.items(), *[("", None)] * len(args)]
        made = tuple(
            self._argument(function, arg, *named)
            for arg, named in zip(args, by_place, strict=False)
        )
        # None where it is the default says nothing; some of torch's signatures would refuse it.
        return made, tuple(
            code.Keyword(key, self._argument(function, value, key, kinds.get(key)))
            for key, value in keywords
            if not (_is_none(value) and function.parameters[key].default is None)
        )

    def _in_order(
        self,
        node: FunctionCall,
        args: tuple[code.Expression, ...],
        keywords: tuple[code.Keyword, ...],
    ) -> tuple[tuple[code.Expression, ...], tuple[code.Keyword, ...]]:
        """The arguments, the input laid out in order where it may not be."""
        if node.args:
            return (self._laid_out(node.args[0], args[0]), *args[1:]), keywords
        of = dict(node.keywords)
        return args, tuple(
            code.Keyword(one.arg, self._laid_out(of["input"], one.value))
            if one.arg == "input"
            else one
            for one in keywords
        )

    def _laid_out(self, node: Bound, made: code.Expression) -> code.Expression:
        if self.is_contiguous(node):
            return made
        self.modules.add("torch")
        order = code.Keyword("memory_format", code.Name("torch.contiguous_format"))
        return code.Call(code.Attribute(made, "clone"), (), (order,))

    def _argument(self, function: Function[Any], node: Bound, name: str, kind: Kind | None) -> Any:
        if names_dtypes(kind):
            return self._dtype(node)
        made = self.translate(node)
        return rnn_argument(name, node, made, self.is_list) if function.namespace == "rnn" else made

    def _method(self, node: MethodCall) -> code.Expression:
        function = registry.load("ops", registry.method_name(node.name))
        if not isinstance(function, Function):
            return code.Call(
                code.Attribute(self.translate(node.receiver), node.name),
                tuple(map(self.translate, node.args)),
            )
        args, keywords = self._arguments(function, (node.receiver, *node.args), node.keywords)
        name = node.name
        if name in UNKNOWN_CASTS:
            self.modules.add("torch")
            dtype = code.Name(f"torch.{UNKNOWN_CASTS[name]}")
            return code.Call(code.Attribute(args[0], "to"), (dtype,))
        if name in UNTYPED_METHODS:
            self.modules.add("torch")
            return code.Call(code.Name(f"torch.{name}"), args, _renamed(name, keywords))
        receiver = args[0]
        if name in _OF_MEMORY or _is_reread(node):
            receiver = self._laid_out(node.receiver, receiver)
        elif name in ("view", "view_as") and not self.is_contiguous(node.receiver):
            # The same values where `view` would refuse the strides.
            name = name.replace("view", "reshape")
            keywords = tuple(
                code.Keyword("shape" if one.arg == "size" else one.arg, one.value)
                for one in keywords
            )
        return code.Call(code.Attribute(receiver, name), args[1:], keywords)


def _renamed(name: str, keywords: tuple[code.Keyword, ...]) -> tuple[code.Keyword, ...]:
    names = _RENAMED.get(name, {})
    return tuple(code.Keyword(names.get(one.arg, one.arg), one.value) for one in keywords)


def _is_reread(node: MethodCall) -> bool:
    """Whether it is `x.view(dtype)`, which reads the same memory as another element type."""
    if node.name != "view" or len(node.args) + len(node.keywords) != 1:
        return False
    if any(key == "dtype" for key, _ in node.keywords):
        return True
    return any(
        (isinstance(arg, nodes.Constant) and isinstance(arg.value, str))
        or (isinstance(arg, Property) and arg.name == "dtype")
        for arg in node.args
    )


def names_dtypes(kind: Kind | None) -> bool:
    """Whether the words that a kind takes are the names of element types."""
    return kind is not None and bool(kind.strings) and kind.strings <= set(DTYPES)


def _is_none(node: Bound) -> bool:
    return isinstance(node, nodes.Constant) and node.value is None


def is_plain(node: nodes.Node) -> bool:
    """Whether an expression is of plain numbers, whatever its params are."""
    if isinstance(node, Input | Value | Each | State):
        return False
    if isinstance(node, Property):
        return node.name == "shape"
    if isinstance(node, FunctionCall):
        return node.name in NUMBER_FUNCTIONS and all(map(is_plain, node.args))
    if isinstance(node, MethodCall):
        return node.is_measure
    if isinstance(node, LayerCall | BlockCall | Gradient):
        return False
    return all(is_plain(child) for child in nodes.children(node))


def size_code(size: Dim, names: Mapping[str, code.Expression]) -> code.Expression:
    """A size's formula as code; `names` says what its symbols are called, by their text."""
    known = {
        name: Dim.of(held.value)
        for name, held in names.items()
        if isinstance(held, code.Constant) and isinstance(held.value, int)
    }
    return _written(parse_printed(str(size.substitute(known) if known else size)), names)


def _written(node: nodes.Expression, names: Mapping[str, code.Expression]) -> code.Expression:
    """Code of a formula over whole numbers, as `Dim` prints them."""
    match node:
        case nodes.Constant(value):
            return code.Constant(value)
        case nodes.Name(id):
            return names.get(id, code.Name(id))
        case nodes.Subscript(nodes.Attribute(nodes.Name(owner), "shape"), nodes.Constant(dim)):
            return names.get(f"{owner}.shape[{dim}]") or code.Subscript(
                code.Name(f"{owner}.shape"), code.Constant(dim)
            )
        case nodes.Subscript(value, index) if not isinstance(index, nodes.Slice):
            return code.Subscript(_written(value, names), _written(index, names))
        case nodes.Unary(op, operand):
            return code.UnaryOp(op, _written(operand, names))
        case nodes.Binary(left, op, right):
            return code.BinOp(_written(left, names), op, _written(right, names))
        case nodes.Boolean(op, values):
            return code.BoolOp(op, tuple(_written(value, names) for value in values))
        case nodes.Compare(operands, ops):
            first, *others = (_written(operand, names) for operand in operands)
            return code.Compare(first, ops, tuple(others))
        case nodes.Conditional(test, body, orelse):
            return code.IfExp(*(_written(part, names) for part in (test, body, orelse)))
        case nodes.Call(func, args):
            return code.Call(
                code.Name(nodes.dotted(func) or ""), tuple(_written(arg, names) for arg in args)
            )
    raise TypeError(type(node).__name__)
