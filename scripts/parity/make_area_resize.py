"""Makes fixtures/parity/areaResize.json: pictures made smaller by averaging the area under each new pixel, and larger by the
Catmull-Rom cubic through the four old pixels around it, each side by its own rule, mirrored with the edge pixel repeated.

Keeps one rule: an average is exact, weighted by how much of every old pixel lies under the new one. Averages are
compared with PyTorch's adaptive average pooling where ratios are whole, cubics with Pillow's away from the edges, where Pillow leaves
out what lies beyond; nothing is written if they differ.
"""

import math

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import adaptive_avg_pool2d

from fixture_file import to_flat_numbers, write_fixture

# name, input height and width, output height and width
CASES = [
    ('half', (6, 8), (3, 4)),
    ('a third', (9, 6), (3, 2)),
    ('not a whole ratio', (7, 5), (3, 2)),
    ('two and a half', (10, 10), (4, 4)),
    ('just smaller', (8, 7), (7, 6)),
    ('to one pixel', (5, 3), (1, 1)),
    ('same size', (3, 4), (3, 4)),
    ('twice as large', (3, 4), (6, 8)),
    ('larger by one and a half', (4, 2), (6, 3)),
    ('larger, not a whole ratio', (6, 5), (9, 11)),
    ('one side smaller, the other larger', (8, 3), (3, 5)),
]


def main() -> None:
    write_fixture(
        'areaResize',
        {
            'what': 'Exact area averages where a side shrinks, the Catmull-Rom cubic where it grows, before rounding. '
            'Input value i in height, width, channel order is '
            'floor(127.5 + 127.5 * sin(0.7 * i + salt)), arithmetic in float64.',
            'cases': [compute_case(place, *case) for place, case in enumerate(CASES)],
        },
    )


def make_picture(height: int, width: int, salt: int) -> np.ndarray:
    values = np.arange(height * width * 3, dtype=np.float64)
    return np.floor(127.5 + 127.5 * np.sin(0.7 * values + salt)).astype(np.uint8).reshape(height, width, 3)


def make_area_weights(old: int, new: int) -> np.ndarray:
    """[new, old]: the share that each old pixel has in each new one; rows add up to one."""
    step = old / new
    starts = np.arange(new)[:, None] * step
    overlap = np.minimum(starts + step, np.arange(old) + 1) - np.maximum(starts, np.arange(old))
    return np.maximum(overlap, 0) / step


def make_cubic_weights(old: int, new: int) -> np.ndarray:
    """[new, old]: Catmull and Rom's cubic (Keys with a = -1/2) at the new pixels' centres."""
    positions = (np.arange(new) + 0.5) * old / new - 0.5
    weights = np.zeros((new, old))
    for row, position in enumerate(positions):
        for place in range(math.floor(position) - 1, math.floor(position) + 3):
            weights[row, mirror(place, old)] += cubic(abs(position - place))
    return weights


def mirror(place: int, size: int) -> int:
    """... 2 1 0 | 0 1 2 ..."""
    place %= 2 * size
    return place if place < size else 2 * size - 1 - place


def cubic(distance: float) -> float:
    if distance < 1:
        return 1.5 * distance**3 - 2.5 * distance**2 + 1
    return -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2 if distance < 2 else 0


def make_weights(old: int, new: int) -> np.ndarray:
    return make_cubic_weights(old, new) if new > old else make_area_weights(old, new)


def resize(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    rows = make_weights(picture.shape[0], height)
    columns = make_weights(picture.shape[1], width)
    return np.einsum('ay,bx,yxc->abc', rows, columns, picture.astype(np.float64))


def compute_case(place: int, name: str, old: tuple[int, int], new: tuple[int, int]) -> dict:
    salt = place + 1
    picture = make_picture(*old, salt)
    expected = np.clip(resize(picture, *new), 0, 255)
    compare(name, picture, expected)
    return {
        'name': name,
        'inputShape': [*old, 3],
        'outputShape': [*new, 3],
        'salt': salt,
        'expected': to_flat_numbers(expected, 7),
    }


def compare(name: str, picture: np.ndarray, expected: np.ndarray) -> None:
    old, new = picture.shape[:2], expected.shape[:2]
    if all(a < b for a, b in zip(old, new)):
        plane = Image.fromarray(picture[:, :, 0].astype(np.float32))
        resized = np.asarray(plane.resize(new[::-1], Image.Resampling.BICUBIC))
        rows, columns = (find_inner(a, b) for a, b in zip(old, new))
        difference = np.abs(resized - expected[:, :, 0])[rows][:, columns]
    elif all(a % b == 0 for a, b in zip(old, new)):
        planes = torch.from_numpy(picture.astype(np.float64)).permute(2, 0, 1)[None]
        difference = np.abs(adaptive_avg_pool2d(planes, new)[0].permute(1, 2, 0).numpy() - expected)
    else:
        print(f'{name}: not compared')
        return
    print(f'{name}: largest difference {difference.max(initial=0):.2e} of {difference.size} values')
    assert difference.max(initial=0) < 1e-3, name


def find_inner(old: int, new: int) -> np.ndarray:
    """New pixels whose four old ones lie inside."""
    positions = np.floor((np.arange(new) + 0.5) * old / new - 0.5)
    return np.flatnonzero((positions >= 1) & (positions < old - 2))


if __name__ == '__main__':
    main()
