"""Tests the EM loop on videos in which there is hardly anything to decide."""

import numpy as np
import pytest

from fiftyone_e3m.config import PRESETS, E3MConfig
from fiftyone_e3m.e3m import Query, find


@pytest.fixture
def no_boxes(evidence):
    """`no_boxes(frames)`: evidence without any track."""

    def make(frames):
        return evidence(np.zeros((0, len(frames), 3), np.float32), frames)

    return make


@pytest.mark.parametrize("events", ["kmeans", "peak"])
@pytest.mark.parametrize("preset", PRESETS)
def test_without_any_box_the_time_is_still_found(above, one, no_boxes, events, preset):
    frames = above([0.1] * 6 + [0.8] * 6)
    config = E3MConfig.preset(
        preset, events=events, min_events=2, time_weight=0.0, beta=0.8, context=False
    )
    grounding = one(no_boxes(frames), config)
    fit = [0.1] * 6 + [0.8] * 6 if config.contrast else frames[:, 0]
    assert grounding.picks.tolist() == [-1] * 12
    assert grounding.prototypes == ()
    assert grounding.scores.shape == (0, 12)
    assert grounding.confidence < 0.02
    assert (grounding.first, grounding.last) == (6, 11)
    assert grounding.gamma == pytest.approx(2 * np.array(fit), abs=1e-6)
    assert any("no object to choose from" in warning for warning in grounding.warnings)


def test_a_single_candidate_is_picked(evidence, fitting, one):
    kind = np.zeros((1, 5))
    kind[0, 3] = 1
    video = evidence(fitting([[0.4] * 5]), fitting([0.1, 0.2, 0.9, 0.3, 0.1]), kind=kind)
    for grounding in (one(video), *(one(video, E3MConfig.preset(name)) for name in PRESETS)):
        assert grounding.picks.tolist() == [-1, -1, -1, 0, -1]
        assert grounding.warnings == ()
    assert (one(video).certainty > 0).tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("events", ["kmeans", "peak"])
@pytest.mark.parametrize("preset", PRESETS)
def test_frames_that_all_fit_equally_make_the_whole_video_the_event(
    evidence, fitting, one, events, preset
):
    video = evidence(fitting([[0.5] * 20]), fitting([0.7] * 20))
    grounding = one(video, E3MConfig.preset(preset, events=events, min_events=4, beta=0.8))
    assert (grounding.first, grounding.last) == (0, 19)
    assert grounding.relevance == pytest.approx(1, abs=1e-6)
    assert any("arbitrary" in warning for warning in grounding.warnings)


@pytest.mark.parametrize("events", ["kmeans", "peak"])
@pytest.mark.parametrize("boxes", [0, 1, 3])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_video_of_one_frame_is_one_event(evidence, fitting, one, boxes, events, preset):
    regions = fitting(np.linspace(0.2, 0.6, boxes).reshape(boxes, 1))
    grounding = one(evidence(regions, fitting([0.3])), E3MConfig.preset(preset, events=events))
    assert (grounding.first, grounding.last) == (0, 0)
    assert grounding.picks.tolist() == [boxes - 1]
    assert len(grounding.events) == 1
    assert any("single frame" in warning for warning in grounding.warnings)


def test_frames_without_candidates_have_no_pick_and_no_certainty(evidence, fitting, one):
    kind = [[1, 1, 0, 0, 1, 1], [1, 0, 0, 3, 0, 1]]
    c = [[0.9] * 6, [0.2] * 6]
    video = evidence(fitting(c), fitting([0.1] * 6), kind=kind)
    for preset in PRESETS:
        grounding = one(video, E3MConfig.preset(preset))
        assert grounding.picks.tolist() == [0, 0, -1, -1, 0, 0]
        assert grounding.certainty[2:4].max() < grounding.certainty[[0, 1, 4, 5]].min()
    assert one(video).certainty[2:4].tolist() == [0, 0]


def test_a_clear_scene_raises_no_warning(one, misleading):
    assert one(misleading).warnings == ()


def test_no_sentence_no_grounding(misleading):
    for preset in PRESETS:
        assert find(misleading, [], E3MConfig.preset(preset), np.eye(3)) == []


def test_contrast_needs_something_to_measure_against(misleading):
    with pytest.raises(ValueError, match="unrelated sentences"):
        find(misleading, [Query(np.eye(3)[0])], E3MConfig())
