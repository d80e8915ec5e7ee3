"""Expressions of the Python that the compiler can write; `code` has the statements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import EllipsisType
from typing import Final, Literal, TypeAlias, get_args

from .literals import check_dotted, check_identifier, check_literal

UnaryOperator = Literal["-", "+", "~", "not"]
BinaryOperator = Literal["|", "^", "&", "<<", ">>", "+", "-", "*", "@", "/", "//", "%", "**"]
CompareOperator = Literal["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"]
BooleanOperator = Literal["and", "or"]

_PART: Final = re.compile(r"[A-Za-z0-9_. -]*")


def check_operator(op: str, allowed: object) -> None:
    """Raise ValueError unless `op` is one of a Literal type's operators."""
    if op not in get_args(allowed):
        raise ValueError(f"not an operator: {op!r}")


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, or several joined by dots: `x`, `self.fc1`, `nn.Linear`."""

    id: str

    def __post_init__(self) -> None:
        check_dotted(self.id)


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal. Infinities and nan have none: write `math.inf`, `math.nan`."""

    value: int | float | bool | str | EllipsisType | None

    def __post_init__(self) -> None:
        check_literal(self.value)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword argument of a call."""

    arg: str
    value: Expression

    def __post_init__(self) -> None:
        check_identifier(self.arg)


@dataclass(frozen=True, slots=True)
class Call:
    """A call. A generator expression must be its only argument."""

    func: Expression
    args: tuple[Expression | Starred | GeneratorExp, ...] = ()
    keywords: tuple[Keyword, ...] = ()

    def __post_init__(self) -> None:
        names = [keyword.arg for keyword in self.keywords]
        if len(set(names)) < len(names):
            raise ValueError(f"repeated keyword argument: {names}")
        several = len(self.args) + len(self.keywords) > 1
        if several and any(isinstance(argument, GeneratorExp) for argument in self.args):
            raise ValueError("a generator expression must be a call's only argument")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a value that is no dotted name: `f(x).shape`."""

    value: Expression
    attr: str

    def __post_init__(self) -> None:
        check_identifier(self.attr)


@dataclass(frozen=True, slots=True)
class Slice:
    """`lower:upper:step`, alone in a subscript or in a subscript's tuple."""

    lower: Expression | None = None
    upper: Expression | None = None
    step: Expression | None = None


@dataclass(frozen=True, slots=True)
class Subscript:
    """An indexed value. Several indices are a `Tuple`, which may then hold slices."""

    value: Expression
    index: Expression | Slice

    def __post_init__(self) -> None:
        items = self.index.items if isinstance(self.index, Tuple) else ()
        if len(items) == 1 and isinstance(items[0], Slice):
            raise ValueError("one slice is an index by itself, without a tuple")


@dataclass(frozen=True, slots=True)
class Starred:
    """`*value`, in the arguments of a call, a tuple or a list."""

    value: Expression | GeneratorExp


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple; slices only as the index of a subscript."""

    items: tuple[Expression | Starred | Slice, ...] = ()


@dataclass(frozen=True, slots=True)
class List:
    """A list display; a generator expression, alone in it, makes a list comprehension."""

    items: tuple[Expression | Starred | GeneratorExp, ...] = ()

    def __post_init__(self) -> None:
        if len(self.items) > 1 and any(isinstance(item, GeneratorExp) for item in self.items):
            raise ValueError("a generator expression must be a list's only item")


@dataclass(frozen=True, slots=True)
class Dict:
    """A dict display, as pairs of key and value."""

    items: tuple[tuple[Expression, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class UnaryOp:
    """An operator before its operand."""

    op: UnaryOperator
    operand: Expression

    def __post_init__(self) -> None:
        check_operator(self.op, UnaryOperator)


@dataclass(frozen=True, slots=True)
class BinOp:
    """An arithmetic or bitwise operator between two operands."""

    left: Expression
    op: BinaryOperator
    right: Expression

    def __post_init__(self) -> None:
        check_operator(self.op, BinaryOperator)


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain of comparisons: `left ops[0] comparators[0] ops[1] …`."""

    left: Expression
    ops: tuple[CompareOperator, ...]
    comparators: tuple[Expression, ...]

    def __post_init__(self) -> None:
        for op in self.ops:
            check_operator(op, CompareOperator)
        if not self.ops or len(self.ops) != len(self.comparators):
            raise ValueError("a comparison needs one comparator for each operator")


@dataclass(frozen=True, slots=True)
class BoolOp:
    """`and` or `or` between two values or more."""

    op: BooleanOperator
    values: tuple[Expression, ...]

    def __post_init__(self) -> None:
        check_operator(self.op, BooleanOperator)
        if len(self.values) < 2:
            raise ValueError("a boolean operation needs two values")


@dataclass(frozen=True, slots=True)
class IfExp:
    """`body if test else orelse`."""

    test: Expression
    body: Expression
    orelse: Expression


@dataclass(frozen=True, slots=True)
class GeneratorExp:
    """`element for target in iter`, the only argument of a call or item of a list."""

    element: Expression
    target: Name | Tuple
    iter: Expression


@dataclass(frozen=True, slots=True)
class DictComp:
    """`{key: value for target in iter}`"""

    key: Expression
    value: Expression
    target: Name | Tuple
    iter: Expression


@dataclass(frozen=True, slots=True)
class JoinedStr:
    """`f"layer{index + 1}"`: parts of names or words, and expressions over names and numbers."""

    values: tuple[str | Expression, ...]

    def __post_init__(self) -> None:
        for value in self.values:
            if isinstance(value, str) and not _PART.fullmatch(value):
                raise ValueError(f"not a part of a name or words: {value!r}")
            if not isinstance(value, str) and not _is_of_numbers(value):
                raise ValueError(f"not an expression over names and numbers: {value!r}")


def _is_of_numbers(node: object) -> bool:
    """Whether nothing in an expression needs quotes or braces, in a string that has both."""
    match node:
        case Name() | Constant(bool() | int() | float()):
            return True
        case UnaryOp(_, value):
            return _is_of_numbers(value)
        case BinOp(left, _, right):
            return _is_of_numbers(left) and _is_of_numbers(right)
        case Subscript(value, index):
            return _is_of_numbers(value) and _is_of_numbers(index)
        case Compare(left, _, others):
            return all(map(_is_of_numbers, (left, *others)))
        case BoolOp(_, values):
            return all(map(_is_of_numbers, values))
        case IfExp(test, body, orelse):
            return all(map(_is_of_numbers, (test, body, orelse)))
        case Call(func, args, ()):
            return all(map(_is_of_numbers, (func, *args)))
    return False


Expression: TypeAlias = (
    Name
    | Constant
    | Call
    | Attribute
    | Subscript
    | Tuple
    | List
    | Dict
    | DictComp
    | JoinedStr
    | UnaryOp
    | BinOp
    | Compare
    | BoolOp
    | IfExp
)
Target: TypeAlias = Name | Attribute | Subscript | Tuple
