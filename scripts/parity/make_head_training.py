"""Makes fixtures/parity/headTraining.json: five steps of the classifier's head under SGD with momentum.

Keeps one rule: the head is the lesson's, only smaller and with both dropouts at zero, so that nothing is random.
"""

import torch
from torch import nn

from fixture_file import write_fixture
from training import Batches, FormulaTensor, SgdSettings, load_initial, record_run, train

FEATURES, HIDDEN, CLASSES = 10, 16, 3
BATCHES = Batches(shape=(6, FEATURES), classes=CLASSES, steps=5)
SGD = SgdSettings(learning_rate=0.1, momentum=0.9, weight_decay=0.01)
INITIAL = {
    '0.weight': FormulaTensor((FEATURES,), 1, 0.1, 11),
    '0.bias': FormulaTensor((FEATURES,), 0, 0, 0),
    '0.running_mean': FormulaTensor((FEATURES,), 0, 0, 0),
    '0.running_var': FormulaTensor((FEATURES,), 1, 0, 0),
    '2.weight': FormulaTensor((HIDDEN, FEATURES), 0, 0.4, 12),
    '2.bias': FormulaTensor((HIDDEN,), 0, 0.1, 13),
    '4.weight': FormulaTensor((HIDDEN,), 1, 0.1, 14),
    '4.bias': FormulaTensor((HIDDEN,), 0, 0, 0),
    '4.running_mean': FormulaTensor((HIDDEN,), 0, 0, 0),
    '4.running_var': FormulaTensor((HIDDEN,), 1, 0, 0),
    '6.weight': FormulaTensor((CLASSES, HIDDEN), 0, 0.4, 15),
    '6.bias': FormulaTensor((CLASSES,), 0, 0.1, 16),
}


def build_head() -> nn.Sequential:
    head = nn.Sequential(
        nn.BatchNorm1d(FEATURES),
        nn.Dropout(0.0),
        nn.Linear(FEATURES, HIDDEN),
        nn.ReLU(),
        nn.BatchNorm1d(HIDDEN),
        nn.Dropout(0.0),
        nn.Linear(HIDDEN, CLASSES),
    )
    load_initial(head, INITIAL)
    return head


def main() -> None:
    torch.set_num_threads(1)
    run = record_run(train(build_head(), BATCHES, SGD, torch.float64), train(build_head(), BATCHES, SGD, torch.float32))
    print(f'losses {run["losses"]}, float32 differs by {run["float32Difference"]}')
    write_fixture(
        'headTraining',
        {
            'what': 'BatchNorm1d, Dropout(0), Linear, ReLU, BatchNorm1d, Dropout(0), Linear; PyTorch in float64.',
            'batchNorm': {'epsilon': 1e-5, 'momentum': 0.1},
            'optimizer': SGD.describe(),
            'batches': BATCHES.describe(),
            'initial': {name: tensor.describe() for name, tensor in INITIAL.items()},
            **run,
        },
    )


if __name__ == '__main__':
    main()
