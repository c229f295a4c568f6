"""The weights of our evidence and of the confidence, fitted to videos with known tubes.

Which track does a sentence mean? A conditional logit over the tracks of a video answers this from
the columns of `e3m.additions.parts` and the logarithm of the relevant time in which a track is seen
(McFadden, 1974). Is the answer right? A logistic regression on `e3m.confidence.clues`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from fiftyone_e3m.boxes import iou_matrix
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m.additions import PARTS, appeal, parts
from fiftyone_e3m.e3m.confidence import clues
from fiftyone_e3m.e3m.em import FLOOR
from fiftyone_e3m.e3m.identity import Merit
from fiftyone_e3m.e3m.search import Choice, Search
from fiftyone_e3m.e3m.search import Prepared as PreparedVideo
from fiftyone_e3m.results import Answer
from fiftyone_e3m.sentences import encode_queries

from .confidence import GOOD
from .outcomes import Outcome
from .scenes import MemoEncoder, Prepared
from .shared_data import Query

Floats = NDArray[np.floating]
WEIGHTS = (*PARTS, "duration_weight")
"""The parameters that are fitted, relative to the looks."""
VISIBLE, ALIKE = 0.25, 0.8
"""Least mean IoU of a track with the tube to be what a sentence means, and the share of the best
track's from which another counts as meant, too."""
RIDGE = 1e-2
"""Pull of standardised weights towards 0, per source; left-out sources chose it, by their log loss,
which is alike from .004 to .02."""
FREEDOM = 2.0
"""Inverse of the pull of the confidence's weights towards 0; left-out sources chose it, by their
log loss, which is alike from 1 to 3."""
LEAST_LOOKS = 0.2
"""Least weight of the looks, the unit of all others."""


@dataclass(frozen=True, eq=False)
class Case:
    """The tracks of a video, and which of them a sentence means.

    Attributes:
        set: name of the set.
        source: the clip or film that shows the tube.
        evidence: (K, 7) looks, the columns of `WEIGHTS` but the last, and the logarithm of time.
        meant: (K,) share of each track in what is meant, sums to 1.
    """

    set: str
    source: str
    evidence: Floats
    meant: Floats


def search_of(p: Prepared, sentence: str, encoder: MemoEncoder, config: E3MConfig) -> Search:
    """A sentence in a video, ready for EM."""
    evidence = p.scene(encoder, config).evidence
    (query,) = encode_queries(encoder.reader, [sentence], evidence.tracks.label, config)
    return Search.of(PreparedVideo.of(evidence, config, encoder.reader.unrelated), query)


def case(
    name: str, p: Prepared, query: Query, encoder: MemoEncoder, config: E3MConfig
) -> Case | None:
    """A sentence as input to `track_weights`; None if no track is what it means."""
    search = search_of(p, query.sentence, encoder, config)
    video, text = search.video, search.query.text
    relevance = search.relevance(video.frames.fit(text))
    columns = parts(search, video.candidates.fit(text))
    weight, n = FLOOR + relevance[video.frame], len(video.evidence.tracks)
    time = np.bincount(video.track, weight, n)
    mean = [np.bincount(video.track, weight * c, n) / np.maximum(time, 1e-9) for c in columns.T]
    seen = np.flatnonzero(time)
    overlap = overlap_of(search, query, p.survey.sampled)[seen]
    if not (len(seen) > 1 and overlap.max() > VISIBLE):
        return None
    meant = np.where(overlap >= ALIKE * overlap.max(), overlap, 0)
    evidence = np.column_stack([*mean, np.log(np.maximum(time, 1e-9))])[seen]
    return Case(name, query.source, evidence, meant / meant.sum())


def track_weights(cases: Sequence[Case]) -> dict[str, float]:
    """The weights under which the meant tracks are the most probable, in units of the looks.

    Every source counts alike within its set.
    """
    count = Counter((c.set, c.source) for c in cases)
    every = np.concatenate([c.evidence for c in cases])
    scale = every.std(axis=0) + 1e-9

    def loss(weights: Floats) -> tuple[float, Floats]:
        ridge = RIDGE * len(count)
        total, slope = ridge * weights @ weights, 2 * ridge * weights
        for c in cases:
            columns = (c.evidence - c.evidence.mean(axis=0)) / scale
            share = 1 / count[c.set, c.source]
            total -= share * c.meant @ log_softmax(columns @ weights)
            slope -= share * columns.T @ (c.meant - softmax(columns @ weights))
        return float(total), slope

    weights = minimize(loss, np.zeros(len(scale)), jac=True).x / scale
    relative = weights[1:] / max(LEAST_LOOKS, weights[0])
    return dict(zip(WEIGHTS, np.maximum(0, relative).round(2).tolist(), strict=True))


def clues_of(
    p: Prepared, answer: Answer, encoder: MemoEncoder, config: E3MConfig
) -> NDArray[np.float64]:
    """(L, 4) clues of the event's frames, see `e3m.confidence.clues`."""
    search, found = search_of(p, answer.query, encoder, config), answer.grounding
    video = search.video
    score = found.scores[video.track, video.frame].astype(float)
    chosen = np.flatnonzero(found.picks[video.frame] == video.track)
    likes, weight = appeal(search, score), FLOOR + found.relevance[video.frame]
    n_tracks, duration = len(video.evidence.tracks), config.duration_weight
    merit = Merit.of(likes, weight, video.track, n_tracks, duration)
    choice = Choice(search.query.text, found.picks, chosen, score, likes, merit)
    event = slice(found.first, found.last + 1)
    return clues(search, choice, (found.first, found.last))[event].astype(float)


def confidence_model(clues: Iterable[Floats], outcomes: Sequence[Outcome]) -> LogisticRegression:
    """Turns mean clues into the probability that a tube is right.

    Every set counts alike, and absent sentences as much as present ones.
    """
    x = np.stack([frames.mean(axis=0) for frames in clues])
    right = [outcome.viou > GOOD for outcome in outcomes]
    present, sets = sum(o.present for o in outcomes), Counter(o.set for o in outcomes)
    absent = max(1, len(outcomes) - present)
    each = [(1 if o.present else present / absent) / sets[o.set] for o in outcomes]
    weight = np.array(each) * len(each) / sum(each)
    return LogisticRegression(C=FREEDOM, max_iter=1000).fit(x, right, sample_weight=weight)


def overlap_of(search: Search, query: Query, sampled: NDArray[np.int64]) -> Floats:
    """(K,) IoU of each track with the true boxes, mean over the sampled frames that have one."""
    video, truth = search.video, query.truth.boxes
    total = np.zeros(len(video.evidence.tracks))
    shown = [t for t, number in enumerate(sampled.tolist()) if number in truth]
    for t in shown:
        rows = np.flatnonzero(video.frame == t)
        true = np.array([truth[int(sampled[t])]], float)
        total[video.track[rows]] += iou_matrix(video.box[rows].astype(float), true)[:, 0]
    return total / max(1, len(shown))
