"""Encodes pictures in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ..encoders import Encoder, EncoderError, Ration, batch_of, blamed
from ..prefetch import ahead
from .pictures import NumberedImage

Features = NDArray[np.float32]

BATCHES_AHEAD = 2
"""Batches of pictures that are prepared while one is encoded."""


def encode(
    views: Iterator[NumberedImage],
    encoder: Encoder,
    overlap: bool = True,
    known: Mapping[int, Features] | None = None,
) -> tuple[NDArray[np.int64], Features]:
    """Encodes numbered pictures, except those whose features are known.

    A batch that does not fit into memory is halved, see `Ration`.

    Args:
        views: numbers and pictures.
        encoder: turns pictures into vectors.
        overlap: prepare pictures in a thread while others are encoded; the result is the same.
        known: known features by number.

    Returns:
        (E,) the numbers, the encoded ones first, in order of encoding; and (E, D) their features.

    Raises:
        EncoderError: the encoder failed.
    """
    known = known or {}
    recalled: list[int] = []

    def to_encode() -> Iterator[NumberedImage]:
        for number, picture in views:
            if number in known:
                recalled.append(number)
            else:
                yield number, picture

    numbers: list[int] = []
    features: list[Features] = []
    ration = Ration.of(encoder)
    batches = ahead(_batches(to_encode(), batch_of(encoder)), BATCHES_AHEAD * overlap)
    with closing(batches):
        for batch, pictures in batches:
            numbers += batch
            with blamed(EncoderError, f"Encoder '{encoder.name}'"):
                features += ration.serve(encoder.encode_images, pictures)
    features += [known[number][None] for number in recalled]
    return np.array(numbers + recalled), np.concatenate(features)


def _batches(
    views: Iterator[NumberedImage], size: int
) -> Iterator[tuple[list[int], NDArray[np.uint8]]]:
    while batch := list(islice(views, size)):
        yield [number for number, _ in batch], np.stack([picture for _, picture in batch])
