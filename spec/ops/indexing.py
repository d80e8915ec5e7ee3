"""Indexing and slicing of tensors.

Source: https://docs.pytorch.org/docs/stable/tensor_view.html and
https://numpy.org/doc/stable/user/basics.indexing.html; unlike numpy, torch takes plain numbers
before it looks at tensor indices.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from ..refusal import Refusal
from ..tensor.check import broadcast, need_at_least
from ..tensor.dim import Dim
from ..tensor.prove import Proved, at_least
from ..tensor.type import Shape, TensorType, shape_text

Advanced: TypeAlias = TensorType | None
_INDEX: Final = "index"
_VARIES: Final = "shape-depends-on-size"  # torch cuts a slice to the dimension, whatever its size
_INDEX_DTYPES: Final = ("int64", "int32", "int16", "int8")


def index(tensor: TensorType, items: tuple[object, ...]) -> TensorType:
    """The type of `tensor[items]`.

    items: ints and sizes, slices of them, Ellipsis, None, tensors of whole numbers, lists of ints.
    Raises `Refusal` (argument "index") for what torch refuses, for what is not surely in range for
    all sizes, and for masks, whose result's shape depends on data.
    """
    shape: list[Dim] = []
    chosen: list[Advanced] = []
    place = 0
    for item in _spelled_out(tensor, items):
        if item is None:
            shape.append(Dim.of(1))
            chosen.append(None)
            continue
        size = tensor.shape[place]
        place += 1
        if isinstance(item, slice):
            shape.append(sliced(size, item))
            chosen.append(None)
        elif isinstance(item, TensorType) and item.rank == 0:
            _need_index(item, size)
        elif isinstance(item, TensorType | list | tuple):
            shape.append(size)
            chosen.append(_advanced(item, size))
        else:
            _need_within(item, size)
    return tensor.with_shape(_gathered(shape, chosen))


def _spelled_out(tensor: TensorType, items: tuple[object, ...]) -> list[object]:
    """The items with `...` and what is missing at the end written as full slices."""
    used = sum(item is not None and item is not Ellipsis for item in items)
    gaps = [place for place, item in enumerate(items) if item is Ellipsis]
    if len(gaps) > 1:
        raise Refusal("... may stand once", argument=_INDEX)
    if used > tensor.rank:
        raise Refusal(
            f"{used} indices for the {tensor.rank} dimensions of {shape_text(tensor.shape)}",
            code="shape-mismatch",
            argument=_INDEX,
        )
    full = [slice(None)] * (tensor.rank - used)
    gap = gaps[0] if gaps else len(items)
    return [*items[:gap], *full, *items[gap + 1 :]]


def _gathered(shape: Sequence[Dim], chosen: Sequence[Advanced]) -> Shape:
    """The result's shape: what the index tensors' broadcast gives stands in their place if they
    are neighbours, else in front."""
    places = [place for place, tensor in enumerate(chosen) if tensor is not None]
    if not places:
        return tuple(shape)
    joint = broadcast(*(tensor.shape for tensor in chosen if tensor is not None))
    rest = [size for size, tensor in zip(shape, chosen, strict=True) if tensor is None]
    together = places[-1] - places[0] == len(places) - 1
    front = places[0] if together else 0
    return (*rest[:front], *joint, *rest[front:])


def _advanced(item: object, size: Dim) -> TensorType:
    """The tensor that an index tensor or a list stands for."""
    if isinstance(item, TensorType):
        _need_index(item, size)
        return item
    assert isinstance(item, list | tuple)
    for number in item:
        _need_within(number, size)
    return TensorType.of((len(item),), "int64")


def _need_index(item: TensorType, size: Dim) -> None:
    if item.dtype in ("bool", "uint8"):
        raise Refusal(
            "the shape of what a mask selects depends on data",
            code="shape-depends-on-data",
            argument=_INDEX,
            help="use where or masked_fill, which keep the shape",
        )
    if item.dtype not in _INDEX_DTYPES:
        raise Refusal(
            f"an index is a tensor of whole numbers, not {item.dtype}",
            code="dtype-mismatch",
            argument=_INDEX,
        )
    if not any(length.constant == 0 for length in item.shape):
        need_at_least(size, 1, "nothing can be chosen from nothing", argument=_INDEX)


def _need_within(item: object, size: Dim) -> None:
    """Refuses a number that is not surely a legal index."""
    if isinstance(item, bool) or not isinstance(item, int | Dim):
        raise Refusal(
            f"an index is a whole number, a slice, a tensor, a list, None or ..., not {item}",
            argument=_INDEX,
        )
    number = Dim.of(item)
    what = f"index {number} is out of range for size {size}"
    if _is_negative(number):
        need_at_least(size + number, 0, what, argument=_INDEX)
    else:
        need_at_least(number, 0, what, argument=_INDEX)
        need_at_least(size - number, 1, what, argument=_INDEX)


def _is_negative(number: Dim) -> bool:
    """Whether a number surely counts from the end."""
    if number.constant is not None:
        return number.constant < 0
    return isinstance(at_least(-number, 1), Proved)


def sliced(size: Dim, item: slice) -> Dim:
    """The size of a slice, which must surely lie within the dimension; of a constant size, plain
    numbers may reach beyond it, as in Python."""
    step = _step(item.step)
    if (item.start, item.stop, step) == (None, None, 1):
        return size
    bounds = [None if bound is None else _bound(bound) for bound in (item.start, item.stop)]
    constants = [bound.constant for bound in bounds if bound is not None]
    if size.constant is not None and None not in constants:
        start, stop = (None if bound is None else bound.constant for bound in bounds)
        return Dim.of(len(range(*slice(start, stop, step).indices(size.constant))))
    if _is_empty(*constants):
        return Dim.of(0)
    start_at = _from_front(bounds[0], size) if bounds[0] is not None else Dim.of(0)
    stop_at = _from_front(bounds[1], size) if bounds[1] is not None else size
    length = stop_at - start_at
    need_at_least(
        length,
        0,
        f"the slice ends before it begins: {start_at} to {stop_at}",
        code=_VARIES,
        argument=_INDEX,
    )
    return (length + step - 1) // step


def _is_empty(*bounds: int | None) -> bool:
    """Whether two constant bounds, counted from the same end, leave nothing."""
    match bounds:
        case (int(start), int(stop)):
            return stop <= start and (start < 0) == (stop < 0)
    return False


def _bound(bound: object) -> Dim:
    if isinstance(bound, bool) or not isinstance(bound, int | Dim):
        raise Refusal(f"a slice's bound is a whole number, not {bound}", argument=_INDEX)
    return Dim.of(bound)


def _step(step: object) -> int:
    if step is None:
        return 1
    constant = _bound(step).constant
    if constant is None or constant < 1:
        raise Refusal(
            f"a slice's step is a whole number of at least 1, not {step}",
            argument=_INDEX,
            help="flip reverses a dimension",
        )
    return constant


def _from_front(bound: Dim, size: Dim) -> Dim:
    """A slice's bound counted from the front; it must lie within the dimension."""
    what = f"the slice's bound {bound} is out of range for size {size}"
    if _is_negative(bound):
        need_at_least(size + bound, 0, what, code=_VARIES, argument=_INDEX)
        return size + bound
    need_at_least(bound, 0, what, code=_VARIES, argument=_INDEX)
    need_at_least(size - bound, 0, what, code=_VARIES, argument=_INDEX)
    return bound
