"""Short-time Fourier transforms.

Source: https://docs.pytorch.org/docs/stable/generated/torch.stft.html
and https://docs.pytorch.org/docs/stable/generated/torch.istft.html
"""

from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import category, complex_to_real, promote
from ..tensor.type import TensorType, shape_text
from .base import Flag, Int, OptionalFlag, OptionalInt, OptionalTensor, Tensor, function
from .fourier import to_complex, transformable
from .padding import PadMode, pad
from .pointwise import inexact


@function("torch", method=True)
def stft(
    input: Tensor,
    n_fft: Int,
    hop_length: OptionalInt = None,
    win_length: OptionalInt = None,
    window: OptionalTensor = None,
    center: Flag = True,
    pad_mode: PadMode = "reflect",
    normalized: Flag = False,
    onesided: OptionalFlag = None,
    return_complex: OptionalFlag = None,
    align_to_window: OptionalFlag = None,
) -> TensorType:
    """(*, time) -> (*, frequencies, frames) complex, or (*, frequencies, frames, 2)

    frequencies: n_fft // 2 + 1 if onesided, else n_fft.
    """
    need_rank(input, (1, 2), "input", "(time,) or (batch, time)")
    inexact(input.dtype)
    hop, width = _steps(n_fft, hop_length, win_length, window)
    dtype = transformable(input.dtype if window is None else promote(input.dtype, window.dtype))
    if return_complex is None and category(dtype) != "complex":
        raise Refusal("stft needs return_complex for real inputs", argument="return_complex")
    if onesided and category(dtype) == "complex":
        raise Refusal("complex numbers have no onesided transform", argument="onesided")
    if center and align_to_window is not None:
        raise Refusal("align_to_window is for center = false", argument="align_to_window")
    whole = onesided is False or category(dtype) == "complex"
    for size in input.shape[:-1]:
        need_at_least(size, 1, "there is nothing to transform", argument="input")
    frames = _frames(_padded(input, n_fft, pad_mode) if center else input.shape[-1], n_fft, hop)
    if align_to_window:
        frames = _aligned(input.shape[-1], n_fft, hop, width)
    frequencies = Dim.of(n_fft if whole else n_fft // 2 + 1)
    shape = (*input.shape[:-1], frequencies, frames)
    if return_complex is False:
        return TensorType((*shape, Dim.of(2)), complex_to_real(dtype))
    return TensorType(shape, to_complex(dtype))


def _steps(
    n_fft: int, hop_length: int | None, win_length: int | None, window: TensorType | None
) -> tuple[int, int]:
    """The steps between frames, and the size of the window."""
    if n_fft < 1:
        raise Refusal(f"n_fft must be at least 1, not {n_fft}", argument="n_fft")
    hop = int(n_fft) // 4 if hop_length is None else int(hop_length)
    width = int(n_fft) if win_length is None else int(win_length)
    if hop < 1:
        seen = "n_fft // 4 is 0" if hop_length is None else f"not {hop}"
        raise Refusal(f"hop_length must be at least 1: {seen}", argument="hop_length")
    if not 1 <= width <= n_fft:
        raise Refusal(
            f"win_length must be from 1 to {n_fft}, not {width}",
            argument="win_length",
            other="n_fft",
        )
    if window is not None:
        need_rank(window, (1,), "window", "(win_length,)")
        what = f"window must be {shape_text((width,))}"
        need_equal(window.shape[0], Dim.of(width), what, argument="window", other="win_length")
    return hop, width


def _padded(input: TensorType, n_fft: int, mode: str) -> Dim:
    """The time with half a frame on each side."""
    channels = input.shape[:-1] or (Dim.of(1),)
    signal = input.with_shape((1, *channels, input.shape[-1]))
    half = int(n_fft) // 2
    try:
        return pad(signal, (half, half), mode).shape[-1]
    except Refusal as refusal:
        raise refusal.renamed(pad="n_fft", padding="n_fft", mode="pad_mode") from None


def _frames(time: Dim, n_fft: int, hop: int) -> Dim:
    what = f"a frame of n_fft = {n_fft} does not fit"
    need_at_least(time - n_fft, 0, what, argument="n_fft", other="input")
    return (time - n_fft) // hop + 1


def _aligned(time: Dim, n_fft: int, hop: int, width: int) -> Dim:
    """Frames that begin with the input's first element; torch pads by whole numbers on both
    sides, which is too little for the last frame where an odd number was needed."""
    frames = (time - width) // hop + 1
    padded = time + (n_fft - width) // 2 * 2
    what = "the last frame leaves the padded input"
    rest = padded - hop * (frames - 1) - n_fft
    need_at_least(rest, 0, what, argument="align_to_window", other="win_length")
    return frames


@function("torch", method=True)
def istft(
    input: Tensor,
    n_fft: Int,
    hop_length: OptionalInt = None,
    win_length: OptionalInt = None,
    window: OptionalTensor = None,
    center: Flag = True,
    normalized: Flag = False,
    onesided: OptionalFlag = None,
    length: OptionalInt = None,
    return_complex: Flag = False,
) -> TensorType:
    """(*, frequencies, frames) complex -> (*, length), by default as long as the frames tell"""
    need_rank(input, (2, 3), "input", "(frequencies, frames) or (batch, frequencies, frames)")
    if category(input.dtype) != "complex":
        raise Refusal("istft takes complex numbers", code="dtype-mismatch", argument="input")
    hop, width = _steps(n_fft, hop_length, win_length, window)
    if hop > width:
        raise Refusal(f"hop_length = {hop} leaves gaps between windows", argument="hop_length")
    for size in input.shape:
        need_at_least(size, 1, "there is nothing to transform", argument="input")
    if onesided is None:
        onesided = input.shape[-2] != n_fft
    if onesided and return_complex:
        raise Refusal("complex numbers have no onesided transform", argument="return_complex")
    if not return_complex and window is not None and category(window.dtype) == "complex":
        raise Refusal("a complex window needs return_complex", argument="window")
    frequencies = int(n_fft) // 2 + 1 if onesided else int(n_fft)
    what = f"there must be {frequencies} frequencies for n_fft = {n_fft}"
    need_equal(input.shape[-2], Dim.of(frequencies), what, argument="input", other="n_fft")
    size = _restored(input.shape[-1], int(n_fft), hop, width, center, length)
    parts = complex_to_real(input.dtype)
    common = parts if window is None else promote(parts, window.dtype)
    shape = (*input.shape[:-2], size)
    return TensorType(shape, to_complex(common) if return_complex else common)


def _restored(
    frames: Dim, n_fft: int, hop: int, width: int, center: bool, length: int | None
) -> Dim:
    """The length of the signal; all of it that the frames tell must lie in some window."""
    told = n_fft + hop * (frames - 1)
    before = (n_fft - width) // 2
    windows = before + width + hop * (frames - 1)
    start = n_fft // 2 if center else 0
    end = told - start if length is None else Dim.of(start + length)
    if start < before:
        raise Refusal("the signal begins before the first window", argument="center")
    if center and n_fft == 1 and length is None:
        # torch cuts n_fft // 2 elements off the end by a slice up to -0, which is nothing.
        raise Refusal("nothing is left of the signal", argument="center", other="n_fft")
    argument = "input" if length is None else "length"
    need_at_least(end - start, 1, "nothing is left of the signal", argument=argument)
    need_at_least(told - start, 1, "nothing is left of the signal", argument="input")
    if width < n_fft and not (length is None and center):
        what = "the signal ends after the last window"
        need_at_least(windows - end, 0, what, argument="win_length", other=argument)
    return end - start
