"""Makes fixtures/parity/networkGradients/ID.json: what every network makes of one batch from formula-made weights. In
inference mode: its logits and the feature map at the end of each of the body's layer groups. In training mode: the loss,
the gradient of every parameter and how far every running statistic moves.

Keeps one rule: PyTorch's own float32 run stays well inside the bar that the fixtures are for (1e-3), or nothing is
written. Arguments: ids of networks.py; without any, all of them.
"""

import sys
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from fixture_file import to_flat_numbers, write_fixture
from networks import NETWORKS, Network, parse_network_ids
from seeded_networks import (
    CLASSES,
    INPUT_SCALE,
    describe_tensor,
    find_clear_salt,
    is_running,
    load_initial,
    make_batch,
    make_labels,
    read_state,
    size_update,
)

# The last feature map is 2 x 2: the least in which a 3x3 window of the last layers sees anything but its middle and zeros,
# and an even size at every stride, where TensorFlow's padding and PyTorch's differ.
IMAGE_SIZE_PX, BATCH_SIZE = 64, 2
SALTS_TRIED = 3000
SAMPLES = 4
DIGITS = 6
# PyTorch's float32 against its float64: what it must keep, a fifth of the bar.
LARGEST_DIFFERENCE = 2e-4


@dataclass
class Outcome:
    """Everything in float64. `feature_maps`: NHWC, after each layer group of the body."""

    logits: np.ndarray
    feature_maps: list[np.ndarray]
    loss: float
    gradients: dict[str, np.ndarray]
    statistics: dict[str, np.ndarray]


def make_network(network_id: str, dtype: torch.dtype) -> Network:
    network = NETWORKS[network_id](CLASSES)
    load_initial(network)
    return network.to(dtype).train()


def run(network: Network, images: torch.Tensor) -> Outcome:
    """`network` with its initial values, in the precision in which it is to compute."""
    images = images.to(next(network.parameters()).dtype)
    initial = read_state(network)
    network.eval()
    with torch.no_grad():
        early = network.early(images)
        late = network.late(early.clone())
        logits = network.classify(late)
    network.train()
    loss = cross_entropy(network(images), make_labels(0, BATCH_SIZE))
    loss.backward()
    final = read_state(network)
    return Outcome(
        logits.double().numpy(),
        [features.double().permute(0, 2, 3, 1).contiguous().numpy() for features in (early, late)],
        loss.item(),
        {name: value.grad.double().numpy() for name, value in network.named_parameters()},
        {name: value - initial[name] for name, value in final.items() if is_running(name)},
    )


def compare(exact: Outcome, single: Outcome) -> dict[str, float]:
    """How far float32 is from float64: the loss relative, everything else to the largest value or the norm of its tensor."""
    return {
        'loss': abs(single.loss / exact.loss - 1),
        'logits': compare_tensors(exact.logits, single.logits),
        'featureMaps': max(map(compare_tensors, exact.feature_maps, single.feature_maps)),
        'gradients': compare_all(exact.gradients, single.gradients),
        'runningStatistics': compare_all(exact.statistics, single.statistics),
    }


def compare_tensors(truth: np.ndarray, value: np.ndarray) -> float:
    error = value - truth
    return max(np.abs(error).max() / np.abs(truth).max(), np.linalg.norm(error) / np.linalg.norm(truth))


def compare_all(truths: dict[str, np.ndarray], values: dict[str, np.ndarray]) -> float:
    worst = 0.0
    for name, truth in truths.items():
        norm, largest = size_update(truths, name) if not is_running(name) else (np.linalg.norm(truth), np.abs(truth).max())
        error = values[name] - truth
        worst = max(worst, np.abs(error).max() / largest, np.linalg.norm(error) / norm)
    return worst


def make_fixture(network_id: str) -> dict:
    exact, single = (make_network(network_id, dtype) for dtype in (torch.float64, torch.float32))
    salt, clearance = find_clear_salt(exact, single, range(SALTS_TRIED), BATCH_SIZE, IMAGE_SIZE_PX)
    images = make_batch(salt, BATCH_SIZE, IMAGE_SIZE_PX)
    truth = run(exact, images)
    difference = {kind: float(f'{value:.2e}') for kind, value in compare(truth, run(single, images)).items()}
    print(f'{network_id}: salt {salt}, clearance {clearance:.1f}, loss {truth.loss:.3f}, float32 differs by {difference}')
    too_far = [kind for kind, value in difference.items() if value > LARGEST_DIFFERENCE]
    if too_far:
        raise SystemExit(f'{network_id}: float32 is too far from float64 in {too_far}. Nothing was written.')
    return {
        'what': 'One batch through formula-made weights (scripts/parity/README.md), by PyTorch in float64.',
        'network': network_id,
        'classCount': CLASSES,
        'imageSizePx': IMAGE_SIZE_PX,
        'batchSize': BATCH_SIZE,
        'inputScale': INPUT_SCALE,
        'salt': salt,
        'leastClearance': round(clearance, 1),
        'float32Difference': difference,
        'logits': to_flat_numbers(truth.logits, 7),
        'featureMaps': [
            {'shape': list(features.shape[1:]), 'values': describe_tensor(f'group {group}', features, SAMPLES, DIGITS)}
            for group, features in enumerate(truth.feature_maps)
        ],
        'loss': to_flat_numbers(truth.loss, 7)[0],
        'gradients': describe_all(truth.gradients),
        'runningStatistics': describe_all(truth.statistics),
    }


def describe_all(tensors: dict[str, np.ndarray]) -> dict[str, list[float]]:
    return {name: describe_tensor(name, values, SAMPLES, DIGITS) for name, values in tensors.items()}


def main() -> None:
    torch.set_num_threads(1)
    for network_id in parse_network_ids(','.join(sys.argv[1:]) or 'all', NETWORKS):
        write_fixture(f'networkGradients/{network_id}', make_fixture(network_id))


if __name__ == '__main__':
    main()
