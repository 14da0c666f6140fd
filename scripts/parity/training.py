"""Trains a small PyTorch network from formula-made parameters on formula-made batches and records what came out.

Keeps one rule: everything that a test needs to repeat the run stands in the record.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from fixture_file import to_flat_numbers
from formula import make_values


@dataclass
class FormulaTensor:
    """float32(offset + scale * sin(0.7 * i + salt)) with the arithmetic in float64, in PyTorch's memory order."""

    shape: tuple[int, ...]
    offset: float
    scale: float
    salt: float

    def make(self) -> torch.Tensor:
        index = np.arange(np.prod(self.shape), dtype=np.float64)
        values = self.offset + self.scale * np.sin(0.7 * index + self.salt)
        return torch.from_numpy(values.astype(np.float32)).reshape(self.shape)

    def describe(self) -> dict:
        return {'shape': list(self.shape), 'offset': self.offset, 'scale': self.scale, 'salt': self.salt}


@dataclass
class Batches:
    """Step t's batch is the formula with scale 1 and salt t + 1; the label of picture j is (j + t) mod classes."""

    shape: tuple[int, ...]
    classes: int
    steps: int

    def make(self, step: int) -> torch.Tensor:
        return torch.from_numpy(make_values(self.shape, 1, step + 1))

    def make_labels(self, step: int) -> list[int]:
        return [(j + step) % self.classes for j in range(self.shape[0])]

    def describe(self) -> dict:
        return {
            'shape': list(self.shape),
            'scale': 1,
            'salts': [step + 1 for step in range(self.steps)],
            'labels': [self.make_labels(step) for step in range(self.steps)],
            'evaluationSalt': self.steps + 1,
        }


@dataclass
class SgdSettings:
    learning_rate: float
    momentum: float
    weight_decay: float

    def describe(self) -> dict:
        return {'learningRate': self.learning_rate, 'momentum': self.momentum, 'weightDecay': self.weight_decay}


def load_initial(network: nn.Module, initial: dict[str, FormulaTensor]) -> None:
    """Fills every parameter and running statistic; a missing or superfluous name is an error."""
    state = {name: tensor for name, tensor in network.state_dict().items() if not name.endswith('num_batches_tracked')}
    assert state.keys() == initial.keys(), state.keys() ^ initial.keys()
    network.load_state_dict({name: tensor.make() for name, tensor in initial.items()}, strict=False)


def train(
    network: nn.Module, batches: Batches, sgd: SgdSettings, dtype: torch.dtype, frozen: tuple[str, ...] = ()
) -> dict:
    """Trains in place. Modules named in `frozen` stay in eval mode and get no gradient.

    Returns losses, final state and eval-mode logits of the evaluation batch as tensors.
    """
    network.to(dtype).train()
    for name in frozen:
        network.get_submodule(name).eval().requires_grad_(False)
    trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trainable, sgd.learning_rate, sgd.momentum, weight_decay=sgd.weight_decay)
    losses = []
    for step in range(batches.steps):
        loss = cross_entropy(network(batches.make(step).to(dtype)), torch.tensor(batches.make_labels(step)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    network.eval()
    with torch.no_grad():
        logits = network(batches.make(batches.steps).to(dtype))
    state = network.state_dict()
    final = {name: tensor for name, tensor in state.items() if not name.endswith('num_batches_tracked')}
    return {'losses': torch.stack(losses), 'final': final, 'evaluationLogits': logits}


def record_run(exact: dict, single: dict) -> dict:
    """A run as the fixture keeps it: the float64 numbers, and how far PyTorch's own float32 run ends from them."""
    difference = max((exact['final'][name] - single['final'][name]).abs().max().item() for name in exact['final'])
    return {
        'losses': to_flat_numbers(exact['losses'], 7),
        'evaluationLogits': to_flat_numbers(exact['evaluationLogits'], 7),
        'float32Difference': float(f'{difference:.2e}'),
        'final': {name: to_flat_numbers(tensor, 7) for name, tensor in exact['final'].items()},
    }
