"""Pins that an invalid request is refused with a sentence before any work starts.

A refusal must leave the dataset unchanged, and user data is never overwritten without a request.
"""

import fiftyone as fo
import pytest

from fiftyone_e3m.dataset.checks import (
    boxes_fields,
    check_request,
    query_fields,
    unfinished,
)
from fiftyone_e3m.dataset.runs import finish_run, start_run
from fiftyone_e3m.dataset.schema import Fields
from fiftyone_e3m.request import GroundingError, Request
from fiftyone_e3m.results import GroundingSummary


@pytest.fixture(scope="module")
def library():
    """Videos with text, numbers, boxes and classes; no test changes them."""
    dataset = fo.Dataset()
    sample = fo.Sample(filepath="a.mp4", caption="a man", captions=["a man"], number=3)
    sample["things"] = [1, 2]
    sample["clips"] = fo.TemporalDetections(
        detections=[fo.TemporalDetection(label="x", support=[1, 2])]
    )
    sample.frames[1] = fo.Frame(
        gt=fo.Detections(detections=[fo.Detection(label="x")]), sort=fo.Classification(label="x")
    )
    dataset.add_sample(sample)
    schema = [*dataset.get_field_schema(flat=True), *dataset.get_frame_field_schema(flat=True)]
    yield dataset
    dataset.reload()
    after = [*dataset.get_field_schema(flat=True), *dataset.get_frame_field_schema(flat=True)]
    assert after == schema, "a check changed the dataset"
    dataset.delete()


@pytest.fixture
def dataset():
    """Three videos."""
    dataset = fo.Dataset()
    dataset.add_samples([fo.Sample(filepath=f"{n}.mp4", caption=n) for n in "abc"], progress=False)
    yield dataset
    dataset.delete()


def check(samples, **changes):
    check_request(samples, Request(**{"query": "a man", **changes}))


def asked(overwrite=False, field="e3m", query="a man"):
    return Request(query, field=field, boxes_field="gt", encoder="bundled", overwrite=overwrite)


def grounded(dataset, statuses, field="e3m", finished=True, query="a man"):
    """The output of a run; None is a video that it did not reach."""
    fields = Fields(field)
    fields.declare(dataset, several_queries=False)
    key = start_run(dataset, asked(False, field, query).settings)
    dataset.set_values(fields.status, statuses)
    events = [fo.TemporalDetections() if status == "ok" else None for status in statuses]
    dataset.set_values(fields.events, events)
    if finished:
        finish_run(dataset, GroundingSummary(key, field, "bundled", "x"))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"query": ["a man", "a dog"]},
        {"query": None, "query_field": "caption"},
        {"query": None, "query_field": "captions"},
        {"boxes_field": "gt"},
        {"boxes_field": "frames.gt"},
        {"field": "mine_2"},
        {"events_field": "clips"},
        {"events_field": "clips", "events_role": "prior"},
    ],
    ids=str,
)
def test_a_sound_request_passes(library, changes):
    check(library, **changes)
    check(library.limit(1), **changes)
    check(library.select_fields(["caption", "captions", "clips", "frames.gt"]), **changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"query_field": "caption"}, "both were given"),
        ({"query": None}, "neither was given"),
        ({"query": ""}, "The query is empty"),
        ({"query": " \n"}, "The query is empty"),
        ({"query": []}, "The query is empty"),
        ({"query": ["", " "]}, "The query is empty"),
        ({"query": None, "query_field": "number"}, "'number' holds IntField"),
        ({"query": None, "query_field": "things"}, "'things' holds ListField"),
        ({"query": None, "query_field": "clips"}, "'clips' holds EmbeddedDocumentField"),
        ({"query": None, "query_field": "id"}, "'id' holds ObjectIdField"),
        ({"query": None, "query_field": "nope"}, "no sample field 'nope'.* caption, captions[.]"),
        ({"boxes_field": "nope"}, "'frames.nope' does not exist.* detections: gt[.]"),
        ({"boxes_field": "frames.nope"}, "'frames.nope' does not exist"),
        ({"boxes_field": "sort"}, "'frames.sort' is not a field of Detections.* gt[.]"),
        ({"boxes_field": "caption"}, "'frames.caption' does not exist"),
        ({"field": ""}, "cannot be the name of a field"),
        ({"field": "a b"}, "'a b' cannot be the name"),
        ({"field": "a.b"}, "'a.b' cannot be the name"),
        ({"field": "frames.e3m"}, "'frames.e3m' cannot be the name"),
        ({"field": "_e3m"}, "'_e3m' cannot be the name"),
        ({"field": "$e3m"}, "cannot be the name"),
        ({"field": "id"}, "FiftyOne itself uses the name 'id'"),
        ({"field": "filepath"}, "FiftyOne itself uses the name 'filepath'"),
        ({"field": "copy"}, "FiftyOne itself uses the name 'copy'"),
        ({"boxes_field": "gt", "field": "gt"}, "replace the boxes in 'frames.gt'"),
        ({"boxes_field": "frames.gt", "field": "gt"}, "replace the boxes in 'frames.gt'"),
        ({"events_field": "nope"}, "'nope' does not exist.* temporal detections: clips[.]"),
        ({"events_field": "caption"}, "'caption' is not a field of TemporalDetections"),
        ({"events_field": "gt"}, "'gt' does not exist"),
        ({"events_field": "clips", "events_role": "hard"}, "no events_role 'hard'"),
    ],
    ids=str,
)
def test_an_impossible_request_is_refused(library, changes, sentence):
    with pytest.raises(GroundingError, match=sentence):
        check(library, **changes)


