"""Arguments drawn from what fields and parameters say that they take: legal, at the edge, illegal.

The kinds say which values are of the documented types; whether these are taken is torch's word.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, nan, prod
from random import Random
from typing import Any

from torch_reference import Accepted, Refused, Signature

from specc.spec.kinds import (
    Boolean,
    DTypeName,
    Either,
    Integer,
    Kind,
    Optional,
    ParameterDType,
    Real,
    Repeated,
)
from specc.spec.layers.base import Layer, ModuleArgument
from specc.spec.ops.base import Function, SizeKind, TensorKind, kind_of
from specc.spec.ops.packing import PackedKind
from specc.spec.tensor.dim import Dim, Symbol
from specc.spec.tensor.dtype import DTYPES
from specc.spec.tensor.type import PackedType, TensorType

Draw = Callable[[], object]
NUMBERS = [
    0,
    1,
    2,
    3,
    -1,
    -2,
    0.5,
    -0.5,
    1e-5,
    2.5,
    1.0,
    0.0,
    300,
    70000,
    65520.0,
    1e39,
    inf,
    -inf,
    nan,
]
SYMBOLS = [Dim.of(Symbol(name)) for name in ("batch", "height", "width")]
WHOLE = [0, 1, 2, 3, 4, 1, 2, 3, 2, 4, -1, -2, 6]
MOSTLY_FLOAT = ["float32"] * 8 + ["int64"] * 2 + list(DTYPES)
VALUES = (
    *("out of range", "out of bounds", "index out", "invalid max index"),
    *("singular", "positive-definite", "invertible", "converge", "U["),
    *("ill-conditioned", "invalid multinomial", "sum of probabilities"),
    *("all elements of input", "Class values", "boundaries", "offsets[0]"),
    *("expects 'from'", "INTERNAL ASSERT", "allocate", "ZeroDivisionError", "TimeoutError"),
    *("fully masked", "weights sum to zero", "Length of all samples"),
)
"""Words of refusals that speak of the tensors' values, or of memory: both are outside."""


def value(kind: Kind | None, random: Random, tensor: Draw) -> Any:
    """A value of a kind, or one that is nearly of it."""
    match kind:
        case Optional():
            return None if random.random() < 0.15 else value(kind.kind, random, tensor)
        case TensorKind():
            return tensor()
        case PackedKind():
            return packed(random, tensor)
        case Boolean():
            return random.random() < 0.5
        case DTypeName() | ParameterDType():
            return random.choice(["float32", "float32", *DTYPES])
        case Either():
            return value(random.choice(kind.kinds), random, tensor)
        case Repeated():
            if kind.single and random.random() < 0.6:
                return value(kind.kind, random, tensor)
            count = random.choice([kind.length or 2] * 6 + [1, 2, 3])
            return [value(kind.items, random, tensor) for _ in range(count)]
        case Integer() | SizeKind():
            return random.choice(WHOLE)
        case Real():
            return random.choice(NUMBERS)
    if kind is not None and kind.strings:
        return random.choice(sorted(kind.strings))
    return random.choice([*NUMBERS, *WHOLE])


def packed(random: Random, tensor: Draw) -> object:
    """Packed sequences, or a tensor in their place."""
    padded = tensor()
    if not isinstance(padded, TensorType) or padded.rank < 2:
        return padded
    if not all(int(size) for size in padded.shape if size.is_constant):
        return padded
    batch, time = padded.shape[:2]
    if batch.constant is None or random.random() < 0.5:
        return PackedType(padded)
    return PackedType(padded, (time,) * batch.constant)


def shape(random: Random, like: int = 3) -> tuple[int, ...]:
    sizes = [1, 2, 3, 4, 5, 2, like, like, 0]
    return tuple(random.choice(sizes) for _ in range(random.randint(0, 5)))


Use = tuple[dict[str, Any], list[Signature]]


