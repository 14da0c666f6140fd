"""Makes fixtures/parity/smallNetworkTraining.json: three steps of a network with every kind of node that the page's
networks have: whole, with its stem frozen, and with every batch norm's running statistics kept.

Keeps one rule: frozen means that neither weights nor running statistics move, kept that statistics do not and weights do.
"""

import torch
from torch import nn

from fixture_file import write_fixture
from make_convolutions import pad_as_tensorflow
from training import Batches, FormulaTensor, SgdSettings, load_initial, record_run, train

CHANNELS, CLASSES = 8, 3
EPSILON, MOMENTUM = 1e-3, 0.1
BATCHES = Batches(shape=(4, 12, 12, 3), classes=CLASSES, steps=3)
SGD = SgdSettings(learning_rate=0.01, momentum=0.9, weight_decay=0)
FROZEN = ('_conv_stem', '_bn0')


def make_batch_norm(name: str, salt: float, weight: float = 1, bias: float = 0) -> dict[str, FormulaTensor]:
    return {
        f'{name}.weight': FormulaTensor((CHANNELS,), weight, 0.1, salt),
        f'{name}.bias': FormulaTensor((CHANNELS,), bias, 0.1, salt + 0.1),
        f'{name}.running_mean': FormulaTensor((CHANNELS,), 0, 0.2, salt + 0.2),
        f'{name}.running_var': FormulaTensor((CHANNELS,), 1, 0.3, salt + 0.3),
    }


INITIAL = {
    '_conv_stem.weight': FormulaTensor((CHANNELS, 3, 3, 3), 0, 0.3, 21),
    # A large gain, so that some values reach the cap of ReLU6.
    **make_batch_norm('_bn0', 22, weight=3, bias=2),
    '_blocks.0._depthwise_conv.weight': FormulaTensor((CHANNELS, 1, 3, 3), 0, 0.3, 23),
    **make_batch_norm('_blocks.0._bn1', 24),
    '_blocks.0._project_conv.weight': FormulaTensor((CHANNELS, CHANNELS, 1, 1), 0, 0.3, 25),
    **make_batch_norm('_blocks.0._bn2', 26),
    '_fc.weight': FormulaTensor((CLASSES, 2 * CHANNELS), 0, 0.2, 27),
    '_fc.bias': FormulaTensor((CLASSES,), 0, 0.1, 28),
}


class Block(nn.Module):
    """Depthwise convolution, batch norm, ReLU6, 1x1 convolution, batch norm, and the input added."""

    def __init__(self) -> None:
        super().__init__()
        self._depthwise_conv = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, groups=CHANNELS, bias=False)
        self._bn1 = nn.BatchNorm2d(CHANNELS, EPSILON, MOMENTUM)
        self._project_conv = nn.Conv2d(CHANNELS, CHANNELS, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(CHANNELS, EPSILON, MOMENTUM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = nn.functional.relu6(self._bn1(self._depthwise_conv(x)))
        return x + self._bn2(self._project_conv(inside))


class SmallNetwork(nn.Module):
    """Takes NHWC like the page; PyTorch's own layout inside."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = nn.Conv2d(3, CHANNELS, 3, stride=2, bias=False)
        self._bn0 = nn.BatchNorm2d(CHANNELS, EPSILON, MOMENTUM)
        self._blocks = nn.ModuleList([Block()])
        self._fc = nn.Linear(2 * CHANNELS, CLASSES)
        load_initial(self, INITIAL)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self._conv_stem(pad_as_tensorflow(images.permute(0, 3, 1, 2), (3, 3), 2))
        x = self._blocks[0](nn.functional.relu6(self._bn0(x)))
        return self._fc(torch.cat([nn.functional.adaptive_max_pool2d(x, 1).flatten(1), x.mean((2, 3))], 1))


def main() -> None:
    torch.set_num_threads(1)
    runs = {}
    for name, frozen, keeps_statistics in (
        ('whole', (), False),
        ('stemFrozen', FROZEN, False),
        ('statisticsKept', (), True),
    ):
        exact, single = (
            train(SmallNetwork(), BATCHES, SGD, dtype, frozen, keeps_statistics=keeps_statistics)
            for dtype in (torch.float64, torch.float32)
        )
        for parameter, tensor in exact['final'].items():
            is_kept = torch.equal(tensor.float(), INITIAL[parameter].make())
            is_statistic = parameter.endswith(('running_mean', 'running_var'))
            must_keep = parameter.startswith(frozen or ('nothing',)) or (keeps_statistics and is_statistic)
            assert is_kept == must_keep, f'{name}: {parameter} moved or stood still'
        runs[name] = record_run(exact, single)
        print(f'{name}: losses {runs[name]["losses"]}, float32 differs by {runs[name]["float32Difference"]}')
    write_fixture(
        'smallNetworkTraining',
        {
            'what': 'A stem, one residual block, concat pooling (maximum, then mean) and a linear layer under SGD; '
            "PyTorch in float64. Parameters are in PyTorch's layout, images in NHWC.",
            'batchNorm': {'epsilon': EPSILON, 'momentum': MOMENTUM},
            'optimizer': SGD.describe(),
            'batches': BATCHES.describe(),
            'initial': {name: tensor.describe() for name, tensor in INITIAL.items()},
            'runs': runs,
            'frozenInStemFrozen': list(FROZEN),
        },
    )


if __name__ == '__main__':
    main()
