"""What the installed torch says of a module or function, and what the rules say of the same."""

from __future__ import annotations

import inspect
import re
import tomllib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from operator import attrgetter
from pathlib import Path
from typing import Any, get_overloads

import torch
from pydantic_core import ValidationError
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils import rnn
from torch.nn.utils.rnn import PackedSequence
from torch.utils.flop_counter import FlopCounterMode

from specc.spec.layers.base import Layer
from specc.spec.literals import TensorLiteral
from specc.spec.ops.base import Function
from specc.spec.refusal import Refusal
from specc.spec.registry import load
from specc.spec.tensor.type import PackedType, TensorType, tensors

Signature = tuple[tuple[int, ...], str]
Input = Signature | bool | None | list["Input"]
"""What a module's forward takes: a tensor, a flag, nothing, or several of them."""
DEVIATIONS = tomllib.loads((Path(__file__).parent / "deviations.toml").read_text())["deviation"]


@dataclass(frozen=True)
class Refused:
    """A refusal, by us or by torch."""

    argument: str | None
    message: str
    code: str | None = None


@dataclass(frozen=True)
class Accepted:
    """Shapes and dtypes of the outputs and of the state, and the FLOPs."""

    outputs: tuple[Signature, ...]
    state: tuple[tuple[str, Signature], ...] = ()
    flops: int = 0


def signature(tensor: torch.Tensor) -> Signature:
    return tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")


def signatures(result: object) -> tuple[Signature, ...]:
    if isinstance(result, torch.Tensor):
        return (signature(result),)
    if isinstance(result, PackedSequence):
        shape, dtype = signature(result.data)
        return (((int(result.batch_sizes[0]), *shape[1:]), dtype),)
    assert isinstance(result, list | tuple), f"no tensor: {result!r}"
    return tuple(pair for item in result if item is not None for pair in signatures(item))


def of_type(tensor: TensorType) -> Signature:
    return tuple(int(size) for size in tensor.shape), tensor.dtype


def of_types(result: object) -> tuple[Signature, ...]:
    if isinstance(result, TensorType):
        return (of_type(result),)
    if isinstance(result, PackedType):
        return (of_type(without_time(result)),)
    assert isinstance(result, list | tuple)
    return tuple(pair for item in result if item is not None for pair in of_types(item))


def without_time(packed: PackedType) -> TensorType:
    """What of packed sequences is a type's alone: how many they are, and what a step is."""
    return packed.padded.with_shape((packed.batch, *packed.features))


def make(shape: Sequence[int], dtype: str) -> torch.Tensor:
    """A tensor of small values: ones, legal as divisors, or the identity, which can be solved."""
    tensor = torch.ones(tuple(shape)).to(getattr(torch, dtype))
    square = len(shape) > 1 and shape[-1] == shape[-2] and tensor.dtype.itemsize > 1
    return torch.tril(tensor).triu() if square else tensor


def given(one: Input, make_one: Callable[[tuple[int, ...], str], Any]) -> Any:
    """An input with each signature made into a tensor, or a tensor's type."""
    if isinstance(one, list):
        return tuple(given(item, make_one) for item in one)
    return make_one(*one) if isinstance(one, tuple) else one


def signatures_in(inputs: Sequence[Input]) -> list[Signature]:
    """The tensors among inputs, in order."""
    found: list[Signature] = []
    for one in inputs:
        if isinstance(one, list):
            found += signatures_in(one)
        elif isinstance(one, tuple):
            found.append(one)
    return found


