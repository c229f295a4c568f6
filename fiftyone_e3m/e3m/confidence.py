"""How sure an answer is, without ground truth; not from the paper.

With contrast, evidence has an absolute zero and unit, so one logistic over all videos turns it into
the share of tubes with a vIoU above .5. It was fitted over real videos and two encoders, with as
many absent sentences as present ones (docs/quality.md). Without contrast there is nothing absolute:
relevance times how far the picked box stands out among all candidates of the video.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from .arrays import Floats
from .search import Choice, Search

EVEN_ODDS, ODDS_SCALE = 9.0, 1.5
"""Evidence at which vIoU > .5 is as likely as not, and by how much more the odds grow e-fold."""
SURE_LABEL = 3.0
"""Standard deviations beyond which a label that fits even better says no more."""


def certainty(search: Search, choice: Choice, frame_fit: Floats, relevance: Floats) -> Floats:
    """How sure the box of each frame is.

    Args:
        search: the sentence in its video.
        choice: the picked object.
        frame_fit: (T,) fit of the text to the denoised and to the whole frame, added.
        relevance: (T,) relevance of the frames.

    Returns:
        (T,) in 0..1.
    """
    where, own = search.video.frame[choice.chosen], np.zeros(len(relevance))
    if not search.video.config.contrast:
        own[where] = expit(choice.appeal[choice.chosen])
        return relevance * own
    own[where] = (choice.score / 2 + np.minimum(search.label, SURE_LABEL))[choice.chosen]
    return expit((frame_fit / 2 + own - EVEN_ODDS) / ODDS_SCALE)
