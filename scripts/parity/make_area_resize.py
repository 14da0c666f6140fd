"""Makes fixtures/parity/areaResize.json: pictures made smaller by averaging the area under each new pixel, and larger by
drawing a line between the two old pixels around it, each side by its own rule.

Keeps one rule: an average is exact, weighted by how much of every old pixel lies under the new one. Both are compared with
PyTorch's own (adaptive average pooling for whole ratios, bilinear without aligned corners); nothing is written if they differ.
"""

import numpy as np
import torch
from torch.nn.functional import adaptive_avg_pool2d, interpolate

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
    ('larger, not a whole ratio', (3, 5), (7, 8)),
    ('one side smaller, the other larger', (8, 3), (3, 5)),
]


def main() -> None:
    write_fixture(
        'areaResize',
        {
            'what': 'Exact area averages where a side shrinks, bilinear where it grows, before rounding. Input value i in height, width, channel order is '
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


def make_line_weights(old: int, new: int) -> np.ndarray:
    """[new, old]: linear between the centres of two old pixels; before the first and after the last the pixel goes on."""
    positions = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    return np.maximum(0, 1 - np.abs(positions[:, None] - np.arange(old)))


def make_weights(old: int, new: int) -> np.ndarray:
    return make_line_weights(old, new) if new > old else make_area_weights(old, new)


def resize(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    rows = make_weights(picture.shape[0], height)
    columns = make_weights(picture.shape[1], width)
    return np.einsum('ay,bx,yxc->abc', rows, columns, picture.astype(np.float64))


def compute_case(place: int, name: str, old: tuple[int, int], new: tuple[int, int]) -> dict:
    salt = place + 1
    picture = make_picture(*old, salt)
    expected = resize(picture, *new)
    compare_with_pytorch(name, picture, expected)
    return {
        'name': name,
        'inputShape': [*old, 3],
        'outputShape': [*new, 3],
        'salt': salt,
        'expected': to_flat_numbers(expected, 7),
    }


def compare_with_pytorch(name: str, picture: np.ndarray, expected: np.ndarray) -> None:
    """Where PyTorch has the same rule for both sides."""
    old, new = picture.shape[:2], expected.shape[:2]
    planes = torch.from_numpy(picture.astype(np.float64)).permute(2, 0, 1)[None]
    if all(a <= b for a, b in zip(old, new)):
        resized = interpolate(planes, new, mode='bilinear', align_corners=False)
    elif all(a % b == 0 for a, b in zip(old, new)):
        resized = adaptive_avg_pool2d(planes, new)
    else:
        print(f'{name}: not compared')
        return
    difference = np.abs(resized[0].permute(1, 2, 0).numpy() - expected).max()
    print(f'{name}: largest difference from PyTorch {difference:.2e}')
    assert difference < 1e-9, name


if __name__ == '__main__':
    main()
