"""Fourier transforms: calls, legal and illegal."""

from __future__ import annotations

from hypothesis import strategies as st
from layer_cases.base import Draw, flags, shapes, some

from op_calls.base import Call, call, dims, lists_of_dims
from specc.spec.tensor.dtype import DTYPES
from specc.spec.tensor.type import TensorType

every_dtype = st.sampled_from(DTYPES)
usual_dtype = st.sampled_from(["float32", "float32", "float64", "complex64", "int64", "float16"])
norms = st.sampled_from([None, "backward", "forward", "ortho", "x"])
lengths = st.sampled_from([-1, -1, 1, 2, 3, 5, 8, 0, -2])
KINDS = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]


def _signal(draw: Draw) -> TensorType:
    return TensorType.of(draw(shapes(most=3)), draw(every_dtype | usual_dtype))


@call
def _fft(draw: Draw) -> Call:
    name = f"fft_{draw(st.sampled_from(KINDS))}"
    return name, [_signal(draw)], some(draw, n=st.none() | st.integers(-1, 6), dim=dims, norm=norms)


@call
def _fft2(draw: Draw) -> Call:
    name = f"fft_{draw(st.sampled_from(KINDS))}2"
    pairs = st.none() | lengths | st.tuples(lengths, lengths)
    places = st.tuples(dims, dims) | dims | lists_of_dims
    return name, [_signal(draw)], some(draw, s=pairs, dim=places, norm=norms)


@call
def _fftn(draw: Draw) -> Call:
    name = f"fft_{draw(st.sampled_from(KINDS))}n"
    several = st.none() | lengths | st.lists(lengths, max_size=3)
    places = st.none() | dims | lists_of_dims
    return name, [_signal(draw)], some(draw, s=several, dim=places, norm=norms)


@call
def _fftshift(draw: Draw) -> Call:
    name = draw(st.sampled_from(["fft_fftshift", "fft_ifftshift"]))
    return name, [_signal(draw)], some(draw, dim=st.none() | dims | lists_of_dims)


@call
def _frequencies(draw: Draw) -> Call:
    name = draw(st.sampled_from(["fft_fftfreq", "fft_rfftfreq"]))
    spacing = st.sampled_from([1.0, 2, 0.0, float("inf")])
    return name, [draw(st.integers(-3, 6))], some(draw, d=spacing, dtype=every_dtype)


@call
def _stft(draw: Draw) -> Call:
    signal = TensorType.of(
        draw(st.sampled_from([(10,), (3, 10), (7,), (2, 13), (3,), (2, 3, 10), ()])),
        draw(usual_dtype),
    )
    n_fft = draw(st.sampled_from([4, 4, 5, 6, 8, 1, 0, 12]))
    width = draw(st.sampled_from([n_fft, n_fft, n_fft - 1, 2, 3, 0]))
    windows = st.builds(TensorType.of, st.just((width,)) | shapes(most=1), every_dtype)
    arguments = some(
        draw,
        hop_length=st.integers(0, 4),
        center=flags,
        pad_mode=st.sampled_from(["reflect", "constant", "replicate", "circular"]),
        normalized=flags,
        onesided=flags,
        return_complex=flags,
    )
    if draw(flags):
        arguments |= {"win_length": width} | some(draw, window=windows)
    if arguments.get("center") is False:
        arguments |= some(draw, align_to_window=flags)
    return "stft", [signal, n_fft], arguments


@call
def _istft(draw: Draw) -> Call:
    n_fft = draw(st.sampled_from([4, 4, 5, 6, 8, 1, 0]))
    frequencies = draw(st.sampled_from([n_fft, n_fft // 2 + 1, n_fft // 2 + 1, 3]))
    frames = draw(st.sampled_from([1, 2, 6]))
    batch = draw(st.sampled_from([(), (2,), (2, 2)]))
    dtype = draw(st.sampled_from(["complex64", "complex64", "complex128", "float32"]))
    signal = TensorType.of((*batch, frequencies, frames), dtype)
    width = draw(st.sampled_from([n_fft, n_fft, n_fft - 1, 2, 3, 0]))
    real = st.sampled_from(["float32", "float64", "int64", "complex64"])
    arguments = some(
        draw,
        hop_length=st.integers(0, 4),
        center=flags,
        onesided=flags,
        length=st.integers(-1, 14),
        return_complex=flags,
    )
    if draw(flags):
        windows = st.builds(TensorType.of, st.just((width,)), real)
        arguments |= {"win_length": width} | some(draw, window=windows)
    return "istft", [signal, n_fft], arguments
