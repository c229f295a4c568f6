"""The confidence of an answer, without ground truth; not from the paper.

With contrast, evidence has an absolute zero and unit, so one logistic function for all videos turns
it into the share of tubes with a vIoU above .5. It was fitted on real videos and two encoders, with
as many absent sentences as present ones (docs/quality.md). Without contrast there is no absolute
scale: confidence is relevance times how far the picked box stands out among all candidates of the
video.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from .arrays import Floats
from .search import Choice, Search

EVEN_ODDS, ODDS_SCALE = 9.0, 1.5
"""Evidence at which vIoU > .5 has even odds, and the increase that multiplies the odds by e."""
SURE_LABEL = 3.0
"""Standard deviations beyond which a better fitting label adds no evidence."""


def certainty(search: Search, choice: Choice, frame_fit: Floats, relevance: Floats) -> Floats:
    """How certain the box of each frame is.

    Args:
        search: the sentence in its video.
        choice: the picked object.
        frame_fit: (T,) sum of the text's fits to the denoised and to the whole frame.
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