def layer_use(cls: type[Layer], random: Random) -> Use | None:
    """Arguments and inputs of a layer; None for a layer whose arguments are modules."""
    arguments: dict[str, Any] = {}
    for name, field in cls.model_fields.items():
        kind = next((mark for mark in field.metadata if isinstance(mark, Kind)), None)
        inner = kind.kind if isinstance(kind, Optional) else kind
        if isinstance(inner, ModuleArgument):
            return None
        wanted = field.is_required() or name in cls.inferred()
        if kind is not None and (wanted or random.random() < 0.2):
            arguments[name] = value(kind, random, lambda: None)
    sizes = [one for one in arguments.values() if type(one) is int and one > 0]
    sides = list(shape(random, sizes[0] if sizes else 3))
    for name, mark in cls.inferred().items():
        given = arguments.get(name)
        fits = -len(sides) <= mark.dim < len(sides)
        if type(given) is int and given >= 0 and fits and random.random() < 0.9:
            sides[mark.dim] = given
    own = arguments.get("dtype")
    dtype = own if own and random.random() < 0.8 else random.choice(MOSTLY_FLOAT)
    inputs: list[Signature] = [(tuple(sides), dtype)]
    for _ in [name for name in cls.forward_inputs if not name.endswith("?")][1:]:
        same = random.random() < 0.6
        other = (shape(random), random.choice([dtype, "int64", "float32"]))
        inputs.append(inputs[0] if same else other)
    large = any(type(one) is int and abs(one) > 100 for one in arguments.values())
    return None if large or prod(sides) > 5000 else (arguments, inputs)


def call(function: Function[Any], random: Random) -> tuple[list[Any], dict[str, Any]]:
    """Arguments of a function: what it requires by place, some of the others by name."""
    made: list[TensorType] = []

    def tensor() -> TensorType:
        if made and random.random() < 0.6:
            return random.choice(made)
        sides = shape(random)
        if len(sides) > 1 and random.random() < 0.3:
            sides = (*sides[:-1], sides[-2])
        made.append(TensorType.of(sides, random.choice(MOSTLY_FLOAT)))  # type: ignore[arg-type]
        return made[-1]

    args: list[Any] = []
    keywords: dict[str, Any] = {}
    for name, parameter in function.parameters.items():
        required = parameter.default is parameter.empty
        if not required and random.random() > 0.22:
            continue
        drawn = value(kind_of(parameter.annotation), random, tensor)
        if parameter.kind is parameter.VAR_POSITIONAL:
            args += drawn if isinstance(drawn, list) else [drawn]
        elif required and parameter.kind is not parameter.KEYWORD_ONLY:
            args.append(drawn)
        else:
            keywords[name] = drawn
    return args, keywords


def anything(random: Random) -> Any:
    """Whatever an expression may give: numbers, sizes, names, tensors, lists of them."""
    size = random.choice([*SYMBOLS, 2 * SYMBOLS[0] - 1, Dim.of(4), Dim.of(0)])
    sizes = tuple(random.choice([*SYMBOLS, *map(Dim.of, range(5))]) for _ in range(3))
    tensor = TensorType.of(sizes[: random.randint(0, 3)], random.choice(DTYPES))
    numbers = [None, True, False, *NUMBERS, *WHOLE, 2**70]
    words = ["mean", "float32", "reflect", "ij,jk->ik", "", ()]
    one = random.choice([size, sizes, tensor, random.choice(numbers), random.choice(words)])
    return [one] * random.choice([1, 2, 3]) if random.random() < 0.15 else one


def careless_call(function: Function[Any], random: Random) -> dict[str, Any]:
    """Arguments that may be anything, tensors with symbolic sizes where there is to be one."""

    def tensor() -> TensorType:
        sides = [random.choice([*SYMBOLS, *map(Dim.of, (1, 2, 4, 0))]) for _ in shape(random)]
        return TensorType.of(sides, random.choice(MOSTLY_FLOAT))  # type: ignore[arg-type]

    keywords = {}
    for name, parameter in function.parameters.items():
        if parameter.default is parameter.empty or random.random() < 0.25:
            kind = kind_of(parameter.annotation)
            careful = random.random() < 0.7
            keywords[name] = value(kind, random, tensor) if careful else anything(random)
    return keywords


def speaks_of_values(ours: Accepted | Refused, theirs: Accepted | Refused) -> bool:
    """Whether torch refuses what types cannot tell."""
    if isinstance(ours, Refused) or isinstance(theirs, Accepted):
        return False
    return any(word in theirs.message for word in VALUES)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises TimeoutError where the body takes longer: some kernels loop for ever."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
