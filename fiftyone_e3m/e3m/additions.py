"""Our additions to the paper's steps inside the EM loop, each with its reason and its switch.

The preset ``paper`` uses none of them. Additions outside the loop are in their own modules:
`contrast` (how fit is measured), `borders` (partial objects), and shots, which tracks, context and
events never cross.
"""

from __future__ import annotations

import numpy as np

from ..config import E3MConfig
from .arrays import Floats, standardise
from .contrast import comparable
from .search import Choice, Search

SEEN_IN_GAMMA = 2.0
"""Weight of class and pace in gamma, which has this many whole-frame terms besides the pick's.
Where the class is known, a frame is relevant above all if the object is seen in it: less of it was
worse."""
PARTS = ("label_weight", "size_weight", "colour_weight", "motion_weight", "pace_weight")
"""Parameters that weigh the columns of `parts` after the first."""


def appeal(search: Search, score: Floats) -> Floats:
    """Scores (N,) of candidates in standard deviations: looks, plus weighted `parts`."""
    return parts(search, score) @ weights(search.video.config)


def parts(search: Search, score: Floats) -> Floats:
    """What speaks for each candidate.

    * looks: the fit of the text to the picture, in standard deviations;
    * `label_weight`: the detector's class of the box, which may recognise what the encoder misses;
    * `size_weight`: the logarithm of a box's side, as people describe what is in the foreground;
    * `colour_weight`: the colours that the sentence names, see `colour`;
    * `motion_weight`: the motion that the sentence names, see `motion`;
    * `pace_weight`: moving or staying, as the sentence says, see `pace`.

    Args:
        search: the sentence in its video.
        score: (N,) fit of each candidate.

    Returns:
        (N, 6), one column each.
    """
    video = search.video
    width, height = video.evidence.size
    area = np.prod(video.box[:, 2:] - video.box[:, :2], axis=1) / (width * height)
    size = np.log(np.maximum(area, np.finfo(float).tiny)) / 2
    looks = comparable(score, video.config.contrast)
    return np.stack([looks, search.label, size, search.colour, search.motion, search.pace], axis=-1)


def weights(config: E3MConfig) -> Floats:
    """(6,) weights of `parts`; that of the looks is 1."""
    return np.array([1.0, *(getattr(config, name) for name in PARTS)])


def pick_term(search: Search, choice: Choice, frame_fit: Floats) -> Floats:
    """The picked object's contribution to gamma, (T,).

    `pick_weight`: a frame without the object is not part of the event, however well it fits as a
    whole. With contrast, a frame without a pick counts 0, like an unrelated sentence. Without
    contrast there is no such zero: the frame counts like the worst candidate of the video, and the
    term is scaled to `frame_fit` (T,).
    """
    config, where = search.video.config, search.video.frame[choice.chosen]
    if not config.pick_weight:
        return np.zeros(len(frame_fit))
    if config.contrast:
        own = np.zeros(len(frame_fit))
        seen = config.label_weight * search.label + config.pace_weight * search.pace
        own[where] = (choice.score + SEEN_IN_GAMMA * seen)[choice.chosen]
        return config.pick_weight * own
    own = np.full(len(frame_fit), choice.appeal.min() if len(choice.appeal) else 0.0)
    own[where] = choice.appeal[choice.chosen]
    return config.pick_weight * frame_fit.std() * standardise(own)
