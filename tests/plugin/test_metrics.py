"""Pins the tube metrics inside FiftyOne's own evaluations, and what the panel does to ours.

They are requested by URI, as by users. FiftyOne only logs when a metric fails, so each must be in
the results. Deleting or renaming a run in the panel must not leave scores behind.
"""

import fiftyone as fo
import fiftyone.operators as foo
import pytest

import fiftyone_e3m as e3m

PREFIX = "@e3m/video-grounding/"
URIS = [PREFIX + name for name in ("m_viou", "m_tiou", "viou_at_03", "viou_at_05")]
MAN = "a man"


@pytest.fixture
def dataset(plugins_dir):
    """A tube on frames 1 to 6 with half of the true boxes, which are on frames 4 to 9."""
    dataset = fo.Dataset()
    sample = fo.Sample(filepath="/videos/clip.mp4")
    boxes = {"e3m": (range(1, 7), [0.2, 0.2, 0.4, 0.2]), "gt": (range(4, 10), [0.2, 0.2, 0.4, 0.4])}
    for number in range(1, 10):
        sample.frames[number] = fo.Frame()
        for field, (numbers, box) in boxes.items():
            found = [fo.Detection(label=MAN, bounding_box=box)] if number in numbers else []
            sample.frames[number][field] = fo.Detections(detections=found)
    for field, (numbers, _) in boxes.items():
        event = fo.TemporalDetection(label=MAN, support=[numbers[0], numbers[-1]])
        sample[f"{field}_events"] = fo.TemporalDetections(detections=[event])
    dataset.add_sample(sample)
    yield dataset
    dataset.delete()


def test_an_evaluation_of_boxes_by_fiftyone_shows_all_four(dataset):
    results = dataset.evaluate_detections(
        "frames.e3m", gt_field="frames.gt", eval_key="own", custom_metrics=URIS
    )
    expected = {"m_vIoU": 3 * 0.5 / 9, "m_tIoU": 3 / 9, "vIoU@0.3": 0, "vIoU@0.5": 0}
    metrics = results.metrics()
    assert {name: metrics[name] for name in expected} == pytest.approx(expected)
    assert metrics["support"] == 6, "FiftyOne's own count frames"
    dataset.clear_cache()
    assert dataset.load_evaluation_results("own").metrics()["m_vIoU"] == pytest.approx(1 / 6)


def test_the_convention_is_a_parameter(dataset):
    metrics = {uri: {"ends": "half_open"} for uri in URIS[:1]} | {URIS[1]: {}}
    results = dataset.evaluate_detections(
        "frames.e3m", gt_field="frames.gt", custom_metrics=metrics
    )
    assert results.metrics()["m_vIoU"] == pytest.approx(2 * 0.5 / 8)
    assert results.metrics()["m_tIoU"] == pytest.approx(3 / 9)


def test_an_evaluation_of_events_has_no_viou(dataset):
    results = dataset.evaluate_detections("e3m_events", gt_field="gt_events", custom_metrics=URIS)
    assert results.metrics()["m_tIoU"] == pytest.approx(3 / 9)
    assert "m_vIoU" not in results.metrics()


def test_the_panel_is_told_that_higher_is_better(dataset):
    results = dataset.evaluate_detections(
        "frames.e3m", gt_field="frames.gt", custom_metrics=URIS[:1]
    )
    (metric,) = results.custom_metrics.values()
    assert (metric["label"], metric["lower_is_better"]) == ("m_vIoU", False)


def test_tubes_that_cannot_be_compared_cost_only_the_metric(dataset, caplog):
    dataset.clear_frame_field("gt")
    dataset.clear_sample_field("gt_events")
    results = dataset.evaluate_detections(
        "frames.e3m", gt_field="frames.gt", custom_metrics=URIS[:1]
    )
    assert "m_vIoU" not in results.metrics()


def test_metrics_leave_no_fields_in_an_evaluation_by_fiftyone(dataset):
    before = set(dataset.get_field_schema())
    dataset.evaluate_detections(
        "frames.e3m", gt_field="frames.gt", eval_key="own", custom_metrics=URIS
    )
    dataset.delete_evaluation("own")
    assert set(dataset.get_field_schema()) == before


# Runs of `evaluate`, in the panel


def test_deleting_a_run_in_the_panel_deletes_all_that_evaluate_kept(dataset):
    schema = set(dataset.get_field_schema(flat=True))
    e3m.evaluate(dataset, eval_key="mine")
    dataset.delete_evaluation("mine")
    dataset.reload()
    assert set(dataset.get_field_schema(flat=True)) == schema
    assert dataset.list_runs() == []
    with pytest.raises(e3m.GroundingError, match="There is no evaluation 'mine'"):
        e3m.load_evaluation(dataset, "mine")
    e3m.evaluate(dataset, eval_key="mine")


def test_renaming_a_run_in_the_panel_renames_all_that_evaluate_kept(dataset):
    results = e3m.evaluate(dataset, eval_key="mine")
    dataset.rename_evaluation("mine", "better")
    dataset.reload()
    assert dataset.values("better_viou") == [pytest.approx(1 / 6)]
    assert dataset.values("e3m_events.detections.better") == [["fp"]]
    assert not [name for name in dataset.get_field_schema(flat=True) if "mine" in name]
    assert e3m.load_evaluation(dataset, "better") == results
    e3m.evaluate(dataset, eval_key="better")
    assert dataset.list_evaluations() == ["better"]


def test_more_metrics_can_be_added_to_a_run_of_ours(dataset):
    e3m.evaluate(dataset, eval_key="mine")
    dataset.load_evaluation_results("mine").add_custom_metrics(URIS[1:2])
    assert e3m.evaluate(dataset, eval_key="mine").scores["m_tIoU"] == pytest.approx(3 / 9)


def test_they_are_not_in_the_way_among_the_operators(plugins_dir):
    assert all(foo.get_operator(uri).config.unlisted for uri in URIS)
