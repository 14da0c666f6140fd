"""Makes fixtures/parity/efficientnetLite0Logits.json: what PyTorch computes from the shipped weights.

Keeps one rule: the shipped file is read, not the checkpoint, so that its rounding is part of the truth.
"""

import hashlib
import sys

import torch
from safetensors.torch import load_file

from fixture_file import ROOT, to_flat_numbers, write_fixture
from formula import make_values

sys.path.append(str(ROOT / 'scripts' / 'weights'))
from reference_network import build_network  # noqa: E402

WEIGHTS_PATH = ROOT / 'public' / 'weights' / 'efficientnet-lite0.safetensors'
INPUTS = [(224, 1), (224, 2), (128, 3)]


def main() -> None:
    torch.set_num_threads(1)
    state = load_file(WEIGHTS_PATH)
    write_fixture(
        'efficientnetLite0Logits',
        {
            'what': 'EfficientNet-Lite0 with the shipped weights in eval mode, computed by PyTorch in float64.',
            'weightsSha256': hashlib.sha256(WEIGHTS_PATH.read_bytes()).hexdigest(),
            'cases': [compute_case(state, size_px, salt) for size_px, salt in INPUTS],
        },
    )


@torch.no_grad()
def compute_case(state: dict[str, torch.Tensor], size_px: int, salt: float) -> dict:
    """Logits and pooled features of one formula image, which is fed as it is, without normalising."""
    shape = (1, size_px, size_px, 3)
    image = torch.from_numpy(make_values(shape, 1, salt)).permute(0, 3, 1, 2)
    network = build_network(state, size_px)
    single = network(image)
    network.double()
    features = network.extract_features(image.double())
    pooled = torch.cat([features.amax((2, 3)), features.mean((2, 3))], 1)
    logits = network(image.double())
    difference = float(f'{(single - logits).abs().max().item():.2e}')
    print(f'{size_px} px: float32 differs by {difference}, largest logit {logits.abs().max().item():.3f}')
    return {
        'imageSizePx': size_px,
        'inputShape': list(shape),
        'scale': 1,
        'salt': salt,
        'float32Difference': difference,
        'logits': to_flat_numbers(logits, 7),
        'features': to_flat_numbers(pooled, 6),
    }


if __name__ == '__main__':
    main()
