"""Makes fixtures/checkpoints: small files as torch.save and safetensors write them, to be read by the studio's own readers.

Keeps one rule: value i of every tensor, in row-major order of what PyTorch shows, is i / 2 - 1, which all floats hold exactly.
"""

import argparse
import collections
import os
import pathlib

import safetensors.torch
import torch

FOLDER = pathlib.Path(__file__).parents[2] / 'fixtures' / 'checkpoints'


def count_up(*shape: int, dtype=torch.float32) -> torch.Tensor:
    values = torch.arange(torch.Size(shape).numel(), dtype=torch.float64) / 2 - 1
    return values.reshape(shape).to(dtype)


class RunsCommand:
    """What a hostile file does: its pickle asks for os.system when it is loaded."""

    def __reduce__(self):
        return os.system, ('true',)


def make_dtypes() -> dict:
    return collections.OrderedDict(
        float32=count_up(2, 3),
        float16=count_up(5, dtype=torch.float16),
        bfloat16=count_up(2, 2, dtype=torch.bfloat16),
        float64=count_up(3, dtype=torch.float64),
        num_batches_tracked=torch.tensor(7),
    )


def make_layouts() -> dict:
    transposed = count_up(4, 3).t().contiguous().t()
    table = torch.full((6, 8), float('nan'))
    sliced = table[1:4:2, 2:8:3]
    sliced.copy_(count_up(2, 2))
    pair = torch.cat([count_up(4), count_up(3)])
    return {
        'transposed': transposed,
        'channelsLast': count_up(2, 3, 2, 2).contiguous(memory_format=torch.channels_last),
        'sliced': sliced,
        'firstOfPair': pair[:4],
        'secondOfPair': pair[4:],
        'parameter': torch.nn.Parameter(count_up(3)),
        'scalar': count_up(1)[0],
        'empty': count_up(0, 4),
    }


def make_training_checkpoint() -> dict:
    """As PyTorch's ImageNet example keeps one, of a model in DataParallel."""
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.copy_(count_up(*tensor.shape))
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    model(torch.ones(4, 3)).sum().backward()
    state = collections.OrderedDict((f'module.{name}', value.clone()) for name, value in model.state_dict().items())
    optimizer.step()
    return {
        'epoch': 3,
        'arch': 'resnet18',
        'state_dict': state,
        'best_acc1': torch.tensor(71.5),
        'optimizer': optimizer.state_dict(),
        'model_ema': collections.OrderedDict(state),
    }


def save(name: str, value, **options) -> None:
    torch.save(value, FOLDER / name, **options)


def main() -> None:
    torch.manual_seed(0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    save('dtypes.pth', make_dtypes())
    save('dtypesProtocol4.pth', make_dtypes(), pickle_protocol=4)
    save('layouts.pth', make_layouts())
    save('training.pth', make_training_checkpoint())
    torch.serialization.set_crc32_options(False)
    save('withoutChecksums.pth', make_dtypes())
    torch.serialization.set_crc32_options(True)
    safetensors.torch.save_file(dict(make_dtypes()), FOLDER / 'dtypes.safetensors', metadata={'format': 'pt'})

    linear = torch.nn.Linear(3, 2)
    save('legacy.pth', linear.state_dict(), _use_new_zipfile_serialization=False)
    save('wholeModel.pth', linear)
    torch.jit.script(linear).save(str(FOLDER / 'torchScript.pt'))
    save('runsCommand.pth', {'weight': count_up(2), 'bias': RunsCommand()})
    save('withArguments.pth', {'state_dict': linear.state_dict(), 'args': argparse.Namespace(lr=0.1)})
    save('booleans.pth', {'mask': torch.tensor([True, False])})
    save('repeated.pth', {'weight': count_up(1).expand(1000)})
    save('numbers.pth', {'epoch': 3, 'losses': [0.5, 0.25]})


if __name__ == '__main__':
    main()