INDEXED = {
    *("EmbeddingBag", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"),
    *("MultiMarginLoss", "MultiLabelMarginLoss"),
}
"""Modules whose whole-number inputs are indices: they are called with zeros."""


def made(name: str, inputs: Sequence[Input], *, shared: bool = False) -> list[Any]:
    """What a module of this name is called with; masks hide nothing.

    shared: whether inputs of one type are one tensor, as in self-attention.
    """
    held: dict[object, torch.Tensor] = {}
    layer = load("layers", name)
    names = layer.forward_inputs if isinstance(layer, type) and issubclass(layer, Layer) else ()

    def of_signature(shape: Sequence[int], dtype: str) -> torch.Tensor:
        tensor = make(shape, dtype)
        index = name in INDEXED and not tensor.is_floating_point()
        tensor = torch.zeros_like(tensor) if index else tensor
        return held.setdefault((tuple(shape), dtype), tensor) if shared else tensor

    def mask(shape: Sequence[int], dtype: str) -> torch.Tensor:
        return torch.zeros_like(make(shape, dtype))

    masks = [one.endswith("mask?") for one in names]
    return [
        given(each, mask if masks[place : place + 1] == [True] else of_signature)
        for place, each in enumerate(inputs)
    ]


def for_torch(name: str, value: Any) -> Any:
    """An argument as the emitted code writes it."""
    if name == "dtype" and isinstance(value, str):
        return getattr(torch, value)
    if isinstance(value, dict):
        inner = {key: for_torch(key, item) for key, item in value.items()}
        return getattr(nn, inner.pop("type"))(**inner)
    return tuple(value) if isinstance(value, list) else value


def module_parameters(name: str) -> Mapping[str, inspect.Parameter]:
    """The constructor's arguments; recurrent layers name theirs in an overload alone."""
    made = getattr(nn, name).__init__
    named, *_ = [*get_overloads(made), made]
    parameters = dict(inspect.signature(named).parameters)
    parameters.pop("self")
    return parameters


def for_module(name: str, arguments: Mapping[str, Any], inputs: Sequence[Input]) -> dict[str, Any]:
    """A module's arguments as the emitted code writes them: a list may stand for a tensor, of the
    first input's type."""
    layer = load("layers", name)
    fields = layer.model_fields if isinstance(layer, type) and issubclass(layer, Layer) else {}
    dtypes = [getattr(torch, dtype) for _, dtype in signatures_in(inputs)[:1]]
    dtype = next((one for one in dtypes if one.is_floating_point), torch.float32)
    return {
        key: torch.tensor(value, dtype=dtype)
        if isinstance(value, list | int | float) and fields[key].annotation == TensorLiteral | None
        else for_torch(key, value)
        for key, value in arguments.items()
    }


def torch_module(
    name: str, arguments: Mapping[str, Any], inputs: Sequence[Input]
) -> Accepted | Refused:
    """What torch says of a module built and run in training and in eval mode."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = getattr(nn, name)(**for_module(name, arguments, inputs))
            state = tuple((key, signature(value)) for key, value in module.state_dict().items())
            outputs = set()
            for training in (True, False):
                module.train(training)
                outputs.add(signatures(module(*made(name, inputs))))
            # Without gradients, self-attention takes a way of its own.
            with torch.no_grad():
                outputs.add(signatures(module(*made(name, inputs, shared=True))))
            # The counter knows no fused kernels of LSTM and attention for CPUs; without them,
            # torch runs their products.
            with (
                torch.backends.mkldnn.flags(enabled=False),
                sdpa_kernel(SDPBackend.MATH),
                FlopCounterMode(display=False) as counter,
            ):
                module(*made(name, inputs))
        except Exception as error:
            return Refused(None, f"{type(error).__name__}: {error}")
    assert len(outputs) == 1, "training and evaluation differ"
    return Accepted(outputs.pop(), state, counter.get_total_flops())


def layer_of(name: str, arguments: Mapping[str, Any]) -> Layer:
    """The layer of this name; a table among its arguments is a layer, too."""
    cls = load("layers", name)
    assert isinstance(cls, type)
    assert issubclass(cls, Layer)
    inner: dict[str, Any] = {
        key: layer_of(value["type"], {k: v for k, v in value.items() if k != "type"})
        for key, value in arguments.items()
        if isinstance(value, dict)
    }
    return cls(**{**arguments, **inner})


def our_module(
    name: str, arguments: Mapping[str, Any], inputs: Sequence[Input]
) -> Accepted | Refused:
    """What the layer's rules say of the same."""
    types = [given(each, tensor_type) for each in inputs]
    try:
        layer = layer_of(name, arguments).adapted(*types)
        outputs = of_types(layer.output(*types))
        state = tuple((key, of_type(entry.type)) for key, entry in layer.state().items())
        return Accepted(outputs, state, int(layer.flops(*types)))
    except ValidationError as error:
        first = error.errors()[0]
        return Refused(str(first["loc"][0]), first["msg"])
    except Refusal as refusal:
        return Refused(refusal.argument, refusal.message, refusal.code)


def tensor_type(shape: Sequence[int], dtype: str) -> TensorType:
    return TensorType.of(shape, dtype)  # type: ignore[arg-type]


def assert_agree(
    name: str, ours: Accepted | Refused, theirs: Accepted | Refused, inputs: Sequence[Input]
) -> None:
    """Both accept with the same result, or both refuse, or the deviation is a reviewed one."""
    if isinstance(ours, Refused) and isinstance(theirs, Accepted):
        assert is_deviation(name, ours, [*signatures_in(inputs), *theirs.outputs]), (
            f"refused, but torch accepts: {ours}"
        )
    elif isinstance(ours, Accepted):
        assert not isinstance(theirs, Refused), f"accepted, but torch refuses: {theirs}"
        assert ours == theirs


def is_deviation(name: str, ours: Refused, tensors: Sequence[Signature]) -> bool:
    empty = any(0 in shape for shape, _ in tensors)
    return any(
        fnmatch(name, entry["name"])
        and entry["argument"] in ("*", ours.argument)
        and entry["message"] in ours.message
        and re.search(entry.get("pattern", ""), ours.message)
        and (empty or not entry.get("empty", False))
        for entry in DEVIATIONS
    )


Runner = Callable[[], object]


def torch_call(run: Runner) -> Accepted | Refused:
    """What torch says of a call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Accepted(signatures(run()))
        except Exception as error:
            return Refused(None, f"{type(error).__name__}: {error}")


def our_call(run: Runner) -> Accepted | Refused:
    """What a rule says of a call."""
    try:
        return Accepted(of_types(run()))
    except Refusal as refusal:
        return Refused(refusal.argument, refusal.message, refusal.code)


def torch_function(name: str, namespace: str) -> Callable[..., Any]:
    """The installed torch's function that a rule stands for."""
    if namespace == "method":
        return getattr(torch.Tensor, name.removeprefix("method_"))  # type: ignore[no-any-return]
    if namespace == "F":
        return getattr(torch.nn.functional, name)  # type: ignore[no-any-return]
    if namespace == "rnn":
        return getattr(rnn, name)  # type: ignore[no-any-return]
    if namespace == "torch":
        return getattr(torch, name)  # type: ignore[no-any-return]
    inner = namespace.removeprefix("torch.")
    return getattr(attrgetter(inner)(torch), name[len(inner) + 1 :])  # type: ignore[no-any-return]


def as_tensor(value: Any, *, zero: bool = False) -> Any:
    """A type's tensor, within lists too; anything else as it is."""
    if isinstance(value, TensorType):
        tensor = make([int(size) for size in value.shape], value.dtype)
        return torch.zeros_like(tensor) if zero else tensor
    if isinstance(value, PackedType):
        lengths = value.lengths or (value.time,) * int(value.batch)
        padded = as_tensor(value.padded, zero=zero)
        return rnn.pack_padded_sequence(padded, [*map(int, lengths)], True, enforce_sorted=False)
    if isinstance(value, list | tuple):
        return type(value)(as_tensor(item, zero=zero) for item in value)
    return value


def agree_on_call(
    name: str, args: Sequence[Any], keywords: Mapping[str, Any], *, zero: bool = False
) -> bool:
    """Compares a call of a registered function with torch's; says whether both accept.

    zero: whether the tensors hold zeros, for functions whose arguments are indices.
    """
    function = load("ops", name)
    assert isinstance(function, Function)
    ours = our_call(lambda: function.bind(name, args, keywords))
    inputs = [of_type(tensor) for tensor in tensors([*args, *keywords.values()])]
    runs = [torch_function(name, function.namespace)]
    if function.method and isinstance(args[0], TensorType):
        runs.append(torch_function(name, "method"))
    for run in runs:
        theirs = torch_call(
            lambda: run(  # noqa: B023 - called at once
                *(as_tensor(arg, zero=zero) for arg in args),
                **{
                    key: for_torch(key, as_tensor(value, zero=zero))
                    for key, value in keywords.items()
                },
            )
        )
        assert_agree(name, ours, theirs, inputs)
    return isinstance(ours, Accepted)
