"""Pins grounding with boxes of the dataset: no detector runs, and view filters apply."""

import fiftyone as fo
import pytest
from fiftyone import ViewField as F

import fiftyone_e3m as e3m

RED, BLUE = "a red box", "a blue box"


@pytest.mark.parametrize("prefix", ["", "frames."])
def test_only_boxes_of_the_field_count(make, ground, prefix, label, tops):
    dataset = make("good")
    label(dataset, colours=["red"])
    summary = ground(dataset, BLUE, boxes_field=f"{prefix}gt")
    assert summary.boxes == "frames.gt"
    dataset.reload()
    assert all(top < 0.2 for top in tops(dataset)), "only the red one, above, was there"


def test_a_field_and_a_detector_at_once_are_refused(make, ground, fake_detector, label):
    dataset = make("good")
    label(dataset)
    for detector, name in ((fake_detector, "rectangles"), ("yolo11n.pt", "yolo11n.pt")):
        with pytest.raises(e3m.GroundingError, match=f"'gt' and the detector '{name}' were given"):
            ground(dataset, BLUE, boxes_field="gt", detector=detector)
    assert not dataset.list_runs()


def test_a_filter_on_the_boxes_counts(make, ground, label, tops):
    dataset = make("good")
    label(dataset)
    ground(dataset.filter_labels("frames.gt", F("label") == "blue"), RED, boxes_field="gt")
    dataset.reload()
    assert all(top > 0.5 for top in tops(dataset)), "only the blue one, below, was left"


def test_sparse_labels_are_enough(make, ground, label, truth):
    """Frames 1, 3, 5, ... are sampled; even frames are labelled."""
    dataset = make("good")
    label(dataset, numbers=range(2, truth.n + 1, 2))
    ground(dataset, RED, boxes_field="gt")
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok"]
    assert dataset.first().frames[15].e3m.detections[0].source == "detected"


def test_odd_boxes_are_ignored_and_told(make, ground, label):
    dataset = make("good")
    label(dataset)
    odd = [[0.5, 0.5, -0.1, 0.1], [0.2, 0.2, 0, 0.3], [float("nan"), 0, 1, 1], []]
    frame = dataset.first().frames[1]
    frame.gt.detections += [fo.Detection(label="odd", bounding_box=box) for box in odd]
    frame.save()
    ground(dataset, RED, boxes_field="gt")
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok"]
    assert "4 boxes without an area or with a NaN were ignored" in dataset.first().e3m_message


def test_low_scores_and_other_classes_take_no_part(make, ground, label):
    dataset = make("good", "good")
    label(dataset, "sure", confidence=0.3)
    summary = ground(dataset, RED, boxes_field="sure", config=e3m.E3MConfig(conf=0.5))
    assert summary.counts == {"no_boxes": 2}
    config = e3m.E3MConfig(classes=("dog",))
    summary = ground(dataset, RED, field="other", boxes_field="sure", config=config)
    assert summary.counts == {"no_boxes": 2}


def test_videos_chosen_by_an_earlier_result_can_be_grounded_again(make, ground, label, tops):
    """Overwriting clears the field that the view filters by."""
    dataset = make("good", "late")
    label(dataset)
    ground(dataset, RED, boxes_field="gt")
    view = dataset.match(F("e3m_confidence") >= 0).filter_labels("frames.gt", F("label") == "blue")
    assert len(view) == 2
    summary = ground(view, RED, boxes_field="gt", overwrite=True)
    assert summary.counts == {"ok": 2}
    dataset.reload()
    assert dataset.get_run_info(summary.run_key).config.n_videos == 2
    assert all(top > 0.5 for top in tops(dataset)), "the filter on the boxes still counts"
