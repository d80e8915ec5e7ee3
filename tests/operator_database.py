"""torch's own database of operators, against the rules of functions.

Run as a program with the names of functions (all by default), it prints where they disagree.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch_fixtures import AROUND
from torch_reference import Accepted, Refused, is_deviation, of_type, our_call, signatures

from specc.spec.ops.base import Function
from specc.spec.ops.refused import RefusedFunction
from specc.spec.registry import families, load, method_name
from specc.spec.tensor.dtype import DTYPES
from specc.spec.tensor.type import TensorType, tensors

UNTYPED = {"device", "out", "requires_grad", "layout", "memory_format", "pin_memory", "generator"}
"""Arguments that no type depends on: where a tensor lies, and what autograd does."""
# The database passes the tensor first, whatever the function's signature says.
TENSOR_FIRST = {
    **{"where": (1, 0, 2), "embedding": (1, 0), "embedding_bag": (1, 0), "einsum": (1, 0)},
    "special_polygamma": (1, 0),
}

OF_VALUES = re.compile(
    r"index -?\d+ is out of bounds for dimension \d+ with size [1-9]|probability (tensor|entry)"
    r"|sum of probabilities|weights cannot be negative"
)
"""Refusals of what a tensor holds, which no type tells."""


class NotStridedError(Exception):
    """A sample with a sparse, quantized or nested tensor, one that lies elsewhere, or a value that
    no spec can hold."""


@dataclass(frozen=True)
class Sample:
    """A call with tensors' types for tensors, and what torch made of it."""

    name: str
    args: list[Any]
    keywords: Mapping[str, Any]
    theirs: Accepted | Refused


def registered(name: str) -> str:
    """The name of an operator's function here: `linalg_inv` for `linalg.inv`."""
    if name.startswith("nn.functional."):
        return name.removeprefix("nn.functional.")
    return method_name(name.replace(".", "_"))


def plain(value: Any) -> Any:
    """An argument as a spec's rules take it. Raises NotStridedError."""
    if isinstance(value, torch.Tensor):
        if value.layout != torch.strided or value.is_quantized or value.is_nested:
            raise NotStridedError
        if value.device.type != "cpu":
            raise NotStridedError
        dtype = str(value.dtype).removeprefix("torch.")
        if dtype not in DTYPES:
            raise NotStridedError
        return TensorType.of(tuple(value.shape), dtype)
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, slice):
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    if value is None or value is Ellipsis or isinstance(value, bool | int | float | str):
        if value == "cpu":
            raise NotStridedError
        return value
    raise NotStridedError


def _sample(name: str, sample: Any, theirs: Accepted | Refused) -> Sample:
    if sample.kwargs.get("layout") not in (None, torch.strided):
        raise NotStridedError
    args = [plain(value) for value in (sample.input, *sample.args)]
    if name in TENSOR_FIRST:
        args = [args[place] for place in TENSOR_FIRST[name]] + args[len(TENSOR_FIRST[name]) :]
    keywords = {key: plain(item) for key, item in sample.kwargs.items() if key not in UNTYPED}
    return Sample(name, args, keywords, theirs)


def run(operator: Any, sample: Any) -> Accepted | Refused:
    """What torch makes of a sample. Raises NotStridedError where it is no tensor with a shape."""
    try:
        result = operator(sample.input, *sample.args, **sample.kwargs)
    except Exception as error:
        return Refused(None, f"{type(error).__name__}: {error}")
    plain(result)
    try:
        return Accepted(signatures(result))
    except AssertionError:
        raise NotStridedError from None


def samples(operator: Any, dtypes: tuple[torch.dtype, ...], most: int) -> Iterator[Sample]:
    """Legal calls of an operator, up to `most` for each element type."""
    name = registered(operator.name)
    for dtype in dtypes:
        if dtype not in operator.supported_dtypes("cpu"):
            continue
        for sample in islice(operator.sample_inputs("cpu", dtype), most):
            try:
                yield _sample(name, sample, run(operator, sample))
            except NotStridedError:
                continue


def refusals(operator: Any) -> Iterator[Sample]:
    """Calls that torch's own tests hold to be errors."""
    if operator.error_inputs_func is None:
        return
    for case in operator.error_inputs("cpu"):
        if "out" in case.sample_input.kwargs:
            continue
        try:
            name = registered(operator.name)
            theirs = run(operator, case.sample_input)
            if isinstance(theirs, Refused) and not OF_VALUES.search(theirs.message):
                yield _sample(name, case.sample_input, theirs)
        except NotStridedError:
            continue


def ours(sample: Sample) -> Accepted | Refused:
    """What the rule says of a sample."""
    function = load("ops", sample.name)
    assert isinstance(function, Function)
    return our_call(lambda: function.bind(sample.name, sample.args, sample.keywords))


def disagreement(sample: Sample) -> str | None:
    """What differs between a rule and torch, apart from the reviewed deviations."""
    mine = ours(sample)
    inputs = [of_type(one) for one in tensors([*sample.args, *sample.keywords.values()])]
    match mine, sample.theirs:
        case Refused(), Refused():
            return None
        case Refused(), Accepted(outputs):
            return None if is_deviation(sample.name, mine, [*inputs, *outputs]) else str(mine)
    return None if mine == sample.theirs else f"{mine} where torch {sample.theirs}"


BRIEF = (torch.float32, torch.int64, torch.complex64, torch.bool)


def label(operator: Any) -> str:
    """An operator's name, and which of several of this name it is."""
    return f"{operator.name} {operator.variant_test_name}".rstrip()


def is_public(operator: Any) -> bool:
    """Whether torch shows an operator's function under a name without a leading underscore; what
    only changes a tensor in place is none of a formula's."""
    if label(operator) in AROUND or operator.variant_test_name == "in_place":
        return False
    parts = operator.name.split(".")
    if any(part.startswith("_") for part in parts) or parts[-1].endswith("_"):
        return parts[-1] in families("ops")
    homes = (torch, torch.Tensor)
    return any(hasattr(home, parts[0]) for home in homes) or len(parts) > 1


def disagreements(operator: Any, most: Mapping[torch.dtype, int]) -> Iterator[str]:
    """Where a registered function and torch differ, over up to so many legal calls for each element
    type and all error inputs. Counts with "" where they agree."""
    legal = (samples(operator, (dtype,), count) for dtype, count in most.items())
    for sample in (*chain.from_iterable(legal), *refusals(operator)):
        try:
            found = disagreement(sample)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        yield f"{shown(sample)}: {found}" if found else ""


def shown(sample: Sample) -> str:
    """A call on one line, with types for tensors."""
    arguments = [*map(_text, sample.args)]
    arguments += [f"{key}={_text(value)}" for key, value in sample.keywords.items()]
    return f"{sample.name}({', '.join(arguments)})"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return str(value) if isinstance(value, TensorType) else repr(value)


def main(names: list[str]) -> None:
    """Prints disagreements for the functions of these names, and counts."""
    warnings.simplefilter("ignore")
    count: Counter[str] = Counter()
    wanted = {registered(name) for name in names}
    for operator in op_db:
        name = registered(operator.name)
        if wanted and name not in wanted:
            continue
        if not is_public(operator):
            continue
        if name not in families("ops"):
            count["missing"] += 1
            print(f"{name}: no such function")
            continue
        if isinstance(load("ops", name), RefusedFunction):
            continue
        for found in disagreements(operator, dict.fromkeys(BRIEF, 100)):
            count["different" if found else "same"] += 1
            if found:
                print(found)
    print(dict(count))


if __name__ == "__main__":
    main(sys.argv[1:])
