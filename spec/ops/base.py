"""What a tensor function says of itself: its name, where torch keeps it, and its rule.

A rule is a Python function with the signature of torch's, over types instead of tensors. Its
annotations are kinds, so the binder checks every argument before the rule sees it. A pointwise
function is one line made by `unary` or `binary`.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, get_args

from ..kinds import (
    Boolean,
    DTypeName,
    Either,
    Integer,
    Kind,
    Optional,
    Real,
    Repeated,
    describe,
)
from ..record import Record
from ..refusal import Refusal
from ..tensor.dim import Dim
from ..tensor.dtype import DType, of_number, promote_all
from ..tensor.type import PackedType, TensorType, shape_text

Namespace = Literal[
    "torch",
    "F",
    "torch.linalg",
    "torch.fft",
    "torch.special",
    "torch.signal.windows",
    "torch.masked",
    "torch.sparse",
    "rnn",
    "method",
]
Result = TensorType | tuple[TensorType | None, ...]
Nested = tuple[TensorType | tuple[TensorType, ...], ...]
R_co = TypeVar("R_co", bound=Result | Nested | PackedType, covariant=True)


class TensorKind(Kind):
    """A tensor."""

    expects = "a tensor"

    def read(self, value: object) -> TensorType:
        if isinstance(value, TensorType):
            return value
        raise self.refused(value)


class TensorPair(Kind):
    """Two tensors. said: what each is, `(h_0, c_0)`."""

    def __init__(self, said: str) -> None:
        self.expects = f"a pair of tensors {said}"

    def read(self, value: object) -> tuple[TensorType, TensorType]:
        if isinstance(value, tuple) and len(value) == 2:
            first, second = value
            if isinstance(first, TensorType) and isinstance(second, TensorType):
                return first, second
        raise self.refused(value)


class SizeKind(Kind):
    """A size that may vary: a whole number or a symbolic size."""

    expects = "a size"

    def read(self, value: object) -> Dim:
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueError(f"must fit 64 bits, not {value}")
        if isinstance(value, Dim) or (isinstance(value, int) and not isinstance(value, bool)):
            return Dim.of(value)
        raise self.refused(value)


class Numeric(Kind):
    """A number: whole, broken or a boolean; a size counts. Whole numbers have up to 64 bits."""

    expects = "a number"

    def read(self, value: object) -> Any:
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise ValueError(f"must fit 64 bits, not {value}")
        if isinstance(value, bool | int | float | Dim):
            return value
        raise self.refused(value)


class ByName:
    """Beside a kind in an annotation: the narrower kind of an argument whose name is written, or
    None if it must stand by its place alone. torch's signatures of one function differ in it."""

    def __init__(self, kind: Kind | None) -> None:
        self.kind = kind


class OthersByName:
    """Beside a kind in an annotation: where this argument is given, those after the first stand by
    their names."""


PACKED: Final = "a packed sequence"
UNPACKING: Final = "pad_packed_sequence(…)[0] is the padded tensor"
"""What to write where a packed sequence stands in a tensor's place."""


class LeftOut:
    """The default of an argument that may be left out, but not be given as None."""

    def __repr__(self) -> str:
        return "..."


LEFT_OUT: Final = LeftOut()
GivenInts = Annotated[int | tuple[int, ...] | LeftOut, Repeated(Integer())]
OUTPUT_SIZE: Final[Kind] = Optional(Repeated(SizeKind(), single=False))
GivenSize = Annotated[Dim | LeftOut, SizeKind()]

Tensor = Annotated[TensorType, TensorKind()]
Tensors = Annotated[tuple[TensorType, ...], Repeated(TensorKind(), single=False)]
TensorOrTensors = Annotated[TensorType | tuple[TensorType, ...], Repeated(TensorKind())]
OptionalTensor = Annotated[TensorType | None, Optional(TensorKind())]
Scalar = Annotated[bool | int | float | Dim, Numeric()]
OptionalScalar = Annotated[bool | int | float | Dim | None, Optional(Numeric())]
Operand = Annotated[TensorType | bool | int | float | Dim, Either(TensorKind(), Numeric())]
OptionalOperand = Annotated[
    TensorType | bool | int | float | Dim | None, Optional(Either(TensorKind(), Numeric()))
]
Int = Annotated[int, Integer()]
Positive = Annotated[int, Integer(1)]
OptionalInt = Annotated[int | None, Optional(Integer())]
Ints = Annotated[int | tuple[int, ...], Repeated(Integer())]
Wholes = Annotated[tuple[int, ...], Repeated(Integer(), single=False)]
OptionalInts = Annotated[int | tuple[int, ...] | None, Optional(Repeated(Integer()))]
Number = Annotated[float, Real()]
AnyNumber = Annotated[float, Real(finite=False)]
OptionalNumber = Annotated[float | None, Optional(Real())]
OptionalAnyNumber = Annotated[float | None, Optional(Real(finite=False))]
Probability = Annotated[float, Real(0.0, 1.0)]
Flag = Annotated[bool, Boolean()]
OptionalFlag = Annotated[bool | None, Optional(Boolean())]
AnySize = Annotated[Dim, SizeKind()]
OptionalSize = Annotated[Dim | None, Optional(SizeKind())]
Sizes = Annotated[tuple[Dim, ...], Repeated(SizeKind(), single=False)]
OptionalDType = Annotated[DType | None, Optional(DTypeName())]
DTypeArgument = Annotated[DType, DTypeName()]


