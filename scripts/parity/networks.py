"""The page's networks in plain PyTorch, under its ids and parameter names: torchvision's ResNet, ResNeXt and
MobileNetV2, ResNet-50 with the stride where Keras has it, and EfficientNet-Lite as in the package
efficientnet-lite-pytorch.

Keeps one rule: nothing is random. Dropout (MobileNetV2) and stochastic depth (EfficientNet-Lite) are left out, as in the
page's graphs (src/engine/models/catalog.ts). Every network is `early` (images [batch, 3, height, width] -> the feature
map at the end of the first layer group), `late` (-> the body's feature map) and `classify` (-> logits), one after the
other.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import conv2d, pad


class Network(nn.Module):
    """What all have in common. `feature_channels` is of the feature map, `first_group` names the modules of the first
    of the two layer groups (Architecture.bodyGroups)."""

    feature_channels: int
    first_group: tuple[str, ...]

    def early(self, images: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def late(self, features: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def body(self, images: torch.Tensor) -> torch.Tensor:
        return self.late(self.early(images))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.classify(self.body(images))


def make_convolution(in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, size, stride, (size - 1) // 2, groups=groups, bias=False)


# ResNet and ResNeXt: torchvision/models/resnet.py; the first version's stride: keras/src/applications/resnet.py


@dataclass(frozen=True)
class Inner:
    """Of a bottleneck: groups of its 3x3 convolution, channels of each in layer1, and which convolution strides."""

    groups: int = 1
    group_width: int = 64
    striding_convolution: int = 1


PLAIN = Inner()


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, in_channels: int, stage_channels: int, stride: int, inner: Inner) -> None:
        super().__init__()
        assert inner == PLAIN, 'a basic block is plain'
        self.conv1 = make_convolution(in_channels, stage_channels, 3, stride)
        self.bn1 = nn.BatchNorm2d(stage_channels)
        self.conv2 = make_convolution(stage_channels, stage_channels, 3)
        self.bn2 = nn.BatchNorm2d(stage_channels)
        self.downsample = make_downsample(in_channels, stage_channels, stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = self.relu(self.bn1(self.conv1(x)))
        inside = self.bn2(self.conv2(inside))
        inside += x if self.downsample is None else self.downsample(x)
        return self.relu(inside)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, in_channels: int, stage_channels: int, stride: int, inner: Inner) -> None:
        super().__init__()
        width, outer = inner.groups * inner.group_width * stage_channels // 64, stage_channels * self.expansion
        strides = (stride, 1) if inner.striding_convolution == 0 else (1, stride)
        self.conv1 = make_convolution(in_channels, width, 1, strides[0])
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = make_convolution(width, width, 3, strides[1], inner.groups)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = make_convolution(width, outer, 1)
        self.bn3 = nn.BatchNorm2d(outer)
        self.downsample = make_downsample(in_channels, outer, stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = self.relu(self.bn1(self.conv1(x)))
        inside = self.relu(self.bn2(self.conv2(inside)))
        inside = self.bn3(self.conv3(inside))
        inside += x if self.downsample is None else self.downsample(x)
        return self.relu(inside)


def make_downsample(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(make_convolution(in_channels, out_channels, 1, stride), nn.BatchNorm2d(out_channels))


class ResNet(Network):
    first_group = ('conv1', 'bn1', 'layer1', 'layer2')

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: tuple[int, int, int, int],
        classes: int,
        inner: Inner = PLAIN,
    ) -> None:
        super().__init__()
        self.conv1 = make_convolution(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for stage, depth in enumerate(depths):
            blocks = []
            for place in range(depth):
                stride = 2 if stage > 0 and place == 0 else 1
                blocks.append(block(channels, 64 * 2**stage, stride, inner))
                channels = 64 * 2**stage * block.expansion
            self.add_module(f'layer{stage + 1}', nn.Sequential(*blocks))
        self.feature_channels = channels
        self.fc = nn.Linear(channels, classes)

    def early(self, images: torch.Tensor) -> torch.Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        return self.layer2(self.layer1(x))

    def late(self, features: torch.Tensor) -> torch.Tensor:
        return self.layer4(self.layer3(features))

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        return self.fc(features.mean((2, 3)))


# MobileNetV2: torchvision/models/mobilenetv2.py

# expansion, output channels, repeats, first stride
MOBILE_NET_V2_STAGES = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]


def make_mobile_layer(in_channels: int, channels: int, size: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    convolution = make_convolution(in_channels, channels, size, stride, groups)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = in_channels * expansion
        expand = [] if expansion == 1 else [make_mobile_layer(in_channels, wide, 1)]
        self.conv = nn.Sequential(
            *expand,
            make_mobile_layer(wide, wide, 3, stride, wide),
            make_convolution(wide, out_channels, 1),
            nn.BatchNorm2d(out_channels),
        )
        self.adds_input = stride == 1 and in_channels == out_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv(x) if self.adds_input else self.conv(x)


class MobileNetV2(Network):
    feature_channels = 1280
    # fastai v1 splits at features[10] (LESSON section 4.1).
    split = 10
    first_group = tuple(f'features.{place}' for place in range(split))

    def __init__(self, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [make_mobile_layer(3, 32, 3, 2)]
        channels = 32
        for expansion, out_channels, repeats, stride in MOBILE_NET_V2_STAGES:
            for place in range(repeats):
                layers.append(InvertedResidual(channels, out_channels, stride if place == 0 else 1, expansion))
                channels = out_channels
        layers.append(make_mobile_layer(channels, self.feature_channels, 1))
        self.features = nn.Sequential(*layers)
        # Place 0 is torchvision's dropout.
        self.classifier = nn.Sequential(nn.Identity(), nn.Linear(self.feature_channels, classes))

    def early(self, images: torch.Tensor) -> torch.Tensor:
        return self.features[: self.split](images)

    def late(self, features: torch.Tensor) -> torch.Tensor:
        return self.features[self.split :](features)

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        return self.classifier(features.mean((2, 3)))


# EfficientNet-Lite: efficientnet_lite_pytorch/model.py

# Of Lite0: kernel size, repeats, output channels, expansion, first stride
LITE_STAGES = [
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
]


def make_lite_batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.1)


class SamePaddingConvolution(nn.Conv2d):
    """TensorFlow's "same": ceil(size / stride) places; of an odd number of zeros the smaller half comes first. Where
    both ends get as many, the convolution adds them itself."""

    def __init__(self, in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(in_channels, out_channels, size, stride, groups=groups, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        (size, _), (stride, _) = self.kernel_size, self.stride
        height, width = (max((-(-length // stride) - 1) * stride + size - length, 0) for length in x.shape[2:])
        before = (height // 2, width // 2)
        if height % 2 == 1 or width % 2 == 1:
            x = pad(x, (before[1], width - before[1], before[0], height - before[0]))
            before = (0, 0)
        return conv2d(x, self.weight, None, self.stride, before, groups=self.groups)


class LiteBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, size: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = in_channels * expansion
        self.expands = expansion != 1
        if self.expands:
            self._expand_conv = SamePaddingConvolution(in_channels, wide, 1)
            self._bn0 = make_lite_batch_norm(wide)
        self._depthwise_conv = SamePaddingConvolution(wide, wide, size, stride, wide)
        self._bn1 = make_lite_batch_norm(wide)
        self._project_conv = SamePaddingConvolution(wide, out_channels, 1)
        self._bn2 = make_lite_batch_norm(out_channels)
        self.relu6 = nn.ReLU6(inplace=True)
        self.adds_input = stride == 1 and in_channels == out_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = self.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        inside = self.relu6(self._bn1(self._depthwise_conv(inside)))
        inside = self._bn2(self._project_conv(inside))
        return inside + x if self.adds_input else inside


def scale_channels(channels: int, width: float) -> int:
    """The multiple of 8 that is nearest to channels * width, or the next where that is below nine tenths of it."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


