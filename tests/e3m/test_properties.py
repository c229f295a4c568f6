"""What holds for arbitrary boxes, features, sentences and settings, from raw boxes to the tube.

`make test-properties` tries 2,000 examples each.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args, get_origin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.boxes import Boxes
from fiftyone_e3m.candidates import candidates_of, sampling_rate
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import (
    Evidence,
    Query,
    Window,
    borders,
    build_tracks,
    find_given,
    kalman,
    make_tube,
    tracks,
)
from fiftyone_e3m.e3m.arrays import unit
from fiftyone_e3m.e3m.colour import Look
from fiftyone_e3m.e3m.motion import Motion
from fiftyone_e3m.video import Video, shot_numbers

pytestmark = pytest.mark.properties
ANY_TIME = settings(deadline=None)

DIM = 4
SIZES = [(640, 360), (64, 48), (1, 1), (7, 2000)]
ODD = (np.nan, np.inf, -np.inf, -50.0, 0.0, 1e9)
TEXTS = {"text_template": st.just("{query}"), "classes": st.sampled_from([None, ("person", "dog")])}


def values_of(field):
    """Any value that a parameter of `E3MConfig` admits."""
    kind = field.annotation
    if kind is bool:
        return st.booleans()
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is tuple:
        return st.sampled_from([("crop",), ("blur",), ("crop", "blur")])
    limits = {name: getattr(m, name) for m in field.metadata for name in ("ge", "gt", "le", "lt")
              if hasattr(m, name)}  # fmt: skip
    low, high = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt", 1000))
    if kind is int:
        return st.integers(low, high)
    return st.floats(low, high, exclude_min="gt" in limits, exclude_max="lt" in limits)


CONFIGS = st.one_of(
    st.sampled_from([E3MConfig(), E3MConfig.preset("paper")]),
    st.fixed_dictionaries(
        {},
        optional={
            name: TEXTS[name] if name in TEXTS else values_of(field)
            for name, field in E3MConfig.model_fields.items()
        },
    ).map(lambda chosen: E3MConfig(**chosen)),
)


@dataclass(frozen=True)
class Case:
    """A video with raw boxes, and what is asked of it.

    Attributes:
        seed: what features, looks and the rest are drawn from.
        video: the file, which is not read.
        sampled: (T,) its sampled frames.
        boxes: raw boxes of each sampled frame.
        cuts: first frame of each shot but the first.
        windows: when each sentence happens, or None.
        alike: whether all features are equal.
        config: the settings.
    """

    seed: int
    video: Video
    sampled: np.ndarray
    boxes: list = field(repr=False)
    cuts: list
    windows: list
    alike: bool
    config: E3MConfig

    def evidence(self):
        """Tracks over the boxes, with features that belong to a box, however boxes are ordered."""
        video, config = self.video, self.config
        frames = [candidates_of(boxes, video, config) for boxes in self.boxes]
        fps = sampling_rate(video, self.sampled, config)
        shot = shot_numbers(self.sampled, self.cuts)
        tracks = build_tracks(frames, video.width, video.height, fps, config, shot)
        track, frame = tracks.regions.T
        place = tracks.box[track, frame] / np.tile([video.width, video.height], 2)
        return Evidence(
            tracks,
            self._features(place),
            self._features(np.stack([self.sampled, self.sampled], axis=1)),
            self._features(place + 3),
            self._shares(place),
            fps,
            shot,
            (video.width, video.height),
            self._camera(),
        )

    def _camera(self):
        """A camera that turns, and of whose motion some is not known; None for one at rest."""
        if self.seed % 3 == 0:
            return None
        rng = np.random.default_rng(self.seed)
        motion = np.tile(np.eye(2, 3), (len(self.sampled), 1, 1))
        motion[:, :, 2] = rng.normal(0, 1 / 32, (len(self.sampled), 2)) * self.video.width
        motion[rng.random(len(motion)) < 0.2] = np.nan
        return motion

    def queries(self, tracks):
        rng = np.random.default_rng(self.seed)
        labels = dict(zip(("", "person", "dog"), rng.random(3), strict=True))
        queries = []
        for n in range(len(self.windows)):
            queries.append(
                Query(
                    unit(rng.normal(size=DIM)),
                    label=np.array([labels[name] for name in tracks.label]) if n % 2 else None,
                    looks=(Look(int(rng.integers(11)), int(rng.integers(3))),) if n % 3 else (),
                    motion=Motion(*rng.integers(-1, 2, 4).tolist()) if n % 2 else None,
                    moves=int(rng.integers(-1, 2)),
                )
            )
        return queries

    def answers(self, only=slice(None)):
        """Groundings and tubes of the sentences, and the tracks they are of."""
        evidence = self.evidence()
        queries, windows = self.queries(evidence.tracks)[only], self.windows[only]
        unrelated = unit(np.random.default_rng(7).normal(size=(12, DIM)))
        groundings = find_given(evidence, queries, windows, self.sampled, self.config, unrelated)
        n = self.video.frame_count
        tubes = [
            make_tube(g, evidence.tracks, self.sampled, n, self.cuts, window and window.ends)
            for g, window in zip(groundings, windows, strict=True)
        ]
        return list(zip(groundings, tubes, strict=True)), evidence

    def _features(self, place):
        if self.alike:
            return np.tile(unit(np.ones(DIM)), (len(place), 1))
        mix = np.random.default_rng(self.seed).normal(size=(place.shape[1], DIM))
        return unit(np.sin(np.asarray(place, float) @ mix * 5) + 1e-3)

    def _shares(self, place):
        shares = np.abs(np.sin(np.arange(33) + place.sum(axis=1, keepdims=True)))
        shares = shares.reshape(-1, 3, 11)
        return (shares / shares.sum(axis=2, keepdims=True)).astype(np.float32)


def boxes_of(rng, width, height, odd):
    """0 to 5 boxes of a frame, some of them odd."""
    n = int(rng.integers(0, 6))
    at = rng.random((n, 2)) * [width, height]
    xyxy = np.concatenate([at, at + rng.random((n, 2)) * [width / 2, height / 2]], axis=1)
    if odd:
        xyxy = np.where(rng.random(xyxy.shape) < 0.2, rng.choice(ODD, xyxy.shape), xyxy)
    return Boxes.of(xyxy, rng.random(n), rng.choice(["", "person", "dog"], n).tolist())


@st.composite
def cases(draw, odd=True, sizes=SIZES):
    """Videos of 1 to 12 sampled frames in one to three shots, with 1 to 3 sentences."""
    seed, n = draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, 12))
    rng = np.random.default_rng(seed)
    width, height = draw(st.sampled_from(sizes))
    sampled = np.cumsum(rng.integers(1, draw(st.integers(1, 9)) + 1, n)) - 1
    count = int(sampled[-1]) + draw(st.integers(1, 8))
    rate = draw(st.sampled_from([0.5, 5.0, 29.97, 240.0]))
    cuts = sorted(draw(st.sets(st.integers(1, count), max_size=2)) - {count})
    span = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).map(sorted).map(tuple)
    window = st.builds(Window, st.lists(span, min_size=1, max_size=2).map(tuple), st.booleans())
    return Case(
        seed,
        Video(Path("drawn.mp4"), count, rate, width, height),
        sampled,
        [boxes_of(rng, width, height, odd) for _ in range(n)],
        cuts,
        draw(st.lists(st.none() | window, min_size=1, max_size=3)),
        draw(st.booleans()) if odd else False,
        draw(CONFIGS),
    )


def same(one, other):
    """Whether two answers are equal to the last bit."""
    fields = ("first", "last", "picks", "relevance", "gamma", "scores", "certainty")
    tube = ("first", "last", "frames", "xyxy", "origin", "confidence", "relevance", "atomic")
    return all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for a, b, names in zip(one, other, (fields, tube), strict=True)
        for name in names
    )


@ANY_TIME
@given(cases())
def test_any_input_gives_a_whole_answer_inside_frame_and_video_and_events_that_tile(case):
    answers, evidence = case.answers()
    video, n = case.video, case.video.frame_count
    candidates = np.zeros(evidence.tracks.kind.shape, bool)
    candidates[tuple(evidence.tracks.regions[evidence.candidates].T)] = True
    for (grounding, tube), window in zip(answers, case.windows, strict=True):
        assert 0 <= tube.first <= tube.last < n
        if window and window.exact:
            assert (tube.first, tube.last) == (window.first, window.last)
        assert (np.diff(tube.frames) > 0).all()
        assert np.isin(tube.frames, np.arange(tube.first, tube.last + 1)).all()
        assert np.isfinite(tube.xyxy).all()
        assert (tube.xyxy[:, :2] <= tube.xyxy[:, 2:]).all()
        assert (tube.xyxy >= 0).all()
        assert (tube.xyxy <= [video.width, video.height] * 2).all()
        for values in (tube.relevance, tube.confidence, grounding.relevance, grounding.certainty):
            assert ((values >= 0) & (values <= 1)).all()
        assert len(tube.relevance) == n
        assert 0 <= grounding.confidence <= 1
        picked = np.flatnonzero(grounding.picks >= 0)
        assert candidates[grounding.picks[picked], picked].all()
        if not (window and window.exact):  # of a given event, nothing outside is looked at
            assert np.isfinite(grounding.scores[candidates]).all()
        first, last = window.ends or (0, n - 1) if window else (0, n - 1)
        assert (tube.atomic[0, 0], tube.atomic[-1, 1]) == (first, last)
        assert (tube.atomic[1:, 0] == tube.atomic[:-1, 1] + 1).all()
        assert (tube.atomic[:, 0] <= tube.atomic[:, 1]).all()


@ANY_TIME
@given(cases())
def test_a_sentence_is_answered_again_and_alone_as_among_others(case):
    together = case.answers()[0]
    alone = case.answers(slice(len(together) - 1, None))[0]
    assert same(together[-1], alone[0])


@ANY_TIME
@given(cases(odd=False), st.integers(0, 2**32 - 1))
def test_the_order_of_the_boxes_of_a_frame_does_not_matter(case, seed):
    rng = np.random.default_rng(seed)
    shuffled = [boxes.take(rng.permutation(len(boxes))) for boxes in case.boxes]
    for one, other in zip(
        case.answers()[0], replace(case, boxes=shuffled).answers()[0], strict=True
    ):
        assert (one[1].first, one[1].last) == (other[1].first, other[1].last)
        assert one[1].xyxy == pytest.approx(other[1].xyxy, abs=1e-3)


@ANY_TIME
@given(cases(odd=False, sizes=[(640, 360)]), st.floats(2, 20))
def test_a_frame_of_twice_the_size_gives_twice_the_boxes(case, side):
    """Where every length that is told in pixels is doubled, too."""
    case = replace(case, config=case.config.model_copy(update={"min_side": side}))
    larger = replace(
        case,
        boxes=[Boxes(2 * boxes.xyxy, boxes.scores, boxes.labels) for boxes in case.boxes],
        video=replace(case.video, width=2 * case.video.width, height=2 * case.video.height),
        config=case.config.model_copy(update={"min_side": 2 * side}),
    )
    answers = case.answers()[0]
    with pytest.MonkeyPatch.context() as patched:
        for module in (tracks, kalman):
            patched.setattr(module, "SMALLEST_SIDE", 2 * module.SMALLEST_SIDE)
        patched.setattr(borders, "TOUCH", 2 * borders.TOUCH)
        doubled = larger.answers()[0]
    for one, other in zip(answers, doubled, strict=True):
        assert (one[1].first, one[1].last) == (other[1].first, other[1].last)
        assert 2 * one[1].xyxy == pytest.approx(other[1].xyxy, abs=1e-3)
