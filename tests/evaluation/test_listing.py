"""Pins an evaluation in FiftyOne's own list: the entry, the marks, and what must not change.

The Model Evaluation panel shows this list: every entry must open without errors and agree with
`evaluate`. The panel itself is tested in tests/browser.
"""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m
from fiftyone_e3m.evaluation import listing

MAN, DOG, CAT = "a man", "a dog", "a cat"


def load(dataset, key="mine"):
    """The results as another process would load them."""
    dataset.reload()
    dataset.clear_cache()
    return dataset.load_evaluation_results(key)


def marks(dataset, field, key="mine"):
    """The marks on the labels, by sentence."""
    dataset.reload()
    path = f"{field}.detections"
    columns = dataset.values([f"{path}.{name}" for name in ("label", key, f"{key}_iou")])
    rows = (zip(*map(list, row), strict=True) for row in zip(*columns, strict=True) if row[0])
    return {label: (mark, iou) for row in rows for label, mark, iou in row}


@pytest.fixture
def three(dataset, add, events):
    """One sentence predicted exactly, one at another time, and one without a prediction."""
    found = {MAN: (1, 8), DOG: (1, 8)}
    true = {MAN: (1, 8), DOG: (5, 12), CAT: (2, 3)}
    add(dataset, "clip", e3m_events=events(found), gt_events=events(true), e3m_status="ok")
    return dataset


def test_the_list_says_the_same_as_evaluate(three):
    results = e3m.evaluate(three, eval_key="mine", ends="half_open")
    listed = load(three)
    assert three.list_evaluations(type="detection") == ["mine"]
    assert listed.metrics()["m_tIoU"] == pytest.approx(results.scores["m_tIoU"])
    assert "m_vIoU" not in listed.metrics(), "the truth has no boxes"
    config = three.get_evaluation_info("mine").config
    assert (config.pred_field, config.gt_field) == ("e3m_events", "gt_events")
    assert (config.iou, config.ends) == (0.5, "half_open")


def test_a_tube_of_exactly_a_half_is_no_hit(dataset):
    label = {"label": MAN, "index": 1}
    sample = fo.Sample(filepath="/videos/clip.mp4")
    true, found = [0.1, 0.1, 0.1, 0.6], [0.1, 0.1, 0.1, 0.3]
    sample.frames[1] = fo.Frame(
        e3m=fo.Detections(detections=[fo.Detection(bounding_box=found, **label)]),
        gt=fo.Detections(detections=[fo.Detection(bounding_box=true, **label)]),
    )
    dataset.add_sample(sample)
    (pair,) = e3m.evaluate(dataset, eval_key="mine").pairs
    assert pair.viou > 0.5, "floating-point numbers exceed the half"
    dataset.reload()
    assert dataset.values("mine_tp") == [0]


def test_with_boxes_alone_all_scores_are_listed_and_a_hit_is_a_viou_above_a_half(dataset, add):
    dataset.delete_sample_fields(["e3m_events", "gt_events"])
    add(dataset, "half", pred=range(1, 9), gt=range(1, 9))
    add(dataset, "no frames at all")
    results = e3m.evaluate(dataset, eval_key="mine")
    assert results.scores["m_vIoU"] == pytest.approx(0.5)
    metrics = load(dataset).metrics()
    assert {name: metrics[name] for name in results.scores} == pytest.approx(results.scores)
    assert (metrics["precision"], metrics["recall"]) == (0, 0)
    config = dataset.get_evaluation_info("mine").config
    assert (config.pred_field, config.gt_field) == ("frames.e3m", "frames.gt")


def test_sentences_are_classes_and_a_wrong_tube_is_a_miss_and_a_false_alarm(three):
    e3m.evaluate(three, eval_key="mine")
    listed = load(three)
    report = listed.report()
    assert [report[name]["recall"] for name in (MAN, DOG, CAT)] == [1, 0, 0]
    assert sorted(zip(listed.ytrue, listed.ypred, strict=True)) == [
        ("(none)", DOG),
        (CAT, "(none)"),
        (DOG, "(none)"),
        (MAN, MAN),
    ]


def test_events_are_marked_and_videos_counted_as_by_any_evaluation(three):
    e3m.evaluate(three, eval_key="mine")
    assert marks(three, "e3m_events") == {MAN: ("tp", 1), DOG: ("fp", pytest.approx(1 / 3))}
    assert marks(three, "gt_events") == {
        MAN: ("tp", 1),
        DOG: ("fn", pytest.approx(1 / 3)),
        CAT: ("fn", 0),
    }
    assert [three.values(f"mine_{name}") for name in ("tp", "fp", "fn")] == [[1], [1], [2]]
    wrong = three.filter_labels("e3m_events", F("mine") == "fp")
    assert wrong.values("e3m_events.detections.label") == [[DOG]]


