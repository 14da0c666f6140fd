"""Makes fixtures/parity/networkTraining/ID.json: the first SGD steps of a network of each kind from formula-made weights,
whole and, for two of them, with the first layer group frozen.

Keeps one rule: PyTorch's own float32 run stays well inside the bar that the fixtures are for (losses 1e-4, updates 1e-3
of their size), or nothing is written. Arguments: ids of RATES; without any, all of them.
"""

import math
import sys
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from fixture_file import to_flat_numbers, write_fixture
from networks import NETWORKS, parse_network_ids
from seeded_networks import (
    CLASSES,
    INPUT_SCALE,
    describe_tensor,
    find_clear_salt,
    is_classifier,
    is_running,
    load_initial,
    make_batch,
    make_initial,
    make_labels,
    read_state,
    size_update,
)

MOMENTUM, WEIGHT_DECAY = 0.9, 1e-4
IMAGE_SIZE_PX, BATCH_SIZE = 36, 10
SALTS_PER_STEP = 3000
SAMPLES = 12
# PyTorch's float32 against its float64: what it must keep, a fifth of the bar.
LARGEST_DIFFERENCE = {'losses': 2e-5, 'evaluationLogits': 2e-4, 'parameters': 2e-4, 'runningStatistics': 2e-4}


@dataclass(frozen=True)
class Rates:
    body: float
    classifier: float


# As large as they can be before float32 strays: parameters must move far beyond the rounding of what they are, and the
# classifier, on features that have much in common, follows the body's rate only at a distance.
RATES = {
    'resnet18': {'whole': Rates(0.03, 0.004), 'firstGroupFrozen': Rates(0.03, 0.004)},
    'resnext50': {'whole': Rates(0.01, 0.001)},
    'mobilenet-v2': {'whole': Rates(0.025, 0.01), 'firstGroupFrozen': Rates(0.08, 0.01)},
    'efficientnet-lite0': {'whole': Rates(0.02, 0.01)},
}
STEPS = {'whole': 10, 'firstGroupFrozen': 5}


@dataclass
class Outcome:
    """Everything in float64. `updates`: final - initial of every parameter and running statistic, in its own shape."""

    losses: np.ndarray
    evaluation_logits: np.ndarray
    updates: dict[str, np.ndarray]


