"""The confidence of an answer, without ground truth; not from the paper.

With contrast, evidence has an absolute zero and unit, so one logistic function for all videos turns
it into the share of tubes with a vIoU above .5. It was fitted on real videos and two encoders, with
as many absent sentences as present ones (docs/quality.md). The sentence is taken as it is, because
one that was moved towards its prototypes fits even where nothing does.

Without contrast there is no absolute scale: confidence is relevance times how far the picked box
stands out among all candidates of the video.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from .arrays import Floats
from .search import Choice, Search

LOOKS, CLASS, COLOUR, LEAD, NOTHING = 0.6, 2.7, 1.1, 1.6, -5.1
"""Weights of the evidence, in the order of `clues`, and the log-odds without any."""
UNKNOWN_CLASS = 0.5
"""How well the class fits where that is not known."""
EVEN_COLOUR = 1.0
"""Agreement with named colours that speaks neither for an object nor against it."""
CLEAR_LEAD = 3.0
"""Standard deviations ahead of the next object that make it clear which one is meant."""


def certainty(
    search: Search, choice: Choice, segment: tuple[int, int], relevance: Floats
) -> Floats:
    """How certain the box of each frame is.

    Args:
        search: the sentence in its video.
        choice: the picked object.
        segment: first and last sampled frame of the event.
        relevance: (T,) relevance of the frames.

    Returns:
        (T,) in 0..1.
    """
    if search.video.config.contrast:
        weights = np.array([LOOKS, CLASS, COLOUR, LEAD])
        return expit(clues(search, choice, segment) @ weights + NOTHING)
    own = np.zeros(len(relevance))
    own[search.video.frame[choice.chosen]] = expit(choice.appeal[choice.chosen])
    return relevance * own


def clues(search: Search, choice: Choice, segment: tuple[int, int]) -> Floats:
    """What speaks for the answer in each frame.

    Returns:
        (T, 4): fit of the frame and of the picked box to the sentence, in standard deviations above
        unrelated sentences; fit of its class; agreement with named colours, 0 if none is named; and
        how clearly the object of the event's shot is ahead of others, -1..1.
    """
    video, query = search.video, search.query
    where = video.frame[choice.chosen]

    def of_picks(values: Floats) -> Floats:
        spread = np.zeros(len(choice.picks))
        spread[where] = values[choice.chosen]
        return spread

    looks = (video.frames.fit(query.text) + of_picks(video.candidates.fit(query.text))) / 2
    fits = np.full(len(video.track), UNKNOWN_CLASS) if query.label is None else search.label
    colour = search.colour - EVEN_COLOUR if query.looks else search.colour
    shot = video.evidence.shot == video.evidence.shot[segment[0]]
    meant = set(choice.picks[shot & (choice.picks >= 0)].tolist())
    lead = np.tanh(choice.merit.lead(meant) / CLEAR_LEAD) if meant else 0.0
    return np.stack([looks, of_picks(fits), of_picks(colour), np.full(len(looks), lead)], axis=-1)
