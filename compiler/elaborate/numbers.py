"""Arithmetic on plain numbers and sizes, exact on integers, with the formulas carried along."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, TypeGuard

from ...spec.refusal import Refusal
from ...spec.tensor.dim import Dim, Symbol
from ...spec.tensor.prove import Proved, at_least, equal

Number = bool | int | float | Dim


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value is a plain number or a size."""
    return isinstance(value, bool | int | float | Dim)


def is_integer(value: object) -> TypeGuard[int | Dim]:
    """Whether a value is a whole number or a size."""
    return isinstance(value, int | Dim) and not isinstance(value, bool)


def plain(value: Number, what: str = "this") -> bool | int | float:
    """A number that is known at build. Raises `Refusal` for a size that varies."""
    if not isinstance(value, Dim):
        return value
    if value.constant is None:
        raise Refusal(
            f"{what} needs a number that is known at build, and {value} varies",
            code="not-constant",
        )
    return value.constant


def binary(op: str, left: Number, right: Number) -> Number:
    """`left op right` as Python computes it."""
    if is_integer(left) and is_integer(right) and op in ("+", "-", "*", "//", "%"):
        return _bounded(_exact(op, Dim.of(left), Dim.of(right)))
    x, y = plain(left, op), plain(right, op)
    if op in ("&", "|", "^") and isinstance(x, int) and isinstance(y, int):
        return {"&": x & y, "|": x | y, "^": x ^ y}[op]
    functions: dict[str, Callable[[float, float], float]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "//": lambda a, b: a // b,
        "%": lambda a, b: a % b,
        "**": _power,
    }
    if op not in functions:
        raise Refusal(f"{op} is not for plain numbers", code="wrong-type")
    try:
        result = functions[op](x, y)
    except ZeroDivisionError:
        raise Refusal("this divides by zero", code="invalid-value") from None
    except (OverflowError, ValueError):
        raise Refusal("this number is too large", code="invalid-value") from None
    if isinstance(result, complex):
        raise Refusal("this gives a complex number", code="invalid-value")
    _bounded(result)
    return with_formula(result, f"{{}} {op} {{}}", (left, right))


def _bounded(result: Number) -> Number:
    """The number. Raises `Refusal` for a whole one that is too large for torch."""
    value = result.constant if isinstance(result, Dim) else result
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise Refusal("this number does not fit into 64 bits", code="invalid-value")
    return result


def _exact(op: str, left: Dim, right: Dim) -> Dim:
    if op in ("//", "%"):
        if right.constant is not None and right.constant <= 0:
            raise Refusal(f"{op} by {right}: a size is divided by 1 or more", code="invalid-value")
        return left // right if op == "//" else left % right
    return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}[op]()


def _power(base: float, exponent: float) -> float:
    """As Python, but an integer's size stays bounded."""
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1 and exponent > 64:
        raise Refusal("this power is too large", code="invalid-value")
    return float(base**exponent) if isinstance(base, float) else base**exponent


def with_formula(result: float, form: str, operands: Sequence[object]) -> Number:
    """A whole number with the formula that made it, where an operand has one.

    form: the formula with `{}` for each operand.
    """
    if not isinstance(result, int) or isinstance(result, bool):
        return result
    if not any(isinstance(item, Dim) and item.origin is not None for item in operands):
        return result
    texts = [
        str(item.origin if isinstance(item, Dim) and item.origin is not None else item)
        for item in operands
    ]
    return Dim.of(result).with_origin(Dim.of(Symbol(form.format(*texts))))


def function(name: str, values: Sequence[object]) -> Number | None:
    """A function of plain numbers, or None where the arguments are no numbers."""
    items = list(values)
    if len(items) == 1 and isinstance(items[0], tuple):
        if name == "len":
            return len(items[0])
        if name == "sum" and not items[0]:
            return 0
        items = list(items[0])
    known = [item for item in items if is_number(item)]
    if not items or len(known) < len(items):
        return None
    numbers = [plain(item, name) for item in known]
    many: dict[str, Callable[[list[float]], float]] = {"min": min, "max": max, "sum": sum}
    single: dict[str, Callable[[float], float]] = {
        "abs": abs,
        "round": round,
        "floor": math.floor,
        "ceil": math.ceil,
        "sqrt": math.sqrt,
        "log": math.log,
        "exp": math.exp,
        "int": int,
        "float": float,
    }
    try:
        if name in many:
            result = many[name](numbers)
        elif name in single and len(numbers) == 1:
            result = single[name](numbers[0])
        else:
            raise Refusal(f"{name} does not take {len(numbers)} numbers", code="wrong-arguments")
    except (ValueError, OverflowError):
        seen = ", ".join(f"{number:g}" for number in numbers)
        raise Refusal(f"{name}({seen}) is no number", code="invalid-value") from None
    _bounded(result)
    # floor, ceil and sqrt are math's when the formula is written out.
    prefix = "math." if name in MATH else ""
    return with_formula(result, f"{prefix}{name}({', '.join(['{}'] * len(items))})", items)


MATH: Final = ("floor", "ceil", "sqrt", "log", "exp")
EXACT: Final = ("min", "max", "abs", "round", "len", "sum", "int", "float")
"""Those that Python has without a module."""


def compare(op: str, left: Number, right: Number) -> bool:
    """A comparison that is decided at build. Raises `Refusal` where sizes decide it."""
    if not is_integer(left) or not is_integer(right):
        x, y = plain(left, op), plain(right, op)
        return _COMPARISONS[op](x, y)
    a, b = Dim.of(left), Dim.of(right)
    if a.constant is not None and b.constant is not None:
        return _COMPARISONS[op](a.constant, b.constant)
    verdict = _decided(op, a, b)
    if verdict is None:
        raise Refusal(
            f"{a} {op} {b} depends on sizes that vary: it is not decided at build",
            code="not-constant",
        )
    return verdict


def _decided(op: str, a: Dim, b: Dim) -> bool | None:
    less, more = _always_less(a, b), _always_less(b, a)
    if op in ("==", "!="):
        same = isinstance(equal(a, b), Proved)
        if not (same or less or more):
            return None
        return same == (op == "==")
    if op in (">", ">="):
        return _decided("<" if op == ">" else "<=", b, a)
    if op == "<":
        return True if less else False if _at_most(b, a) else None
    return True if _at_most(a, b) else False if more else None


def _always_less(a: Dim, b: Dim) -> bool:
    return isinstance(at_least(b - a, 1), Proved)


def _at_most(a: Dim, b: Dim) -> bool:
    return isinstance(at_least(b - a, 0), Proved)


_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
