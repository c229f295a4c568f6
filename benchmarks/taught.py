"""An encoder that knows what the sentences of films mean: what sampling misses even then.

It is the bundled encoder, but the vectors of the sentences are learnt: each is the direction that
tells the boxes and frames of its event from those of all other clips, learnt on the clips that
films are made of. So what it misses, no encoder would find. It says nothing about how well any
encoder recognises what it has not been shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from sklearn.linear_model import LogisticRegression

from fiftyone_e3m.boxes import iou_matrix
from fiftyone_e3m.candidates import Detector
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.encoders import Encoder
from fiftyone_e3m.evaluation.metrics import TimedBoxes
from fiftyone_e3m.sentences import prompt

from .fitting import search_of
from .scenes import MemoEncoder, Prepared, prepare
from .shared_data import Item, Query, clips_set, queries_set

Floats = NDArray[np.floating]
ALIKE = 0.5
"""IoU with the true box from which a box shows the object."""
FREEDOM = 100.0
"""Inverse of the pull of a direction towards 0; training images should be told apart."""


class Taught:
    """An encoder with vectors of its own for some texts.

    Args:
        encoder: encodes everything else.
        vectors: (D,) of length 1 by text.
    """

    def __init__(self, encoder: Encoder, vectors: dict[str, Floats]) -> None:
        self._encoder, self._vectors = encoder, vectors
        self.name, self.notice = f"taught {encoder.name}", encoder.notice
        self.image_size = encoder.image_size

    def encode_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._encoder.encode_images(images)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        known = self._encoder.encode_texts(texts)
        rows = [self._vectors.get(text, row) for text, row in zip(texts, known, strict=True)]
        return np.stack(rows).astype(np.float32)

    def exceeds_context(self, text: str) -> bool:
        return self._encoder.exceeds_context(text)


def taught(encoder: Encoder, detector: Detector, queries: Iterable[Query]) -> Taught:
    """Teaches an encoder the sentences of films."""
    memo, config = MemoEncoder(encoder), E3MConfig()
    clips = [*clips_set(), *queries_set("panned"), *queries_set("real")]
    shown = [_pictures(p, memo, config) for p in prepare(clips, detector, config)]
    vectors = {}
    for query in queries:
        parts = [(x, y) for item, x, rows in shown if (y := _shows(item, rows, query)) is not None]
        x, y = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        vectors[prompt(query.sentence, config)] = direction(x, y, memo.reader.unrelated)
    return Taught(encoder, vectors)


def _pictures(
    p: Prepared, encoder: MemoEncoder, config: E3MConfig
) -> tuple[Item, Floats, list[tuple[int, Floats | None]]]:
    """A clip; features of its candidates and frames; number and box (None: all) of each."""
    video = search_of(p, "a picture", encoder, config).video
    numbers = p.survey.sampled
    rows: list[tuple[int, Floats | None]] = [
        (int(numbers[t]), box) for t, box in zip(video.frame, video.box, strict=True)
    ]
    rows += [(int(number), None) for number in numbers]
    return p.item, np.concatenate([video.candidates.x, video.frames.x]), rows


def _shows(
    item: Item, rows: Sequence[tuple[int, Floats | None]], query: Query
) -> NDArray[np.bool_] | None:
    """Which pictures of a clip show the event; None if it may be seen, but is not annotated."""
    same = [q for q in item.queries if q.sentence == query.sentence and q.source == query.source]
    if not same:
        shown = {q.source for q in item.queries} | {item.name}
        return None if query.source in shown else np.zeros(len(rows), bool)
    truth = same[0].truth
    return np.array([_is_of(truth, number, box) for number, box in rows])


def _is_of(truth: TimedBoxes, number: int, box: Floats | None) -> bool:
    """Whether a frame, or a box in it, shows the event."""
    if not truth.first <= number <= truth.last:
        return False
    if box is None:
        return True
    true = truth.boxes.get(number)
    alike = 0.0 if true is None else iou_matrix(box[None], np.array([true]))[0, 0]
    return bool(alike > ALIKE)


def direction(x: Floats, y: NDArray[np.bool_], unrelated: Floats) -> Floats:
    """(D,) of length 1; pictures half-way between both kinds fit it like unrelated sentences."""
    model = LogisticRegression(C=FREEDOM, max_iter=2000, class_weight="balanced").fit(x, y)
    apart = model.coef_[0] / np.linalg.norm(model.coef_[0])
    common = x.mean(axis=0)
    halfway = (x[y].mean(axis=0) + x[~y].mean(axis=0)) / 2
    level = float(halfway @ unrelated.mean(axis=0))

    def vector(share: float) -> Floats:
        mixed = apart + share * common
        return mixed / np.linalg.norm(mixed)

    return vector(brentq(lambda share: float(halfway @ vector(share)) - level, -50, 50))
