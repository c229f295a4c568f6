"""Pins what `evaluate` reads from a dataset, how it pairs sentences, and what it writes.

The metrics themselves are pinned in test_metrics.py; here every expected number is computed by
hand from boxes that overlap fully, by half or not at all. The videos need not exist.
"""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F
from fiftyone.utils.iou import compute_segment_ious
from hypothesis import given, settings
from hypothesis import strategies as st

import fiftyone_e3m as e3m
from fiftyone_e3m.dataset.records import start_run
from fiftyone_e3m.evaluation.metrics import tiou
from fiftyone_e3m.evaluation.records import load_evaluation
from fiftyone_e3m.evaluation.tubes import tubes_of

ALL, HALF = [0.2, 0.2, 0.4, 0.4], [0.2, 0.2, 0.4, 0.2]
MAN, DOG = "a man", "a dog"


# What is compared


@pytest.mark.parametrize(
    ("ends", "in_time", "in_both"),
    [("inclusive", 3 / 9, 3 * 0.5 / 9), ("half_open", 2 / 8, 2 * 0.5 / 8)],
)
def test_boxes_alone_by_hand(dataset, ends, in_time, in_both, add):
    add(dataset, "clip", pred=range(1, 7), gt=range(4, 10))
    (pair,) = e3m.evaluate(dataset, ends=ends).pairs
    assert (pair.predicted, pair.true, pair.query) == ((1, 6), (4, 9), MAN)
    assert pair.tiou == pytest.approx(in_time)
    assert pair.viou == pytest.approx(in_both)
    assert pair.box_iou == pytest.approx(0.5)
    assert pair.n_boxed == 6


def test_events_say_when_and_boxes_outside_them_do_not_count(dataset, add, events):
    add(
        dataset,
        "clip",
        pred=range(1, 11),
        gt=range(1, 11),
        e3m_events=events({MAN: (1, 4)}),
        gt_events=events({MAN: (3, 6)}),
    )
    (pair,) = e3m.evaluate(dataset, "frames.e3m", "frames.gt").pairs
    assert (pair.predicted, pair.true) == ((1, 4), (3, 6))
    assert pair.tiou == pytest.approx(2 / 6)
    assert pair.viou == pytest.approx(2 * 0.5 / 6)


@pytest.mark.parametrize("name", ["gt_events", "gt"])
def test_events_alone_give_the_time_only(dataset, name, add, events):
    spans = events({MAN: (1, 10)})
    add(dataset, "clip", e3m_events=spans, gt_events=events({MAN: (6, 15)}))
    results = e3m.evaluate(dataset, gt_field=name)
    assert results.scores == {
        "m_tIoU": pytest.approx(5 / 15),
        "m_vIoU": None,
        "vIoU@0.3": None,
        "vIoU@0.5": None,
    }
    assert results.pairs[0].viou is None
    assert "no boxes, so only the time is scored" in str(results)
    assert "m_vIoU -" in str(results)


def test_a_field_of_events_need_not_be_named_after_boxes(dataset, add, events):
    add(dataset, "clip", e3m_events=events({DOG: (1, 4)}), truth=events({DOG: (1, 4)}))
    results = e3m.evaluate(dataset, gt_field="truth")
    assert results.gt_field == "truth"
    assert results.scores["m_tIoU"] == 1


def test_where_only_some_have_boxes_viou_is_the_mean_over_those(dataset, add, events):
    add(dataset, "both", pred=range(1, 5), gt=range(1, 5))
    spans = {"e3m_events": events({DOG: (1, 4)}), "gt_events": events({DOG: (1, 8)})}
    add(dataset, "when", **spans)
    results = e3m.evaluate(dataset)
    assert results.scores["m_tIoU"] == pytest.approx(0.75)
    assert results.scores["m_vIoU"] == pytest.approx(0.5)
    assert "vIoU is the mean over the 1 pair with true boxes" in str(results)


@settings(max_examples=50, deadline=None)
@given(*[st.tuples(st.integers(1, 30), st.integers(1, 30)) for _ in "ab"])
def test_half_open_is_how_fiftyone_itself_compares_events(a, b):
    spans = [(start, start + length) for start, length in (a, b)]
    labels = [fo.TemporalDetection(label=MAN, support=list(span)) for span in spans]
    expected = compute_segment_ious(labels[:1], labels[1:]).item()
    x, y = (tubes_of([], [(MAN, span)])[0][MAN] for span in spans)
    assert tiou(x, y, "half_open") == pytest.approx(expected)


# Sentences