class Trainee:
    """One network in one precision with its optimizer."""

    def __init__(self, network_id: str, rates: Rates, is_frozen: bool, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self.network = NETWORKS[network_id](CLASSES)
        load_initial(self.network)
        self.network.to(dtype).train()
        if is_frozen:
            # No gradients, and batch norm in eval mode: its statistics stand still.
            for name in self.network.first_group:
                self.network.get_submodule(name).eval().requires_grad_(False)
        self.initial = read_state(self.network)
        learning = {name: value for name, value in self.network.named_parameters() if value.requires_grad}
        groups = [
            {'params': [value for name, value in learning.items() if is_classifier(name) == is_last], 'lr': rate}
            for is_last, rate in ((False, rates.body), (True, rates.classifier))
        ]
        self.optimizer = torch.optim.SGD(groups, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
        self.losses: list[float] = []

    def step(self, images: torch.Tensor, labels: torch.Tensor) -> None:
        loss = cross_entropy(self.network(images.to(self.dtype)), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.losses.append(loss.item())

    @torch.no_grad()
    def finish(self, evaluation_images: torch.Tensor) -> Outcome:
        logits = self.network.eval()(evaluation_images.to(self.dtype))
        updates = {name: value - self.initial[name] for name, value in read_state(self.network).items()}
        return Outcome(np.array(self.losses), logits.double().numpy(), updates)


def train(network_id: str, run: str) -> tuple[dict, Outcome, Outcome]:
    """The salts of the batches with their least clearance, and what came out in float64 and in float32."""
    rates, is_frozen = RATES[network_id][run], run == 'firstGroupFrozen'
    exact, single = (Trainee(network_id, rates, is_frozen, dtype) for dtype in (torch.float64, torch.float32))
    salts, clearances = [], []
    for step in range(STEPS[run]):
        tried = range(step * SALTS_PER_STEP, (step + 1) * SALTS_PER_STEP)
        salt, clearance = find_clear_salt(exact.network, single.network, tried, BATCH_SIZE, IMAGE_SIZE_PX)
        salts.append(salt)
        clearances.append(clearance)
        for trainee in (exact, single):
            trainee.step(make_batch(salt, BATCH_SIZE, IMAGE_SIZE_PX), make_labels(step, BATCH_SIZE))
    evaluation_salt = STEPS[run] * SALTS_PER_STEP
    images = make_batch(evaluation_salt, BATCH_SIZE, IMAGE_SIZE_PX)
    batches = {'salts': salts, 'leastClearance': round(min(clearances), 1), 'evaluationSalt': evaluation_salt}
    return batches, exact.finish(images), single.finish(images)


def compare(exact: Outcome, single: Outcome) -> dict[str, float]:
    """How far float32 ends from float64: losses relative, logits to the largest, tensors to how far they moved."""
    worst = {'parameters': 0.0, 'runningStatistics': 0.0}
    for name, update in exact.updates.items():
        norm, largest = size_update(exact.updates, name)
        if largest > 0:
            error = single.updates[name] - update
            kind = 'runningStatistics' if is_running(name) else 'parameters'
            worst[kind] = max(worst[kind], np.abs(error).max() / largest, np.linalg.norm(error) / norm)
    logits = exact.evaluation_logits
    return {
        'losses': np.abs(single.losses / exact.losses - 1).max(),
        'evaluationLogits': np.abs(single.evaluation_logits - logits).max() / np.abs(logits).max(),
        **worst,
    }


def measure_movement(outcome: Outcome) -> str:
    """Median over the kernels of |update| / |initial|."""
    ratios = [
        np.linalg.norm(update) / np.linalg.norm(make_initial(name, update.shape))
        for name, update in outcome.updates.items()
        if update.ndim == 4 and update.any()
    ]
    return f'{np.median(ratios):.1e}'


def record_run(network_id: str, run: str) -> dict:
    batches, exact, single = train(network_id, run)
    difference = {kind: float(f'{value:.2e}') for kind, value in compare(exact, single).items()}
    print(f'{network_id}, {run}: losses {np.round(exact.losses, 3)}')
    print(f'  {batches}')
    print(f'  kernels moved by {measure_movement(exact)} of their norm (median); float32 differs by {difference}')
    too_far = [kind for kind, value in difference.items() if value > LARGEST_DIFFERENCE[kind]]
    if too_far:
        raise SystemExit(f'{network_id}: float32 is too far from float64 in {too_far}. Nothing was written.')
    first_group = NETWORKS[network_id](CLASSES).first_group
    frozen = [f'{name}.' for name in first_group] if run == 'firstGroupFrozen' else []
    for name, update in exact.updates.items():
        assert name.startswith(tuple(frozen)) == (not update.any()), f'{name} moved or stood still'
    return {
        'frozen': frozen,
        'bodyRate': RATES[network_id][run].body,
        'classifierRate': RATES[network_id][run].classifier,
        **batches,
        'float32Difference': difference,
        'losses': to_flat_numbers(exact.losses, 7),
        'evaluationLogits': to_flat_numbers(exact.evaluation_logits, 7),
        'updates': {
            name: describe_tensor(name, update, SAMPLES, 7) for name, update in exact.updates.items() if update.any()
        },
    }


def make_fixture(network_id: str) -> dict:
    return {
        'what': 'The first SGD steps from formula-made weights (scripts/parity/README.md), by PyTorch in float64.',
        'network': network_id,
        'classCount': CLASSES,
        'imageSizePx': IMAGE_SIZE_PX,
        'batchSize': BATCH_SIZE,
        'inputScale': INPUT_SCALE,
        'momentum': MOMENTUM,
        'weightDecay': WEIGHT_DECAY,
        'runs': {run: record_run(network_id, run) for run in RATES[network_id]},
    }


def main() -> None:
    torch.set_num_threads(1)
    for network_id in parse_network_ids(','.join(sys.argv[1:]) or 'all', RATES):
        write_fixture(f'networkTraining/{network_id}', make_fixture(network_id))


if __name__ == '__main__':
    main()
