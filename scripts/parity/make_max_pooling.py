"""Makes fixtures/parity/maxPooling.json: max pooling and its gradient for loss = sum(y * r).

Keeps one rule: arrays are in the page's layout (NHWC); only the computing is PyTorch's.
"""

import numpy as np
import torch
from torch.nn.functional import max_pool2d

from fixture_file import to_flat_numbers, write_fixture
from formula import make_values
from training import FormulaTensor

# name, input NHWC, kernel size, stride, padding, whether negative values are set to 0 first, as ReLU does
CASES = [
    ('3x3, stride 2, padding 1, even size', (2, 8, 6, 3), 3, 2, 1, False),
    ('3x3, stride 2, padding 1, odd size', (2, 7, 9, 3), 3, 2, 1, False),
    ('2x2, stride 2, no padding', (2, 6, 8, 2), 2, 2, 0, False),
    ('2x2, stride 2, no padding, odd size: the last row and column are not seen', (2, 7, 5, 2), 2, 2, 0, False),
    ('3x3, stride 1, padding 1', (1, 5, 4, 2), 3, 1, 1, False),
    ('3x3, stride 2, padding 1, equal maxima after ReLU', (2, 8, 6, 3), 3, 2, 1, True),
    ('2x2, stride 2, no padding, equal maxima after ReLU', (2, 6, 8, 2), 2, 2, 0, True),
    ('3x3, stride 2, padding 1, all negative: padding never wins', (1, 5, 6, 2), 3, 2, 1, False),
]
BELOW_ZERO = 'all negative'


def main() -> None:
    torch.set_num_threads(1)
    write_fixture(
        'maxPooling',
        {
            'what': 'y = max pooling of x; dx is the gradient of sum(y * r). PyTorch in float64.',
            'cases': [compute_case(0.1 * place, *case) for place, case in enumerate(CASES)],
        },
    )


def compute_case(salt_offset, name, input_shape, kernel_size, stride, padding, is_rectified) -> dict:
    """One case; its two salts differ from every other case's."""
    salts = {'x': round(1 + salt_offset, 1), 'r': round(3 + salt_offset, 1)}
    offset = -2 if BELOW_ZERO in name else 0
    values = FormulaTensor(input_shape, offset, 1, salts['x']).make().double()
    x = (values.relu() if is_rectified else values).requires_grad_()
    result = max_pool2d(x.permute(0, 3, 1, 2).contiguous(), kernel_size, stride, padding)
    y = result.permute(0, 2, 3, 1).contiguous()
    r = torch.from_numpy(make_values(tuple(y.shape), 1, salts['r'])).double()
    (y * r).sum().backward()
    assert torch.equal(x.grad, give_to_first(x.detach(), r, kernel_size, stride, padding)), name
    return {
        'name': name,
        'inputShape': list(input_shape),
        'outputShape': list(y.shape),
        'kernelSize': kernel_size,
        'stride': stride,
        'padding': padding,
        'isRectified': is_rectified,
        'offset': offset,
        'salts': salts,
        'y': to_flat_numbers(y.detach(), 7),
        'dx': to_flat_numbers(x.grad, 7),
    }


def give_to_first(x: torch.Tensor, r: torch.Tensor, kernel_size: int, stride: int, padding: int) -> torch.Tensor:
    """The gradient by the rule in words: each window gives all of it to its first maximum in row-major order."""
    gradient = torch.zeros_like(x)
    batch, rows, columns, channels = r.shape
    for b, row, column, c in np.ndindex(batch, rows, columns, channels):
        places = [
            (y, z)
            for y in range(row * stride - padding, row * stride - padding + kernel_size)
            for z in range(column * stride - padding, column * stride - padding + kernel_size)
            if 0 <= y < x.shape[1] and 0 <= z < x.shape[2]
        ]
        first = max(places, key=lambda place: x[b, place[0], place[1], c].item())
        gradient[b, first[0], first[1], c] += r[b, row, column, c]
    return gradient


if __name__ == '__main__':
    main()
