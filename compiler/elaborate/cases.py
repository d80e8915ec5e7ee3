"""What expressions give when the model runs: typed in each case of what only then is known.

That is whether the model trains, and whether each optional value is given. In one case an
expression is as plain as any: what is not taken there is not typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import product
from typing import Final, TypeVar

from ...spec.expression import nodes
from ...spec.expression.nodes import Range
from ...spec.source import Path
from ...spec.tensor.check import Need, collecting_needs, state_needs
from ...spec.tensor.cost import counting
from ...spec.tensor.type import TensorType, tensors
from ..resolve.bound import Bound, Input, Key, Named, Size, Value, key, walk
from ..resolve.graph import Argument
from ..resolve.problems import Problems
from .describe import describe, unpacking
from .environment import Environment
from .evaluate import Evaluator, Located, Unknown
from .typed import Known, OptionalType

MAX_FACTS: Final = 6
TRAINING: Final = "training"
Case = Mapping[Key, bool]
Label = tuple[Path, Range | None, str]
K = TypeVar("K")


def read_values(
    arguments: Mapping[K, Argument], evaluator: Evaluator, problems: Problems
) -> dict[K, Known]:
    """What each argument gives. Raises `Unknown` once all have been read and some gave nothing."""
    known: dict[K, Known] = {}
    for name, argument in arguments.items():
        try:
            known[name] = read_value(argument, evaluator, problems)
        except Unknown:
            continue
    if len(known) < len(arguments):
        raise Unknown
    return known


def read_value(argument: Argument, evaluator: Evaluator, problems: Problems) -> Known:
    """What an expression of `forward` gives. Raises `Unknown` after reporting why it has none."""
    if isinstance(argument.value, tuple):
        items = [read_value(item, evaluator, problems) for item in argument.value]
        return tuple(items)
    return _Reader(argument.bound, argument.path, evaluator, problems).read()


def read_output(
    argument: Argument, evaluator: Evaluator, problems: Problems
) -> TensorType | OptionalType:
    """What an output is. Raises `Unknown` after reporting that it can be none."""
    value = read_value(argument, evaluator, problems)
    if isinstance(value, TensorType):
        return value
    if not isinstance(value, OptionalType) or not isinstance(value.type, TensorType):
        said = f"an output must be a tensor, this is {describe(value)}"
        problems.error("wrong-type", said, argument.path, help=unpacking(value))
        raise Unknown
    if not value.training:
        report_missing(argument.path, value, argument.value, problems)
        raise Unknown
    return value


def in_each_case(values: Sequence[Known]) -> Iterator[tuple[Known, ...]]:
    """Values as they may be when the model runs; first with all that is optional."""
    found = [(v.type, None) if isinstance(v, OptionalType) else (v,) for v in values]
    return product(*found)


class _Fault:
    """Why an expression has no type in one case."""

    def __init__(self, case: Case, located: Located) -> None:
        self.case = case
        self.located = located

    def is_like(self, other: _Fault) -> bool:
        """Whether it says the same."""
        mine, others = self.located, other.located
        return mine.at == others.at and mine.refusal.message == others.refusal.message


class _Reader:
    """Reads one expression."""

    def __init__(
        self, expression: Bound, path: Path, evaluator: Evaluator, problems: Problems
    ) -> None:
        self.expression = expression
        self.path = path
        self.evaluator = evaluator
        self.environment = evaluator.environment
        self.problems = problems
        self.sources: dict[Key, Path] = {}
        self.facts = self._facts()

    def read(self) -> Known:
        self.environment.place = self.path
        if len(self.facts) > MAX_FACTS:
            said = f"this depends on more than {MAX_FACTS} things that may be so or not"
            self.problems.error("too-complex", said, self.path, help="split it into entries")
            raise Unknown
        found: list[tuple[Case, Known]] = []
        faults: list[_Fault] = []
        needs: list[tuple[bool, Need]] = []
        env = self.environment
        outer, env.sides = env.sides, {}
        for answers in product((True, False), repeat=len(self.facts)):
            case = dict(zip(self.facts, answers, strict=True))
            try:
                value, demanded = self._in_case(case)
            except Located as located:
                faults.append(_Fault(case, located))
                continue
            found.append((case, value))
            needs += [(case.get(TRAINING, False), need) for need in demanded]
        sides, env.sides = env.sides, outer
        if faults:
            self._report(faults, [case for case, _ in found])
            raise Unknown
        for text, taken in sides.items():
            env.decided.setdefault(text, set()).update(taken)
        always = [need for trains, need in needs if not trains]
        state_needs(always, training=False)
        state_needs(
            [need for trains, need in needs if trains and need not in always], training=True
        )
        self._check_sides(sides)
        return self._joint(found)

    def _facts(self) -> list[Key]:
        """What the expression depends on that is known only when the model runs."""
        found: dict[Key, None] = {}
        for part in walk(self.expression):
            if isinstance(part, Named) and part.name == TRAINING:
                found[TRAINING] = None
            elif isinstance(part, Size) and part.name in self.environment.owners:
                self._note(Input(self.environment.owners[part.name], part.at), found)
            elif isinstance(part, Input | Value):
                self._note(part, found)
        return list(found)

    def _note(self, node: Input | Value, found: dict[Key, None]) -> None:
        value = optional(node, self.environment)
        if value is not None and not (value.training and self.environment.training):
            found[key(node)] = None
            self.sources[key(node)] = value.source

    def _in_case(self, case: Case) -> tuple[Known, Sequence[Need]]:
        """What the expression gives in one case, and what that demands of sizes."""
        self.environment.case = case
        with ExitStack() as stack:
            stack.callback(self._leave)
            # The cost is that of a forward pass in eval mode, with all that may be given.
            if any(is_so == (name == TRAINING) for name, is_so in case.items()):
                stack.enter_context(counting())
            needs = stack.enter_context(collecting_needs()) if case else ()
            return self.evaluator.evaluate(self.expression), needs

    def _leave(self) -> None:
        self.environment.case = {}

    def _joint(self, found: Sequence[tuple[Case, Known]]) -> Known:
        """The one type for all cases; an optional one where there is None in some."""
        values = [value for _, value in found]
        if all(value == values[0] for value in values):
            return values[0]
        there = [value for value in values if value is not None]
        if any(tensors(there[0])) and all(value == there[0] for value in there):
            return OptionalType(there[0], self._source(), self._is_of_training(found))
        (one, first), (other, second) = found[0], next(f for f in found if f[1] != values[0])
        first, second = _differing(first, second)
        said = f"this is {describe(first)} {self._said(one)}, and {describe(second)}"
        self.problems.error(
            "shape-mismatch",
            f"{said} {self._said(other)}: it must be of one type",
            self.path,
            within=_range(self.expression),
            labels=self._labels(),
        )
        raise Unknown

    def _source(self) -> Path:
        return next(iter(self.sources.values()), self.path)

    def _is_of_training(self, found: Sequence[tuple[Case, Known]]) -> bool:
        """Whether the value is there in training, and only then."""
        env = self.environment
        reads = [n for n in walk(self.expression) if isinstance(n, Input | Value)]
        values = [optional(node, env) for node in reads if key(node) in self.sources]
        if not all(value is not None and value.training for value in values):
            return False
        # In training all of these facts are so, and else none is.
        return found[0][1] is not None and found[-1][1] is None

    def _check_sides(self, sides: Mapping[str, Mapping[bool, Sequence[Known]]]) -> None:
        """Reports a conditional expression whose sides are of different types."""
        for node in walk(self.expression):
            if not isinstance(node, nodes.Conditional):
                continue
            taken = sides.get(repr(node), {})
            if len(taken) < 2:
                continue
            pairs = [(a, b) for a in taken[True] for b in taken[False] if not _fit(a, b)]
            if pairs:
                body, orelse = map(describe, pairs[0])
                self.problems.error(
                    "shape-mismatch",
                    f"both sides must be of one type: {body} and {orelse}",
                    self.path,
                    within=_range(node),
                    labels=[
                        (self.path, node.body.at, f"gives {body}"),
                        (self.path, node.orelse.at, f"gives {orelse}"),
                    ],
                )
                raise Unknown

    def _report(self, faults: Sequence[_Fault], sound: Sequence[Case]) -> None:
        """Reports why there is no type in some cases."""
        fault = faults[0]
        refusal, at = fault.located.refusal, fault.located.at
        count = len(faults) + len(sound)
        other = fault.located.other
        labels: list[Label] = [(self.path, other, "the other half")] if other else []
        message, code, help = refusal.message, refusal.code, refusal.help
        if code != "may-be-none" and count > sum(fault.is_like(other) for other in faults):
            missing = self._missing(fault)
            if missing is not None:
                value = optional(missing, self.environment)
                assert value is not None
                report_missing(self.path, value, missing, self.problems)
                return
            message = f"{message}, {self._said(self._telling(fault.case, sound))}"
        labels += self._labels() if count > 1 else []
        self.problems.error(
            code,
            message,
            self.path,
            within=at if at != (0, 0) else None,
            labels=labels,
            help=help,
        )

    def _missing(self, fault: _Fault) -> Input | Value | None:
        """The value that is None in a case, and is used as if it were there."""
        at = fault.located.at
        for node in walk(self.expression):
            if (
                isinstance(node, Input | Value)
                and _is_within(node.at, at)
                and fault.case.get(key(node)) is False
            ):
                return node
        return None

    def _telling(self, case: Case, sound: Sequence[Case]) -> Case:
        """What of a case makes it unsound: what alone would make it another."""
        changed = [(name, {**case, name: not is_so}) for name, is_so in case.items()]
        told = {name: case[name] for name, other in changed if other in sound}
        return told or case

    def _said(self, case: Case) -> str:
        """A case in words."""
        words = []
        for name, is_so in case.items():
            if name == TRAINING:
                words.append("in training" if is_so else "in eval mode")
            else:
                is_input = name in self.environment.inputs
                what = name if is_input else "the optional value"
                words.append(f"where {what} is {'given' if is_so else 'None'}")
        return " and ".join(words)

    def _labels(self) -> list[Label]:
        return [(source, None, "may be None") for source in self.sources.values()]


def optional(node: Input | Value, environment: Environment) -> OptionalType | None:
    """The type of what a node reads, where that may be None."""
    if isinstance(node, Input):
        value = environment.inputs.get(node.name)
    else:
        names, outputs = environment.values.get(node.entry, ((), ()))
        place = names.index(node.output) if node.output in names else node.output or 0
        value = outputs[place] if isinstance(place, int) and place < len(outputs) else None
    return value if isinstance(value, OptionalType) else None


def report_missing(path: Path, value: OptionalType, node: object, problems: Problems) -> None:
    """Reports that a value is used as if it were always there.

    node: what reads it.
    """
    name = _name(node, problems)
    at = node.at if isinstance(node, Input | Value) else (0, 0)
    why = "it is there in training only" if value.training else "it is optional"
    problems.error(
        "may-be-none",
        f"{name or 'this value'} may be None here: {why}",
        path,
        within=at if at != (0, 0) else None,
        labels=[(value.source, None, "from here")],
        help=f"say what there is without it: … if {name or 'value'} is not None else …",
    )


def _name(node: object, problems: Problems) -> str | None:
    """What the spec calls a value."""
    if isinstance(node, Input):
        return node.name
    raw = problems.raw(node.entry) if isinstance(node, Value) else None
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(name, str) or not isinstance(node, Value):
        return None
    return f"{name}.{node.output}" if isinstance(node.output, str) else name


def _is_within(inner: Range, outer: Range) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _range(node: Bound) -> Range | None:
    return node.at if node.at != (0, 0) else None


def _fit(one: Known, other: Known) -> bool:
    """Whether two sides are of one type: equal where they are tensors, and plain values else."""
    if one is None or other is None or one == other:
        return True
    return not any(tensors(one)) and not any(tensors(other)) and _kind(one) == _kind(other)


def _differing(one: Known, other: Known) -> tuple[Known, Known]:
    """What differs in two values: of several, the first that are not the same."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return next(_differing(a, b) for a, b in zip(one, other, strict=True) if a != b)
    return one, other


def _kind(value: Known) -> str:
    """What plain values are of one type by."""
    if isinstance(value, bool | str | tuple):
        return type(value).__name__
    return "number"
