"""Modules of torch.nn that are no layer here, and what other libraries call layers."""

from __future__ import annotations

from typing import Final

_HOLDS: Final = "holds modules: a part of several layers is { layers = [...] }, or a block"
_ABSTRACT: Final = "is what other modules are built on, and does nothing itself"
ABSENT: Final = {
    "Container": "is abstract, and deprecated: a part of several layers is a container or a block",
    "DataParallel": "is no part of a model: how a model is trained is [training]'s",
    "Module": _ABSTRACT,
    "ModuleDict": _HOLDS,
    "ModuleList": _HOLDS,
    "NLLLoss2d": "is deprecated: NLLLoss takes images too",
    "ParameterDict": 'holds parameters: each is an entry { type = "Parameter", … }',
    "ParameterList": 'holds parameters: each is an entry { type = "Parameter", … }',
    "RNNBase": "is what RNN, LSTM and GRU are built on: write one of them",
    "RNNCellBase": "is what RNNCell, LSTMCell and GRUCell are built on: write one of them",
    "Sequential": _HOLDS,
}
"""Modules of torch.nn that are no layers here, each with the reason and what does its work."""

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
