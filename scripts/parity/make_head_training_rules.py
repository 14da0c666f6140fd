"""Makes fixtures/parity/headTrainingRules.json: the head of make_head_training.py under the other update rules and the other
losses.

Keeps one rule: a run that could not tell its rule from plain SGD is not written: a clip that never or always bites, a decay
that moves nothing.
"""

import math
from dataclasses import dataclass

import torch

from fixture_file import to_flat_numbers, write_fixture
from make_head_training import BATCHES, CLASSES, FEATURES, INITIAL, SGD, build_head
from training import (
    AdamWSettings,
    Batches,
    DecoupledSgdSettings,
    ManyLabelBatches,
    SgdSettings,
    WeightedBatches,
    record_run,
    train,
)


@dataclass
class Variant:
    rule: SgdSettings | AdamWSettings
    batches: Batches
    max_gradient_norm: float = math.inf

    def run(self, dtype: torch.dtype) -> dict:
        return train(build_head(), self.batches, self.rule, dtype, max_gradient_norm=self.max_gradient_norm)


WEIGHTED = WeightedBatches(shape=(6, FEATURES), classes=CLASSES, steps=5, class_weights=(0.5, 1, 3))
MANY_LABELS = ManyLabelBatches(shape=(6, FEATURES), classes=CLASSES, steps=5)
VARIANTS = {
    'adamW': Variant(AdamWSettings(learning_rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.1), BATCHES),
    'clippedSgd': Variant(SGD, BATCHES, max_gradient_norm=1.8),
    'decoupledSgd': Variant(DecoupledSgdSettings(learning_rate=0.1, momentum=0.9, weight_decay=0.2), BATCHES),
    'weightedCrossEntropy': Variant(SGD, WEIGHTED),
    'binaryCrossEntropy': Variant(SGD, MANY_LABELS),
}


def record_variant(name: str, variant: Variant) -> dict:
    exact, single = variant.run(torch.float64), variant.run(torch.float32)
    norms = exact['gradientNorms']
    if math.isfinite(variant.max_gradient_norm):
        assert norms.min() < variant.max_gradient_norm < norms.max(), norms
    assert exact['correctCounts'] == single['correctCounts'], name
    return {
        'optimizer': variant.rule.describe(),
        **({'maxGradientNorm': variant.max_gradient_norm} if math.isfinite(variant.max_gradient_norm) else {}),
        'batches': variant.batches.describe(),
        'correctCounts': exact['correctCounts'],
        'gradientNorms': to_flat_numbers(norms, 7),
        **record_run(exact, single),
    }


def main() -> None:
    torch.set_num_threads(1)
    runs = {name: record_variant(name, variant) for name, variant in VARIANTS.items()}
    plain = record_run(*(train(build_head(), BATCHES, SGD, dtype) for dtype in (torch.float64, torch.float32)))
    for name, run in runs.items():
        print(f'{name}: losses {run["losses"]}, norms {run["gradientNorms"]}, float32 differs by {run["float32Difference"]}')
        distance = max(abs(a - b) for a, b in zip(run['final']['2.weight'], plain['final']['2.weight'], strict=True))
        assert distance > 1000 * run['float32Difference'], f'{name} is hardly another rule: {distance}'
    write_fixture(
        'headTrainingRules',
        {
            'what': 'The network of headTraining.json under AdamW, under SGD with clipped gradients, under SGD with decoupled '
            'weight decay, and with weighted and with binary cross-entropy under SGD; PyTorch in float64.',
            'batchNorm': {'epsilon': 1e-5, 'momentum': 0.1},
            'initial': {name: tensor.describe() for name, tensor in INITIAL.items()},
            'runs': runs,
        },
    )


if __name__ == '__main__':
    main()
