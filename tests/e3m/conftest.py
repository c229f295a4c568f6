"""Shared by the tests of the EM loop: hand-made evidence.

The sentence is the first axis; a region or frame that fits it by c is (c, sqrt(1 - c^2), 0), so
every cosine can be read off a test. `above` makes features by contrast instead.
"""

import numpy as np
import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Evidence, Query, Tracks, find
from fiftyone_e3m.e3m.arrays import unit
from fiftyone_e3m.e3m.tracks import DETECTED

TEXT = np.array([1.0, 0, 0], np.float32)
UNRELATED = np.array([[0, 1, 0], [0, -1, 0]], np.float32)
PLAIN = E3MConfig.preset(
    "paper",
    context=False,
    prototypes=False,
    denoise="outside",
    link="argmax",
    events="peak",
    n_iter=1,
)


@pytest.fixture(scope="session")
def fitting():
    """`fitting(c)`: features (..., 3) of length 1 with cosine `c` to the sentence."""
    return features


@pytest.fixture(scope="session")
def above():
    """`above(z)`: features (..., 3) that fit the sentence `z` deviations better than others."""

    def make(z):
        z = np.asarray(z, float)
        return unit(np.stack([z, np.ones_like(z), np.zeros_like(z)], axis=-1)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def evidence():
    """`evidence(regions, frames)`: evidence from features by track and frame.

    `regions` and `denoised` are (K, T, D), `frames` (T, D); without `denoised`, denoising changes
    nothing. Track k stands still at x = 100 k unless `box` (K, T, 4) says otherwise. `score` (K,)
    is how sure the detector is of each track.
    """

    def make(
        regions,
        frames,
        denoised=None,
        kind=None,
        box=None,
        fps=5.0,
        shot=None,
        size=(640, 360),
        score=None,
    ):
        k, t = regions.shape[:2]
        if box is None:
            x = 100 * np.arange(k)[:, None] * np.ones(t)
            box = np.stack([x, 0 * x, x + 10, 0 * x + 20], axis=-1)
        kind = np.ones((k, t), np.int8) if kind is None else np.array(kind, np.int8)
        shot = np.zeros(t, np.int64) if shot is None else np.array(shot)
        box = np.asarray(box, np.float32)
        sure = np.ones(k) if score is None else np.array(score)
        scores = (sure[:, None] * (kind == DETECTED)).astype(np.float32)
        tracks = Tracks(box, kind, scores, ("thing",) * k)

        track, frame = tracks.regions.T
        around = frames[frame] if denoised is None else denoised[track, frame]
        colours = np.zeros((len(track), 3, 11), np.float32)
        return Evidence(tracks, regions[track, frame], frames, around, colours, fps, shot, size)

    return make


@pytest.fixture(scope="session")
def one():
    """`one(video, link="viterbi")`: the grounding of the sentence, with additions off unless given.

    `label` (K,) is how well the tracks' classes fit.
    """

    def run(video, config=PLAIN, label=None, **changes):
        label = None if label is None else np.array(label, float)
        config = config.model_copy(update=changes)
        (grounding,) = find(video, [Query(TEXT, label)], config, UNRELATED)
        return grounding

    return run


@pytest.fixture(scope="session")
def noise():
    """`noise(seed, *shape)`: random features of length 1."""

    def draw(seed, *shape):
        return unit(np.random.default_rng(seed).normal(size=shape)).astype(np.float32)

    return draw


@pytest.fixture(scope="session")
def misleading(evidence):
    """Four frames: as whole frames the first two fit, and the first track fits only in these.

    Denoised around either track, the last two fit, and the second track fits there.
    """
    regions = features([[0.9, 0.9, 0.1, 0.1], [0.2, 0.2, 0.7, 0.7]])
    denoised = features([[0.1, 0.1, 0.9, 0.9]] * 2)
    return evidence(regions, features([0.5, 0.5, 0.4, 0.4]), denoised)


def features(c, other=1):
    c = np.asarray(c, float)
    x = np.zeros((*c.shape, 3), np.float32)
    x[..., 0], x[..., other] = c, np.sqrt(1 - c**2)
    return x
