"""Formulas of whole numbers that no arithmetic made: items of lists, chosen numbers."""

from __future__ import annotations

from ...spec.expression import nodes
from ...spec.tensor.dim import Dim, Symbol
from ..resolve.bound import Bound, FunctionCall, Named, Param, Size, walk
from ..resolve.graph import Argument
from .numbers import EXACT
from .typed import Known


def as_written(value: Known, node: Bound, index: Dim | None) -> Known:
    """What a whole argument gives; a number of a repeat's time has its very expression as its
    formula.

    index: the number of the time, if it stands in a repeat.
    """
    if index is None or not isinstance(value, Dim):
        return value
    reads = any(isinstance(part, Named) and part.name == "index" for part in walk(node))
    return with_own_formula(value, node, index) if reads else value


def with_own_formula(value: Known, node: Bound, index: Dim | None) -> Known:
    """A whole number with the expression that chose it as its formula, where names of the scope
    can say it."""
    whole = value.constant if isinstance(value, Dim) else value
    if not isinstance(whole, int) or isinstance(whole, bool):
        return value
    text = _text(node, index)
    return value if text is None else Dim.of(whole).with_origin(Dim.of(Symbol(text)))


def formula_text(argument: Argument, index: Dim | None) -> str | None:
    """A whole argument as text; None where it reads what is no name of the scope."""
    return _text(argument.bound, index)


def _text(node: Bound, index: Dim | None) -> str | None:
    """An expression over params, sizes and `index` as text; None where it reads anything else."""
    match node:
        case nodes.Constant(value):
            return repr(value) if isinstance(value, int | float) else None
        case Param(name) | Size(name):
            return name
        case Named("index"):
            return None if index is None else str(index.origin)
        case nodes.Subscript(Param() as items, place):
            return _joined("{}[{}]", (items, place), index)
        case nodes.Unary(op, operand):
            return _joined(f"({op} {{}})", (operand,), index)
        case nodes.Binary(left, op, right):
            return _joined(f"({{}} {op} {{}})", (left, right), index)
        case nodes.Boolean(op, values):
            return _joined(f"({f' {op} '.join(['{}'] * len(values))})", values, index)
        case nodes.Compare(operands, ops):
            form = "{}" + "".join(f" {op} {{}}" for op in ops)
            return _joined(f"({form})", operands, index)
        case nodes.Conditional(test, body, orelse):
            return _joined("({} if {} else {})", (body, test, orelse), index)
        case FunctionCall(name, args, ()) if name in EXACT:
            return _joined(f"{name}({', '.join(['{}'] * len(args))})", args, index)
    return None


def _joined(form: str, parts: tuple[Bound, ...], index: Dim | None) -> str | None:
    texts = [_text(part, index) for part in parts]
    known = [text for text in texts if text is not None]
    return form.format(*known) if len(known) == len(texts) else None
