"""Makes fixtures/parity/areaResize.json: pictures made smaller or larger by averaging the area under each new pixel.

Keeps one rule: the average is exact, weighted by how much of every old pixel lies under the new one. Where OpenCV is
installed its INTER_AREA is compared; where one side shrinks and the other grows it is known to do something else.
"""

import numpy as np

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
            'what': 'Exact area averages before rounding. Input value i in height, width, channel order is '
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


def resize_by_area(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    rows = make_area_weights(picture.shape[0], height)
    columns = make_area_weights(picture.shape[1], width)
    return np.einsum('ay,bx,yxc->abc', rows, columns, picture.astype(np.float64))


def compute_case(place: int, name: str, old: tuple[int, int], new: tuple[int, int]) -> dict:
    salt = place + 1
    picture = make_picture(*old, salt)
    expected = resize_by_area(picture, *new)
    compare_with_opencv(name, picture, expected)
    return {
        'name': name,
        'inputShape': [*old, 3],
        'outputShape': [*new, 3],
        'salt': salt,
        'expected': to_flat_numbers(expected, 7),
    }


def compare_with_opencv(name: str, picture: np.ndarray, expected: np.ndarray) -> None:
    """Prints the largest difference from OpenCV's INTER_AREA on floats."""
    try:
        import cv2
    except ImportError:
        print(f'{name}: OpenCV is not installed, not compared')
        return
    size = expected.shape[1], expected.shape[0]
    resized = cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    print(f'{name}: largest difference from OpenCV {np.abs(resized - expected).max():.2e}')


if __name__ == '__main__':
    main()