def test_a_subset_of_the_list_can_be_looked_at(three, add, events):
    add(three, "other", e3m_events=events({MAN: (1, 2)}), gt_events=events({MAN: (1, 2)}))
    e3m.evaluate(three, eval_key="mine")
    with load(three).use_subset(three.match(F("filepath").ends_with("other.mp4"))) as subset:
        assert (subset.metrics()["support"], subset.metrics()["precision"]) == (1, 1)


def test_labels_without_boxes_of_their_own_are_not_listed_and_nothing_is_marked(
    dataset, add, events
):
    add(dataset, "clip", pred=[1, 2], truth=events({MAN: (1, 2)}))
    dataset.delete_sample_field("e3m_events")
    results = e3m.evaluate(dataset, gt_field="truth", eval_key="mine")
    assert results.scores["m_tIoU"] == 1
    assert dataset.list_evaluations() == []
    assert e3m.load_evaluation(dataset, "mine") == results
    assert dataset.values("mine_tiou") == [1]
    assert not dataset.has_field("mine_tp")


def test_too_many_sentences_for_a_matrix_are_one_class(three, monkeypatch):
    monkeypatch.setattr(listing, "MAX_CLASSES", 2)
    e3m.evaluate(three, eval_key="mine")
    listed = load(three)
    assert listed.classes.tolist() == ["any sentence"]
    assert listed.metrics()["recall"] == pytest.approx(1 / 3)


# Repeated evaluations, and evaluations of others


def test_the_same_key_again_replaces_the_entry_and_all_marks(three, add, events):
    e3m.evaluate(three, eval_key="mine")
    fields = set(three.get_field_schema(flat=True))
    three.set_values("truth", [events({DOG: (1, 8)})])
    e3m.evaluate(three, gt_field="truth", eval_key="mine")
    assert three.list_evaluations() == ["mine"]
    assert load(three).metrics()["m_tIoU"] == 1
    assert marks(three, "e3m_events") == {MAN: (None, None), DOG: ("tp", 1)}
    assert not three.has_field("gt_events.detections.mine"), "of the ground truth from before"
    e3m.evaluate(three, eval_key="mine")
    three.reload()
    now = {name for name in three.get_field_schema(flat=True) if not name.startswith("truth")}
    assert now == fields


def test_an_evaluation_by_fiftyone_itself_is_left_alone(three):
    three.evaluate_detections("e3m_events", gt_field="gt_events", eval_key="mine")
    before = marks(three, "e3m_events")
    with pytest.raises(e3m.GroundingError, match=r"'mine' is the key of one of FiftyOne's own"):
        e3m.evaluate(three, eval_key="mine")
    assert marks(three, "e3m_events") == before
    e3m.evaluate(three, eval_key="other")
    assert marks(three, "e3m_events") == before
    assert three.list_evaluations() == ["mine", "other"]


@pytest.mark.parametrize(
    ("key", "field"),
    [("label", "e3m_events.detections.label"), ("their", "gt_events.detections.their")],
)
def test_an_attribute_of_the_labels_is_not_replaced(three, key, field):
    three.set_values("gt_events.detections.their", [["x", "y", "z"]], dynamic=True)
    with pytest.raises(e3m.GroundingError, match=f"already has .*{field}.* Choose another"):
        e3m.evaluate(three, eval_key=key)
    assert three.values("gt_events.detections.their") == [["x", "y", "z"]]
    assert three.list_runs() == []


def test_a_record_that_was_deleted_by_hand_does_not_block_its_key(three):
    e3m.evaluate(three, eval_key="mine")
    three.delete_run("mine")
    e3m.evaluate(three, eval_key="mine")
    assert (three.list_runs(), three.list_evaluations()) == (["mine"], ["mine"])


def test_a_run_whose_fields_were_deleted_does_not_block_its_key(three, events):
    e3m.evaluate(three, eval_key="mine")
    three.delete_sample_field("gt_events")
    three.set_values("truth", [events({MAN: (1, 8)})])
    assert e3m.evaluate(three, gt_field="truth", eval_key="mine").scores["m_tIoU"] == 1
    assert load(three).metrics()["m_tIoU"] == 1


def test_a_view_of_one_video_is_listed_with_that_video(two):
    e3m.evaluate(two.limit(1), eval_key="mine")
    assert len(two.load_evaluation_view("mine")) == 1
    assert isinstance(load(two), fo.core.evaluation.EvaluationResults)
