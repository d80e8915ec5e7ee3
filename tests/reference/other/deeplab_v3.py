"""DeepLabV3: a ResNet-50 whose last stages are dilated, pooled pyramids and an auxiliary head."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Bottleneck(nn.Module):
    """Three convolutions and a way around."""

    def __init__(
        self, inp: int, planes: int, stride: int, dilation: int, downsample: nn.Module | None
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inp, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(
            planes, planes, 3, stride, padding=dilation, dilation=dilation, bias=False
        )
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, planes * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes * 4)
        self.relu = nn.ReLU()
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out = out + (x if self.downsample is None else self.downsample(x))
        return self.relu(out)


class Backbone(nn.Module):
    """ResNet-50 with dilation in the place of the last two strides."""

    def __init__(self) -> None:
        super().__init__()
        self.inp, self.dilation = 64, 1
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = self._layer(64, 3, 1, False)
        self.layer2 = self._layer(128, 4, 2, False)
        self.layer3 = self._layer(256, 6, 2, True)
        self.layer4 = self._layer(512, 3, 2, True)

    def _layer(self, planes: int, blocks: int, stride: int, dilate: bool) -> nn.Sequential:
        before = self.dilation
        if dilate:
            self.dilation *= stride
            stride = 1
        downsample = nn.Sequential(
            nn.Conv2d(self.inp, planes * 4, 1, stride, bias=False), nn.BatchNorm2d(planes * 4)
        )
        layers = [Bottleneck(self.inp, planes, stride, before, downsample)]
        self.inp = planes * 4
        rest = range(1, blocks)
        layers += [Bottleneck(self.inp, planes, 1, self.dilation, None) for _ in rest]
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        aux = self.layer3(self.layer2(self.layer1(x)))
        return self.layer4(aux), aux


def conv_bn_relu(inp: int, out: int, kernel: int, dilation: int = 0) -> list[nn.Module]:
    """A convolution, batch norm and ReLU."""
    conv = nn.Conv2d(inp, out, kernel, padding=dilation, dilation=max(1, dilation), bias=False)
    return [conv, nn.BatchNorm2d(out), nn.ReLU()]


class ASPPPooling(nn.Sequential):
    """The mean of the whole image at each place."""

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-2:]
        for mod in self:
            x = mod(x)
        return functional.interpolate(x, size=size, mode="bilinear", align_corners=False)


class ASPP(nn.Module):
    """Convolutions of several dilations side by side."""

    def __init__(self, inp: int) -> None:
        super().__init__()
        modules: list[nn.Module] = [nn.Sequential(*conv_bn_relu(inp, 256, 1))]
        modules += [nn.Sequential(*conv_bn_relu(inp, 256, 3, rate)) for rate in (12, 24, 36)]
        modules.append(ASPPPooling(nn.AdaptiveAvgPool2d(1), *conv_bn_relu(inp, 256, 1)))
        self.convs = nn.ModuleList(modules)
        self.project = nn.Sequential(*conv_bn_relu(5 * 256, 256, 1), nn.Dropout(0.5))

    def forward(self, x: Tensor) -> Tensor:
        return self.project(torch.cat([conv(x) for conv in self.convs], dim=1))


class DeepLabV3(nn.Module):
    """The network, with both heads."""

    def __init__(self, classes: int = 21) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.classifier = nn.Sequential(
            ASPP(2048), *conv_bn_relu(256, 256, 3, 1), nn.Conv2d(256, classes, 1)
        )
        self.aux_classifier = nn.Sequential(
            *conv_bn_relu(1024, 256, 3, 1), nn.Dropout(0.1), nn.Conv2d(256, classes, 1)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features, aux = self.backbone(x)
        return self._resized(self.classifier(features), x), self._resized(
            self.aux_classifier(aux), x
        )

    def _resized(self, x: Tensor, image: Tensor) -> Tensor:
        return functional.interpolate(
            x, size=image.shape[-2:], mode="bilinear", align_corners=False
        )