def test_sentences_are_paired_within_each_video(dataset, add, events):
    spans = {MAN: (1, 4), DOG: (11, 14)}
    add(dataset, "one", e3m_events=events(spans), gt_events=events(spans))
    add(dataset, "two", e3m_events=events({DOG: (1, 4)}), gt_events=events({DOG: (1, 8)}))
    results = e3m.evaluate(dataset, gt_field="gt_events")
    found = {(pair.filepath, pair.query): pair.tiou for pair in results.pairs}
    assert found == {
        ("/videos/one.mp4", MAN): 1,
        ("/videos/one.mp4", DOG): 1,
        ("/videos/two.mp4", DOG): 0.5,
    }
    assert results.worst_first[0].filepath == "/videos/two.mp4"


def test_a_missing_prediction_counts_zero_and_says_why(two):
    results = e3m.evaluate(two)
    (lost,) = results.missing
    assert (lost.tiou, lost.viou, lost.box_iou, lost.predicted) == (0, 0, None, None)
    assert results.scores["m_tIoU"] == pytest.approx(3 / 9 / 2)
    assert results.metrics()["n_pairs"] == 2
    assert results.metrics()["n_missing"] == 1
    assert f"lost.mp4: '{MAN}' (unreadable)" in str(results)
    assert results.headline == (
        "m_tIoU 0.167, m_vIoU 0.083 over 2 pairs, 1 of them without a prediction (counted as 0)."
    )


def test_videos_of_which_none_was_grounded_score_zero(dataset, add):
    add(dataset, "clip", gt=[1, 2])
    results = e3m.evaluate(dataset)
    assert results.scores == {"m_tIoU": 0, "m_vIoU": 0, "vIoU@0.3": 0, "vIoU@0.5": 0}
    assert "(not predicted)" in str(results)


def test_a_prediction_without_truth_is_listed_and_does_not_count(dataset, add, events):
    add(dataset, "clip", pred=[1, 2], gt=[1, 2], e3m_status="ok")
    add(dataset, "more", e3m_events=events({DOG: (1, 4)}), e3m_status="ok")
    results = e3m.evaluate(dataset)
    assert results.scores["m_tIoU"] == 1
    assert [(u.filepath, u.query) for u in results.unmatched] == [("/videos/more.mp4", DOG)]
    assert "more.mp4: 'a dog'" in str(results)


def test_predictions_that_a_person_corrected_are_marked_and_counted(dataset, add, events):
    dataset.add_sample_field("e3m_events.detections.corrected", fo.BooleanField)
    predicted = events({"a dog": (1, 4), "a man": (1, 4)})
    predicted.detections[0]["corrected"] = True
    add(dataset, "one", e3m_events=predicted, gt_events=events({"a dog": (1, 4), "a man": (1, 4)}))
    results = e3m.evaluate(dataset, gt_field="gt_events", eval_key="ev")
    assert {pair.query: pair.corrected for pair in results.pairs} == {"a dog": True, "a man": False}
    assert "1 predicted event corrected by hand." in str(results)
    assert e3m.load_evaluation(dataset, "ev") == results


def test_a_sentence_that_was_not_among_the_queries_says_so(dataset, add, events):
    spans = events({DOG: (1, 4)})
    truth = events({DOG: (1, 4), MAN: (2, 3)})
    add(dataset, "clip", e3m_events=spans, gt_events=truth, e3m_status="ok")
    assert f"'{MAN}' (not asked for or not found)" in str(
        e3m.evaluate(dataset, gt_field="gt_events")
    )


def test_only_the_view_counts_and_what_it_does_to_labels(two):
    assert e3m.evaluate(two.limit(1)).missing == ()
    assert [p.filepath for p in e3m.evaluate(two.skip(1)).pairs] == ["/videos/lost.mp4"]
    one = two.limit(1).match_frames(F("frame_number") < 6)
    assert e3m.evaluate(one).pairs[0].true == (4, 5)
    none = two.filter_labels("frames.e3m", F("label") == DOG, only_matches=False)
    assert len(e3m.evaluate(none).missing) == 2


# Odd labels


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ((MAN, None, None), "without a sentence or an area"),
        ((MAN, [0.1, 0.1, 0, 0.5], None), "without a sentence or an area"),
        ((MAN, [0.1, 0.1, float("nan"), 0.5], None), "without a sentence or an area"),
        ((None, ALL, None), "without a sentence or an area"),
        ((MAN, HALF, None), "further boxes of a sentence in a frame"),
    ],
)
def test_an_odd_box_is_left_out_and_counted(row, what):
    tubes, odd = tubes_of([(3, [(MAN, ALL, 0.5), row])], [])
    assert tubes[MAN].boxes[3] == pytest.approx([0.2, 0.2, 0.6, 0.6])
    assert [(what in text, n) for text, n in odd.items()] == [(True, 1)]


