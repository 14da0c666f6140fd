"""The seeded formulas that both sides compute, so that fixture files carry results and not inputs.

Keeps one rule: value i of a tensor is counted in the stated memory order, and the arithmetic is in float64 until the
last step rounds to float32. src/engine/testing/formula.ts computes the same numbers.
"""

import math

import numpy as np

# Streams of the hashed formula: what a number is drawn for.
VALUE_STREAM, SIGN_STREAM, SAMPLE_STREAM = 0, 1, 2


def make_values(shape: tuple[int, ...], scale: float, salt: float) -> np.ndarray:
    """A float32 array of `shape`, filled in C order: value i is scale * sin(0.7 * i + salt).

    Matrices made like this have rank 2: fit for a single layer, not for a deep network.
    """
    index = np.arange(math.prod(shape), dtype=np.float64)
    return (scale * np.sin(0.7 * index + salt)).astype(np.float32).reshape(shape)


def make_hashed_values(shape: tuple[int, ...], salt: int, scale: float = 1, offset: float = 0) -> np.ndarray:
    """A float32 array of `shape`, filled in C order: value i is offset + scale * (2u - 1), u = hash(salt, 0, i) / 2^32,
    as good as random."""
    drawn = hash_counters(salt, VALUE_STREAM, math.prod(shape)).astype(np.float64)
    return (offset + scale * (2 * (drawn / 2**32) - 1)).astype(np.float32).reshape(shape)


def make_signs(count: int, salt: int) -> np.ndarray:
    """float64 [count]: 1 where hash(salt, 1, i) is odd, else -1."""
    return (hash_counters(salt, SIGN_STREAM, count) & np.uint32(1)).astype(np.float64) * 2 - 1


def choose_samples(size: int, salt: int, count: int) -> np.ndarray:
    """Flat places in a tensor of `size` values: hash(salt, 2, k) mod size for k in 0 .. count - 1. They may repeat."""
    return hash_counters(salt, SAMPLE_STREAM, count).astype(np.int64) % size


def hash_counters(seed: int, stream: int, count: int) -> np.ndarray:
    """uint32 [count]: pcg(i ^ pcg(stream ^ pcg(seed))) for i from 0 on: counterRandom in src/engine/random.ts."""
    key = pcg(np.array([stream], dtype=np.uint32) ^ pcg(np.array([seed], dtype=np.uint32)))
    return pcg(np.arange(count, dtype=np.uint32) ^ key)


def pcg(value: np.ndarray) -> np.ndarray:
    """PCG's output permutation over an LCG step (Jarzynski & Olano 2020); uint32 arrays wrap around."""
    state = value * np.uint32(747796405) + np.uint32(2891336453)
    word = ((state >> ((state >> np.uint32(28)) + np.uint32(4))) ^ state) * np.uint32(277803737)
    return (word >> np.uint32(22)) ^ word


def salt_of(name: str) -> int:
    """FNV-1a over the UTF-16 code units of an ASCII name, 32 bits, as `hash` in src/engine/random.ts."""
    value = 0x811C9DC5
    for unit in name.encode('ascii'):
        value = (value ^ unit) * 0x01000193 & 0xFFFFFFFF
    return value
