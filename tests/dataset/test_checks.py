"""Pins that an invalid request is refused with a sentence before any work starts.

A refusal must leave the dataset unchanged, and user data is never overwritten without a request.
"""

import fiftyone as fo
import pytest

from fiftyone_e3m.config import E3MConfig
from fiftyone_e3m.dataset.checks import (
    boxes_fields,
    check_request,
    query_fields,
)
from fiftyone_e3m.request import GroundingError, Request


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


def test_what_the_database_cannot_keep_is_refused(library):
    """Every run has a record; before, the fields were made first and nobody owned them."""
    with pytest.raises(GroundingError, match=r"cannot keep this request: .*surrogates"):
        check(library, config=E3MConfig(classes=("\udc00",)))


def test_a_copy_of_clips_is_not_taken_for_whole_videos(library):
    copy = library.to_clips("clips").clone()
    with pytest.raises(GroundingError, match="are clips, parts of their videos"):
        check(copy)
    copy.delete()


def test_more_videos_than_a_run_can_hold_are_refused_with_a_way_out(dataset, monkeypatch):
    monkeypatch.setattr("fiftyone_e3m.dataset.checks.LARGEST", 2)
    with pytest.raises(GroundingError, match=r"can hold 2 videos, and these are 3.*limit\(2\)"):
        check(dataset)
    check(dataset.limit(2))
