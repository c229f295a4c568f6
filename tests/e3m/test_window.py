"""Tests given times: an exact window hides the rest of the video, a prior only plays it down."""

import dataclasses

import numpy as np
import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import Query, Window, find, find_given, make_tube
from fiftyone_e3m.e3m.window import OUTSIDE

TEXT = np.array([1.0, 0, 0], np.float32)
UNRELATED = np.array([[0, 1, 0], [0, -1, 0]], np.float32)
PLAIN = E3MConfig.preset(
    "paper", context=False, prototypes=False, denoise="outside", events="peak", n_iter=1
)
EACH = np.arange(6)


def ground(video, *windows, config=PLAIN, sampled=EACH):
    queries = [Query(TEXT)] * len(windows)
    return find_given(video, queries, windows, sampled, config, UNRELATED)


@pytest.fixture
def two(evidence, fitting):
    """Six frames: track 0 fits far better in the first four, track 1 a little in the last two."""
    regions = fitting([[0.9, 0.9, 0.9, 0.9, 0.2, 0.2], [0.1, 0.1, 0.1, 0.1, 0.4, 0.4]])
    return evidence(regions, fitting([0.8, 0.8, 0.8, 0.8, 0.1, 0.3]))


def test_the_object_is_chosen_by_looking_at_the_window_alone(two):
    one_object = PLAIN.model_copy(update={"link": "object"})
    (free,) = ground(two, None, config=one_object)
    (given,) = ground(two, Window(((4, 5),)), config=one_object)
    assert free.picks.tolist() == [0] * 6
    assert given.picks.tolist() == [-1, -1, -1, -1, 1, 1]
    assert (given.first, given.last) == (4, 5)


def test_nothing_is_said_about_frames_outside(two):
    (given,) = ground(two, Window(((4, 5),)))
    assert given.relevance.tolist() == [0, 0, 0, 0, 0, 1]
    assert given.gamma[4:] == pytest.approx([0.2, 0.6])
    assert np.isnan(given.gamma[:4]).all()
    assert np.isnan(given.scores[:, :4]).all()
    assert given.scores[:, 4:] == pytest.approx(np.array([[0.2, 0.2], [0.4, 0.4]]))
    assert given.certainty[:4].tolist() == [0] * 4
    assert given.confidence == pytest.approx(given.certainty[4:].mean())
    assert given.confidence > 0
    assert [(e.first, e.last, e.selected) for e in given.events] == [(4, 4, True), (5, 5, True)]
    assert given.warnings == ()


