"""What shares memory with what, and who still needs it: the ground of `check_inplace`.

What autograd keeps was found by running each layer and function in torch 2.13 and changing its
output, or its input, before the backward pass; the tests repeat it. A layer leaves its output and
keeps its input unless a list says otherwise; a function keeps both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ...spec.record import Record
from ...spec.source import Path


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALIASING_LAYERS: Final = _names(
    """Identity Flatten Unflatten Dropout Dropout1d Dropout2d Dropout3d AlphaDropout
    FeatureAlphaDropout PixelShuffle PixelUnshuffle ChannelShuffle"""
)
"""Layers whose output may be their input, or a view of it."""
LAYERS_KEEPING_OUTPUT: Final = _names(
    """CTCLoss CrossMapLRN2d LogSoftmax LSTM PairwiseDistance RNNCell ReLU Sigmoid Softmax Softmax2d
    Softmin Tanh"""
)
INPLACE_KEEPING_OUTPUT: Final = _names("ReLU RReLU LeakyReLU ELU SELU CELU")
LAYERS_LEAVING_INPUT: Final = (
    _names(
        """LogSoftmax ReLU Sigmoid Softmax Softmax2d Softmin Tanh Tanhshrink Upsample
    UpsamplingBilinear2d UpsamplingNearest2d ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d
    ConstantPad2d ConstantPad3d CircularPad1d CircularPad2d CircularPad3d"""
    )
    | ALIASING_LAYERS
)

INPLACE_FUNCTIONS_KEEPING_OUTPUT: Final = _names("relu rrelu leaky_relu elu selu celu")

VIEWS: Final = _names(
    """adjoint as_strided atleast_1d atleast_2d atleast_3d cartesian_prod conj conj_physical
    contiguous detach flatten imag linalg_diagonal method_unfold moveaxis movedim narrow permute
    positive ravel real reshape reshape_as resolve_conj resolve_neg select squeeze sum_to_size
    swapaxes swapdims t transpose unflatten unsqueeze view view_as view_as_complex view_as_real
    bfloat16 bool byte cdouble cfloat char double float half int long short to to_dense type_as
    dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout pixel_shuffle
    pixel_unshuffle channel_shuffle native_channel_shuffle"""
)
"""Functions and methods whose output may share its input's memory."""
FIXED_VIEWS: Final = _names(
    """broadcast_tensors broadcast_to chunk diagonal dsplit expand expand_as hsplit meshgrid
    method_split split split_with_sizes tensor_split unbind unsafe_chunk unsafe_split
    unsafe_split_with_sizes vsplit"""
)
"""Views that torch refuses to change in place: several at once, or of repeated elements."""
VIEWS_OF_ONE: Final = _names("chain_matmul einsum masked_prod")
"""Functions that compute, but may give a view of a tensor that is their only one."""
FUNCTIONS_LEAVING_OUTPUT: Final = _names(
    """abs add addmm atan avg_pool1d avg_pool2d batch_norm bmm cat ceil celu clamp clone concat
    conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d cos cosh cumsum
    div einsum elu embedding erf erfc flip floor gelu glu group_norm hardshrink hardsigmoid
    hardswish hstack instance_norm interpolate l1_loss layer_norm leaky_relu lerp linear log
    log1p logsigmoid masked_fill matmul maximum mean minimum mish mm mse_loss mul multiply neg
    negative nansum normalize ones pad pad_packed_sequence pad_sequence prelu rand randn relu6
    repeat rms_norm roll rrelu selu silu sin sinh softplus softshrink softsign square stack
    sub sum tanhshrink threshold trace tril triu true_divide vstack where zeros"""
)
FUNCTIONS_LEAVING_INPUT: Final = _names(
    """add cat ceil clone concat cumsum exp expm1 flip floor hstack interpolate log_softmax mean
    neg negative pack_padded_sequence pack_sequence pad pad_sequence relu repeat roll sigmoid
    softmax softmin sqrt stack sub sum tanh trace tril triu vstack"""
)


class Need(Record):
    """Who needs a tensor as it is: where, and why."""

    path: Path
    why: str


class Storage:
    """Some memory.

    owner: why it may not be changed at all, None for what the scope made itself.
    need: who needs its content for the backward pass. changed: where it was changed last.
    """

    def __init__(self, owner: str | None = None, need: Need | None = None) -> None:
        self.owner = owner
        self.need = need
        self.version = 0
        self.changed: Path | None = None


class Held:
    """A value: the memory that it may lie in, as it was when the value was made.

    fixed: why torch refuses to change it in place, None where it does not.
    """

    def __init__(self, versions: Mapping[Storage, int], fixed: str | None = None) -> None:
        self.versions = dict(versions)
        self.fixed = fixed

    @staticmethod
    def fresh(need: Need | None = None) -> Held:
        """A new tensor."""
        return Held.of(Storage(need=need))

    @staticmethod
    def of(storage: Storage) -> Held:
        """The content of some memory as it is now."""
        return Held({storage: storage.version})

    @staticmethod
    def union(values: Iterable[Held]) -> Held:
        """A value that may be any of some, or holds them all."""
        versions: dict[Storage, int] = {}
        fixed = None
        for value in values:
            fixed = fixed or value.fixed
            for storage, version in value.versions.items():
                versions[storage] = min(version, versions.get(storage, version))
        return Held(versions, fixed)
