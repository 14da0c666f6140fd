"""Makes fixtures/parity/convolutions.json: convolutions and their gradients for loss = sum(y * r).

Keeps one rule: arrays are in the layouts of the page (NHWC and HWIO); only the computing is PyTorch's.
"""

import torch
from torch.nn.functional import conv2d, pad

from fixture_file import to_flat_numbers, write_fixture
from formula import make_values

KERNEL_SCALE = 0.5
# name, input NHWC, kernel HWIO, stride, padding, groups
CASES = [
    ('3x3, stride 1, padding 1, odd size', (2, 7, 5, 3), (3, 3, 3, 4), 1, 1, 1),
    ('3x3, stride 1, same', (2, 5, 6, 2), (3, 3, 2, 3), 1, 'same', 1),
    ('3x3, stride 2, padding 1', (2, 8, 7, 3), (3, 3, 3, 4), 2, 1, 1),
    ('3x3, stride 2, same, even size', (2, 8, 6, 3), (3, 3, 3, 4), 2, 'same', 1),
    ('3x3, stride 2, same, odd size', (2, 7, 9, 3), (3, 3, 3, 4), 2, 'same', 1),
    ('5x5, stride 2, same, even size', (2, 8, 8, 2), (5, 5, 2, 3), 2, 'same', 1),
    ('5x5, stride 2, same, odd size', (2, 9, 7, 2), (5, 5, 2, 3), 2, 'same', 1),
    ('1x1', (2, 4, 3, 5), (1, 1, 5, 6), 1, 0, 1),
    ('1x1, stride 2', (2, 5, 4, 4), (1, 1, 4, 3), 2, 0, 1),
    ('7x7, stride 2, padding 3, from three channels', (2, 9, 9, 3), (7, 7, 3, 4), 2, 3, 1),
    ('3x3, stride 1, padding 1, two groups', (2, 5, 6, 4), (3, 3, 2, 6), 1, 1, 2),
    ('3x3, stride 2, padding 1, two groups', (2, 6, 7, 6), (3, 3, 3, 4), 2, 1, 2),
    ('depthwise 3x3, stride 1, same', (2, 6, 5, 4), (3, 3, 1, 4), 1, 'same', 4),
    ('depthwise 3x3, stride 2, same, even size', (2, 8, 6, 4), (3, 3, 1, 4), 2, 'same', 4),
    ('depthwise 3x3, stride 2, same, odd size', (2, 7, 5, 4), (3, 3, 1, 4), 2, 'same', 4),
    ('depthwise 5x5, stride 1, same', (2, 7, 6, 3), (5, 5, 1, 3), 1, 'same', 3),
    ('depthwise 5x5, stride 2, same, even size', (2, 8, 8, 3), (5, 5, 1, 3), 2, 'same', 3),
    ('depthwise 5x5, stride 2, same, odd size', (2, 9, 7, 3), (5, 5, 1, 3), 2, 'same', 3),
    ('depthwise 5x5, stride 1, same, smaller than its kernel', (2, 3, 4, 3), (5, 5, 1, 3), 1, 'same', 3),
]


def main() -> None:
    torch.set_num_threads(1)
    write_fixture(
        'convolutions',
        {
            'what': 'y = convolution of x with w; dx and dw are the gradients of sum(y * r). PyTorch in float64.',
            'cases': [compute_case(0.1 * place, *case) for place, case in enumerate(CASES)],
        },
    )


def pad_as_tensorflow(x: torch.Tensor, kernel: tuple[int, int], stride: int) -> torch.Tensor:
    """TensorFlow's "same" for NCHW: ceil(size / stride) places; of an odd total the smaller half comes first."""
    totals = [max((-(-size // stride) - 1) * stride + extent - size, 0) for size, extent in zip(x.shape[2:], kernel)]
    height, width = totals
    return pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))


def compute_case(salt_offset, name, input_shape, kernel_shape, stride, padding, groups) -> dict:
    """One case; its three salts differ from every other case's."""
    salts = {'x': round(1 + salt_offset, 1), 'w': round(2 + salt_offset, 1), 'r': round(3 + salt_offset, 1)}
    x = torch.from_numpy(make_values(input_shape, 1, salts['x'])).double().requires_grad_()
    w = torch.from_numpy(make_values(kernel_shape, KERNEL_SCALE, salts['w'])).double().requires_grad_()
    images, kernel = x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1)
    if padding == 'same':
        result = conv2d(pad_as_tensorflow(images, kernel_shape[:2], stride), kernel, stride=stride, groups=groups)
    else:
        result = conv2d(images, kernel, stride=stride, padding=padding, groups=groups)
    y = result.permute(0, 2, 3, 1).contiguous()
    r = torch.from_numpy(make_values(tuple(y.shape), 1, salts['r'])).double()
    (y * r).sum().backward()
    return {
        'name': name,
        'inputShape': list(input_shape),
        'kernelShape': list(kernel_shape),
        'outputShape': list(y.shape),
        'stride': stride,
        'padding': padding,
        'groups': groups,
        'scales': {'x': 1, 'w': KERNEL_SCALE, 'r': 1},
        'salts': salts,
        'y': to_flat_numbers(y.detach(), 7),
        'dx': to_flat_numbers(x.grad, 7),
        'dw': to_flat_numbers(w.grad, 7),
    }


if __name__ == '__main__':
    main()