class EfficientNetLite(Network):
    """Stem, first and last stage keep Lite0's depth, stem and head its channels."""

    feature_channels = 1280

    def __init__(self, classes: int, width: float = 1.0, depth: float = 1.0) -> None:
        super().__init__()
        self._conv_stem = SamePaddingConvolution(3, 32, 3, 2)
        self._bn0 = make_lite_batch_norm(32)
        self._blocks = nn.ModuleList()
        channels, strides = 32, 0
        for stage, (size, repeats, out_channels, expansion, stride) in enumerate(LITE_STAGES):
            strides += stride == 2
            if strides == 3 and stride == 2:
                # The second group begins where the picture has shrunk to 1/16.
                self.split = len(self._blocks)
            is_scaled = 0 < stage < len(LITE_STAGES) - 1
            for place in range(math.ceil(repeats * depth) if is_scaled else repeats):
                scaled = scale_channels(out_channels, width)
                self._blocks.append(LiteBlock(channels, scaled, size, stride if place == 0 else 1, expansion))
                channels = scaled
        self._conv_head = SamePaddingConvolution(channels, self.feature_channels, 1)
        self._bn1 = make_lite_batch_norm(self.feature_channels)
        self.relu6 = nn.ReLU6(inplace=True)
        self._fc = nn.Linear(self.feature_channels, classes)
        self.first_group = ('_conv_stem', '_bn0', *(f'_blocks.{place}' for place in range(self.split)))

    def early(self, images: torch.Tensor) -> torch.Tensor:
        x = self.relu6(self._bn0(self._conv_stem(images)))
        for block in self._blocks[: self.split]:
            x = block(x)
        return x

    def late(self, features: torch.Tensor) -> torch.Tensor:
        x = features
        for block in self._blocks[self.split :]:
            x = block(x)
        return self.relu6(self._bn1(self._conv_head(x)))

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        return self._fc(features.mean((2, 3)))


