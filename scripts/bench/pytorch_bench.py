"""PyTorch's images per second for the bench table, on one device, for the networks of scripts/parity/networks.py.

Keeps one rule: a step is what the page's step is (random weights, ten classes, a batch that is on the device already,
nothing read back inside the step), and float32 is float32: TF32 is off.

Modes: train (forward, backward, SGD with momentum), frozen (the body in eval mode without gradients, the lesson's head
trains on its concat-pooled feature map), features (the body in eval mode and the concat pool, nothing trains).
Precisions: fp32 (NCHW) and bf16 (autocast, channels last). Examples:

python scripts/bench/pytorch_bench.py --json pytorch.json
python scripts/bench/pytorch_bench.py --network resnet34,mobilenet-v2 --batch 64 --mode train
python scripts/bench/pytorch_bench.py --device cpu --size 64 --batch 2 --steps 2 --warmup 1
"""

import argparse
import contextlib
import datetime
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

sys.path.append(str(Path(__file__).resolve().parents[1] / 'parity'))
from networks import NETWORKS, Network, parse_network_ids  # noqa: E402

CLASSES = 10
LEARNING_RATE, MOMENTUM = 1e-3, 0.9
MODES = ('train', 'frozen', 'features')
PRECISIONS = ('fp32', 'bf16')
COLUMNS = ('network', 'size', 'batch', 'mode', 'precision', 'images/s', 'ms/step', 'peak MiB')


class ConcatPool(nn.Module):
    """[batch, channel, height, width] -> [batch, 2 * channel]: the maximum over the picture, then the mean."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return torch.cat([features.amax((2, 3)), features.mean((2, 3))], 1)


def make_head(feature_channels: int) -> nn.Sequential:
    """The lesson's head, as src/engine/models/head.ts builds it."""
    return nn.Sequential(
        ConcatPool(),
        nn.BatchNorm1d(2 * feature_channels),
        nn.Dropout(0.25),
        nn.Linear(2 * feature_channels, 512),
        nn.ReLU(inplace=True),
        nn.BatchNorm1d(512),
        nn.Dropout(0.5),
        nn.Linear(512, CLASSES),
    )


def make_step(
    network: Network,
    mode: str,
    images: torch.Tensor,
    labels: torch.Tensor,
    autocast: Callable[[], contextlib.AbstractContextManager],
) -> Callable[[], None]:
    """One step of the mode, to be called again and again."""
    if mode == 'features':
        network.eval().requires_grad_(False)
        pool = ConcatPool()

        def run_features() -> None:
            with torch.inference_mode(), autocast():
                pool(network.body(images))

        return run_features

    head = None
    if mode == 'frozen':
        network.eval().requires_grad_(False)
        head = make_head(network.feature_channels).to(images.device).train()
    else:
        network.train()
    learning = (head or network).parameters()
    optimizer = torch.optim.SGD(learning, LEARNING_RATE, MOMENTUM)

    def run_step() -> None:
        with autocast():
            with torch.set_grad_enabled(head is None):
                features = network.body(images)
            logits = head(features) if head else network.classify(features)
            loss = cross_entropy(logits, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return run_step


def time_steps(step: Callable[[], None], device: torch.device, warmup: int, count: int) -> list[float]:
    """Seconds of each of `count` steps after the warm-up: on CUDA between events in the stream, else by the clock."""
    for _ in range(warmup):
        step()
    if device.type != 'cuda':
        seconds = []
        for _ in range(count):
            start = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - start)
        return seconds
    events = [torch.cuda.Event(enable_timing=True) for _ in range(count + 1)]
    torch.cuda.synchronize()
    events[0].record()
    for event in events[1:]:
        step()
        event.record()
    torch.cuda.synchronize()
    return [before.elapsed_time(after) / 1000 for before, after in zip(events, events[1:])]