def test_something_else_than_videos_is_refused(library):
    images = fo.Dataset()
    with pytest.raises(GroundingError, match=f"'{images.name}' holds nothing"):
        check(images)
    images.add_sample(fo.Sample(filepath="a.png"))
    with pytest.raises(GroundingError, match=f"'{images.name}' holds images"):
        check(images)
    images.delete()
    with pytest.raises(GroundingError, match=f"'{library.name}' holds clips"):
        check(library.to_clips("clips"))


def test_slices_of_groups_are_refused_with_a_way_out():
    dataset = fo.Dataset()
    dataset.add_group_field("group", default="left")
    dataset.add_sample(fo.Sample(filepath="a.mp4", group=fo.Group().element("left")))
    view = dataset.select_group_slices(media_type="video")
    for samples in (dataset, view):
        with pytest.raises(GroundingError, match=r"holds groups.*[.]clone\(\) makes one[.]"):
            check(samples)
    copy = view.clone()
    check(copy)
    copy.delete()
    dataset.delete()


def test_fields_that_may_hold_queries_and_boxes_are_found(library):
    assert query_fields(library) == ["caption", "captions"]
    assert boxes_fields(library) == ["gt"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_in_a_fresh_field_all_videos_are_left_in_their_order(dataset, overwrite):
    view = dataset.sort_by("filepath", reverse=True)
    assert unfinished(view, asked(overwrite)) == view.values("id")
    assert unfinished(dataset.skip(2), asked(overwrite)) == [dataset.last().id]


@pytest.mark.parametrize(
    ("add", "name"),
    [
        (lambda d: d.add_frame_field("e3m", fo.EmbeddedDocumentField, fo.Detections), "frames.e3m"),
        (lambda d: d.add_frame_field("e3m_relevance", fo.FloatField), "frames.e3m_relevance"),
        (lambda d: d.add_sample_field("e3m_status", fo.StringField), "e3m_status"),
        (lambda d: d.add_sample_field("e3m_confidence", fo.FloatField), "e3m_confidence"),
    ],
    ids=["tube", "relevance", "status", "confidence"],
)
def test_a_field_of_the_user_is_protected_until_overwriting_is_asked_for(dataset, add, name):
    add(dataset)
    with pytest.raises(GroundingError, match=f"already has '{name}', which no grounding run wrote"):
        unfinished(dataset, asked(False))
    assert len(unfinished(dataset, asked(True))) == 3


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_field_of_another_type_is_never_replaced(dataset, overwrite):
    dataset.add_sample_field("e3m_status", fo.IntField)
    with pytest.raises(GroundingError, match="'e3m_status', which cannot hold a grounding"):
        unfinished(dataset, asked(overwrite))


def test_results_are_protected_until_overwriting_is_asked_for(dataset):
    grounded(dataset, ["ok", "ok", "unreadable"])
    with pytest.raises(GroundingError, match="'e3m' already holds a grounding on 2 of these 3"):
        unfinished(dataset, asked(False))
    assert len(unfinished(dataset, asked(True))) == 3
    assert len(unfinished(dataset, asked(False, "other"))) == 3


def test_results_are_protected_in_a_view_that_leaves_them_out(dataset):
    grounded(dataset, ["ok", "ok", "ok"])
    with pytest.raises(GroundingError, match="on 3 of these 3"):
        unfinished(dataset.select_fields("caption"), asked(False))


def test_videos_without_results_need_no_overwriting(dataset):
    """As suggested by the error message."""
    grounded(dataset, ["ok", "failed", None])
    view = dataset.exists("e3m_events", False)
    assert unfinished(view, asked(False)) == dataset.values("id")[1:]


@pytest.mark.parametrize("overwrite", [False, True])
def test_of_an_interrupted_run_the_rest_is_left(dataset, overwrite):
    grounded(dataset, ["ok", "unreadable", None], finished=False)
    assert unfinished(dataset, asked(overwrite)) == [dataset.last().id]


def test_an_interrupted_run_that_asked_something_else_counts_as_results(dataset):
    grounded(dataset, ["ok", None, None], finished=False)
    with pytest.raises(GroundingError, match="on 1 of these 3"):
        unfinished(dataset, asked(False, query="a dog"))
    assert len(unfinished(dataset, asked(True, query="a dog"))) == 3


def test_overwriting_all_does_not_spare_what_an_interrupted_run_over_a_part_left_out(dataset):
    """The third video still has the answer to another sentence."""
    grounded(dataset, ["ok", "ok", "ok"], query="a dog")
    start_run(dataset.limit(2), asked().settings)
    dataset.set_values("e3m_status", ["ok", None, "ok"])
    assert len(unfinished(dataset, asked(True))) == 3
