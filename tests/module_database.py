"""torch's own database of modules, against the layers.

Run as a program with the names of modules (all by default), it prints where they disagree.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from operator_database import NotStridedError, plain
from pydantic_core import ValidationError
from torch import nn
from torch.testing._internal.common_modules import FunctionInput, ModuleErrorEnum, module_db
from torch_reference import (
    Accepted,
    Refused,
    is_deviation,
    of_type,
    of_types,
    signature,
    signatures,
)

from specc.spec.layers.base import Layer
from specc.spec.refusal import Refusal
from specc.spec.registry import load
from specc.spec.tensor.type import tensors

DEPRECATED = {"size_average", "reduce"}
"""Arguments of losses that torch replaced by `reduction`, and that no spec has."""
DTYPES = (torch.float32, torch.float64)


@dataclass(frozen=True)
class Use:
    """A module's construction and a call of it, tensors' types for tensors."""

    name: str
    arguments: Mapping[str, Any]
    args: list[Any]
    keywords: Mapping[str, Any]
    theirs: Accepted | Refused


def layer_of(name: str) -> type[Layer] | None:
    """The layer that stands for a module; a lazy one is the other with less arguments."""
    name = name.removeprefix("Lazy")
    found = load("layers", name)
    return found if isinstance(found, type) and issubclass(found, Layer) else None


def ran(module: nn.Module, call: Any) -> Accepted | Refused:
    """What torch makes of a call."""
    try:
        result = module(*call.args, **call.kwargs)
    except IndexError as error:
        if "index out of range" in str(error):  # what values say is not told by types
            raise NotStridedError from None
        return Refused(None, f"IndexError: {error}")
    except Exception as error:
        return Refused(None, f"{type(error).__name__}: {error}")
    state = tuple(
        (key, signature(value)) for key, value in module.state_dict().items() if key[0] != "_"
    )
    return Accepted(signatures([one for one in flat(result) if one is not None]), state)


def flat(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [item for one in value for item in flat(one)]
    return [value]


def uses(info: Any) -> Iterator[Use]:
    """What torch's own tests build of a module, and call it with."""
    seen = set()
    for dtype in DTYPES:
        for training in (True, False):
            for sample in info.module_inputs_func(
                info, device="cpu", dtype=dtype, requires_grad=False, training=training
            ):
                try:
                    use = _use(info.module_cls, sample, dtype, training)
                except NotStridedError:
                    continue
                if use is not None and repr(use) not in seen:
                    seen.add(repr(use))
                    yield use


def _use(cls: type[nn.Module], sample: Any, dtype: torch.dtype, training: bool) -> Use | None:
    if sample.forward_input is None:
        return None
    given = sample.constructor_input
    try:
        module = cls(*given.args, **given.kwargs).to(dtype).train(training)
    except Exception as error:
        theirs: Accepted | Refused = Refused(None, f"{type(error).__name__}: {error}")
    else:
        theirs = ran(module, sample.forward_input)
    arguments = _arguments(cls, given, dtype)
    args = [plain(value) for value in sample.forward_input.args]
    keywords = {key: plain(value) for key, value in sample.forward_input.kwargs.items()}
    return Use(cls.__name__, arguments, args, keywords, theirs)


def _arguments(cls: type[nn.Module], given: Any, dtype: torch.dtype) -> dict[str, Any]:
    """Arguments by name as a spec says them; the dtype of the parameters is one of them."""
    bound = inspect.signature(cls).bind(*given.args, **given.kwargs).arguments
    # Recurrent modules say their arguments in words alone.
    bound |= bound.pop("kwargs", {})
    bound |= zip(("input_size", "hidden_size", "num_layers"), bound.pop("args", ()), strict=False)
    layer = layer_of(cls.__name__)
    fields = layer.model_fields if layer else {}
    arguments = {
        key: written(value, dtype)
        for key, value in bound.items()
        if key not in DEPRECATED | {"device"} and key[0] != "_"
    }
    if "dtype" in fields and dtype != torch.float32:
        arguments["dtype"] = plain(dtype)
    return arguments


