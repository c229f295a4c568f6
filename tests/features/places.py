"""A drawn video of four objects, and its tracks."""

import numpy as np

from fiftyone_e3m import features
from fiftyone_e3m.candidates import sampling_rate
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Tracks
from fiftyone_e3m.e3m.linking import NO_PICK

FPS = 10.0
CONFIG = E3MConfig(
    sample_fps=FPS,
    prompts=("crop", "blur"),
    skip_change=0,
    crop_pad=0.0,
    blur_sigma=0.15,
    denoise="outside",
)
PLACES = [(0, 0, 40, 40), (60, 0, 110, 50), (10, 60, 60, 110), (90, 70, 150, 110)]
CYCLE = ["red", "green", "blue", "yellow"]
NONE, DETECTED, FILLED, EXTRAPOLATED = 0, 1, 2, 3
KIND = np.array(
    [
        [1, 1, 2, 1, 3, 0],
        [0, 1, 1, 1, 1, 0],
        [3, 1, 1, 2, 1, 0],
        [0, 0, 1, 1, 3, 0],
    ],
    np.int8,
)
T, M = KIND.shape[1], np.count_nonzero(KIND)
CANDIDATES = (KIND == DETECTED) | (KIND == FILLED)
N = np.count_nonzero(CANDIDATES)
BESIDE_OTHERS = np.count_nonzero(
    CANDIDATES & ((KIND == DETECTED).sum(axis=0) - (KIND == DETECTED) > 0)
)
ALL = np.arange(T)
PICKS = np.array([0, 1, 2, 3, 1, NO_PICK])
"""The object that is picked in each frame."""
STILL = dict(zip(CYCLE, PLACES, strict=True))


def encode_video(video, sampled, tracks, encoder, config, *shot, **how):
    """`features.encode_video` at the rate of the sampled frames."""
    fps = sampling_rate(video, sampled, config)
    return features.encode_video(video, sampled, fps, tracks, encoder, config, *shot, **how)


def colour_of(track, frame):
    return CYCLE[(track + frame) % 4]


def config(**changes):
    return CONFIG.model_copy(update=changes)


def tracks_of(kind=KIND):
    """The four places as tracks; the last frame has no region."""
    box = np.repeat(np.array(PLACES, np.float32)[: len(kind), None], kind.shape[1], axis=1)
    score = np.where(kind == DETECTED, 0.9, 0).astype(np.float32)
    return Tracks(box, kind, score, ("thing",) * len(kind))


def always(n):
    return tracks_of(np.ones((4, n), np.int8))
