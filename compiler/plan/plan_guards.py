"""What a class requires of its arguments: guards in its constructor, and the words for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..emit import code
from ..emit.names_read import names_read
from ..emit.printer import expression
from ..resolve.bound import Bound, Input
from ..resolve.graph import Argument
from .class_plan import ClassPlan
from .needed_sizes import size_text
from .translate import Words

if TYPE_CHECKING:
    from .plan_init import InitPlanner

_OPPOSITE: Final[dict[str, code.CompareOperator]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}


class Guards:
    """The guards of one constructor.

    statements: `if width % heads != 0: raise ValueError("width % heads == 0 is required")`
    """

    def __init__(self, planner: InitPlanner) -> None:
        self.planner = planner
        required = planner.plan.scope.require
        found = [self._guard(condition) for condition in required]
        self.statements = [guard for guard in found if guard is not None]

    def around(self, constants: Sequence[code.Statement]) -> tuple[list[code.If], list[code.If]]:
        """The guards to stand before the constants, and those that read them."""
        made = {name for item in constants for name in _named_by(item)}
        late = [guard for guard in self.statements if made & {*names_read(guard)}]
        return [guard for guard in self.statements if guard not in late], late

    def _guard(self, condition: Argument) -> code.If | None:
        """None where the condition reads nothing that a caller gives."""
        planner = self.planner
        if not planner.is_sayable(condition):
            return None
        test = planner.words.argument(condition)
        given = {*planner.plan.arguments.values(), *planner.plan.model_params}
        given |= {param.name for param in planner.plan.scope.params}
        if not given & {*names_read(test)}:
            return None
        said = code.Constant(f"{in_words(condition, planner.plan)} is required")
        error = code.Call(code.Name("ValueError"), (said,))
        return code.If(_negated(test), (code.Raise(error),))


def _named_by(statement: code.Statement) -> Iterator[str]:
    """The names that a statement, or one under its condition, gives a value."""
    for part in statement.body if isinstance(statement, code.If) else (statement,):
        if isinstance(part, code.Assign) and isinstance(part.target, code.Name):
            yield part.target.id


def _negated(test: code.Expression) -> code.Expression:
    if isinstance(test, code.Compare) and len(test.ops) == 1 and test.ops[0] in _OPPOSITE:
        return code.Compare(test.left, (_OPPOSITE[test.ops[0]],), test.comparators)
    if isinstance(test, code.UnaryOp) and test.op == "not":
        return test.operand
    return code.UnaryOp("not", test)


def in_words(condition: Argument, plan: ClassPlan) -> str:
    """A condition in one line, as readers of the class know what it reads."""
    return expression(_Spoken(plan).expression(condition.bound))


class _Spoken(Words):
    """Names of params and sizes as they are; a size of an input by the argument that gives it."""

    def __init__(self, plan: ClassPlan) -> None:
        super().__init__(
            value=_named,
            param=code.Name,
            size=code.Name,
            layer=_nothing,
            state=_nothing,
            device=lambda: None,
        )
        self.plan = plan

    def translate(self, node: Bound) -> Any:
        text = size_text(node, self.plan.uses[0])
        argument = self.plan.arguments.get(text or "")
        return code.Name(argument) if argument is not None else super().translate(node)


def _named(node: Bound) -> code.Expression:
    assert isinstance(node, Input)
    return code.Name(node.name)


def _nothing(_: object) -> code.Expression:
    raise TypeError("a condition on params reads no layers")
