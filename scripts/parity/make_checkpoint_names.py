"""Makes fixtures/checkpoints/names.json: the tensors of real networks by name and shape, without their values.

Needs timm, torchvision and efficientnet-lite-pytorch beside torch; nothing is downloaded. Keeps one rule: counters
(num_batches_tracked) are left out, since files may or may not have them.
"""

import hashlib
import json
import pathlib

import timm
import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet

PATH = pathlib.Path(__file__).parents[2] / 'fixtures' / 'checkpoints' / 'names.json'

RESNETS = ['resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnext50_32x4d', 'resnext101_64x4d', 'resnext101_32x8d']
LITES = ['lite0', 'lite1', 'lite2']
# Networks that the studio does not have, each told by how it differs from one that it has.
VARIANTS = {
    'timm/resnet50d': 'timm/resnet50',
    'timm/wide_resnet50_2': 'timm/resnet50',
    'timm/seresnet50': 'timm/resnet50',
    'timm/ecaresnet50d': 'timm/resnet50',
    'timm/resnet50_gn': 'timm/resnet50',
    'timm/resnet26': 'timm/resnet50',
    'timm/resnetv2_50': 'timm/resnet50',
    'timm/resnet18d': 'timm/resnet18',
    'timm/mobilenetv2_050': 'timm/mobilenetv2_100',
    'timm/tf_efficientnet_b0': 'timm/tf_efficientnet_lite0',
}


def create(name: str) -> torch.nn.Module:
    package, network = name.split('/')
    if package == 'torchvision':
        return getattr(torchvision.models, network)()
    if package == 'timm':
        return timm.create_model(network)
    return EfficientNet.from_name(f'efficientnet-{network}')


def list_tensors(name: str) -> list[str]:
    """Sorted lines 'layer1.0.conv1.weight 64,64,3,3'."""
    with torch.device('meta'):
        state = create(name).state_dict()
    lines = [f'{key} {",".join(map(str, value.shape))}' for key, value in state.items()]
    return sorted(line for line in lines if 'num_batches_tracked' not in line)


def main() -> None:
    names = [f'{package}/{network}' for package in ('torchvision', 'timm') for network in RESNETS]
    names += ['torchvision/mobilenet_v2', 'timm/mobilenetv2_100']
    names += [f'timm/tf_efficientnet_{lite}' for lite in LITES] + [f'efficientnet-lite-pytorch/{lite}' for lite in LITES]
    lines = {name: list_tensors(name) for name in names}
    networks = {
        name: {'count': len(tensors), 'sha256': hashlib.sha256('\n'.join(tensors).encode()).hexdigest()}
        for name, tensors in lines.items()
    }
    variants = {}
    for name, base in VARIANTS.items():
        tensors = list_tensors(name)
        kept = {line.split(' ')[0] for line in tensors}
        variants[name] = {
            'base': base,
            'without': [line.split(' ')[0] for line in lines[base] if line.split(' ')[0] not in kept],
            'with': [line for line in tensors if line not in lines[base]],
        }
    PATH.write_text(json.dumps({'networks': networks, 'variants': variants}, indent=1) + '\n')


if __name__ == '__main__':
    main()
