"""The seeded formula that both sides compute, so that fixture files carry results and not inputs.

Keeps one rule: value i of a tensor, counted in the stated memory order, is float32(scale * sin(0.7 * i + salt)),
with the arithmetic in float64.
"""

import math

import numpy as np


def make_values(shape: tuple[int, ...], scale: float, salt: float) -> np.ndarray:
    """A float32 array of `shape`, filled in C order."""
    index = np.arange(math.prod(shape), dtype=np.float64)
    return (scale * np.sin(0.7 * index + salt)).astype(np.float32).reshape(shape)
