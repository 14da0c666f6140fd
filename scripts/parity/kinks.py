"""Finds batches on which rounding cannot change which way a network bends.

Keeps one rule: a batch is clear when nothing that goes into a ReLU, a ReLU6 or a max pool lies nearer to the place
where the gradient jumps than several times float32's own error there (the root mean square of float32 - float64).
Without it two right programs differ by 1e-2 in a gradient as soon as one value of a late layer falls on the other side
of 0.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import unfold

BENDING = (nn.ReLU, nn.ReLU6, nn.MaxPool2d)


class NearKink(Exception):
    pass


def measure_rounding(exact: nn.Module, single: nn.Module, images: torch.Tensor) -> list[float]:
    """Root mean square of what float32 does to the input of each bending module, in running order.

    `images`: float32 [batch, 3, height, width]; `exact` and `single`: the same network in float64 and float32.
    """
    inputs: list[torch.Tensor] = []
    errors: list[float] = []
    watch(exact, images.double(), lambda place, module, value: inputs.append(value))
    watch(single, images, lambda place, module, value: errors.append(measure_difference(value, inputs[place])))
    return errors


def measure_difference(value: torch.Tensor, truth: torch.Tensor) -> float:
    return (value.double() - truth).square().mean().sqrt().item()


def measure_clearance(exact: nn.Module, images: torch.Tensor, rounding: list[float], at_least: float) -> float:
    """The smallest distance from a kink as a multiple of the rounding there; 0 as soon as it is below `at_least`."""
    clearances: list[float] = []

    def look(place: int, module: nn.Module, value: torch.Tensor) -> None:
        clearances.append(find_distance(module, value) / rounding[place])
        if clearances[-1] < at_least:
            raise NearKink

    try:
        watch(exact, images.double(), look)
    except NearKink:
        return 0
    return min(clearances)


def find_distance(module: nn.Module, value: torch.Tensor) -> float:
    """The smallest change of one value that makes the gradient of `module` jump."""
    if isinstance(module, nn.ReLU6):
        return torch.minimum(value.abs(), (value - 6).abs()).min().item()
    if isinstance(module, nn.ReLU):
        return value.abs().min().item()
    # The pool stands behind a ReLU: zeros around the picture never win, and a window of zeros has no gradient to give.
    channels = value.shape[1]
    windows = unfold(value, module.kernel_size, padding=module.padding, stride=module.stride)
    best = windows.unflatten(1, (channels, -1)).topk(2, dim=2).values
    gaps = (best[:, :, 0] - best[:, :, 1])[best[:, :, 0] > 0]
    return gaps.min().item()


def watch(network: nn.Module, images: torch.Tensor, look: Callable[[int, nn.Module, torch.Tensor], None]) -> None:
    """Runs the network and shows a copy of what goes into each bending module that a gradient comes through: a frozen
    group may bend as it likes. Running statistics stay as they are."""
    places = iter(range(1_000_000))

    def hook(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if inputs[0].requires_grad:
            look(next(places), module, inputs[0].detach().clone())

    handles = [module.register_forward_pre_hook(hook) for module in network.modules() if isinstance(module, BENDING)]
    try:
        buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
        functional_call(network, buffers, (images,))
    finally:
        for handle in handles:
            handle.remove()
