"""Pins which videos a review view holds, and that views of users are never replaced."""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m.request import GroundingError
from fiftyone_e3m.review.saved_views import between, review_views, save_review_views, unsure_first

VIDEOS = {  # confidence and status
    "sure.mp4": (1.0, "ok"),
    "half.mp4": (0.5, "ok"),
    "unsure.mp4": (0.2, "ok"),
    "zero.mp4": (0.0, "ok"),
    "boxless.mp4": (0.6, "no_boxes"),
    "broken.mp4": (None, "unreadable"),
    "new.mp4": (None, None),
}
JUDGED = ("zero.mp4", "unsure.mp4", "half.mp4")


def fill(dataset, new_grounding, ground_video):
    new_grounding(dataset)
    for path, (confidence, status) in VIDEOS.items():
        sample = ground_video(dataset, path, {"a man": (5, 10)})
        sample["e3m_confidence"], sample["e3m_status"] = confidence, status
        sample.save()
    return dataset


@pytest.fixture(scope="module")
def filled(library, new_grounding, ground_video):
    """Videos of `VIDEOS`; no test changes them."""
    return fill(library, new_grounding, ground_video)


@pytest.fixture
def grounded(dataset, new_grounding, ground_video):
    """The same videos, for tests that change them."""
    return fill(dataset, new_grounding, ground_video)


def names(view):
    return [path.rpartition("/")[2] for path in view.values("filepath")]


def test_the_least_sure_come_first(filled):
    assert names(unsure_first(filled, "e3m")) == [
        "zero.mp4",
        "unsure.mp4",
        "half.mp4",
        "boxless.mp4",
        "sure.mp4",
    ]


def test_an_interval_holds_its_lower_end_and_only_the_last_its_upper(filled):
    assert names(between(filled, "e3m", 0.0, 0.2)) == ["zero.mp4"]
    assert names(between(filled, "e3m", 0.2, 0.5)) == ["unsure.mp4"]
    assert names(between(filled, "e3m", 0.5, 1.0)) == ["half.mp4", "boxless.mp4", "sure.mp4"]


def test_views_hold_what_they_are_called(filled):
    found = {name: names(view) for name, (view, _) in review_views(filled, "e3m").items()}
    assert found == {
        "e3m confident": ["sure.mp4", "half.mp4"],
        "e3m to review": ["zero.mp4", "unsure.mp4"],
        "e3m no boxes": ["boxless.mp4"],
        "e3m accepted": [],
        "e3m corrected": [],
        "e3m rejected": [],
    }


def test_what_was_judged_has_a_view_of_its_own_and_is_not_to_review(grounded):
    zero, unsure, half = (grounded.match(F("filepath").ends_with(n)) for n in JUDGED)
    e3m.accept_tubes(zero)
    e3m.reject_tube(unsure.first(), "a man")
    e3m.correct_event(half.first(), "a man", last=9)
    views = {name: names(view) for name, (view, _) in review_views(grounded, "e3m", 0.9).items()}
    assert views["e3m to review"] == []
    assert (views["e3m accepted"], views["e3m rejected"]) == ([JUDGED[0]], [JUDGED[1]])
    assert views["e3m corrected"] == [JUDGED[2]]


def test_the_threshold_counts_and_is_described(filled):
    views = review_views(filled, "e3m", confident=0.9)
    assert names(views["e3m confident"][0]) == ["sure.mp4"]
    assert names(views["e3m to review"][0]) == ["zero.mp4", "unsure.mp4", "half.mp4"]
    expected = "nobody judged, confidence below 0.9, the least confident first"
    assert views["e3m to review"][1] == expected


def test_after_an_evaluation_those_that_disagree_have_a_view(grounded):
    truth = {"sure.mp4": [5, 10], "half.mp4": [9, 20], "unsure.mp4": [15, 20]}
    for sample in grounded.iter_samples(autosave=True):
        support = truth.get(sample.filename)
        events = [fo.TemporalDetection(label="a man", support=support)] if support else []
        sample["gt_events"] = fo.TemporalDetections(detections=events)
    name = "e3m disagrees with ground truth"
    assert name not in review_views(grounded, "e3m")
    view = grounded.select([s.id for s in grounded if s.filename in truth])
    e3m.evaluate(view, gt_field="gt_events", eval_key="ev")
    view, what = review_views(grounded, "e3m")[name]
    assert names(view) == ["unsure.mp4", "half.mp4"], "worst first; without a score, no opinion"
    assert what == "a sentence is wrong in the evaluation 'ev', the worst first"


def test_a_wrong_sentence_disagrees_in_a_video_that_is_right_on_average(
    dataset, new_grounding, ground_video
):
    new_grounding(dataset)
    sample = ground_video(dataset, "a.mp4", {"a man": (1, 10), "a dog": (1, 10)})
    ground_video(dataset, "b.mp4", {"a man": (1, 10)})
    truth = {"a man": [1, 10], "a dog": [7, 20]}
    labels = [fo.TemporalDetection(label=query, support=span) for query, span in truth.items()]
    dataset.set_values("gt_events", [fo.TemporalDetections(detections=labels)] * 2)
    results = e3m.evaluate(dataset, gt_field="gt_events", eval_key="ev")
    assert sample.reload() or sample.ev_tiou > 0.5
    view, _ = review_views(dataset, "e3m")["e3m disagrees with ground truth"]
    assert names(view) == ["b.mp4", "a.mp4"], "b has no answer for the dog"
    right = sum(pair.right for pair in results.pairs)
    listed = dataset.load_evaluation_results("ev")
    assert right == (listed.ytrue == listed.ypred).sum() == sum(dataset.values("ev_tp")) == 2


def test_saved_views_are_replaced_on_the_second_use(grounded):
    saved = save_review_views(grounded)
    assert sorted(grounded.list_saved_views()) == sorted(saved)
    assert "Made by fiftyone_e3m" in grounded.get_saved_view_info(saved[0])["description"]
    save_review_views(grounded, confident=0.9)
    assert sorted(grounded.list_saved_views()) == sorted(saved)
    assert names(grounded.load_saved_view("e3m confident")) == ["sure.mp4"]


def test_a_view_of_a_users_is_never_replaced(grounded):
    grounded.save_view("e3m to review", grounded.limit(1), description="mine")
    with pytest.raises(GroundingError, match="already has a saved view 'e3m to review'"):
        save_review_views(grounded)
    assert grounded.list_saved_views() == ["e3m to review"], "nothing else was saved"
    assert len(grounded.load_saved_view("e3m to review")) == 1


def test_what_holds_no_grounding_gets_no_views(filled):
    with pytest.raises(GroundingError, match="no grounding in 'gt'"):
        save_review_views(filled, "gt")
