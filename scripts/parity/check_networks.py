"""Holds networks.py to the packages that the networks are named after: the same state dict, logits, running statistics and
gradients from the same formula-made weights, in float64.

Keeps one rule: nothing is written; a difference ends the run. Needs torchvision (of the release that goes with the
installed torch), timm and efficientnet-lite-pytorch.
"""

from collections.abc import Callable

import timm
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torch.nn.functional import cross_entropy
from torchvision import models

from networks import NETWORKS
from seeded_networks import load_initial

CLASSES = 1000
LARGEST_DIFFERENCE = 1e-12
# Where the packages have another name than ours.
NAMES = {
    'resnext50': 'resnext50_32x4d',
    'resnext101-32x8d': 'resnext101_32x8d',
    'resnext101-64x4d': 'resnext101_64x4d',
    'mobilenet-v2': 'mobilenet_v2',
}


def list_sources(network_id: str, image_size_px: int) -> dict[str, Callable[[], nn.Module]]:
    """By package: builds its network. Nothing for a network that no package has."""
    name = NAMES.get(network_id, network_id)
    if network_id.startswith('efficientnet-lite'):
        options = {'image_size': image_size_px, 'drop_connect_rate': 0.0}
        return {'efficientnet-lite-pytorch': lambda: EfficientNet.from_name(name, **options)}
    if network_id == 'resnet50-v1':
        return {}
    sources = {'torchvision': lambda: models.get_model(name, weights=None)}
    # timm's MobileNetV2 has names of its own.
    if network_id != 'mobilenet-v2':
        sources['timm'] = lambda: timm.create_model(name, pretrained=False)
    return sources


def run(network: nn.Module, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """Everything that is compared, by name."""
    load_initial(network)
    network.double()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    with torch.no_grad():
        found = {'logits in eval mode': network.eval()(images)}
    logits = network.train()(images)
    cross_entropy(logits, torch.arange(len(images))).backward()
    found['logits in training mode'] = logits.detach()
    found.update({f'gradient of {name}': value.grad for name, value in network.named_parameters()})
    found.update({name: value for name, value in network.named_buffers() if value.is_floating_point()})
    return found


def measure_difference(found: torch.Tensor, truth: torch.Tensor) -> float:
    """Of two gradients that are zero but for rounding, nothing can be said."""
    largest = truth.abs().max().item()
    return 0.0 if largest < 1e-12 else (found - truth).abs().max().item() / largest


def check(network_id: str, image_size_px: int) -> None:
    images = torch.randn(2, 3, image_size_px, image_size_px, dtype=torch.float64)
    for package, make_source in list_sources(network_id, image_size_px).items():
        ours, source = NETWORKS[network_id](CLASSES), make_source()
        shapes = [[(name, value.shape) for name, value in one.state_dict().items()] for one in (ours, source)]
        if shapes[0] != shapes[1]:
            raise SystemExit(f'{network_id}: the state dict is not that of {package}.')
        found, truth = run(ours, images), run(source, images)
        difference, where = max((measure_difference(found[name], truth[name]), name) for name in truth)
        print(f'{network_id}, {image_size_px} px: as in {package}, to {difference:.1e} ({where})')
        if difference > LARGEST_DIFFERENCE:
            raise SystemExit(f'{network_id}: {where} is not that of {package}.')


def main() -> None:
    torch.manual_seed(0)
    for network_id in NETWORKS:
        check(network_id, 64)
        if network_id.startswith('efficientnet-lite'):
            # An odd size too: the padding of TensorFlow depends on it.
            check(network_id, 61)


if __name__ == '__main__':
    main()
