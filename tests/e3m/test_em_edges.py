"""Pins what the EM loop says of videos in which there is hardly anything to decide."""

import numpy as np
import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.e3m import find


@pytest.fixture
def no_boxes(evidence):
    """`no_boxes(frames)`: evidence without any track."""

    def make(frames):
        return evidence(np.zeros((0, len(frames), 3), np.float32), frames)

    return make


@pytest.mark.parametrize("events", ["kmeans", "peak"])
def test_without_any_box_the_time_is_still_found(fitting, one, no_boxes, events):
    frames = np.concatenate([fitting([0.1] * 6), fitting([0.8] * 6, other=2)])
    config = E3MConfig(events=events, min_events=2, time_weight=0.0, beta=0.8, context=False)
    found = one(no_boxes(frames), config)
    assert found.picks.tolist() == [-1] * 12
    assert found.prototypes == ()
    assert found.scores.shape == (0, 12)
    assert found.certainty.tolist() == [0] * 12
    assert (found.first, found.last) == (6, 11)
    assert found.gamma == pytest.approx(2 * frames[:, 0], abs=1e-6)
    assert any("No box was found" in warning for warning in found.warnings)


def test_a_single_candidate_is_picked(evidence, fitting, one):
    kind = np.zeros((1, 5))
    kind[0, 3] = 1
    video = evidence(fitting([[0.4] * 5]), fitting([0.1, 0.2, 0.9, 0.3, 0.1]), kind=kind)
    for found in (one(video), one(video, E3MConfig())):
        assert found.picks.tolist() == [-1, -1, -1, 0, -1]
        assert found.certainty.tolist() == [0, 0, 0, 0.5, 0]
        assert found.warnings == ()


@pytest.mark.parametrize("events", ["kmeans", "peak"])
def test_frames_that_all_fit_equally_make_the_whole_video_the_event(evidence, fitting, one, events):
    video = evidence(fitting([[0.5] * 20]), fitting([0.7] * 20))
    found = one(video, E3MConfig(events=events, min_events=4, time_weight=1.0, beta=0.8))
    assert (found.first, found.last) == (0, 19)
    assert found.relevance.tolist() == [1] * 20
    assert any("says nothing" in warning for warning in found.warnings)


@pytest.mark.parametrize("events", ["kmeans", "peak"])
@pytest.mark.parametrize("boxes", [0, 1, 3])
def test_a_video_of_one_frame_is_one_event(evidence, fitting, one, boxes, events):
    regions = fitting(np.linspace(0.2, 0.6, boxes).reshape(boxes, 1))
    found = one(evidence(regions, fitting([0.3])), E3MConfig(events=events))
    assert (found.first, found.last) == (0, 0)
    assert found.picks.tolist() == [boxes - 1]
    assert len(found.events) == 1
    assert any("single frame" in warning for warning in found.warnings)


def test_frames_without_candidates_have_no_pick_and_no_certainty(evidence, fitting, one):
    kind = [[1, 1, 0, 0, 1, 1], [1, 0, 0, 3, 0, 1]]
    c = [[0.9] * 6, [0.2] * 6]
    found = one(evidence(fitting(c), fitting([0.1] * 6), kind=kind), E3MConfig())
    assert found.picks.tolist() == [0, 0, -1, -1, 0, 0]
    assert (found.certainty > 0).tolist() == [True, True, False, False, True, True]


def test_a_clear_scene_raises_no_warning(one, misleading):
    assert one(misleading).warnings == ()


def test_no_sentence_no_grounding(misleading):
    assert find(misleading, [], E3MConfig()) == []
