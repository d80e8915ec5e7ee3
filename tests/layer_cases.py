"""Strategies for arguments and inputs of layers: mostly legal, often at the edge, some illegal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from torch_reference import Signature

Case = tuple[dict[str, Any], list[Signature]]
Draw = Callable[[st.SearchStrategy[Any]], Any]
CASES: dict[str, st.SearchStrategy[Case]] = {}

FLOATS = ["float32"] * 6 + ["float64", "float16", "bfloat16"]
DTYPES = [*FLOATS, "int64", "uint8", "bool", "complex64"]
numbers = st.sampled_from([0.5, 0.0, 1.0, -1.0, 2, 1e-5, float("inf"), float("nan")])
flags = st.booleans()


def shapes(least: int = 0, most: int = 5) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.sampled_from([1, 2, 3, 4, 0, 5]), min_size=least, max_size=most).map(tuple)


def case(*names: str) -> Callable[[Callable[..., Case]], None]:
    """Registers a drawing function for layers; it is told the layer's number of dimensions."""

    def register(function: Callable[..., Case]) -> None:
        for name in names:
            spatial = int(name[-2]) if name[-1] == "d" and name[-2].isdigit() else 0
            CASES[name] = st.composite(function)(spatial)

    return register


def some(draw: Draw, **arguments: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Any of the optional arguments."""
    return {name: draw(strategy) for name, strategy in arguments.items() if draw(flags)}


def along(values: st.SearchStrategy[Any], spatial: int) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=spatial, max_size=spatial)


def image(draw: Draw, spatial: int, channels: int, dtype: str | None = None) -> Signature:
    """An input with channels, mostly of the right rank and size."""
    channels = channels if draw(st.integers(0, 9)) else channels + 1
    batch = draw(st.sampled_from([(2,), (2,), (1,), (), (0,), (2, 2)]))
    sizes = draw(
        st.lists(st.sampled_from([5, 7, 8, 4, 3, 1, 0]), min_size=spatial, max_size=spatial)
    )
    shape = (*batch, max(channels, 0), *sizes)
    return shape, dtype or draw(st.sampled_from(DTYPES))


def floating_arguments(draw: Draw) -> dict[str, str]:
    return some(draw, dtype=st.sampled_from(["float64", "float16", "int64", "complex64", None]))


@case(
    *("Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign", "Softmax2d", "Identity"),
)
def _plain(draw: Draw, spatial: int) -> Case:
    return {}, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid")
def _inplace(draw: Draw, spatial: int) -> Case:
    return some(draw, inplace=flags), [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("RReLU")
def _rrelu(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, lower=numbers, upper=numbers, inplace=flags)
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("LeakyReLU")
def _leaky(draw: Draw, spatial: int) -> Case:
    return some(draw, negative_slope=numbers), [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("ELU", "CELU")
def _alpha(draw: Draw, spatial: int) -> Case:
    return some(draw, alpha=numbers), [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Softplus")
def _softplus(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, beta=numbers, threshold=numbers)
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Softshrink", "Hardshrink")
def _shrink(draw: Draw, spatial: int) -> Case:
    return some(draw, lambd=numbers), [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Threshold")
def _threshold(draw: Draw, spatial: int) -> Case:
    arguments = {"threshold": draw(numbers), "value": draw(numbers)} | some(draw, inplace=flags)
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("GELU")
def _gelu(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, approximate=st.sampled_from(["none", "tanh", "erf"]))
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("GLU", "Softmax", "LogSoftmax", "Softmin")
def _along(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, dim=st.integers(-4, 4))
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("PReLU")
def _prelu(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, num_parameters=st.integers(-1, 4), init=numbers)
    return arguments | floating_arguments(draw), [(draw(shapes()), draw(st.sampled_from(FLOATS)))]


@case("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
def _dropout(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, p=st.sampled_from([0.1, 0.5, 0, 1, 0.0, 1.0, -0.1, 1.5]))
    return arguments, [(draw(shapes(most=6)), draw(st.sampled_from(DTYPES)))]


@case("Linear")
def _linear(draw: Draw, spatial: int) -> Case:
    width = draw(st.integers(-1, 4))
    arguments = {"in_features": width, "out_features": draw(st.integers(-1, 4))}
    arguments |= some(draw, bias=flags) | floating_arguments(draw)
    last = width if draw(st.integers(0, 9)) else width + 1
    shape = (*draw(shapes(most=3)), *([max(last, 0)] if draw(st.integers(0, 9)) else []))
    return arguments, [(shape, draw(st.sampled_from(DTYPES)))]


@case("Bilinear")
def _bilinear(draw: Draw, spatial: int) -> Case:
    widths = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    arguments = dict(zip(("in1_features", "in2_features"), widths, strict=True))
    arguments["out_features"] = draw(st.integers(-1, 3))
    arguments |= some(draw, bias=flags) | floating_arguments(draw)
    shape = draw(shapes(most=2))
    other = shape if draw(st.integers(0, 5)) else draw(shapes(most=2))
    dtype = draw(st.sampled_from(DTYPES))
    return arguments, [((*shape, widths[0]), dtype), ((*other, widths[1]), dtype)]


@case("Conv1d", "Conv2d", "Conv3d")
def _conv(draw: Draw, spatial: int) -> Case:
    groups = draw(st.sampled_from([1, 1, 2, 3, 0]))
    channels = draw(st.sampled_from([1, 2, 4, 6, 0]))
    arguments: dict[str, Any] = {
        "in_channels": channels,
        "out_channels": draw(st.sampled_from([2, 6, 3, 1, 0])),
        "kernel_size": draw(along(st.sampled_from([1, 2, 3, 4, 0]), spatial)),
    }
    padding = along(st.sampled_from([0, 1, 2, 3, -1]), spatial) | st.sampled_from(
        ["same", "valid", "full"]
    )
    arguments |= some(
        draw,
        stride=along(st.sampled_from([1, 2, 3, 0]), spatial),
        padding=padding,
        dilation=along(st.sampled_from([1, 2, 0]), spatial),
        groups=st.just(groups),
        bias=flags,
        padding_mode=st.sampled_from(["zeros", "reflect", "replicate", "circular", "constant"]),
    )
    arguments |= floating_arguments(draw)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else None
    return arguments, [image(draw, spatial, channels, dtype or "float32")]


@case("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d")
def _conv_transpose(draw: Draw, spatial: int) -> Case:
    channels = draw(st.sampled_from([1, 2, 4, 6, 0]))
    arguments: dict[str, Any] = {
        "in_channels": channels,
        "out_channels": draw(st.sampled_from([2, 6, 3, 1, 0])),
        "kernel_size": draw(along(st.sampled_from([1, 2, 3, 4, 0]), spatial)),
    }
    arguments |= some(
        draw,
        stride=along(st.sampled_from([1, 2, 3, 0]), spatial),
        padding=along(st.sampled_from([0, 1, 2, 3, -1]), spatial),
        output_padding=along(st.sampled_from([0, 1, 2, -1]), spatial),
        groups=st.sampled_from([1, 2, 3, 0]),
        bias=flags,
        dilation=along(st.sampled_from([1, 2, 0]), spatial),
        padding_mode=st.sampled_from(["zeros", "reflect"]),
    )
    arguments |= floating_arguments(draw)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else None
    return arguments, [image(draw, spatial, channels, dtype or "float32")]


def _windows(draw: Draw, spatial: int) -> dict[str, Any]:
    return {"kernel_size": draw(along(st.sampled_from([1, 2, 3, 4, 0]), spatial))} | some(
        draw,
        stride=along(st.sampled_from([1, 2, 3, 5, 0]), spatial) | st.none(),
        padding=along(st.sampled_from([0, 1, 2, -1]), spatial),
        ceil_mode=flags,
    )


@case("MaxPool1d", "MaxPool2d", "MaxPool3d")
def _max_pool(draw: Draw, spatial: int) -> Case:
    arguments = _windows(draw, spatial) | some(
        draw, dilation=along(st.sampled_from([1, 2, 0]), spatial), return_indices=flags
    )
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("AvgPool1d", "AvgPool2d", "AvgPool3d")
def _avg_pool(draw: Draw, spatial: int) -> Case:
    arguments = _windows(draw, spatial) | some(draw, count_include_pad=flags)
    if spatial > 1:
        arguments |= some(draw, divisor_override=st.sampled_from([1, 3, -2, 0, None]))
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("LPPool1d", "LPPool2d", "LPPool3d")
def _lp_pool(draw: Draw, spatial: int) -> Case:
    arguments = _windows(draw, spatial) | {"norm_type": draw(numbers)}
    arguments.pop("padding", None)
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d")
def _adaptive_avg(draw: Draw, spatial: int) -> Case:
    return _adaptive(draw, spatial)


@case("AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d")
def _adaptive_max(draw: Draw, spatial: int) -> Case:
    arguments, inputs = _adaptive(draw, spatial)
    return arguments | some(draw, return_indices=flags), inputs


def _adaptive(draw: Draw, spatial: int) -> Case:
    sizes = st.sampled_from([1, 2, 3, 7, 0, None, -1])
    arguments = {"output_size": draw(along(sizes, spatial))}
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


def _features(draw: Draw, spatial: int) -> dict[str, Any]:
    return some(
        draw,
        eps=st.sampled_from([1e-5, 1, 0.0, -1.0]),
        momentum=numbers | st.none(),
        affine=flags,
        track_running_stats=flags,
        bias=flags,
    ) | floating_arguments(draw)


@case(*(f"{kind}Norm{n}d" for kind in ("Batch", "Instance") for n in (1, 2, 3)))
def _norm(draw: Draw, spatial: int) -> Case:
    features = draw(st.sampled_from([3, 1, 0, -1]))
    arguments = {"num_features": features} | _features(draw, spatial)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else "float16"
    if spatial == 1 and draw(flags):
        return arguments, [((draw(st.integers(0, 3)), max(features, 0)), dtype or "float32")]
    return arguments, [image(draw, spatial, features, dtype or "float32")]


@case("LayerNorm", "RMSNorm")
def _layer_norm(draw: Draw, spatial: int) -> Case:
    ending = draw(shapes(most=2))
    normalized = ending[0] if len(ending) == 1 and draw(flags) else list(ending)
    arguments = {"normalized_shape": normalized} | some(
        draw, eps=st.sampled_from([1e-5, 0.0, -1.0]), elementwise_affine=flags
    )
    arguments |= floating_arguments(draw)
    shape = (*draw(shapes(most=2)), *ending) if draw(st.integers(0, 5)) else draw(shapes())
    dtype: Any = arguments.get("dtype") if draw(st.integers(0, 5)) else "float16"
    return arguments, [(shape, dtype or "float32")]


@case("GroupNorm")
def _group_norm(draw: Draw, spatial: int) -> Case:
    channels = draw(st.sampled_from([4, 6, 1, 0]))
    arguments = {"num_groups": draw(st.sampled_from([1, 2, 3, 4, 0, -1]))}
    arguments |= {"num_channels": channels} | some(draw, affine=flags, bias=flags)
    arguments |= floating_arguments(draw)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else "float16"
    return arguments, [image(draw, draw(st.integers(0, 3)), channels, dtype or "float32")]


@case("LocalResponseNorm")
def _local_response_norm(draw: Draw, spatial: int) -> Case:
    arguments = {"size": draw(st.sampled_from([1, 2, 3, 9, 0]))}
    arguments |= some(draw, alpha=numbers, beta=numbers, k=numbers)
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Flatten")
def _flatten(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, start_dim=st.integers(-4, 4), end_dim=st.integers(-4, 4))
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Unflatten")
def _unflatten(draw: Draw, spatial: int) -> Case:
    sizes = draw(st.lists(st.sampled_from([1, 2, 3, -1, 0, -2]), max_size=3))
    arguments = {"dim": draw(st.integers(-3, 3)), "unflattened_size": sizes}
    width = st.sampled_from([1, 2, 3, 4, 6, 12, 0])
    shape = tuple(draw(st.lists(width, max_size=3)))
    return arguments, [(shape, draw(st.sampled_from(DTYPES)))]


@case(*(f"{kind}Pad{n}d" for kind in ("Zero", "Constant") for n in (1, 2, 3)))
def _constant_pad(draw: Draw, spatial: int) -> Case:
    amounts = st.sampled_from([0, 1, 2, 3, -1, -2, -4])
    arguments: dict[str, Any] = {"padding": draw(along(amounts, 2 * spatial))}
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


for _n in (1, 2, 3):
    CASES[f"ConstantPad{_n}d"] = st.tuples(CASES[f"ConstantPad{_n}d"], numbers).map(
        lambda both: ({**both[0][0], "value": both[1]}, both[0][1])
    )


@case(*(f"{kind}Pad{n}d" for kind in ("Reflection", "Replication", "Circular") for n in (1, 2, 3)))
def _pad(draw: Draw, spatial: int) -> Case:
    amounts = st.sampled_from([0, 1, 2, 3, -1, -2, 5])
    arguments = {"padding": draw(along(amounts, 2 * spatial))}
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("Embedding")
def _embedding(draw: Draw, spatial: int) -> Case:
    arguments = {"num_embeddings": draw(st.sampled_from([2, 3, 0, -1]))}
    arguments["embedding_dim"] = draw(st.sampled_from([2, 3, 0, -1]))
    arguments |= some(
        draw,
        padding_idx=st.integers(-4, 3),
        max_norm=numbers,
        norm_type=numbers,
        scale_grad_by_freq=flags,
        sparse=flags,
    )
    dtype = st.sampled_from(["int64", "int64", "int32", "int16", "uint8", "bool", "float32"])
    return arguments | floating_arguments(draw), [(draw(shapes(most=3)), draw(dtype))]


def _resized(draw: Draw, spatial: int) -> dict[str, Any]:
    sizes = st.sampled_from([1, 2, 5, 0])
    factors = st.sampled_from([2, 2.0, 0.5, 1.7, 0.3, 0, -1.0])
    return some(draw, size=along(sizes, spatial)) or {"scale_factor": draw(along(factors, spatial))}


@case("Upsample")
def _upsample(draw: Draw, spatial: int) -> Case:
    spatial = draw(st.sampled_from([1, 2, 3]))
    modes = ["nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact", "x"]
    arguments = _resized(draw, spatial) | some(
        draw,
        mode=st.sampled_from(modes),
        align_corners=flags,
        recompute_scale_factor=flags,
    )
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("UpsamplingNearest2d", "UpsamplingBilinear2d")
def _upsampling(draw: Draw, spatial: int) -> Case:
    return _resized(draw, 2), [image(draw, 2, draw(st.integers(0, 3)))]


@case("PixelShuffle", "PixelUnshuffle", "ChannelShuffle")
def _shuffle(draw: Draw, spatial: int) -> Case:
    factor = draw(st.sampled_from([1, 2, 3, 0]))
    key = draw(st.just("upscale_factor"))
    sizes = st.lists(st.sampled_from([4, 6, 9, 1, 0, 12]), min_size=1, max_size=5).map(tuple)
    return {key: factor}, [(draw(sizes), draw(st.sampled_from(DTYPES)))]


def _under(key: str) -> Callable[[Case], Case]:
    return lambda drawn: ({key: drawn[0]["upscale_factor"]}, drawn[1])


for _name, _key in (("PixelUnshuffle", "downscale_factor"), ("ChannelShuffle", "groups")):
    CASES[_name] = CASES[_name].map(_under(_key))
