"""Pins that user data is never changed: refused requests, overwriting, further videos."""

import fiftyone as fo
import pytest

import fiftyone_e3m as e3m
from fiftyone_e3m.request import GroundingError

RED, BLUE = "a red box", "a blue box"


def test_a_refused_request_leaves_the_dataset_as_it_was(make, ground, fake_encoder, label, content):
    dataset = make("good", caption="mine")
    dataset.add_frame_field("e3m", fo.EmbeddedDocumentField, embedded_doc_type=fo.Detections)
    label(dataset, "e3m")
    before = content(dataset.first())
    for request in (
        {"query": RED},
        {"query": ""},
        {"query": RED, "query_field": "caption"},
        {"query": RED, "field": "a b"},
        {"query": RED, "boxes_field": "nope", "field": "fresh"},
        {"query": RED, "events_field": "nope", "field": "fresh"},
        {"query_field": "nope", "field": "fresh"},
    ):
        with pytest.raises(GroundingError, match=r"[.]$"):
            ground(dataset, **request)
    dataset.reload()
    assert content(dataset.first()) == before
    assert dataset.list_runs() == []
    assert fake_encoder.n_images == 0


@pytest.mark.parametrize(
    ("models", "error"),
    [
        ({"encoder": "no model"}, e3m.EncoderError),
        ({"encoder": object()}, e3m.EncoderError),
        ({"detector": "/nowhere/yolo.pt"}, e3m.DetectorError),
        ({"detector": object()}, e3m.DetectorError),
    ],
    ids=["unknown encoder", "no encoder", "missing detector", "no detector"],
)
def test_a_model_that_cannot_be_loaded_leaves_no_trace(make, ground, models, error):
    dataset = make("good")
    with pytest.raises(error):
        ground(dataset, RED, **models)
    assert dataset.list_runs() == []
    assert not dataset.has_frame_field("e3m")


def test_running_twice_is_refused_with_a_way_out(make, ground, content):
    dataset = make("good", "late")
    ground(dataset, RED)
    before = [content(sample) for sample in dataset]
    with pytest.raises(GroundingError, match="already holds a grounding on 2 of these 2 videos"):
        ground(dataset, RED)
    dataset.reload()
    assert [content(sample) for sample in dataset] == before


def test_overwriting_leaves_nothing_of_the_old_answer_and_touches_no_other_sample(
    make, ground, content
):
    dataset = make("good", "good")
    ground(dataset, [RED, BLUE])
    old = set(dataset.limit(1).values("frames.e3m.detections.id", unwind=True))
    other = content(dataset.last())
    summary = ground(dataset.limit(1), "a green box", detector=Nothing(), overwrite=True)
    dataset.reload()
    sample = dataset.first()
    assert summary.counts == {"no_boxes": 1}
    assert old
    assert dataset.limit(1).count("frames.e3m.detections") == 0
    assert dataset.limit(1).count("frames.e3m_queries.classifications") == 0
    assert [event.label for event in sample.e3m_events.detections] == ["a green box"]
    assert content(dataset.last()) == other
    ground(dataset.limit(1), RED, overwrite=True)
    dataset.reload()
    new = set(dataset.limit(1).values("frames.e3m.detections.id", unwind=True)) - {None}
    assert new
    assert not new & old
    assert dataset.first().e3m_message is None


class Nothing:
    """Finds nothing."""

    name = "nothing"

    def detect(self, frames):
        from fiftyone_e3m.boxes import Boxes

        return [Boxes.none() for _ in frames]


def test_further_videos_go_into_the_same_fields(make, ground, content):
    dataset = make("good", "late")
    ground(dataset.limit(1), RED)
    assert dataset.values("e3m_status") == ["ok", None]
    first = content(dataset.first())
    assert ground(dataset.skip(1), RED).counts == {"ok": 1}
    dataset.reload()
    assert dataset.values("e3m_status") == ["ok", "ok"]
    assert content(dataset.first()) == first
    assert len(dataset.list_runs()) == 2


def test_the_order_of_a_view_keeps_answers_with_their_videos(make, ground):
    dataset = make("good", "late")
    ground(dataset.sort_by("filepath", reverse=True), RED)
    dataset.reload()
    good, late = (events[0][0] for events in dataset.values("e3m_events.detections.support"))
    assert good < late
