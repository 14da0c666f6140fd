"""Networks with formula-made values, their batches, and what is recorded of a tensor: what the fixtures of whole networks
share.

Keeps one rule: src/engine/testing/networkParity.ts makes the same numbers.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from fixture_file import to_flat_numbers
from formula import choose_samples, make_hashed_values, make_signs, salt_of
from kinks import measure_clearance, measure_rounding

CLASSES = 10
# Uniform in +-1.7: about the variance of normalised pictures.
INPUT_SCALE = 1.7
# Distance of every activation from its kink, in units of float32's rounding there: what is wished, and what must be.
CLEARANCE, LEAST_CLEARANCE = 8, 4


def make_initial(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """He-uniform kernels and linear weights; batch norm's scale 0.25 and shift 0.45, +- 0.025; running variance
    0.1 +- 0.01, about what such activations have, so that a frozen batch norm passes them on; running means and the
    linear bias +- 0.1.

    With this shift some 4 % of a layer's values are below zero: the network bends, but seldom and gently enough for
    float32. With a shift of 0 rounding grows from layer to layer, a thousandfold in ResNet-50. Scale and shift are
    small because their updates grow as they shrink, and must be large beside their rounding.
    """
    if len(shape) > 1:
        return make_hashed_values(shape, salt_of(name), math.sqrt(6 / math.prod(shape[1:])))
    if name.endswith('.running_var'):
        return make_hashed_values(shape, salt_of(name), 0.01, 0.1)
    if name.endswith('.running_mean') or is_classifier(name):
        return make_hashed_values(shape, salt_of(name), 0.1)
    return make_hashed_values(shape, salt_of(name), 0.025, 0.25 if name.endswith('.weight') else 0.45)


def is_classifier(name: str) -> bool:
    return name.startswith(('fc.', 'classifier.', '_fc.'))


def read_state(network: nn.Module) -> dict[str, np.ndarray]:
    """Parameters and running statistics as float64 copies."""
    state = network.state_dict()
    return {name: tensor.double().numpy().copy() for name, tensor in state.items() if tensor.is_floating_point()}


def load_initial(network: nn.Module) -> None:
    """Fills every parameter and running statistic."""
    shapes = {name: value.shape for name, value in read_state(network).items()}
    initial = {name: torch.from_numpy(make_initial(name, shape)) for name, shape in shapes.items()}
    network.load_state_dict(initial, strict=False)


def make_batch(salt: int, batch_size: int, image_size_px: int) -> torch.Tensor:
    """float32 [batch, 3, height, width]; the formula counts it as NHWC."""
    shape = (batch_size, image_size_px, image_size_px, 3)
    return torch.from_numpy(make_hashed_values(shape, salt, INPUT_SCALE)).permute(0, 3, 1, 2).contiguous()


def make_labels(step: int, batch_size: int) -> torch.Tensor:
    return torch.tensor([(item + step) % CLASSES for item in range(batch_size)])


def find_clear_salt(
    exact: nn.Module, single: nn.Module, salts: Sequence[int], batch_size: int, image_size_px: int
) -> tuple[int, float]:
    """The first salt on whose batch the network, in float64 and float32, is clear, and the batch's clearance.

    Where none is as clear as is wished, the clearest of them.
    """

    def make(salt: int) -> torch.Tensor:
        return make_batch(salt, batch_size, image_size_px)

    rounding = measure_rounding(exact, single, make(salts[0]))
    best_salt, best = salts[0], LEAST_CLEARANCE
    for salt in salts:
        clearance = measure_clearance(exact, make(salt), rounding, best)
        if clearance > best:
            best_salt, best = salt, clearance
        if best >= CLEARANCE:
            break
    if best == LEAST_CLEARANCE:
        raise SystemExit(f'No clear batch; float32 is off by up to {max(rounding):.1e} of an activation.')
    return best_salt, best


def is_running(name: str) -> bool:
    return name.endswith(('.running_mean', '.running_var'))


def size_update(updates: dict[str, np.ndarray], name: str) -> tuple[float, float]:
    """(L2 norm, largest value) of an update; a batch norm's shift counts as at least as large as its scale.

    In front of a 1x1 convolution with a batch norm behind it a shift has no gradient at all: it moves by its decay
    alone, and rounding is as large as that. Scale and shift have gradients of one size otherwise.
    """
    norm, largest = np.linalg.norm(updates[name]), np.abs(updates[name]).max()
    scale = updates[f'{name.removesuffix(".bias")}.weight'] if name.endswith('.bias') else None
    if scale is not None and scale.ndim == 1:
        norm, largest = max(norm, np.linalg.norm(scale)), max(largest, np.abs(scale).max())
    return norm, largest


def describe_tensor(name: str, values: np.ndarray, samples: int, digits: int) -> list[float]:
    """L2 norm, largest value, sum with hashed signs, and the values at hashed places."""
    flat, salt = values.ravel(), salt_of(name)
    projection = (make_signs(flat.size, salt) * flat).sum()
    sampled = flat[choose_samples(flat.size, salt, samples)]
    return to_flat_numbers([np.linalg.norm(flat), np.abs(flat).max(), projection, *sampled], digits)
