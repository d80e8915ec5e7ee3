"""Binds the names of an expression: values, params, sizes, functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...spec import registry
from ...spec.expression import nodes
from ...spec.expression.nodes import Expression, Range, dotted
from ...spec.source import Path
from .bind_error import BindError
from .bound import (
    BROKEN,
    BlockCall,
    Bound,
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
from .frame import Frame
from .function_names import instead, is_method, is_written, written
from .graph import BlockUse, Container, LayerUse, ModuleUse, Node, ParamUse, Recurrence, TensorUse
from .inside import held_by_block, inside_of, need_one_time, need_one_value, part_of_recurrence

CONSTANTS: Final = ("pi", "e", "inf", "nan")
NUMBER_FUNCTIONS: Final = (
    *("min", "max", "abs", "round", "floor", "ceil", "sqrt", "log", "exp", "len", "sum"),
    *("int", "float"),
)
LIMITS: Final = ("min", "max", "eps", "tiny")
_NAMESPACES: Final = ("linalg", "fft", "special", "signal", "signal.windows", "masked", "sparse")
_TOML_WORDS: Final = {"true": "True", "false": "False"}
_NOT_CALLABLE: Final = "is a value: only a function, or an earlier layer or block, can be called"


class Names:
    """What the names of a scope mean at one place of it, and which were read."""

    def __init__(
        self,
        inputs: tuple[str, ...],
        params: Mapping[str, str],
        sizes: tuple[str, ...],
        blocks: Mapping[str, tuple[str, ...]],
    ) -> None:
        """params: name -> "block" or "model". blocks: name -> names of its outputs."""
        self.inputs = inputs
        self.params = params
        self.sizes = sizes
        self.blocks = blocks
        self.module_params: frozenset[str] = frozenset()
        self.frames = [Frame()]
        self.later: Mapping[str, Path] = {}
        self.before: Bound | None = None
        self.repeats = 0
        self.containers = 0
        self.read: set[str | Path | tuple[Path, int | str]] = set()
        self.outside: frozenset[str] = frozenset()
        self.broken: set[Path] = set()
        self.errors: list[BindError] = []
        self.called: set[str] = set()

    def bind(self, expression: Expression) -> Bound:
        """The expression with its names bound.

        A part that can't be bound is noted in `errors`, and None's constant stands for it.
        """
        try:
            return self._bind(expression)
        except BindError as error:
            self.errors.append(error)
            return nodes.Constant(None, expression.at)

    def _bind(self, expression: Expression) -> Bound:
        match expression:
            case nodes.Constant():
                return expression
            case nodes.Name():
                return self._name(expression.id, expression.at)
            case nodes.Attribute():
                return self._attribute(expression)
            case nodes.Call():
                return self._call(expression)
            case nodes.Subscript(value, index, at):
                return nodes.Subscript(self.bind(value), self.bind(index), at)
            case nodes.Sequence(items, bracket, at):
                return nodes.Sequence(self._all(items), bracket, at)
            case _:
                return self._operation(expression)

    def _all(self, items: tuple[Expression, ...]) -> tuple[Bound, ...]:
        return tuple(self.bind(item) for item in items)

    def _optional(self, part: Expression | None) -> Bound | None:
        return None if part is None else self.bind(part)

    def _operation(self, expression: Expression) -> Bound:
        match expression:
            case nodes.Slice(lower, upper, step, at):
                return nodes.Slice(
                    self._optional(lower), self._optional(upper), self._optional(step), at
                )
            case nodes.Unary(op, operand, at):
                return nodes.Unary(op, self.bind(operand), at)
            case nodes.Binary(left, op, right, at):
                return nodes.Binary(self.bind(left), op, self.bind(right), at)
            case nodes.Compare(operands, ops, at):
                return nodes.Compare(self._all(operands), ops, at)
            case nodes.Boolean(op, values, at):
                return nodes.Boolean(op, self._all(values), at)
            case nodes.Conditional(test, body, orelse, at):
                return nodes.Conditional(self.bind(test), self.bind(body), self.bind(orelse), at)
        raise TypeError(type(expression).__name__)

    def find(self, name: str) -> tuple[Node, int | None] | None:
        """The entry that a name means, from the innermost scope outwards."""
        for frame in reversed(self.frames):
            if name in frame.values:
                return frame.values[name]
        return None

    def is_buffer(self, entry: Path) -> bool:
        """Whether an earlier entry is a Buffer."""
        nodes = (node for frame in self.frames for node, _ in frame.values.values())
        return any(
            node.path == entry and isinstance(node.action, TensorUse) and not node.action.trainable
            for node in nodes
        )

    def _name(self, name: str, at: Range) -> Bound:
        if name == "_":
            if self.before is None:
                raise BindError("unknown-name", "there is no value before this one", at)
            self.mark_read(self.before)
            return self.before
        entry = self.find(name)
        if name == "index" and self.repeats:
            if entry is not None or name in self.known():
                raise BindError("name-clash", "index here is both a repeat's and another", at)
            return Named(name, at)
        if entry is not None:
            return self._value(*entry, at)
        self.read.add(name)
        if name in self.inputs:
            return Input(name, at)
        if name in self.sizes:
            return Size(name, at)
        if name in self.module_params:
            said = f"{name} is a module, and no value: an entry has it as its type"
            raise BindError("wrong-type", said, at, help=f'{{ type = "{name}" }}')
        if name in self.params:
            return self.param(name, at)
        if name in CONSTANTS or name == "training":
            return Named(name, at)
        raise self._unknown(name, at)

    def param(self, name: str, at: Range) -> Param:
        """A param by its name, which is read."""
        self.read.add(name)
        return Param(name, "block" if self.params[name] == "block" else "model", at)

    def mark_name(self, name: str) -> None:
        """Notes that a name, perhaps one inside a container, is read."""
        found = self.find(name.split(".")[0])
        self.read.add(name)
        if found is not None:
            self._value(*found, (0, 0))

    def mark_read(self, value: Bound) -> None:
        """Notes that the value before is read."""
        if isinstance(value, Input):
            self.read.add(value.name)
        elif isinstance(value, Value):
            self.read.add((value.entry, "input") if value.output == "input" else value.entry)

    def _value(self, node: Node, output: int | None, at: Range) -> Value:
        self.read.add(node.path if output is None else (node.path, output))
        return Value(node.path, output, at)

    def _unknown(self, name: str, at: Range) -> BindError:
        if name in self.later:
            sees = "an entry sees only the values of entries before it"
            if self.later[name][-2:-1] == ("params",):
                sees = "a param sees only the params before it"
            said, other = f"{name} is used before it exists", self.later[name]
            return BindError("used-before-definition", said, at, help=sees, other=other)
        if name == "index":
            said = "index is known only inside a repeat or a recurrence"
            return BindError("unknown-name", said, at)
        if name in _TOML_WORDS:
            help = f"write {name} without quotes; within an expression it is {_TOML_WORDS[name]}"
            return BindError("unknown-name", f"nothing is called {name} here", at, help=help)
        close = registry.closest(name, self.known())
        values = [item for frame in self.frames for item in frame.values.items()]
        inner = None if close else inside_of(name, ((outer, node) for outer, (node, _) in values))
        return BindError(
            "unknown-name",
            f"nothing is called {name} here",
            at,
            help=f"did you mean {close or inner}?" if close or inner else self._advice(name),
            replacement=inner or registry.slip(name, self.known()),
        )

    def _advice(self, name: str) -> str | None:
        if name in ("torch", "F", "nn", "math", "np"):
            return "functions and constants are written without a module: relu(x), pi"
        if self._is_function(name):
            return f"{name} is a function: call it, as {name}(…)"
        if name in self.outside:
            return "a block does not see the model's values and sizes: pass it in through inputs"
        known = ", ".join(self.known()[-12:])
        return f"known here: {known}" if known else None

    def known(self) -> list[str]:
        """All names that may be read here."""
        values = [name for frame in self.frames for name in frame.values]
        return [*self.params, *self.sizes, *self.inputs, *values]

    def _attribute(self, expression: nodes.Attribute) -> Bound:
        name, at = expression.attr, expression.at
        if name in ("shape", "dtype"):
            return Property(self.bind(expression.value), name, at)
        if isinstance(expression.value, nodes.Call) and name in LIMITS:
            return Property(self._limits(expression.value), name, at)
        node = self.inside(expression.value)
        if node is None:
            held = held_by_block(expression, self.inside)
            if held is not None:
                self.read.add(held.entry)
                return held
            slips = len(self.errors)
            self.bind(expression.value)
            if len(self.errors) > slips:
                return BROKEN
            raise BindError(
                "unknown-attribute",
                f".{name} can't be read: beyond shape and dtype, only a layer, a block or a"
                " container has something inside",
                at,
                help=instead(name),
            )
        found = self._member(node, name, at)
        # What a recurrence stacks is not read with what it carries.
        around = (one for one in self._around(expression) if type(one.action) is Container)
        self.read |= {outer.path for outer in around}
        if isinstance(found, Value):
            need_one_value(self._around(expression), name, at=at)
        return found

    def _around(self, inner: Expression) -> Iterator[Node]:
        """The entries that `a.b.c` looks into."""
        while isinstance(inner, nodes.Attribute):
            inner = inner.value
            node = self.inside(inner)
            if node is not None:
                yield node

    def _limits(self, call: nodes.Call) -> Bound:
        if dotted(call.func) not in ("finfo", "iinfo"):
            raise BindError("unknown-attribute", "a call's result has no such attribute", call.at)
        return FunctionCall(dotted(call.func) or "", self._all(call.args), (), call.at)

    def inside(self, expression: Expression) -> Node | None:
        """The entry that `a`, `a.b` or `each(a)[0]` names, where it is one."""
        if isinstance(expression, nodes.Name):
            found = self.find(expression.id)
            return found[0] if found else None
        if isinstance(expression, nodes.Subscript):
            from .read_each import one_of_each

            return one_of_each(self, expression)
        if isinstance(expression, nodes.Attribute):
            outer = self.inside(expression.value)
            if outer is not None and isinstance(outer.action, Container):
                for child in outer.action.children:
                    if expression.attr in child.names:
                        need_one_time(outer, expression.attr, at=expression.at)
                        return child
        return None

    def _member(self, node: Node, name: str, at: Range) -> Bound:
        if node.path in self.broken:
            return BROKEN
        if isinstance(node.action, Recurrence):
            return part_of_recurrence(node, node.action, name, at, self.read)
        self.read.add(node.path)
        match node.action:
            case Container(children):
                for child in children:
                    if name in child.names:
                        return self._value(child, None, at)
                inside = [name for child in children for name in child.names]
            case BlockUse(block):
                if name in self.blocks[block]:
                    return Value(node.path, name, at)
                inside = list(self.blocks[block])
            case ModuleUse(layer):
                if name in layer.forward_outputs:
                    return Value(node.path, name, at)
                return State(node.path, name, at)
            case ParamUse():
                return State(node.path, name, at)
            case _:
                inside = []
        close = registry.closest(name, inside)
        raise BindError(
            "unknown-attribute",
            f"there is no {name} inside {node.names[0] if node.names else 'this'}",
            at,
            help=f"did you mean {close}?"
            if close
            else f"it has {', '.join(inside)}"
            if inside
            else None,
        )

    def _call(self, call: nodes.Call) -> Bound:
        if dotted(call.func) == "each" and self.find("each") is None:
            # Imported where a spec has such a call: most have none.
            from .read_each import read_each

            return read_each(self, call)
        args = self._all(call.args)
        keywords = tuple((key, self.bind(value)) for key, value in call.keywords)
        callee = None if is_method(call) else self.inside(call.func)
        if callee is not None and callee.path in self.broken:
            return BROKEN
        if callee is not None and isinstance(callee.action, LayerUse):
            self.read |= {callee.path, *(node.path for node in self._around(call.func))}
            return LayerCall(callee.path, args, keywords, call.at)
        name = dotted(call.func)
        if name is not None and name in self.blocks:
            self.called.add(name)
            return BlockCall(name, args, keywords, call.at)
        if name is not None and self._is_function(name):
            return self._function(name, call, args, keywords)
        if isinstance(call.func, nodes.Attribute) and not self._is_namespace(call.func.value):
            receiver = self.bind(call.func.value)
            return MethodCall(receiver, call.func.attr, args, keywords, call.at)
        raise self._unknown_function(name, call)

    def _is_namespace(self, base: Expression) -> bool:
        return dotted(base) in _NAMESPACES and self.find(dotted(base) or "") is None

    def _is_function(self, name: str) -> bool:
        head = name.split(".")[0]
        if "." in name and (self.find(head) or head in (*self.inputs, *self.params, *self.sizes)):
            return False
        return name in NUMBER_FUNCTIONS or name == "grad" or is_written(name)

    def _function(
        self,
        name: str,
        call: nodes.Call,
        args: tuple[Bound, ...],
        keywords: tuple[tuple[str, Bound], ...],
    ) -> Bound:
        if name != "grad":
            return FunctionCall(name, args, keywords, call.at)
        if len(args) != 2 or keywords:
            raise BindError("wrong-arguments", "grad takes a value and what to derive by", call.at)
        return Gradient(args[0], args[1], call.at)

    def _unknown_function(self, name: str | None, call: nodes.Call) -> BindError:
        if name is None:
            return BindError("not-callable", "this can't be called", call.func.at)
        found = self.find(name)
        if found is not None:
            return BindError(
                "not-callable",
                f"{name} {_NOT_CALLABLE}",
                call.func.at,
                other=found[0].path,
            )
        if name.split(".")[0] in self.later:
            return self._unknown(name.split(".")[0], call.func.at)
        if name in self.known():
            raise BindError("not-callable", f"{name} {_NOT_CALLABLE}", call.func.at)
        functions = [*registry.families("ops"), *NUMBER_FUNCTIONS, "grad"]
        known = [*functions, *self.known()]
        close = registry.closest(name.replace(".", "_"), known)
        meant = registry.slip(name.replace(".", "_"), known)
        return BindError(
            "unknown-function",
            f"there is no function {name}",
            call.func.at,
            help=f"did you mean {written(close)}?" if close else None,
            replacement=written(meant) if meant else None,
        )