def written(value: Any, dtype: torch.dtype) -> Any:
    """An argument as a spec says it: a list for a tensor. Raises NotStridedError."""
    if isinstance(value, nn.TransformerEncoderLayer):
        return _encoder_layer(value, dtype)
    return value.tolist() if isinstance(value, torch.Tensor) else plain(value)


def _encoder_layer(module: nn.TransformerEncoderLayer, dtype: torch.dtype) -> Layer:
    """The layer that stands for a module that another one is given."""
    cls = layer_of("TransformerEncoderLayer")
    assert cls is not None
    return cls(
        d_model=module.self_attn.embed_dim,
        nhead=module.self_attn.num_heads,
        dim_feedforward=module.linear1.out_features,
        dropout=module.dropout.p,
        activation="relu" if module.activation is torch.nn.functional.relu else "gelu",
        layer_norm_eps=module.norm1.eps,
        batch_first=module.self_attn.batch_first,
        norm_first=module.norm_first,
        bias=module.linear1.bias is not None,
        dtype=plain(dtype),
    )


def refusals(info: Any) -> Iterator[Use]:
    """What torch's own tests hold to be errors."""
    if info.module_error_inputs_func is None:
        return
    for case in info.module_error_inputs_func(
        info, device="cpu", dtype=torch.float32, requires_grad=False, training=False
    ):
        sample = case.module_error_input
        if case.error_on == ModuleErrorEnum.CONSTRUCTION_ERROR:
            sample.forward_input = FunctionInput()  # type: ignore[no-untyped-call]
        try:
            use = _use(info.module_cls, sample, torch.float32, False)
        except NotStridedError:
            continue
        if use is not None and isinstance(use.theirs, Refused):
            yield use


def ours(use: Use) -> Accepted | Refused:
    """What the layer says of a use."""
    cls = layer_of(use.name)
    assert cls is not None
    learned = {}
    if use.name.startswith("Lazy"):
        for key, mark in cls.inferred().items():
            learned[key] = use.args[0].shape[mark.dim]
    try:
        made = cls(**use.arguments, **learned).adapted(*use.args)
        if not use.args and not use.keywords:  # what is refused at construction is not called
            return Accepted(
                (), tuple((key, of_type(one.type)) for key, one in made.state().items())
            )
        outputs = of_types([one for one in flat(made.output(*use.args, **use.keywords)) if one])
        state = tuple((key, of_type(entry.type)) for key, entry in made.state().items())
        return Accepted(outputs, state)
    except ValidationError as error:
        first = error.errors()[0]
        return Refused(str(first["loc"][0]) if first["loc"] else None, first["msg"])
    except Refusal as refusal:
        return Refused(refusal.argument, refusal.message, refusal.code)


def disagreement(use: Use) -> str | None:
    """What differs between a layer and torch, apart from the reviewed deviations."""
    mine = ours(use)
    inputs = [of_type(one) for one in tensors([*use.args, *use.keywords.values()])]
    match mine, use.theirs:
        case Refused(), Refused():
            return None
        case Refused(), Accepted(outputs):
            return None if is_deviation(use.name, mine, [*inputs, *outputs]) else str(mine)
    return None if mine == use.theirs else f"{mine} where torch {use.theirs}"


def main(names: list[str]) -> None:
    """Prints disagreements for the modules of these names, and counts."""
    warnings.simplefilter("ignore")
    count: Counter[str] = Counter()
    for info in module_db:
        name = info.module_cls.__name__
        if names and name not in names:
            continue
        if layer_of(name) is None:
            count["missing"] += 1
            print(f"{name}: no such layer")
            continue
        for use in (*uses(info), *refusals(info)):
            try:
                found = disagreement(use)
            except Exception as error:
                found = f"{type(error).__name__}: {error}"
            count["same" if found is None else "different"] += 1
            if found:
                print(f"{name}({dict(use.arguments)})({use.args}, {dict(use.keywords)}): {found}")
    print(dict(count))


if __name__ == "__main__":
    main(sys.argv[1:])
