"""Trains a small PyTorch network from formula-made parameters on formula-made batches and records what came out.

Keeps one rule: everything that a test needs to repeat the run stands in the record.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

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

    def measure(self, logits: torch.Tensor, step: int) -> tuple[torch.Tensor, int]:
        """The mean cross-entropy, and how many largest logits are at the true class."""
        labels = torch.tensor(self.make_labels(step))
        return cross_entropy(logits, labels), int((logits.argmax(1) == labels).sum())

    def describe(self) -> dict:
        return {
            'shape': list(self.shape),
            'scale': 1,
            'salts': [step + 1 for step in range(self.steps)],
            'labels': [self.make_labels(step) for step in range(self.steps)],
            'evaluationSalt': self.steps + 1,
        }


@dataclass
class WeightedBatches(Batches):
    """Classes count by `class_weights`. The label of picture j in step t is (j * j + t) mod classes: some classes are rare or
    missing, so that the sum of the weights differs from step to step."""

    class_weights: tuple[float, ...]

    def make_labels(self, step: int) -> list[int]:
        return [(j * j + step) % self.classes for j in range(self.shape[0])]

    def measure(self, logits: torch.Tensor, step: int) -> tuple[torch.Tensor, int]:
        """The cross-entropy's weighted mean, and how many largest logits are at the true class, each picture counted once."""
        labels = torch.tensor(self.make_labels(step))
        weight = torch.tensor(self.class_weights, dtype=logits.dtype)
        return cross_entropy(logits, labels, weight), int((logits.argmax(1) == labels).sum())

    def describe(self) -> dict:
        return {**super().describe(), 'classWeights': list(self.class_weights)}


class ManyLabelBatches(Batches):
    """Any number of classes may be true of a picture: class c of picture j in step t where (2j + 3c + t) mod 4 is 0 or 1."""

    def make_labels(self, step: int) -> list[int]:
        """Flat [picture, class]."""
        return [int((2 * j + 3 * c + step) % 4 < 2) for j in range(self.shape[0]) for c in range(self.classes)]

    def measure(self, logits: torch.Tensor, step: int) -> tuple[torch.Tensor, int]:
        """The mean binary cross-entropy over pictures and classes, and how many pairs are on the right side of 0.5."""
        labels = torch.tensor(self.make_labels(step), dtype=logits.dtype).reshape(logits.shape)
        right = (logits > 0) == (labels > 0.5)
        return binary_cross_entropy_with_logits(logits, labels), int(right.sum())


@dataclass
class SgdSettings:
    learning_rate: float
    momentum: float
    weight_decay: float

    def describe(self) -> dict:
        return {'learningRate': self.learning_rate, 'momentum': self.momentum, 'weightDecay': self.weight_decay}

    def make(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, self.learning_rate, self.momentum, weight_decay=self.weight_decay)


class DecoupledSgd(torch.optim.SGD):
    """Weight decay apart from the gradient: p *= 1 - learningRate * decay just before each step, as in fastai 0.7."""

    def __init__(self, parameters: list[nn.Parameter], learning_rate: float, momentum: float, decay: float) -> None:
        super().__init__(parameters, learning_rate, momentum)
        self.shrink = 1 - learning_rate * decay

    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.param_groups[0]['params']:
            parameter.mul_(self.shrink)
        super().step()


class DecoupledSgdSettings(SgdSettings):
    def make(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        return DecoupledSgd(parameters, self.learning_rate, self.momentum, self.weight_decay)


@dataclass
class AdamWSettings:
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float

    def describe(self) -> dict:
        return {
            'learningRate': self.learning_rate,
            'beta1': self.beta1,
            'beta2': self.beta2,
            'epsilon': self.epsilon,
            'weightDecay': self.weight_decay,
        }

    def make(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        betas = (self.beta1, self.beta2)
        return torch.optim.AdamW(parameters, self.learning_rate, betas, self.epsilon, self.weight_decay)



def load_initial(network: nn.Module, initial: dict[str, FormulaTensor]) -> None:
    """Fills every parameter and running statistic; a missing or superfluous name is an error."""
    state = {name: tensor for name, tensor in network.state_dict().items() if not name.endswith('num_batches_tracked')}
    assert state.keys() == initial.keys(), state.keys() ^ initial.keys()
    network.load_state_dict({name: tensor.make() for name, tensor in initial.items()}, strict=False)


def train(
    network: nn.Module,
    batches: Batches,
    rule: SgdSettings | AdamWSettings,
    dtype: torch.dtype,
    frozen: tuple[str, ...] = (),
    max_gradient_norm: float = math.inf,
    keeps_statistics: bool = False,
) -> dict:
    """Trains in place. Modules named in `frozen` stay in eval mode and get no gradient; with `keeps_statistics` every batch
    norm stays in eval mode, too, and its scale and shift learn: fastai's bn_freeze(True).

    Returns losses, norms of all gradients together before they are clipped, counts of right answers, the final state and
    eval-mode logits of the evaluation batch; all but the counts as tensors.
    """
    network.to(dtype).train()
    for name in frozen:
        network.get_submodule(name).eval().requires_grad_(False)
    if keeps_statistics:
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
    trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = rule.make(trainable)
    losses, gradient_norms, correct_counts = [], [], []
    for step in range(batches.steps):
        loss, correct_count = batches.measure(network(batches.make(step).to(dtype)), step)
        optimizer.zero_grad()
        loss.backward()
        gradient_norms.append(nn.utils.clip_grad_norm_(trainable, max_gradient_norm))
        optimizer.step()
        losses.append(loss.detach())
        correct_counts.append(correct_count)
    network.eval()
    with torch.no_grad():
        logits = network(batches.make(batches.steps).to(dtype))
    state = network.state_dict()
    final = {name: tensor for name, tensor in state.items() if not name.endswith('num_batches_tracked')}
    return {
        'losses': torch.stack(losses),
        'gradientNorms': torch.stack(gradient_norms),
        'correctCounts': correct_counts,
        'final': final,
        'evaluationLogits': logits,
    }


def record_run(exact: dict, single: dict) -> dict:
    """A run as the fixture keeps it: the float64 numbers, and how far PyTorch's own float32 run ends from them."""
    difference = max((exact['final'][name] - single['final'][name]).abs().max().item() for name in exact['final'])
    return {
        'losses': to_flat_numbers(exact['losses'], 7),
        'evaluationLogits': to_flat_numbers(exact['evaluationLogits'], 7),
        'float32Difference': float(f'{difference:.2e}'),
        'final': {name: to_flat_numbers(tensor, 7) for name, tensor in exact['final'].items()},
    }
