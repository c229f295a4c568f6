"""Converts images and vectors between NumPy and torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from .base import BATCH, CUDA_BATCH


def layout_on(device: torch.device) -> torch.memory_format:
    """Order of pictures and weights in memory.

    Convolutions are fastest in channels last, which some of torch's operations on MPS mistake
    (its issue 174345).
    """
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def batch_on(device: torch.device) -> int:
    """Images per call that keep the device busy."""
    return CUDA_BATCH if device.type == "cuda" else BATCH


class Normaliser:
    """Normalises images for a model, by mean and standard deviation per channel.

    Args:
        mean: mean of each channel, for values scaled to 0..1.
        std: standard deviation of each channel, likewise.
        width: width of the images in pixels.
        device: the device of the model.
        dtype: the precision of the model.
    """

    def __init__(
        self,
        mean: Sequence[float],
        std: Sequence[float],
        width: int,
        device: torch.device,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        centre, spread = torch.tensor([mean, std], dtype=torch.float64)
        # One multiply-add per value instead of two divisions and a subtraction, over whole rows of
        # pixels instead of three channels at a time: 20 times as fast on a CPU.
        scale, shift = 1 / (255 * spread), -centre / spread
        # MPS has no double precision, so it is given up first
        self._scale = scale.to(torch.float32).repeat(width).to(device)
        self._shift = shift.to(torch.float32).repeat(width).to(device)
        self._device, self._dtype = device, dtype

    def __call__(self, images: NDArray[np.uint8]) -> torch.Tensor:
        """A batch (B, H, W, 3) uint8 as (B, 3, H, W).

        Memory is laid out as `layout_on` says; a CPU runs convolutions twice as fast in it.
        """
        pin = self._device.type == "cuda"
        raw = torch.from_numpy(images)
        raw = raw.pin_memory() if pin else raw
        rows = raw.to(self._device, non_blocking=pin).to(torch.float32).flatten(2)
        torch.addcmul(self._shift, rows, self._scale, out=rows)
        pictures = rows.view(images.shape).permute(0, 3, 1, 2)
        return pictures.to(self._dtype, memory_format=layout_on(self._device))


def unit_array(x: torch.Tensor) -> NDArray[np.float32]:
    """Vectors (B, D) scaled to length 1, as a float32 array."""
    return torch.nn.functional.normalize(x.float(), dim=-1).cpu().numpy()