def test_what_lies_outside_changes_nothing(evidence, noise):
    config = E3MConfig(n_iter=5, min_events=2)
    kind = np.random.default_rng(3).integers(0, 4, (4, 12))
    regions, frames, shot = noise(0, 4, 12, 3), noise(1, 12, 3), [0] * 5 + [1] * 4 + [2] * 3
    (one,) = ground(
        evidence(regions, frames, kind=kind, shot=shot),
        Window(((3, 8),)),
        config=config,
        sampled=np.arange(12),
    )
    outside = np.array([t < 3 or t > 8 for t in range(12)])
    regions, frames, kind = regions.copy(), frames.copy(), kind.copy()
    regions[:, outside], frames[outside] = noise(2, 4, 6, 3), noise(4, 6, 3)
    kind[:, outside] = 1
    (other,) = ground(
        evidence(regions, frames, kind=kind, shot=shot),
        Window(((3, 8),)),
        config=config,
        sampled=np.arange(12),
    )
    for name in ("picks", "relevance", "gamma", "scores", "certainty"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    assert one.prototypes == other.prototypes
    assert {p.frame for p in one.prototypes} <= set(range(3, 9))
    assert one.events == other.events


def test_a_window_of_everything_finds_the_same_object(two):
    (free,), (given,) = ground(two, None), ground(two, Window(((0, 5),)))
    assert given.picks.tolist() == free.picks.tolist()
    assert given.gamma.tolist() == free.gamma.tolist()
    assert (given.first, given.last) == (0, 5)


def test_sentences_without_a_window_are_grounded_as_before(two):
    (before,) = find(two, [Query(TEXT)], PLAIN, UNRELATED)
    _, free, _ = ground(two, Window(((4, 5),)), None, Window(((4, 5),), exact=False))
    for field in dataclasses.fields(free):
        assert np.array_equal(getattr(free, field.name), getattr(before, field.name))


def test_a_window_without_boxes_is_told(evidence, fitting):
    video = evidence(fitting([[0.9] * 6]), fitting([0.5] * 6), kind=[[1, 1, 1, 0, 0, 0]])
    (given,) = ground(video, Window(((4, 5),)))
    assert given.picks.tolist() == [-1] * 6
    assert given.warnings == ("No usable box is in the given time of an event, so it has no tube.",)
    (given,) = ground(video, Window(((2, 5),)))
    assert given.picks.tolist() == [-1, -1, 0, -1, -1, -1]
    assert given.warnings == ()


def test_a_window_between_two_sampled_frames_is_seen_in_the_nearest(two):
    (given,) = ground(two, Window(((43, 44),)), sampled=10 * EACH)
    assert (given.first, given.last) == (4, 4)
    assert given.picks.tolist() == [-1, -1, -1, -1, 1, -1]


def test_several_spans_are_one_event(two):
    (given,) = ground(two, Window(((0, 1), (4, 4))))
    assert (given.first, given.last) == (0, 4)


# A prior


def test_a_prior_lowers_the_relevance_outside(two):
    (free,) = ground(two, None)
    (prior,) = ground(two, Window(((1, 2), (5, 5)), exact=False))
    assert free.relevance == pytest.approx([1, 1, 1, 1, 0, 2 / 7])
    expected = [OUTSIDE, 1, 1, OUTSIDE, 0, 2 / 7]
    assert prior.relevance == pytest.approx(expected)
    assert (prior.first, prior.last) == (1, 2)


def test_with_a_prior_the_best_frame_still_has_relevance_1(two):
    (prior,) = ground(two, Window(((5, 5),), exact=False))
    highest = max(OUTSIDE, 2 / 7)
    expected = np.array([*[OUTSIDE] * 4, 0, 2 / 7]) / highest
    assert prior.relevance == pytest.approx(expected)


def test_a_prior_moves_the_choice_of_the_object(evidence, fitting):
    """Each track fits in one half; of equal halves, the first wins."""
    regions = fitting([[0.8] * 3 + [0.1] * 3, [0.1] * 3 + [0.8] * 3])
    video = evidence(regions, fitting([0.5, 0.3, 0.5, 0.5, 0.3, 0.5]))
    one_object = PLAIN.model_copy(update={"link": "object"})
    (early,) = ground(video, Window(((0, 2),), exact=False), config=one_object)
    (late,) = ground(video, Window(((3, 5),), exact=False), config=one_object)
    assert early.picks.tolist() == [0] * 6
    assert late.picks.tolist() == [1] * 6


def test_the_ends_within_a_prior_are_found(evidence, above):
    video = evidence(above(np.full((1, 6), 2.0)), above([-1, -1, 3, 3, -1, -1]))
    config = PLAIN.model_copy(update={"contrast": True})
    (prior,) = ground(video, Window(((1, 5),), exact=False), config=config)
    assert (prior.first, prior.last) == (2, 3)


def test_a_prior_of_everything_is_none(two):
    (free,), (prior,) = ground(two, None), ground(two, Window(((0, 5),), exact=False))
    assert prior.relevance.tolist() == free.relevance.tolist()
    assert prior.picks.tolist() == free.picks.tolist()


# The tube


def test_the_tube_has_exactly_the_given_ends(two):
    (given,) = ground(two, Window(((17, 22),)), sampled=5 * EACH)
    tube = make_tube(given, two.tracks, 5 * EACH, 30, span=(17, 22))
    assert (given.first, given.last) == (4, 4)
    assert (tube.first, tube.last) == (17, 22)
    assert tube.frames.tolist() == [17, 18, 19, 20, 21, 22]
    assert tube.relevance.tolist() == [0] * 17 + [1] * 6 + [0] * 7
    assert tube.atomic.tolist() == [[17, 22]]


def test_the_relevance_at_the_ends_is_that_of_frames_inside(two):
    (given,) = ground(two, Window(((18, 27),)), sampled=5 * EACH)
    tube = make_tube(given, two.tracks, 5 * EACH, 30, span=(18, 27))
    assert tube.relevance[18:28] == pytest.approx([0, 0, 0, 0.2, 0.4, 0.6, 0.8, 1, 1, 1])


def test_boxes_do_not_cross_a_cut(evidence, fitting):
    """A given event of three shots; there is no box in the second, and another in the third."""
    kind = [[1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1]]
    video = evidence(
        fitting(np.full((2, 6), 0.5)), fitting([0.5] * 6), kind=kind, shot=[0, 0, 1, 1, 2, 2]
    )
    (given,) = ground(video, Window(((0, 11),)), sampled=2 * EACH)
    tube = make_tube(given, video.tracks, 2 * EACH, 12, cuts=[4, 8], span=(0, 11))
    assert (tube.first, tube.last) == (0, 11)
    assert tube.frames.tolist() == [0, 1, 2, 3, 8, 9, 10, 11]
    assert tube.xyxy[:, 0].tolist() == [0] * 4 + [100] * 4
