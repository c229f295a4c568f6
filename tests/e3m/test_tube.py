"""Tests the way back to source frames: events tile the video, boxes are interpolated plausibly."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiftyone_e3m.e3m import Grounding, Tracks, make_tube, splice
from fiftyone_e3m.e3m.events import Event
from fiftyone_e3m.e3m.text_prototypes import Prototype
from fiftyone_e3m.e3m.tube import FROM_DETECTION, FROM_TRACK, INTERPOLATED, event_borders

SAMPLED = np.array([0, 4, 8, 12])
FRAMES = 16


def tracks(*boxes, kind=None):
    """Tracks from (T, 4) boxes each; all detected unless `kind` says otherwise."""
    box = np.array(boxes, np.float32)
    kind = np.ones(box.shape[:2], np.int8) if kind is None else np.array(kind, np.int8)
    return Tracks(box, kind, np.zeros(box.shape[:2], np.float32), ("thing",) * len(box))


def answer(picks, first=0, last=3, relevance=None, certainty=None):
    n = len(picks)
    return Grounding(
        first=first,
        last=last,
        picks=np.array(picks),
        relevance=np.ones(n) if relevance is None else np.array(relevance),
        gamma=np.ones(n),
        scores=np.zeros((1, n)),
        certainty=np.ones(n) if certainty is None else np.array(certainty),
        events=(),
        prototypes=(),
        iterations=1,
        converged=True,
    )


def moving(*xs, y=0):
    """(T, 4) boxes of 10 x 10 pixels with these left edges."""
    return [[x, y, x + 10, y + 10] for x in xs]


def test_boxes_between_sampled_frames_lie_on_a_line():
    tube = make_tube(answer([0] * 4), tracks(moving(0, 40, 40, 80)), SAMPLED, FRAMES)
    assert tube.frames.tolist() == list(range(16))
    assert tube.xyxy[:, 0].tolist() == [0, 10, 20, 30, 40, 40, 40, 40, 40, 50, 60, 70, *[80] * 4]
    assert tube.xyxy[1].tolist() == [10, 0, 20, 10]


def test_the_tube_covers_the_event_and_nothing_else():
    tube = make_tube(
        answer([0] * 4, first=1, last=2), tracks(moving(0, 40, 40, 80)), SAMPLED, FRAMES
    )
    assert (tube.first, tube.last) == (2, 9)
    assert tube.frames.tolist() == list(range(2, 10))
    assert tube.xyxy[:, 0].tolist() == [20, 30, 40, 40, 40, 40, 40, 50]
    assert len(tube.relevance) == FRAMES


def test_a_jump_to_a_box_that_does_not_overlap_is_not_drawn_as_a_slide():
    left, right = moving(0, 0, 0, 0), moving(200, 200, 200, 200)
    tube = make_tube(answer([0, 0, 1, 1]), tracks(left, right), SAMPLED, FRAMES)
    assert tube.xyxy[:, 0].tolist() == [0] * 7 + [200] * 9


def test_a_change_to_an_overlapping_track_is_a_slide():
    a, b = moving(0, 0, 0, 0), moving(8, 8, 8, 8)
    tube = make_tube(answer([0, 0, 1, 1]), tracks(a, b), SAMPLED, FRAMES)
    assert tube.xyxy[4:9, 0].tolist() == [0, 2, 4, 6, 8]


def test_a_fast_object_on_one_track_is_a_slide_although_its_boxes_do_not_overlap():
    tube = make_tube(answer([0] * 4), tracks(moving(0, 100, 200, 300)), SAMPLED, FRAMES)
    assert tube.xyxy[:5, 0].tolist() == [0, 25, 50, 75, 100]


def test_frames_without_a_pick_are_bridged_and_ends_are_held():
    tube = make_tube(answer([-1, 0, -1, 0]), tracks(moving(9, 40, 9, 80)), SAMPLED, FRAMES)
    assert tube.xyxy[:, 0].tolist() == [*[40] * 5, 45, 50, 55, 60, 65, 70, 75, *[80] * 4]


def test_every_box_says_where_it_comes_from():
    propagated = tracks(moving(0, 40, 40, 80), kind=[[1, 2, 1, 1]])
    tube = make_tube(answer([0, 0, 0, -1], first=0, last=3), propagated, SAMPLED, FRAMES)
    origin = np.full(16, INTERPOLATED)
    origin[[0, 8]] = FROM_DETECTION
    origin[4] = FROM_TRACK
    assert tube.origin.tolist() == origin.tolist()


def test_an_origin_belongs_to_its_frame_when_the_event_starts_late():
    tube = make_tube(answer([0] * 4, first=2, last=3), tracks(moving(*[0] * 4)), SAMPLED, FRAMES)
    assert tube.frames[tube.origin == FROM_DETECTION].tolist() == [8, 12]


def test_relevance_and_confidence_are_interpolated():
    grounding = answer([0, 0, -1, 0], relevance=[0, 1, 0.5, 0.5], certainty=[1, 0.5, 0.2, 0])
    tube = make_tube(grounding, tracks(moving(*[0] * 4)), SAMPLED, FRAMES)
    assert tube.relevance[:9].tolist() == [0, 0.25, 0.5, 0.75, 1, 0.875, 0.75, 0.625, 0.5]
    # the third frame has no pick, so its certainty belongs to no box
    assert tube.confidence[[0, 2, 4, 8, 12, 15]].tolist() == [1, 0.75, 0.5, 0.25, 0, 0]


def test_without_any_pick_the_event_is_known_and_the_tube_is_empty():
    none = Tracks(np.zeros((0, 4, 4), np.float32), np.zeros((0, 4), np.int8), np.zeros((0, 4)), ())
    tube = make_tube(answer([-1] * 4, first=1, last=3), none, SAMPLED, FRAMES)
    assert (tube.first, tube.last) == (2, 15)
    assert tube.frames.shape == (0,)
    assert tube.xyxy.shape == (0, 4)
    assert tube.origin.shape == tube.confidence.shape == (0,)
    assert len(tube.relevance) == FRAMES


def test_atomic_events_and_prototypes_are_told_in_source_frames():
    boxes = tracks(moving(5, 5, 5, 5))
    grounding = answer([0, 0, 0, 0], first=1, last=3)
    events = (Event(0, 0, 0.1, False), Event(1, 3, 0.9, True))
    prototypes = (Prototype(2, 0, (0, 0, 1, 1), 1.0),)
    grounding = dataclasses.replace(grounding, events=events, prototypes=prototypes)
    tube = make_tube(grounding, boxes, SAMPLED, FRAMES)
    assert tube.atomic.tolist() == [[0, 1], [2, 15]]
    assert tube.prototypes.tolist() == [SAMPLED[2]]


def test_one_sampled_frame_stands_for_the_whole_video():
    tube = make_tube(answer([0], last=0), tracks(moving(5)), np.array([0]), 3)
    assert (tube.first, tube.last) == (0, 2)
    assert tube.xyxy.tolist() == [[5, 0, 15, 10]] * 3


# Borders and cuts


def test_a_border_lies_halfway_between_sampled_frames():
    assert event_borders(np.array([0, 4]), 8).tolist() == [0, 2, 8]
    assert event_borders(np.array([0, 5]), 8).tolist() == [0, 3, 8]


@pytest.mark.parametrize(
    ("cuts", "borders"),
    [
        ([1], [0, 1, 6, 10, 16]),
        ([4], [0, 4, 6, 10, 16]),
        ([5], [0, 2, 5, 10, 16]),
        ([5, 12], [0, 2, 5, 12, 16]),
        ([5, 7], [0, 2, 7, 10, 16]),
        ([13], [0, 2, 6, 10, 16]),
    ],
    ids=["early", "on a frame", "behind it", "two", "two in a gap", "after the last"],
)
def test_a_border_is_exactly_at_the_cut(cuts, borders):
    assert event_borders(SAMPLED, FRAMES, cuts).tolist() == borders


def test_the_tube_begins_and_ends_at_the_cuts():
    boxes = tracks(moving(0, 40, 40, 80))
    tube = make_tube(answer([0] * 4, first=1, last=2), boxes, SAMPLED, FRAMES, cuts=[3, 9])
    assert (tube.first, tube.last) == (3, 8)
    events = (Event(0, 0, 0.1, False), Event(1, 2, 0.9, True), Event(3, 3, 0.1, False))
    grounding = dataclasses.replace(answer([0] * 4, first=1, last=2), events=events)
    tube = make_tube(grounding, boxes, SAMPLED, FRAMES, cuts=[3, 9])
    assert tube.atomic.tolist() == [[0, 2], [3, 8], [9, 15]]


def test_the_tube_ends_with_the_video_when_a_cut_comes_after_the_last_sampled_frame():
    tube = make_tube(answer([0] * 4), tracks(moving(0, 0, 0, 0)), SAMPLED, FRAMES, cuts=[14])
    assert (tube.first, tube.last) == (0, 15)


def test_boxes_of_another_shot_lend_nothing():
    elsewhere, here = moving(300, 300, 300, 300), moving(0, 0, 50, 50)
    grounding = answer([0, -1, 1, -1], first=1, last=2, certainty=[0.9, 0, 0.3, 0])
    tube = make_tube(grounding, tracks(elsewhere, here), SAMPLED, FRAMES, cuts=[4])
    assert (tube.first, tube.last) == (4, 9)
    assert tube.xyxy[:, 0].tolist() == [50] * 6
    assert tube.confidence.tolist() == [0.3] * 6


def test_an_event_in_a_shot_without_picks_has_no_boxes():
    grounding = answer([0, -1, -1, 0], first=1, last=2)
    tube = make_tube(grounding, tracks(moving(0, 0, 0, 0)), SAMPLED, FRAMES, cuts=[4, 12])
    assert (tube.first, tube.last) == (4, 11)
    assert len(tube.frames) == 0


@settings(max_examples=100, deadline=None)
@given(
    st.sets(st.integers(0, 60), min_size=1, max_size=12),
    st.integers(0, 5),
    st.lists(st.integers(1, 65), max_size=6, unique=True).map(sorted),
)
def test_borders_tile_the_video_and_no_stretch_crosses_a_cut(frames, rest, cuts):
    sampled = np.array(sorted(frames))
    frame_count = int(sampled[-1]) + 1 + rest
    borders = event_borders(sampled, frame_count, cuts)
    assert (borders[0], borders[-1]) == (0, frame_count)
    assert (borders[:-1] <= sampled).all()
    assert (sampled < borders[1:]).all()
    for i in range(len(sampled) - 1):
        between = [cut for cut in cuts if sampled[i] < cut <= sampled[i + 1]]
        if between:
            assert borders[i + 1] == between[-1]
        else:
            assert borders[i + 1] == -(-(sampled[i] + sampled[i + 1]) // 2)


def spliced(start):
    """A tube of 16 frames, 6 of which, from `start` on, were sampled more densely."""
    events = (Event(0, 0, 0.1, False), Event(1, 2, 0.9, True), Event(3, 3, 0.1, False))
    grounding = dataclasses.replace(answer([0] * 4, first=1, last=2), events=events)
    coarse = make_tube(grounding, tracks(moving(0, 40, 40, 80)), SAMPLED, FRAMES)
    inside = dataclasses.replace(answer([0, 0], first=0, last=0), events=(events[0],))
    near = make_tube(
        dataclasses.replace(inside, relevance=np.array([1.0, 0.5])),
        tracks(moving(5, 5)),
        np.array([0, 5]),
        6,
    )
    return coarse, near, splice(coarse, near, start)


def test_a_closer_look_replaces_its_part_and_nothing_else():
    coarse, near, tube = spliced(4)
    assert (tube.first, tube.last) == (near.first + 4, near.last + 4)
    assert tube.frames.tolist() == (near.frames + 4).tolist()
    assert tube.xyxy.tolist() == near.xyxy.tolist()
    assert tube.relevance[4:10].tolist() == near.relevance.tolist()
    assert tube.relevance[:4].tolist() == coarse.relevance[:4].tolist()
    assert tube.relevance[10:].tolist() == coarse.relevance[10:].tolist()


@pytest.mark.parametrize("start", [0, 1, 4, 9, 10])
def test_atomic_events_around_a_closer_look_end_where_it_begins(start):
    coarse, near, tube = spliced(start)
    assert (near.atomic + start).tolist()[0] in tube.atomic.tolist()
    outside = [f for f in range(FRAMES) if not start <= f < start + 6]
    for frame in outside:
        (event,) = [e for e in tube.atomic.tolist() if e[0] <= frame <= e[1]]
        (before,) = [e for e in coarse.atomic.tolist() if e[0] <= frame <= e[1]]
        assert set(range(event[0], event[1] + 1)) <= set(range(before[0], before[1] + 1))
    assert tube.atomic[:, 0].tolist() == sorted(tube.atomic[:, 0].tolist())