class Function(Record, Generic[R_co]):
    """A function over tensor types.

    namespace: where torch keeps it; "method" if it is a method of `Tensor` alone.
    method: whether `Tensor` has a method of this name.
    factory: whether it makes a tensor from numbers alone, so that its emitted call names a device.
    made_by: the argument with which alone it does so, if any.
    variadic: the parameter that a method takes as several arguments (`x.view(2, 3)`), if any.
    forms: where torch has several signatures that differ in order, the names of each one's
        arguments by place, all of which a call gives: `("high size", "low high size")`.
    """

    rule: Callable[..., R_co]
    namespace: Namespace
    method: bool = False
    factory: bool = False
    variadic: str | None = None
    forms: tuple[str, ...] = ()
    made_by: str | None = None

    def __call__(self, *args: Any, **keywords: Any) -> R_co:
        return self.rule(*args, **keywords)

    @property
    def prefix(self) -> str:
        """What specs write before its name: `linalg.` for a function of `torch.linalg`."""
        return f"{self.namespace}.".removeprefix("torch.") if "." in self.namespace else ""

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.rule).parameters

    def makes(self, given: Iterable[str]) -> bool:
        """Whether a call with these arguments makes a tensor from numbers alone."""
        return self.factory and (self.made_by is None or self.made_by in given)

    def bind(
        self,
        name: str,
        args: Sequence[object],
        keywords: Mapping[str, object],
        *,
        method: bool = False,
    ) -> R_co:
        """The rule's result for a call as written. Raises `Refusal`.

        method: whether the first argument stands before the name, as in `x.view(2, 3)`.
        """
        parameters = self.parameters
        args = self._gathered(args, parameters, method or self.namespace == "method")
        by_place, rest = self.places(len(args), keywords), _places(parameters)[1]
        if len(args) > len(by_place) and rest is None:
            raise Refusal(
                f"{name} takes {len(by_place)} arguments by place, {len(args)} are given",
                code="wrong-arguments",
            )
        given = dict(zip(by_place, args, strict=False))
        for key in keywords:
            if key in given or key not in parameters or key == rest:
                raise _unknown(name, key, parameters, twice=key in given)
        for key, value in keywords.items():
            _need_others_by_name(name, key, parameters[key], len(args))
            given[key] = _read_by_name(name, key, parameters[key], value)
        for key, parameter in parameters.items():
            if key in given:
                given[key] = _read(name, key, parameter, given[key])
            elif parameter.default is inspect.Parameter.empty and key != rest:
                raise Refusal(f"{name} needs {key}", code="missing-argument", argument=key)
        if rest is None:
            return self.rule(**given)
        further = [_read(name, rest, parameters[rest], arg) for arg in args[len(by_place) :]]
        return self.rule(*(given.pop(key) for key in by_place), *further, **given)

    def places(self, count: int, keywords: Iterable[str]) -> list[str]:
        """The names of the arguments by place, in a call with `count` of them and keywords.

        Raises `Refusal` where none of torch's signatures fits.
        """
        if not self.forms:
            return _places(self.parameters)[0]
        forms = [form.split() for form in self.forms]
        named = {key for form in forms for key in form}.intersection(keywords)
        for form in forms:
            if count <= len(form) and sorted([*form[:count], *named]) == sorted(form):
                return form
        ways = " or ".join(f"({', '.join(form)})" for form in forms)
        raise Refusal(f"it takes {ways}", code="wrong-arguments")

    def _gathered(
        self, args: Sequence[object], parameters: Mapping[str, inspect.Parameter], method: bool
    ) -> Sequence[object]:
        """The arguments by place, `x.view(2, 3)` brought to `x.view((2, 3))`; torch takes several
        arguments for a list only where the list stands alone in the parentheses."""
        if self.variadic is None:
            return args
        place = list(parameters).index(self.variadic)
        rest = args[place:]
        if place != method or len(rest) == 0:
            return args
        if len(rest) == 1 and isinstance(rest[0], list | tuple | str):
            return args
        return [*args[:place], tuple(rest)]


def _unknown(
    name: str, key: str, parameters: Mapping[str, inspect.Parameter], *, twice: bool
) -> Refusal:
    """The refusal of an argument by its name."""
    return Refusal(
        f"{key} is given twice" if twice else f"{key} is not an argument of {name}",
        code="unknown-argument",
        argument=key,
        help=f"it has {', '.join(parameters)}",
    )


