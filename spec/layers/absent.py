"""Modules of torch.nn that are no layer here, and what other libraries call layers."""

from __future__ import annotations

from typing import Final

ABSENT: Final = frozenset(
    """
    Hardtanh
    MultiheadAttention Transformer TransformerDecoder
    TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
    """.split()
)
"""What this version has no layer for."""

CONTAINERS: Final = frozenset(
    ("ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential")
)
"""What holds modules or parameters: containers, blocks and Parameter entries do here."""

LAZY: Final = "Lazy"
"""How the names of torch's modules begin that learn their input's size when they are called."""

ALIASES: Final = {
    "avgpool": ("AvgPool1d", "AvgPool2d", "AvgPool3d"),
    "batchnorm": ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"),
    "batchnormalization": ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"),
    "conv": ("Conv1d", "Conv2d", "Conv3d"),
    "convtranspose": ("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"),
    "dense": ("Linear",),
    "fc": ("Linear",),
    "fullyconnected": ("Linear",),
    "instancenorm": ("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"),
    "layernormalization": ("LayerNorm",),
    "maxpool": ("MaxPool1d", "MaxPool2d", "MaxPool3d"),
    "maxpooling1d": ("MaxPool1d",),
    "maxpooling2d": ("MaxPool2d",),
    "maxpooling3d": ("MaxPool3d",),
    "swish": ("SiLU",),
}
"""What layers are often called, in small letters without underscores -> what is meant."""
