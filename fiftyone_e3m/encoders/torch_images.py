"""Images and vectors between NumPy and torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray


def default_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def normalised(
    images: NDArray[np.uint8],
    mean: Sequence[float],
    std: Sequence[float],
    device: torch.device,
    dtype: torch.dtype = torch.float32,
) -> torch.Tensor:
    """A batch (B, H, W, 3) uint8 as a model wants it: (B, 3, H, W), mean and std per channel.

    The memory stays channels-last, in which convolutions run twice as fast on a CPU.
    """
    x = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).to(torch.float32) / 255
    centre = torch.tensor(mean, device=device).view(3, 1, 1)
    scale = torch.tensor(std, device=device).view(3, 1, 1)
    return ((x - centre) / scale).to(dtype)


def unit_array(x: torch.Tensor) -> NDArray[np.float32]:
    """Vectors (B, D) scaled to length 1, as a float32 array."""
    return torch.nn.functional.normalize(x.float(), dim=-1).cpu().numpy()
