"""What the interpreter knows of torch's modules: attributes, sizes left out, several values."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import nn

# Sizes that follow from inputs: the argument, the input by its place and name, the dimension.
LEFT_OUT: dict[str, tuple[tuple[str, int, str, int], ...]] = {
    "Linear": (("in_features", 0, "input", -1),),
    "Bilinear": (("in1_features", 0, "input1", -1), ("in2_features", 1, "input2", -1)),
    "GroupNorm": (("num_channels", 0, "input", 1),),
    "SyncBatchNorm": (("num_features", 0, "input", 1),),
    **dict.fromkeys(("LayerNorm", "RMSNorm"), (("normalized_shape", 0, "input", -1),)),
    **{f"Conv{n}d": (("in_channels", 0, "input", -n - 1),) for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": (("in_channels", 0, "input", -n - 1),) for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": (("num_features", 0, "input", 1),) for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": (("num_features", 0, "input", -n - 1),) for n in (1, 2, 3)},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), (("input_size", 0, "input", -1),)),
    **{f"{kind}Cell": (("input_size", 0, "input", -1),) for kind in ("RNN", "LSTM", "GRU")},
    "MultiheadAttention": (("embed_dim", 0, "query", -1),),
    "Transformer": (("d_model", 0, "src", -1),),
    "TransformerEncoder": (("d_model", 0, "src", -1),),
    "TransformerEncoderLayer": (("d_model", 0, "src", -1),),
    "TransformerDecoder": (("d_model", 0, "tgt", -1),),
    "TransformerDecoderLayer": (("d_model", 0, "tgt", -1),),
    "AdaptiveLogSoftmaxWithLoss": (("in_features", 0, "input_", -1),),
}
# Those that take the size for the modules that they are given.
HOLDING = {"TransformerEncoder", "TransformerDecoder"}

# Modules of several values: what they are called, nested as they are returned.
SEVERAL: dict[str, tuple[Any, ...]] = {
    **{"RNN": ("output", "h_n"), "GRU": ("output", "h_n"), "LSTM": ("output", ("h_n", "c_n"))},
    "LSTMCell": ("h_1", "c_1"),
    "MultiheadAttention": ("attn_output", "attn_output_weights"),
    "AdaptiveLogSoftmaxWithLoss": ("output", "loss"),
    **{
        f"{kind}Pool{n}d": ("output", "indices")
        for kind in ("Max", "AdaptiveMax", "FractionalMax")
        for n in (1, 2, 3)
    },
}

# Keys of an entry that are no arguments of its module.
KEYS = {
    *("type", "name", "inputs", "when", "repeat", "shared", "call", "keep", "parametrize"),
    *("recompute",),
}
# Arguments in which torch takes certain strings.
LITERALS = {
    *("padding_mode", "mode", "approximate", "nonlinearity", "reduction", "activation"),
    *("swap",),
}


def attributes(entries: Sequence[Mapping[str, Any]], params: set[str]) -> list[str]:
    """Attributes of a model's or block's entries: names, else types, numbered if several."""
    taken = params | {str(e["name"]) for e in entries if "name" in e and "expr" not in e}
    # Any number may be that of a repeat's time.
    timed = {name.split("{")[0] for name in taken if "{" in name}
    kinds = [None if "name" in e or "type" not in e else snake_case(e["type"]) for e in entries]
    totals = Counter(kinds)
    alone = {kind for kind in totals if kind and totals[kind] == 1} - taken
    alone = {kind for kind in alone if kind.rstrip("0123456789") not in timed - {kind}}
    found = []
    for entry, kind in zip(entries, kinds, strict=True):
        if kind is None:
            found.append(str(entry.get("name", "")))
        elif kind in alone:
            found.append(kind)
        else:
            stem = f"{kind}_" if kind.rstrip("0123456789") in timed else kind
            numbered = (f"{stem}{number}" for number in itertools.count(1))
            found.append(next(name for name in numbered if name not in taken | alone))
            taken.add(found[-1])
    return found


def snake_case(name: str) -> str:
    """`WideBlock` -> `wide_block`, `LPPool2d` -> `lp_pool2d`; torch's words are kept whole."""
    words = name.replace("ReLU", "Relu").replace("SiLU", "Silu")
    parts = re.findall(r"[A-Z]+(?![a-z])[0-9a-z]*|[A-Z][a-z0-9]+|[a-z0-9]+", words)
    return "_".join(parts).lower()


def named(names: Sequence[Any], values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Values by their names, those of groups too."""
    for name, value in zip(names, values, strict=False):
        if isinstance(name, tuple):
            yield from named(name, value)
        else:
            yield name, value


def sized(
    kind: str, arguments: dict[str, Any], inputs: Sequence[Any], by_name: Mapping[str, Any]
) -> dict[str, Any]:
    """A module's arguments with the sizes that were left out."""
    found = dict(arguments)
    for argument, place, name, dim in LEFT_OUT.get(kind, ()):
        if kind not in HOLDING and argument not in found:
            value = inputs[place] if place < len(inputs) else by_name[name]
            found[argument] = value.shape[dim]
    for argument, inner in arguments.items():
        if isinstance(inner, dict):
            width = next(iter([*inputs, *by_name.values()])).shape[-1]
            found[argument] = _inner(inner, width)
    return found


def _inner(arguments: Mapping[str, Any], width: int) -> nn.Module:
    """A module given to another one, whose width is the outer input's."""
    own = {key: value for key, value in arguments.items() if key != "type"}
    for argument, *_ in LEFT_OUT.get(arguments["type"], ()):
        own.setdefault(argument, width)
    return getattr(nn, arguments["type"])(**own)  # type: ignore[no-any-return]


def parametrize(module: nn.Module, tensors: Mapping[str, Any]) -> None:
    """Lets torch's parametrizations compute tensors of a module."""
    for tensor, how in tensors.items():
        own = dict(how) if isinstance(how, dict) else {"type": how}
        getattr(nn.utils.parametrizations, own.pop("type"))(module, tensor, **own)
