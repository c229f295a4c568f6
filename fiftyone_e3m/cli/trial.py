"""Short runs of an encoder and a detector: whether they work, and how fast they are."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from ..candidates import detect, load_for_trial
from ..encoders import BATCH, Checked, chosen_device, load_encoder
from ..texts import counted

SENTENCE = "a man in a suit"
FRAME = (360, 640)
"""Height and width of a detector's picture."""


class NotTriedError(Exception):
    """A model cannot be tried without a download; the message says why."""


def encoder_trial(spec: str, device: str | None) -> str:
    """Encodes random pictures and a sentence; a phrase on how long it took.

    Raises:
        EncoderError: the encoder cannot be loaded, or what it returns is of no use.
    """
    encoder, loading = _timed(lambda: Checked(load_encoder(spec, device=device)))
    pictures = _noise(BATCH, encoder.image_size)
    encoder.encode_images(pictures[:1])  # the first call prepares more than it computes
    _, looking = _timed(lambda: encoder.encode_images(pictures))
    _, reading = _timed(lambda: encoder.encode_texts([SENTENCE]))
    return (
        f"on {chosen_device(device)}: loaded in {loading:.1f} s; {counted(BATCH, 'picture')} in "
        f"{looking:.2f} s; a sentence in {reading:.2f} s"
    )


def detector_trial(spec: str, device: str | None) -> str:
    """Looks for boxes in a random picture; a phrase on how long it took.

    Raises:
        NotTriedError: parts of it may not be here.
        DetectorError: the detector cannot be loaded, or what it returns is of no use.
    """
    (detector, remark), loading = _timed(lambda: load_for_trial(spec, device))
    if detector is None:
        raise NotTriedError(remark)
    frames = _noise(1, FRAME)
    _, looking = _timed(lambda: detect([list(frames)], detector))
    text = f"on {chosen_device(device)}: loaded in {loading:.1f} s; a picture in {looking:.2f} s"
    return f"{text}; {remark}" if remark else text


def _noise(n: int, size: tuple[int, int]) -> Any:
    """Pictures (n, H, W, 3), uint8, the same each time."""
    return np.random.default_rng(0).integers(0, 256, (n, *size, 3), np.uint8)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and the seconds that it took."""
    start = perf_counter()
    return work(), perf_counter() - start