def _places(parameters: Mapping[str, inspect.Parameter]) -> tuple[list[str], str | None]:
    """The parameters that are given by place, and the one that takes what goes beyond, if any."""
    kinds = {name: parameter.kind for name, parameter in parameters.items()}
    by_place = [
        name for name, kind in kinds.items() if kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    rest = [name for name, kind in kinds.items() if kind is inspect.Parameter.VAR_POSITIONAL]
    return by_place, rest[0] if rest else None


def kind_of(annotation: object) -> Kind | None:
    """The kind in an `Annotated`, if any."""
    return next((mark for mark in get_args(annotation) if isinstance(mark, Kind)), None)


def _need_others_by_name(name: str, key: str, parameter: inspect.Parameter, by_place: int) -> None:
    if by_place > 1 and OthersByName in map(type, get_args(parameter.annotation)):
        raise Refusal(
            f"torch takes {key} of {name} only where the arguments after the first are named",
            argument=key,
        )


def _read_by_name(name: str, key: str, parameter: inspect.Parameter, value: object) -> object:
    """The value, or what its narrower kind makes of it."""
    marks = [mark for mark in get_args(parameter.annotation) if isinstance(mark, ByName)]
    if not marks:
        return value
    if marks[0].kind is None:
        raise Refusal(
            f"torch knows {key} of {name} by its place alone: leave out its name", argument=key
        )
    return _read(name, key, parameter.replace(annotation=Annotated[object, marks[0].kind]), value)


def _read(name: str, key: str, parameter: inspect.Parameter, value: object) -> object:
    kind = kind_of(parameter.annotation)
    if kind is None or (value is None and parameter.default is None):
        return value
    try:
        return kind.read(value)
    except ValueError as error:
        seen = f"a tensor {shape_text(value.shape)}" if isinstance(value, TensorType) else None
        seen, help = (PACKED, UNPACKING) if isinstance(value, PackedType) else (seen, None)
        message = str(error).replace(describe(value), seen) if seen else str(error)
        raise Refusal(f"{key} of {name} {message}", argument=key, help=help) from None


def function(
    namespace: Namespace,
    *,
    method: bool = False,
    factory: bool = False,
    variadic: str | None = None,
    forms: tuple[str, ...] = (),
    made_by: str | None = None,
) -> Callable[[Callable[..., R_co]], Function[R_co]]:
    """Makes a rule a `Function`."""

    def wrap(rule: Callable[..., R_co]) -> Function[R_co]:
        method_too = method or namespace == "method"
        return Function(rule, namespace, method_too, factory, variadic, forms, made_by)

    return wrap


def alias(
    of: Function[R_co], namespace: Namespace = "torch", *, method: bool = False
) -> Function[R_co]:
    """A function with the arguments and the rule of another one."""
    return Function(of.rule, namespace, method, of.factory, of.variadic, of.forms)


def spread(
    given: tuple[TensorType | tuple[TensorType, ...], ...], argument: str
) -> tuple[TensorType, ...]:
    """Tensors given as several arguments, or as one list that stands alone."""
    if len(given) == 1 and isinstance(given[0], tuple):
        return given[0]
    found = tuple(one for one in given if isinstance(one, TensorType))
    if len(found) < len(given):
        raise Refusal("a list of tensors stands alone", argument=argument)
    return found


def result_type(*operands: object) -> DType:
    """The dtype of an element-wise result, as `torch.result_type`; complex32 is refused."""
    with_dims: DType | None = None
    without: DType | None = None
    numbers: DType | None = None
    for operand in operands:
        if isinstance(operand, TensorType) and operand.rank:
            with_dims = promote_all_of(with_dims, operand.dtype)
        elif isinstance(operand, TensorType):
            without = promote_all_of(without, operand.dtype)
        elif isinstance(operand, bool | int | float):
            numbers = promote_all_of(numbers, of_number(operand))
        elif isinstance(operand, Dim):
            numbers = promote_all_of(numbers, "int64")
    try:
        result = promote_all((with_dims, without, numbers))
    except ValueError as error:
        raise Refusal(str(error), code="dtype-mismatch") from None
    tensors = {with_dims, without} - {None}
    if tensors <= {"bool"} and any(isinstance(one, int) and one >= 2**63 for one in operands):
        raise Refusal("numbers from 2**63 on are uint64, which joins with no bool")
    return result


def promote_all_of(left: DType | None, right: DType) -> DType:
    """`torch.promote_types` where the left may be missing."""
    from ..tensor.dtype import promote

    return right if left is None else promote(left, right)


def operand_shapes(*operands: object) -> list[tuple[Dim, ...]]:
    """The shapes of operands; a number has none."""
    return [operand.shape if isinstance(operand, TensorType) else () for operand in operands]
