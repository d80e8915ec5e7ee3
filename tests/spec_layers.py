"""Draws modules of every family, with arguments by the kinds of their fields."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from drawn import value
from spec_draft import Draft
from spec_words import Entry
from torch import Tensor

from specc.spec.kinds import Kind, Optional
from specc.spec.layers.base import Layer, ModuleArgument
from specc.spec.registry import families, load

# Values that are mostly legal, for arguments whose kinds admit more than suits a small network.
SUITED: dict[str, tuple[Any, ...]] = {
    "kernel_size": (1, 2, 3, 3),
    "stride": (1, 1, 2),
    "padding": (0, 1, 1),
    "output_padding": (0, 0, 1),
    "dilation": (1, 1, 2),
    "groups": (1, 1, 2),
    "num_groups": (1, 2),
    "out_features": (4, 6, 8, 5),
    "out_channels": (4, 6, 8),
    "hidden_size": (4, 6),
    "num_layers": (1, 2),
    "num_heads": (1, 2),
    "nhead": (1, 2),
    "dim_feedforward": (8, 5),
    "num_embeddings": (7, 9),
    "embedding_dim": (4, 6),
    "output_size": (1, 2, 3),
    "output_ratio": (0.5, 0.7),
    "dim": (-1, 1, 0),
    "proj_size": (0, 2),
    "lower": (0.1,),
    "upper": (0.3,),
    "p": (0.3, 0.0, 0.5),
    "norm_type": (1, 2),
    "num_parameters": (1,),
    "scale_factor": (2, 1),
    "upscale_factor": (2, 1),
    "downscale_factor": (2, 1),
    "size": (2, 3, 5),
    "threshold": (0.1, 1),
    "value": (0.5, 2),
    "lambd": (0.1, 0.5),
    "negative_slope": (0.1, "1 / 8"),
    "eps": (1e-5, 1e-3),
    "momentum": (0.1, 0.2),
    "alpha": (0.5, 1.0),
    "beta": (1.0, 2),
    "cutoffs": ([2, 3],),
    "n_classes": (6,),
    "num_classes": (7,),
    "dtype": ("float32",),
    "max_norm": (None,),
    "scale_grad_by_freq": (False,),
    "sparse": (False,),
    "inplace": (False, False, False, True),
}
LEFT = {
    *("LinearCrossEntropyLoss", "AdaptiveLogSoftmaxWithLoss", "EmbeddingBag", "SyncBatchNorm"),
    *("GaussianNLLLoss", "BCELoss"),
}
"""What a CPU alone does not run, and what refuses some values."""


@cache
def names() -> tuple[str, ...]:
    """The modules that can be drawn."""
    found = []
    for name in sorted(families("layers")):
        cls = load("layers", name)
        if isinstance(cls, type) and issubclass(cls, Layer) and name not in LEFT:
            found.append(name)
    return tuple(found)


@cache
def of_rank(rank: int) -> tuple[str, ...]:
    """The modules that may take an input of so many dimensions."""

    def fits(name: str) -> bool:
        spatial = int(name[-2]) if name[-1] == "d" and name[-2].isdigit() else None
        return spatial is None or spatial + 2 == rank

    return tuple(name for name in names() if fits(name))


def module(draft: Draft) -> bool:
    """Any module at all, on any value."""
    source = draft.some(Tensor.is_floating_point)
    rank = draft.value_of(source).dim()
    spatial = [name for name in of_rank(rank) if name[-1] == "d"]
    kind = draft.pick(spatial if spatial and draft.chance(45) else of_rank(rank))
    return any(named_module(draft, kind, source) for _ in range(3))


def named_module(draft: Draft, kind: str, source: str) -> bool:
    """A module of a type, with its inputs."""
    cls = load("layers", kind)
    assert isinstance(cls, type)
    assert issubclass(cls, Layer)
    given = arguments(draft, cls)
    if given is None:
        return False
    entry: Entry = {"name": draft.fresh(), "type": kind, **given}
    required = [name for name in cls.forward_inputs if not name.endswith("?")]
    if draft.setting.is_chain and max(len(required), len(cls.forward_outputs)) > 1:
        return False
    if source != "_" or len(required) > 1:
        taken = [source, *(further(draft, source) for _ in required[1:])]
        entry["inputs"] = taken[0] if len(taken) == 1 else taken
        if len(taken) > 1 and draft.chance(40):
            entry["inputs"] = dict(zip(required, taken, strict=True))
    if not draft.add(entry):
        return False
    draft.setting.kinds.append(kind)
    _aftermath(draft, entry, cls, required)
    return True


def _aftermath(draft: Draft, entry: Entry, cls: type[Layer], required: list[str]) -> None:
    """Notes what else of a module can be read, and that it can be called again."""
    name = entry["name"]
    if len(cls.forward_outputs) > 1:
        draft.inside += [f"{name}.{output}" for output in cls.forward_outputs[1:]]
    lane = draft.lanes[0]
    made = lane.frame.layers[name]._module
    if made is not None:
        draft.inside += [f"{name}.{key}" for key, _ in made.named_parameters(recurse=False)]
    if len(required) == len(cls.forward_outputs) == 1:
        draft.callees.append(name)


def further(draft: Draft, source: str) -> str:
    """A further input of a module: most take one of the same shape."""
    alike = draft.alike(source)
    return draft.pick(alike) if alike and draft.chance(80) else f"{source} * 0.5"


def arguments(draft: Draft, cls: type[Layer]) -> dict[str, Any] | None:
    """Arguments of a module; None for one that is made of modules which are not drawn."""
    found: dict[str, Any] = {}
    for name, field in cls.model_fields.items():
        kind = next((mark for mark in field.metadata if isinstance(mark, Kind)), None)
        inner = kind.kind if isinstance(kind, Optional) else kind
        if isinstance(inner, ModuleArgument):
            if field.is_required():
                if not inner.types:
                    return None
                found[name] = _inner(draft, inner)
            continue
        wanted = field.is_required() and name not in cls.inferred()
        if kind is None or not (wanted or draft.chance(12)):
            continue
        if name in cls.inferred():
            continue
        found[name] = _argument(draft, name, kind)
        if not _is_finite(found[name]):
            del found[name]
    return found


def _inner(draft: Draft, kind: ModuleArgument) -> dict[str, Any]:
    cls = load("layers", kind.types[0])
    assert isinstance(cls, type)
    return {"type": kind.types[0], **(arguments(draft, cls) or {})}


def _argument(draft: Draft, name: str, kind: Kind) -> Any:
    if name in SUITED and draft.chance(92):
        drawn = draft.pick(SUITED[name])
    else:
        drawn = value(kind, draft.setting.random, lambda: None)
    if type(drawn) is int and drawn > 0:
        return draft.number(drawn)
    return list(drawn) if isinstance(drawn, tuple) else drawn


def _is_finite(one: Any) -> bool:
    if one is None:
        return False
    if isinstance(one, list):
        return all(map(_is_finite, one))
    return not isinstance(one, float) or (math.isfinite(one) and abs(one) < 1e4)


ACTIVATIONS: tuple[Entry, ...] = (
    *({"type": name} for name in ("ReLU", "Tanh", "Sigmoid", "SiLU", "ELU", "Softplus", "Mish")),
    {"type": "GELU", "approximate": "tanh"},
    {"type": "LeakyReLU", "negative_slope": "1 / 8"},
    {"type": "Identity"},
    {"type": "Dropout", "p": 0.3},
)


def activation(draft: Draft) -> bool:
    """An activation; without arguments often by its bare name."""
    return draft.follow(dict(draft.pick(ACTIVATIONS)), draft.some(Tensor.is_floating_point))


def linear(draft: Draft) -> bool:
    """A linear layer over the last dimension."""
    source = draft.some(lambda one: one.is_floating_point() and one.dim() > 0)
    return named_module(draft, "Linear", source)


def suited(draft: Draft) -> bool:
    """A module of the usual ones for the rank."""
    source = draft.some(lambda one: one.is_floating_point() and one.dim() > 1)
    usual: dict[int, tuple[str, ...]] = {
        2: ("Linear", "LayerNorm", "BatchNorm1d", "RMSNorm", "GLU", "Softmax", "PReLU", "LSTM"),
        3: (
            *("Conv1d", "GRU", "LSTM", "RNN", "MaxPool1d", "MultiheadAttention", "Flatten"),
            *("TransformerEncoderLayer", "BatchNorm1d", "LayerNorm", "ConvTranspose1d"),
        ),
        4: (
            *("Conv2d", "Conv2d", "BatchNorm2d", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d"),
            *("ConvTranspose2d", "GroupNorm", "InstanceNorm2d", "PixelUnshuffle", "Upsample"),
            *("Flatten", "ZeroPad2d", "Dropout2d"),
        ),
    }
    rank = draft.value_of(source).dim()
    kinds = usual.get(rank, ("Linear", "LayerNorm", "Tanh"))
    kind = draft.pick(kinds)
    if kind == "Flatten" and len({shape[1:] for shape in draft.shapes(source)}) > 1:
        return False
    return any(named_module(draft, kind, source) for _ in range(3))


STEPS: tuple[Callable[[Draft], bool], ...] = (module, activation, linear, suited, suited)