def measure(arguments: argparse.Namespace, network_id: str, batch: int, mode: str, precision: str) -> dict:
    device = torch.device(arguments.device)
    layout = torch.channels_last if precision == 'bf16' else torch.contiguous_format
    torch.manual_seed(1)
    network = NETWORKS[network_id](CLASSES).to(device, memory_format=layout)
    images = torch.randn(batch, 3, arguments.size, arguments.size, device=device).contiguous(memory_format=layout)
    labels = torch.arange(batch, device=device) % CLASSES

    def autocast() -> contextlib.AbstractContextManager:
        return torch.autocast(device.type, torch.bfloat16, enabled=precision == 'bf16')

    if device.type == 'cuda':
        torch.cuda.reset_peak_memory_stats()
    seconds = time_steps(
        make_step(network, mode, images, labels, autocast), device, arguments.warmup, arguments.steps
    )
    median = statistics.median(seconds)
    peak = torch.cuda.max_memory_allocated() if device.type == 'cuda' else None
    return {
        'network': network_id,
        'imageSizePx': arguments.size,
        'batchSize': batch,
        'mode': mode,
        'precision': precision,
        'imagesPerSecond': round(batch / median, 1),
        'msPerStep': round(1000 * median, 3),
        'fastestMsPerStep': round(1000 * min(seconds), 3),
        'slowestMsPerStep': round(1000 * max(seconds), 3),
        'peakBytes': peak,
    }


def describe_machine(device: torch.device) -> dict:
    is_cuda = device.type == 'cuda'
    return {
        'date': datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='seconds'),
        'device': torch.cuda.get_device_name() if is_cuda else platform.processor() or platform.machine(),
        'host': platform.platform(),
        'torch': torch.__version__,
        'cuda': torch.version.cuda if is_cuda else None,
        'cudnn': torch.backends.cudnn.version() if is_cuda else None,
        'tf32': False,
    }


def format_row(result: dict) -> tuple[str, ...]:
    peak = '-' if result['peakBytes'] is None else f'{result["peakBytes"] / 2**20:.0f}'
    named = (result[key] for key in ('network', 'imageSizePx', 'batchSize', 'mode', 'precision'))
    return (*map(str, named), f'{result["imagesPerSecond"]:.1f}', f'{result["msPerStep"]:.2f}', peak)


def print_row(cells: tuple[str, ...]) -> None:
    print('  '.join(cell.ljust(19 if place == 0 else 9) for place, cell in enumerate(cells)), flush=True)


def parse_choices(text: str, known: tuple[str, ...]) -> list[str]:
    asked = text.split(',')
    unknown = set(asked) - set(known)
    if unknown:
        raise SystemExit(f'No {", ".join(sorted(unknown))}; there are {", ".join(known)}.')
    return asked


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--network', default='all', help='ids with commas, or all')
    parser.add_argument('--batch', default='32,64', help='batch sizes with commas')
    parser.add_argument('--size', type=int, default=224, help='pixels on each side')
    parser.add_argument('--mode', default=','.join(MODES))
    parser.add_argument('--precision', default=','.join(PRECISIONS))
    parser.add_argument('--device', default='cuda')
    parser.add_argument('--steps', type=int, default=40, help='timed steps; the table shows their median')
    parser.add_argument('--warmup', type=int, default=10)
    parser.add_argument('--json', type=Path, help='also writes the results into this file')
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    networks = parse_network_ids(arguments.network)
    modes = parse_choices(arguments.mode, MODES)
    precisions = parse_choices(arguments.precision, PRECISIONS)
    machine = describe_machine(torch.device(arguments.device))
    print(json.dumps(machine))
    print_row(COLUMNS)
    results = []
    for network_id in networks:
        for batch in map(int, arguments.batch.split(',')):
            for mode in modes:
                for precision in precisions:
                    results.append(measure(arguments, network_id, batch, mode, precision))
                    print_row(format_row(results[-1]))
    if arguments.json:
        arguments.json.write_text(json.dumps({'machine': machine, 'results': results}, indent=2) + '\n')


if __name__ == '__main__':
    main()
