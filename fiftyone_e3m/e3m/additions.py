"""What we add to the paper's steps inside the EM loop, each with its reason and its switch.

The preset ``paper`` has none of it. Additions outside the loop stand where they belong: `contrast`
(how fit is measured), `borders` (partial objects), and shots, which tracks, context and events
never cross.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, standardise
from .contrast import comparable
from .search import Choice, Search

LABEL_IN_GAMMA = 2.0
"""Weight of a label in gamma, which has as many terms of whole frames beside that of the pick."""


def appeal(search: Search, score: Floats) -> Floats:
    """Scores (N,) of candidates in standard deviations, with what is known besides their looks.

    * `label_weight`: the detector has a class for the box, and has seen what the encoder may miss.
    * `size_weight`: people describe what is in the foreground; the logarithm of a box's side.
    """
    video, config = search.video, search.video.config
    looks = comparable(score, config.contrast)
    width, height = video.evidence.size
    area = np.prod(video.box[:, 2:] - video.box[:, :2], axis=1) / (width * height)
    size = np.log(np.maximum(area, np.finfo(float).tiny)) / 2
    return looks + config.label_weight * search.label + config.size_weight * size


def pick_term(search: Search, choice: Choice, frame_fit: Floats) -> Floats:
    """What the picked object adds to gamma, (T,).

    `pick_weight`: where the object is out of view, its frame is not part of the event, however well
    the frame fits as a whole. Nothing picked is as good as unrelated. Without contrast there is no
    such zero: a frame without a pick counts as its worst candidate, and the term is brought to the
    scale of `frame_fit` (T,).
    """
    config, where = search.video.config, search.video.frame[choice.chosen]
    if not config.pick_weight:
        return np.zeros(len(frame_fit))
    if config.contrast:
        own = np.zeros(len(frame_fit))
        label = LABEL_IN_GAMMA * config.label_weight * search.label
        own[where] = (choice.score + label)[choice.chosen]
        return config.pick_weight * own
    own = np.full(len(frame_fit), choice.appeal.min() if len(choice.appeal) else 0.0)
    own[where] = choice.appeal[choice.chosen]
    return config.pick_weight * frame_fit.std() * standardise(own)