def test_of_two_boxes_of_a_sentence_the_surer_one_counts():
    tubes, _ = tubes_of([(1, [(MAN, HALF, 0.4), (f" {MAN} ", ALL, 0.9)])], [])
    assert tubes[MAN].boxes[1][3] == pytest.approx(0.6)


@pytest.mark.parametrize("support", [None, [5, 4], [0, 4]])
def test_an_odd_event_is_left_out_and_counted(support):
    tubes, odd = tubes_of([], [(MAN, support), (MAN, [2, 3]), ("", [1, 2])])
    assert (tubes[MAN].first, tubes[MAN].last) == (2, 3)
    assert odd == {"events without a sentence or a duration, left out": 2}


def test_several_events_of_a_sentence_are_joined_and_counted():
    tubes, odd = tubes_of([], [(MAN, [8, 9]), (MAN, [2, 3])])
    assert (tubes[MAN].first, tubes[MAN].last) == (2, 9)
    assert sum(odd.values()) == 1


def test_oddities_are_told_with_video_and_field(dataset, add):
    add(dataset, "clip", pred=[1, 2], gt=[1, 2])
    sample = dataset.first()
    sample.frames[2]["gt"].detections *= 2
    sample.save()
    (remark,) = e3m.evaluate(dataset).remarks
    assert remark.startswith("clip.mp4: further boxes of a sentence")
    assert remark.endswith("in frames.gt with gt_events: 1")


def test_true_boxes_on_some_frames_only_are_warned_about(dataset, add):
    add(dataset, "clip", pred=range(1, 12), gt=[1, 6, 11])
    results = e3m.evaluate(dataset)
    assert results.scores["m_vIoU"] == pytest.approx(3 * 0.5 / 11)
    assert "In 1 true tube some frames have no box; these frames add 0" in str(results)


# What cannot be compared


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"gt_field": "nope"}, "no tubes in 'nope': there is no such field.*: .*gt, .*gt_events"),
        ({"gt_field": "e3m_status"}, "no tubes in 'e3m_status': it holds neither"),
        ({"pred_field": "nope"}, "no tubes in 'nope'"),
        ({"gt_field": "e3m"}, "'e3m.*' would be compared with itself"),
        ({"gt_field": "e3m_events"}, "'e3m_events' would be compared with itself"),
        ({"ends": "open"}, "'open' is not a convention .* inclusive or half_open"),
        ({"eval_key": "my eval"}, "'my eval' cannot be an evaluation key"),
        ({"eval_key": ""}, "'' cannot be an evaluation key"),
    ],
    ids=str,
)
def test_what_is_wrong_is_a_sentence(two, arguments, sentence):
    with pytest.raises(e3m.GroundingError, match=sentence):
        e3m.evaluate(two, **arguments)


def test_videos_without_truth_and_sentences_that_never_meet_are_refused(dataset, add, events):
    add(dataset, "clip", pred=[1, 2])
    with pytest.raises(e3m.GroundingError, match=r"no ground truth in frames\.gt with gt_events"):
        e3m.evaluate(dataset)
    add(dataset, "other", gt_events=events({"person": (1, 2)}))
    with pytest.raises(e3m.GroundingError, match=f"No sentence .*'{MAN}'.*'person'.*the same"):
        e3m.evaluate(dataset, eval_key="eval")
    assert not dataset.list_runs()
    assert not dataset.has_field("eval_viou")


def test_clips_and_images_are_refused(two, events):
    two.set_values("e3m_events", [events({DOG: (1, 2)}), None])
    with pytest.raises(e3m.GroundingError, match=r"whole videos, but .* holds clips"):
        e3m.evaluate(two.to_clips("e3m_events"))
    with pytest.raises(e3m.GroundingError, match=r"whole videos, but .* holds nothing"):
        e3m.evaluate(fo.Dataset())


def test_an_evaluation_against_the_boxes_that_were_chosen_from_says_so(dataset, add):
    add(dataset, "clip", pred=range(1, 12), gt=range(1, 12))
    assert not e3m.evaluate(dataset).own_boxes
    start_run(dataset, e3m.Request("a man", boxes_field="gt").settings)
    results = e3m.evaluate(dataset, eval_key="own")
    assert "chose among these true boxes themselves" in str(results)
    assert load_evaluation(dataset, "own").own_boxes
    start_run(dataset, e3m.Request("a man").settings)
    assert not e3m.evaluate(dataset).own_boxes, "the latest run counts"
