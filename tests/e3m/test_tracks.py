"""Tests tracks: which detections belong together, which gaps are filled, what is only context.

Boxes are drawn, with known truth. A track that switches objects, or a candidate that was never
there, spoils everything downstream.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.boxes import Boxes, iou_matrix
from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import build_tracks
from fiftyone_e3m.e3m.tracks import DETECTED, EXTRAPOLATED, FILLED, NONE

WIDTH, HEIGHT, FPS = 640, 360, 5.0
CONFIG = E3MConfig(
    extend_tracks=True, iou_gate=0.3, max_age=1.0, context_window=0.4, min_visible=0.25
)


def walk(n, x=50.0, y=100.0, dx=10.0, dy=0.0, w=40.0, h=80.0):
    """(n, 4) boxes at constant velocity."""
    t = np.arange(n)[:, None]
    return np.array([x, y, x + w, y + h]) + t * np.array([dx, dy, dx, dy])


def detections_of(*walks, missing=(), labels=None):
    """Detections per frame of several walks; `missing` holds (walk, frame) pairs."""
    frames = []
    for t in range(len(walks[0])):
        rows = [i for i in range(len(walks)) if (i, t) not in missing]
        names = [labels[i][t] if labels else "person" for i in rows]
        frames.append(Boxes.of([walks[i][t] for i in rows], [0.9 - 0.1 * i for i in rows], names))
    return frames


def build(frames, config=CONFIG, scale=1, shot=None, **changes):
    config = config.model_copy(update=changes)
    shot = None if shot is None else np.array(shot)
    return build_tracks(frames, WIDTH * scale, HEIGHT * scale, FPS, config, shot)


def overlap(a, b):
    return np.diagonal(iou_matrix(a.astype(float), b.astype(float)))


def test_a_gap_of_two_frames_is_filled_where_the_object_was():
    truth = walk(10, dx=12, dy=3)
    tracks = build(detections_of(truth, missing={(0, 4), (0, 5)}))
    assert tracks.kind.tolist() == [[1, 1, 1, 1, 2, 2, 1, 1, 1, 1]]
    assert (overlap(tracks.box[0, 4:6], truth[4:6]) > 0.7).all()


def test_the_smoother_follows_a_bounce_that_a_line_cuts_short():
    bounce = (np.arange(12)[:, None] - 6.0) ** 2
    truth = walk(12, dx=5) + [0, 1, 0, 1] * bounce
    frames = detections_of(truth, missing={(0, t) for t in (4, 5, 6, 7)})
    line = truth[3] + (truth[8] - truth[3]) * np.arange(1, 5)[:, None] / 5
    filled = build(frames).box[0, 4:8]
    assert np.abs(filled - truth[4:8]).max() < 0.5 * np.abs(line - truth[4:8]).max()


def test_a_detected_box_stays_the_detectors_own():
    truth = walk(8) + np.random.default_rng(0).normal(0, 4, (8, 4))
    tracks = build(detections_of(truth))
    assert tracks.box[0] == pytest.approx(truth.astype(np.float32))
    assert tracks.score[0] == pytest.approx(0.9)


def test_a_filled_box_has_no_detector_score():
    tracks = build(detections_of(walk(6), missing={(0, 2)}))
    assert tracks.score[0, 2] == 0


def test_two_objects_that_cross_keep_their_tracks():
    right, left = walk(20, x=100, dx=15), walk(20, x=400, y=110, dx=-15)
    frames = detections_of(right, left)
    frames = [f.take([1, 0]) if t % 2 else f for t, f in enumerate(frames)]
    tracks = build(frames)
    assert len(tracks) == 2
    assert tracks.box[0] == pytest.approx(right.astype(np.float32))
    assert tracks.box[1] == pytest.approx(left.astype(np.float32))


def test_two_objects_side_by_side_keep_their_tracks():
    a, b = walk(15, x=100), walk(15, x=125)
    frames = [f.take([1, 0]) if t % 3 else f for t, f in enumerate(detections_of(a, b))]
    tracks = build(frames)
    assert len(tracks) == 2
    assert tracks.box[0] == pytest.approx(a.astype(np.float32))


def test_a_gap_as_long_as_the_age_is_bridged_and_a_longer_one_is_not():
    still = walk(20, dx=0)
    bridged = build(detections_of(still, missing={(0, t) for t in range(5, 9)}), max_age=4 / FPS)
    assert len(bridged) == 1
    assert (bridged.kind[0, 5:9] == FILLED).all()
    cut = build(detections_of(still, missing={(0, t) for t in range(5, 10)}), max_age=4 / FPS)
    assert len(cut) == 2
    assert (cut.kind == FILLED).sum() == 0


def test_a_jump_below_the_gate_starts_a_track():
    jump = np.concatenate([walk(4, dx=0), walk(4, x=300, dx=0)])
    assert len(build(detections_of(jump))) == 2


def test_a_higher_gate_needs_more_overlap():
    step = np.concatenate([walk(1, x=50), walk(1, x=70)])  # IoU 1/3
    assert len(build(detections_of(step), iou_gate=0.3, buffer=0.0)) == 1
    assert len(build(detections_of(step), iou_gate=0.4, buffer=0.0)) == 2


def test_without_overlap_nothing_is_matched_even_at_gate_zero():
    jump = np.concatenate([walk(2, dx=0), walk(2, x=300, dx=0)])
    assert len(build(detections_of(jump), iou_gate=0)) == 2


def test_a_flickering_class_does_not_split_a_track():
    frames = detections_of(walk(6, dx=0), labels=[["car", "car", "truck", "car", "truck", "car"]])
    assert build(frames).label == ("car",)


def test_ends_are_extended_as_context_and_no_further():
    truth = walk(12, x=200)
    frames = detections_of(truth, missing={(0, t) for t in (0, 1, 2, 3, 8, 9, 10, 11)})
    tracks = build(frames, context_window=2 / FPS)
    assert tracks.kind.tolist() == [[0, 0, 3, 3, 1, 1, 1, 1, 3, 3, 0, 0]]
    assert (overlap(tracks.box[0, 2:4], truth[2:4]) > 0.7).all()
    assert (overlap(tracks.box[0, 8:10], truth[8:10]) > 0.7).all()


def test_extrapolated_regions_are_no_candidates():
    tracks = build(detections_of(walk(6, x=200), missing={(0, 0), (0, 2), (0, 5)}))
    assert tracks.kind.tolist() == [[3, 1, 2, 1, 1, 3]]
    assert tracks.is_candidate.tolist() == [False, True, True, True, True, False]


def test_without_propagation_only_detections_are_left():
    tracks = build(detections_of(walk(8), missing={(0, 0), (0, 3)}), propagate=False)
    assert tracks.kind.tolist() == [[0, 1, 1, 0, 1, 1, 1, 1]]


def test_an_object_that_walks_out_is_not_followed_beyond_the_border():
    leaving = walk(6, x=WIDTH - 95, dx=20)  # 15 px of it are visible, then none
    frames = detections_of(leaving, missing={(0, 5)})
    assert build(frames).kind.tolist() == [[1, 1, 1, 1, 1, 0]]
    assert build(frames, min_visible=0).kind.tolist() == [[1, 1, 1, 1, 1, 0]]


def test_a_half_visible_prediction_is_cut_to_the_frame_or_dropped():
    leaving = walk(7, x=WIDTH - 140, dx=20)  # half of it is visible in the last frame
    frames = detections_of(leaving, missing={(0, 6)})
    tracks = build(frames, min_visible=0.25)
    assert tracks.kind[0, 6] == EXTRAPOLATED
    assert tracks.box[0, 6, 2] == WIDTH
    assert build(frames, min_visible=0.75).kind[0, 6] == NONE


def test_frames_without_detections_change_nothing_else():
    truth = walk(6, x=200)
    inner = build(detections_of(truth), context_window=1 / FPS)
    around = [Boxes.none(), *detections_of(truth), Boxes.none(), Boxes.none()]
    outer = build(around, context_window=1 / FPS)
    assert outer.kind.tolist() == [[3, 1, 1, 1, 1, 1, 1, 3, 0]]
    assert np.array_equal(outer.box[0, 1:7], inner.box[0])


@pytest.mark.parametrize("n", [1, 7])
def test_a_video_without_detections_has_no_tracks(n):
    tracks = build([Boxes.none()] * n)
    assert len(tracks) == 0
    assert tracks.kind.shape == (0, n)
    assert tracks.regions.shape == (0, 2)
    assert tracks.is_candidate.shape == (0,)


def test_a_cut_ends_a_track_and_nothing_is_propagated_across_it():
    frames = detections_of(walk(8, x=200, dx=0), missing={(0, 3), (0, 5)})
    assert build(frames).kind.tolist() == [[1, 1, 1, 2, 1, 2, 1, 1]]
    cut = build(frames, shot=[0, 0, 0, 0, 1, 1, 1, 1])
    assert cut.kind.tolist() == [[1, 1, 1, 3, 0, 0, 0, 0], [0, 0, 0, 0, 1, 2, 1, 1]]
    early = build(frames, shot=[0, 0, 0, 1, 1, 1, 1, 1])
    assert early.kind.tolist() == [[1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 3, 1, 2, 1, 1]]


def test_a_shot_is_tracked_as_if_it_were_the_whole_video():
    truth = walk(12, x=200) + np.random.default_rng(0).normal(0, 2, (12, 4))
    frames = detections_of(truth, missing={(0, 1), (0, 6), (0, 8)})
    both = build(frames, shot=[0] * 5 + [1] * 7)
    for alone, part in ((build(frames[:5]), np.s_[:1, :5]), (build(frames[5:]), np.s_[1:, 5:])):
        assert np.array_equal(both.kind[part], alone.kind)
        there = alone.kind != NONE
        assert np.array_equal(both.box[part][there], alone.box[there])


def test_regions_are_numbered_frame_by_frame():
    tracks = build(detections_of(walk(3), walk(3, x=300), missing={(0, 1)}), context_window=0.2)
    assert tracks.regions.tolist() == [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2]]
    assert tracks.row.tolist() == [[0, 2, 4], [1, 3, 5]]


def test_twice_the_resolution_gives_the_same_tracks():
    rng = np.random.default_rng(1)
    walks = [walk(15, x=80 * i, y=60 + 30 * i, dx=12) + rng.normal(0, 2, (15, 4)) for i in range(4)]
    missing = {(0, 3), (0, 4), (1, 0), (2, 14), (3, 7)}
    small = build(detections_of(*walks, missing=missing))
    large = build(detections_of(*[2 * w for w in walks], missing=missing), scale=2)
    assert np.array_equal(small.kind, large.kind)
    alive = small.kind != NONE
    assert large.box[alive] == pytest.approx(2 * small.box[alive], rel=1e-5)


@st.composite
def crowd(draw):
    frames = []
    for _ in range(draw(st.integers(1, 8))):
        corners = draw(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=4))
        xyxy = [[x, y, x + 30, y + 40] for x, y in corners]
        names = draw(st.lists(st.sampled_from("ab"), min_size=len(xyxy), max_size=len(xyxy)))
        frames.append(Boxes.of(xyxy, [0.5] * len(xyxy), names))
    return frames


@settings(max_examples=40, deadline=None)
@given(crowd(), st.booleans(), st.lists(st.booleans(), min_size=8, max_size=8))
def test_each_detection_belongs_to_exactly_one_track_of_one_shot(frames, propagate, cuts):
    config = CONFIG.model_copy(update={"propagate": propagate})
    shot = np.cumsum(cuts)[: len(frames)]
    tracks = build_tracks(frames, 120, 130, FPS, config, shot)
    for alive in tracks.kind != NONE:
        assert len(set(shot[alive])) == 1
    for t, boxes in enumerate(frames):
        mine = tracks.box[tracks.kind[:, t] == DETECTED, t]
        assert sorted(mine.tolist()) == sorted(boxes.xyxy.tolist())
    assert ((tracks.kind == DETECTED).sum(axis=1) > 0).all()
    alive = tracks.box[tracks.kind != NONE]
    assert np.isfinite(alive).all()
    assert (alive[:, 2:] > alive[:, :2]).all()
    assert (alive >= 0).all()
    assert (alive <= [120, 130, 120, 130]).all()