# By id: builds the network for a number of classes, with PyTorch's own random weights.
NETWORKS: dict[str, Callable[[int], Network]] = {
    'resnet18': lambda classes: ResNet(BasicBlock, (2, 2, 2, 2), classes),
    'resnet34': lambda classes: ResNet(BasicBlock, (3, 4, 6, 3), classes),
    'resnet50': lambda classes: ResNet(Bottleneck, (3, 4, 6, 3), classes),
    'resnet50-v1': lambda classes: ResNet(Bottleneck, (3, 4, 6, 3), classes, Inner(striding_convolution=0)),
    'resnet101': lambda classes: ResNet(Bottleneck, (3, 4, 23, 3), classes),
    'resnext50': lambda classes: ResNet(Bottleneck, (3, 4, 6, 3), classes, Inner(32, 4)),
    'resnext101-64x4d': lambda classes: ResNet(Bottleneck, (3, 4, 23, 3), classes, Inner(64, 4)),
    'resnext101-32x8d': lambda classes: ResNet(Bottleneck, (3, 4, 23, 3), classes, Inner(32, 8)),
    'mobilenet-v2': MobileNetV2,
    'efficientnet-lite0': EfficientNetLite,
    'efficientnet-lite1': lambda classes: EfficientNetLite(classes, depth=1.1),
    'efficientnet-lite2': lambda classes: EfficientNetLite(classes, width=1.1, depth=1.2),
}

# Those that are measured (scripts/bench).
BENCH_NETWORKS = ('resnet18', 'resnet34', 'resnet50', 'resnext50', 'mobilenet-v2', 'efficientnet-lite0')


def parse_network_ids(text: str, known: Iterable[str] = BENCH_NETWORKS) -> list[str]:
    """'a,b' or 'all' as ids in the order of `known`."""
    known = list(known)
    asked = known if text == 'all' else text.split(',')
    unknown = set(asked) - set(known)
    if unknown:
        raise SystemExit(f'No network {", ".join(sorted(unknown))}; there are {", ".join(known)}.')
    return [network_id for network_id in known if network_id in asked]
